package provider_test

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// TestAccCLI runs what plugin-testing cannot: a provider process of its own, as users
// have it, flags, signals, and the texts that they see. The provider is built once.
func TestAccCLI(t *testing.T) {
	t.Parallel()
	accCLI(t)

	providerDir := buildProvider(t)

	for name, test := range map[string]func(*testing.T, string){
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
			test(t, providerDir)
		})
	}
}

func testPlans(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, stack)

	f.run(2, "plan", "-detailed-exitcode")
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "users/query": 1})
	f.apply()

	a := instance.WorkspaceID("team-a")
	instance.AddModel(a, 99)
	instance.AddPipeline(a, 77)
	instance.ResetRequests()
	f.wantEmptyPlan()
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "workspaces/list_users": 2, "users/query": 1})

	var plan savedPlan

	f.run(0, "plan", "-refresh-only", "-out=p")
	f.show(&plan, "p")

	if len(plan.ResourceDrift) > 0 {
		t.Errorf("a new model is drift: %+v", plan.ResourceDrift)
	}

	instance.SetMember(a, bobID, emulator.Owner)
	f.run(2, "plan", "-detailed-exitcode").says(`~ user_type = "OWNER" -> "COLLABORATOR"`, "0 to add, 1 to change, 0 to destroy")
	f.run(0, "plan", "-refresh-only", "-out=p")
	f.show(&plan, "p")

	if len(plan.ResourceDrift) != 1 || plan.ResourceDrift[0].Address != "wallaroo_workspace_user.bob_a" {
		t.Errorf("drift: %+v, want bob's role in team-a", plan.ResourceDrift)
	}

	instance.SetUserPassword(emulator.HummelID, "changed")
	f.run(1, "plan", "-detailed-exitcode").says("Invalid user credentials")
}

func testSavedPlan(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, stack)

	f.run(0, "plan", "-out=p").says("Plan: 6 to add")
	accWantNoWrite(t, instance)
	instance.ResetRequests()
	f.run(0, "apply", "p").says("Resources: 6 added")

	// One look whether the names are free, and one read-back after each create.
	if n := instance.Count("workspaces/list"); n > 3 {
		t.Errorf("%d lists in an apply of two workspaces", n)
	}

	accWantCount(t, instance, "token", 1)
	accWantCount(t, instance, "users/query", 1)
	accWantCount(t, instance, "workspaces/create", 2)
	accWantCount(t, instance, "workspaces/add_user", 4)
	f.wantEmptyPlan()
}

func testDestroyWarnings(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, team("team-a", "")+bobInTeam)

	f.apply()
	instance.AddModel(10, 99)

	warning := []string{"Warning: Workspace stays on the instance", `workspace "team-a" (id 10)`, "Wallaroo cannot delete it", "adopt_existing = true"}

	f.run(0, "plan", "-destroy", "-out=p").says(append(warning, "its models (1)", "its pipelines (0)")...)
	f.run(0, "apply", "p").says(append(warning, "The state has let go of", "Resources: 0 added, 0 changed, 2 destroyed")...)
	accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER"})

	f.write("main.tf", team("team-a", "adopt_existing = true"))
	f.apply().says("Warning: Existing workspace is taken over", "with the id 10")
	f.write("main.tf", team("team-z", ""))
	f.apply().says("Warning: Another name means a new workspace", `"team-z" will be a new, empty workspace`,
		"its models (1)", "its pipelines (0)", "Warning: Workspace stays on the instance")
	f.write("main.tf", "")
	f.apply().says("Warning: Workspace stays on the instance", `workspace "team-z" (id 12)`)
}

func testValidate(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, team("Équipe 7", ""))

	f.run(1, "validate").says("Error: Invalid workspace name", `"Équipe 7" cannot be the name of a new workspace`,
		`Character 1, 'É'`, `Character 7, ' '`, `A valid name would be "Equipe-7"`)
	f.write("main.tf", team("equipe-7", "")+`resource "wallaroo_workspace_user" "x" { workspace_id = wallaroo_workspace.team.id }`)
	f.run(1, "validate").says("email", "user_id")
	f.write("main.tf", team("equipe-7", ""))
	f.run(0, "validate")
	wantRequests(t, instance, map[string]int{})
}

func testGeneratedConfig(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	instance.SetMember(8, annaID, emulator.Collaborator)

	f := newFolder(t, providerDir, instance,
		importOf("wallaroo_workspace.clip", "clip-demo")+importOf("wallaroo_workspace.default", "1")+
			importOf("wallaroo_workspace_user.owner", "8/"+emulator.HummelID)+importOf("wallaroo_workspace_user.anna", "8/anna@example.com"))

	f.run(0, "plan", "-generate-config-out=generated.tf").says("4 to import, 0 to add, 0 to change, 0 to destroy")

	generated := f.read("generated.tf")
	for _, text := range []string{`"john.hummel@wallaroo.ai - Default Workspace"`, `"anna@example.com"`, `"OWNER"`} {
		if !strings.Contains(generated, text) {
			t.Errorf("generated configuration has no %s:\n%s", text, generated)
		}
	}

	f.run(0, "validate")
	f.apply().says("4 imported, 0 added, 0 changed, 0 destroyed")
	f.wantEmptyPlan()
	accWantNoWrite(t, instance)
}

// testLateSettings has an address that is known only during the apply.
func testLateSettings(t *testing.T, providerDir string) {
	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, `
		resource "terraform_data" "platform" {
		  input = "`+instance.URL+`"
		}

		provider "wallaroo" {
		  endpoint = terraform_data.platform.output
		}
	`+team("team-a", "")+bobInTeam)

	f.run(0, "plan").says("3 to add")
	wantRequests(t, instance, map[string]int{})
	f.apply()
	f.wantEmptyPlan()
	accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"})
}

func testMocks(t *testing.T, providerDir string) {
	needsCLI(t, "mock_provider")

	instance := peopled(t, emulator.Options{})
	f := newFolder(t, providerDir, instance, `
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
	f.write("team.tftest.hcl", `
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

	f.run(0, "test").says("2 passed, 0 failed")
	wantRequests(t, instance, map[string]int{})
}
