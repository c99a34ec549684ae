package provider_test

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// TestAccCLI runs what plugin-testing cannot: a provider process of its own, as users
// have it, flags, signals, and the texts that they see.
func TestAccCLI(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]func(*testing.T){
		"plans":            testPlans,
		"saved plan":       testSavedPlan,
		"destroy":          testDestroyWarnings,
		"validate":         testValidate,
		"interrupt":        testInterrupt,
		"two applies":      testTwoApplies,
		"generated config": testGeneratedConfig,
		"renamed key":      testRenamedKey,
		"swapped keys":     testSwappedKeys,
		"late settings":    testLateSettings,
		"mocks":            testMocks,
		"secrets":          testSecrets,
		"secret token":     testSecretToken,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t)
		})
	}
}

func testPlans(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, stack)

	f.Run(2, "plan", "-detailed-exitcode")
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "users/query": 1})
	f.Apply()

	a := instance.WorkspaceID("team-a")
	instance.AddModel(a, 99)
	instance.AddPipeline(a, 77)
	instance.ResetRequests()
	f.ExpectEmptyPlan()
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "workspaces/list_users": 2, "users/query": 1})

	if drift := f.Plan("-refresh-only").ResourceDrift; len(drift) > 0 {
		t.Errorf("a new model is drift: %+v", drift)
	}

	instance.SetMember(a, bobID, emulator.Owner)
	f.Run(2, "plan", "-detailed-exitcode").Expect(`~ user_type = "OWNER" -> "COLLABORATOR"`, "0 to add, 1 to change, 0 to destroy")

	if drift := f.Plan("-refresh-only").ResourceDrift; len(drift) != 1 || drift[0].Address != "wallaroo_workspace_user.bob_a" {
		t.Errorf("drift: %+v, want bob's role in team-a", drift)
	}

	instance.SetUserPassword(emulator.HummelID, "changed")
	f.Run(1, "plan", "-detailed-exitcode").Expect("Invalid user credentials")
}

func testSavedPlan(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, stack)

	f.Run(0, "plan", "-out=p").Expect("Plan: 6 to add")
	accWantNoWrite(t, instance)
	instance.ResetRequests()
	f.Run(0, "apply", "p").Expect("Resources: 6 added")

	// One look whether the names are free, and one read-back after each create.
	if n := instance.Count("workspaces/list"); n > 3 {
		t.Errorf("%d lists in an apply of two workspaces", n)
	}

	accWantCount(t, instance, "token", 1)
	// One to plan again, and one to verify the users whose emails are sent.
	if n := instance.Count("users/query"); n > 3 {
		t.Errorf("%d queries of users in an apply of four members", n)
	}

	accWantCount(t, instance, "workspaces/create", 2)
	accWantCount(t, instance, "workspaces/add_user", 4)
	f.ExpectEmptyPlan()
}

func testDestroyWarnings(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, team("team-a", "")+bobInTeam)

	f.Apply()
	instance.AddModel(10, 99)

	warning := []string{"Warning: Workspace remains on the instance", `Workspace "team-a" (ID 10)`, "Wallaroo has no API to delete", "adopt_existing = true"}

	f.Run(0, "plan", "-destroy", "-out=p").Expect(append(warning, "models (1)", "pipelines (0)")...)
	f.Run(0, "apply", "p").Expect(append(warning, "was removed from state but not deleted", "not repeated", "Resources: 0 added, 0 changed, 2 destroyed")...)
	accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER"})

	f.Write("main.tf", team("team-a", "adopt_existing = true"))
	f.Apply().Expect("Warning: Existing workspace will be adopted", "(ID 10)")
	f.Write("main.tf", team("team-z", ""))
	f.Apply().Expect("Warning: Changing the name forces replacement", `"team-z" will be another workspace`,
		"models (1)", "pipelines (0)", "Warning: Workspace remains on the instance")
	f.Write("main.tf", "")
	f.Apply().Expect("Warning: Workspace remains on the instance", `Workspace "team-z" (ID 12)`)
}

func testValidate(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, team("Équipe 7", ""))

	f.Run(1, "validate").Expect("Error: Invalid workspace name", `"Équipe 7" cannot be the name of a new workspace`,
		`Character 1, 'É'`, `Character 7, ' '`, `A valid name would be "Equipe-7"`)
	f.Write("main.tf", team("equipe-7", "")+`resource "wallaroo_workspace_user" "x" { workspace_id = wallaroo_workspace.team.id }`)
	f.Run(1, "validate").Expect("email", "user_id")
	f.Write("main.tf", team("equipe-7", ""))
	f.Run(0, "validate")
	wantRequests(t, instance, map[string]int{})
}

func testGeneratedConfig(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(8, annaID, emulator.Collaborator)

	f := newFolder(t, instance,
		importOf("wallaroo_workspace.clip", "clip-demo")+importOf("wallaroo_workspace.default", "1")+
			importOf("wallaroo_workspace_user.owner", "8/"+emulator.HummelID)+importOf("wallaroo_workspace_user.anna", "8/anna@example.com"))

	f.Run(0, "plan", "-generate-config-out=generated.tf").Expect("4 to import, 0 to add, 0 to change, 0 to destroy")

	generated := f.Read("generated.tf")
	for _, text := range []string{`"john.hummel@wallaroo.ai - Default Workspace"`, `"anna@example.com"`, `"OWNER"`} {
		if !strings.Contains(generated, text) {
			t.Errorf("generated configuration has no %s:\n%s", text, generated)
		}
	}

	f.Run(0, "validate")
	f.Apply().Expect("4 imported, 0 added, 0 changed, 0 destroyed")
	f.ExpectEmptyPlan()
	accWantNoWrite(t, instance)
}

func importOf(address, id string) string {
	return `
		import {
		  to = ` + address + `
		  id = "` + id + `"
		}
	`
}

// testLateSettings has an address that is known after apply.
func testLateSettings(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, `
		resource "terraform_data" "platform" {
		  input = "`+instance.URL+`"
		}

		provider "wallaroo" {
		  endpoint = terraform_data.platform.output
		}
	`+team("team-a", "")+bobInTeam)

	f.Run(0, "plan").Expect("3 to add")
	wantRequests(t, instance, map[string]int{})
	f.Apply()
	f.ExpectEmptyPlan()
	accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"})
}

func testMocks(t *testing.T) {
	needsCLI(t, "mock_provider")

	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, `
		resource "wallaroo_workspace" "team" {
		  name = "team-a"
		}

		resource "wallaroo_workspace_user" "members" {
		  for_each     = toset(["anna@example.com", "bob@example.com"])
		  workspace_id = wallaroo_workspace.team.id
		  email        = each.key
		}

		data "wallaroo_workspaces" "all" {}

		output "ids" {
		  value = [for member in wallaroo_workspace_user.members : member.workspace_id]
		}
	`)
	f.Write("team.tftest.hcl", `
		mock_provider "wallaroo" {}

		run "planned" {
		  command = plan

		  assert {
		    condition     = wallaroo_workspace.team.name == "team-a"
		    error_message = "wrong name"
		  }
		}

		run "applied" {
		  assert {
		    condition     = alltrue([for id in output.ids : id == wallaroo_workspace.team.id]) && length(output.ids) == 2
		    error_message = "members are in another workspace"
		  }
		}
	`)

	f.Run(0, "test").Expect("2 passed, 0 failed")
	wantRequests(t, instance, map[string]int{})
}
