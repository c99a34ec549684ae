package provider_test

import (
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// basic is a workspace with an owner and a collaborator, and the workspaces of the
// latter as a data source finds them. The emulator gives the workspace the ID 10.
func basic(bobsRole string) string {
	return team("team-a", "") + `
		resource "wallaroo_workspace_user" "anna" {
		  workspace_id = wallaroo_workspace.team.id
		  email        = "Anna@example.com"
		  user_type    = "OWNER"
		}

		resource "wallaroo_workspace_user" "bob" {
		  workspace_id = wallaroo_workspace.team.id
		  email        = "bob@example.com"
		  user_type    = "` + bobsRole + `"
		}

		data "wallaroo_workspaces" "bob" {
		  user_ids   = ["` + bobID + `"]
		  depends_on = [wallaroo_workspace_user.bob]
		}

		output "ids" {
		  value = data.wallaroo_workspaces.bob.workspaces[*].id
		}
	`
}

func applyBasic(createdBy string) resource.TestStep {
	return resource.TestStep{
		Config:           basic("COLLABORATOR"),
		ConfigPlanChecks: before(plans(isCreated, teamKey, "wallaroo_workspace_user.anna", bobKey)),
		ConfigStateChecks: []statecheck.StateCheck{
			has(teamKey, "id", 10),
			has(teamKey, "created_by", createdBy),
			has("wallaroo_workspace_user.anna", "user_id", annaID),
			has("wallaroo_workspace_user.anna", "user_type", "OWNER"),
			has(bobKey, "user_id", bobID),
			has(bobKey, "user_type", "COLLABORATOR"),
			statecheck.ExpectKnownOutputValue("ids", knownvalue.ListExact([]knownvalue.Check{known(10)})),
		},
	}
}

// promote is the step that makes bob an owner.
func promote() resource.TestStep {
	return resource.TestStep{
		Config:            basic("OWNER"),
		ConfigPlanChecks:  before(plans(isKept, teamKey, "wallaroo_workspace_user.anna"), plans(isUpdated, bobKey), plansValue(bobKey, "user_id", bobID)),
		ConfigStateChecks: []statecheck.StateCheck{has(bobKey, "user_type", "OWNER"), has(bobKey, "email", bobEmail)},
	}
}

func checkLeft(t *testing.T, instance *emulatortest.Instance) func(*terraform.State) error {
	return func(*terraform.State) error {
		accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER"})

		return nil
	}
}

func TestAccVariant_lifecycle(t *testing.T) {
	t.Parallel()

	for name, variant := range map[string]emulator.Options{
		"plain":                 {},
		"created_by id":         {API: emulator.API{CreatedBy: emulator.CreatedByID}},
		"list filter user_id":   {API: emulator.API{ListFilter: emulator.ListFilterUserID}},
		"list filter user_ids":  {API: emulator.API{ListFilter: emulator.ListFilterUserIDs}},
		"duplicate names":       {API: emulator.API{DuplicateNames: true}},
		"users query forbidden": {API: emulator.API{UsersQuery: "403"}},
		"users query missing":   {API: emulator.API{UsersQuery: "404"}},
		"null user_type":        {API: emulator.API{NullUserType: true}},
		"owners only":           {API: emulator.API{OwnersOnly: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			createdBy := emulator.HummelEmail
			if variant.CreatedBy == emulator.CreatedByID {
				createdBy = emulator.HummelID
			}

			instance := withPeople(t, variant)

			accRun(t, instance, resource.TestCase{
				Steps:        []resource.TestStep{applyBasic(createdBy), promote()},
				CheckDestroy: checkLeft(t, instance),
			})
		})
	}
}

func TestAccVariant_stickyRoles(t *testing.T) {
	t.Parallel()

	instance := withPeople(t, emulator.Options{API: emulator.API{Roles: emulator.RolesSticky}})
	refused := promote()
	refused.ExpectError = says("Error running apply", "Unable to change workspace user", "the instance kept the role that the member had", "dashboard")
	replaced := promote()
	replaced.Taint = []string{bobKey}
	replaced.ConfigPlanChecks = before(plans(isReplaced, bobKey))

	accRun(t, instance, resource.TestCase{
		Steps:        []resource.TestStep{applyBasic(emulator.HummelEmail), refused, replaced},
		CheckDestroy: checkLeft(t, instance),
	})
}

func TestAccVariant_duplicateNames(t *testing.T) {
	t.Parallel()

	instance := withPeople(t, emulator.Options{API: emulator.API{DuplicateNames: true}})
	instance.AddWorkspace(emulator.Workspace{ID: 20, Name: "clip-demo", Members: map[string]string{emulator.HummelID: emulator.Owner}})

	several := says("2 workspaces", `"clip-demo"`, "(IDs 8, 20)", "Import the right one by its ID", `id = "8"`)

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{Config: team("clip-demo", ""), ExpectError: several},
		{Config: team("clip-demo", "adopt_existing = true"), ExpectError: several},
		{Config: team("onnx-tutorial", ""), ExpectError: says(`Workspace "onnx-tutorial" (ID 9) already exists`)},
		{
			Config:      team("clip-demo", "") + importOf(teamKey, "clip-demo"),
			ExpectError: says("2 workspaces have it, with the IDs 8, 20"),
		},
		{
			Config:            team("clip-demo", "") + importOf(teamKey, "20"),
			ConfigPlanChecks:  before(importsOnly(1)),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 20)},
			PostApplyFunc:     func() { accWantNoWrite(t, instance) },
		},
	}})
}

func importOf(address, id string) string {
	return `
		import {
		  to = ` + address + `
		  id = "` + id + `"
		}
	`
}

func TestAccVariant_nameOfAHiddenWorkspace(t *testing.T) {
	t.Parallel()

	for name, status := range map[string]int{"400": http.StatusBadRequest, "500": http.StatusInternalServerError} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := withPeople(t, emulator.Options{API: emulator.API{DuplicateNameStatus: status}})
			instance.HideWorkspace(8, true)

			accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{{
				Config: team("clip-demo", ""),
				ExpectError: says("Error running apply", "Workspace name already in use", `The name "clip-demo" is already in use`,
					name, "Uniqueness violation", "No workspace of this name is accessible", "Choose another name"),
			}}})
			accWantCount(t, instance, "workspaces/create", 1)
		})
	}
}

func TestAccVariant_ownersOnly(t *testing.T) {
	t.Parallel()

	instance := withPeople(t, emulator.Options{API: emulator.API{OwnersOnly: true}})
	instance.SetMember(8, annaID, emulator.Collaborator)

	block := values{"endpoint": instance.URL, "username": annaEmail, "password": emulator.SeedPassword}

	accRunAs(t, instance, block, resource.TestCase{Steps: []resource.TestStep{{
		Config: member(bob),
		ExpectError: says("Error running apply", "Unable to add workspace user", `Could not make "bob@example.com" a member of workspace 8`, "403",
			"only an owner may change the users of workspace 8", "Ask an owner of the workspace"),
	}}})
	accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", annaID: "COLLABORATOR"})
}

func TestAccVariant_badPassword(t *testing.T) {
	t.Parallel()

	for name, status := range map[string]int{"401": http.StatusUnauthorized, "400": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := withPeople(t, emulator.Options{BadPasswordStatus: status})
			block := values{"endpoint": instance.URL, "username": emulatortest.Username, "password": "wrong"}

			accRunAs(t, instance, block, resource.TestCase{Steps: []resource.TestStep{{
				Config:      `data "wallaroo_workspaces" "all" {}`,
				ExpectError: says("Unable to list workspaces", name, "Invalid user credentials", "Check `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD)", "do not retry often"),
			}}})
			wantRequests(t, instance, map[string]int{"token": 1})
		})
	}
}
