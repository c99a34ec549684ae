package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// adoptable is what is on the instance before Terraform manages it: two workspaces of the
// guide, with anna and the owner as members.
const adoptable = `
	resource "wallaroo_workspace" "clip" {
	  name = "clip-demo"
	}

	resource "wallaroo_workspace" "onnx" {
	  name = "onnx-tutorial"
	}

	resource "wallaroo_workspace_user" "owner" {
	  workspace_id = 8
	  email        = "John.Hummel@wallaroo.ai"
	  user_type    = "OWNER"
	}

	resource "wallaroo_workspace_user" "anna" {
	  workspace_id = 9
	  email        = "anna@example.com"
	}
`

// adoptedState wants what adoptable describes in the state.
func adoptedState() []statecheck.StateCheck {
	return []statecheck.StateCheck{
		holds("wallaroo_workspace.clip", "wallaroo_workspace.onnx", "wallaroo_workspace_user.owner", "wallaroo_workspace_user.anna"),
		has("wallaroo_workspace.clip", "id", 8),
		has("wallaroo_workspace.clip", "created_by", emulator.HummelID),
		has("wallaroo_workspace.clip", "adopt_existing", nil),
		has("wallaroo_workspace.onnx", "id", 9),
		has("wallaroo_workspace_user.owner", "user_id", emulator.HummelID),
		has("wallaroo_workspace_user.owner", "user_type", "OWNER"),
		has("wallaroo_workspace_user.anna", "workspace_id", 9),
		has("wallaroo_workspace_user.anna", "user_id", annaID),
		has("wallaroo_workspace_user.anna", "user_type", "COLLABORATOR"),
	}
}

func importByIdentity(address, identity string) string {
	return `
		import {
		  to       = ` + address + `
		  identity = { ` + identity + ` }
		}
	`
}

func withAdoptable(t *testing.T) *emulatortest.Instance {
	t.Helper()

	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(9, annaID, emulator.Collaborator)

	return instance
}

func TestAccImport_identity(t *testing.T) {
	t.Parallel()

	instance := withAdoptable(t)
	identity := func(address string, attributes map[string]knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectIdentity(address, attributes)
	}

	accRun(t, instance, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{
				Config: adoptable +
					importByIdentity("wallaroo_workspace.clip", `id = 8`) + importByIdentity("wallaroo_workspace.onnx", `id = 9`) +
					importByIdentity("wallaroo_workspace_user.owner", `workspace_id = 8, user_id = "`+emulator.HummelID+`"`) +
					importByIdentity("wallaroo_workspace_user.anna", `workspace_id = 9, user_id = "`+annaID+`"`),
				ConfigPlanChecks: before(importsOnly(4)),
				ConfigStateChecks: append(adoptedState(),
					identity("wallaroo_workspace.clip", map[string]knownvalue.Check{"id": known(8)}),
					identity("wallaroo_workspace_user.anna", map[string]knownvalue.Check{"workspace_id": known(9), "user_id": known(annaID)}),
					statecheck.ExpectIdentityValueMatchesState("wallaroo_workspace.onnx", tfjsonpath.New("id")),
				),
				PostApplyFunc: func() { accWantNoWrite(t, instance) },
			},
			{
				Config: adoptable,
				ConfigPlanChecks: before(plans(isKept, "wallaroo_workspace.clip", "wallaroo_workspace.onnx",
					"wallaroo_workspace_user.owner", "wallaroo_workspace_user.anna")),
				ConfigStateChecks: adoptedState(),
			},
			{ResourceName: "wallaroo_workspace.clip", ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			{ResourceName: "wallaroo_workspace_user.anna", ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccImport_command(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	workspace := func(id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: teamKey, ImportState: true, ImportStateId: id,
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"adopt_existing"},
		}
	}
	member := func(id string) resource.TestStep {
		return resource.TestStep{
			ResourceName: bobKey, ImportState: true, ImportStateId: id,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "user_id",
		}
	}
	missing := func(name, id, text string) resource.TestStep {
		return resource.TestStep{ResourceName: name, ImportState: true, ImportStateId: id, ExpectError: says("Unable to import", text)}
	}

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            team("team-a", "adopt_existing = true") + bobInTeam,
			ConfigPlanChecks:  before(plans(isCreated, teamKey, bobKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10)},
		},
		workspace("10"),
		workspace("team-a"),
		{ResourceName: teamKey, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"adopt_existing"}},
		member("10/bob@example.com"),
		member("10/" + bobID),
		member("team-a/bob@example.com"),
		member("team-a/" + bobID),
		missing(teamKey, "11", "No workspace with the ID 11 is accessible"),
		missing(teamKey, "team", `No workspace with the name "team" is accessible`),
		missing(bobKey, "bob@example.com", "is not of the form WORKSPACE_ID/EMAIL"),
		missing(bobKey, "10/anna@example.com", "not a member of the workspace"),
		missing(bobKey, "10/nobody@example.com", "Check the spelling"),
	}})
}
