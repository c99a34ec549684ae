package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// stack is two workspaces with four members, one of them an owner.
const stack = `
resource "wallaroo_workspace" "a" {
  name = "team-a"
}

resource "wallaroo_workspace" "b" {
  name            = "team-b"
  deletion_policy = "ABANDON"
}

resource "wallaroo_workspace_user" "anna_a" {
  workspace_id = wallaroo_workspace.a.id
  email        = "anna@example.com"
  user_type    = "OWNER"
}

resource "wallaroo_workspace_user" "bob_a" {
  workspace_id = wallaroo_workspace.a.id
  email        = "bob@example.com"
}

resource "wallaroo_workspace_user" "anna_b" {
  workspace_id = wallaroo_workspace.b.id
  user_id      = "` + annaID + `"
}

resource "wallaroo_workspace_user" "bob_b" {
  workspace_id = wallaroo_workspace.b.id
  email        = "Bob@Example.com"
  user_type    = "COLLABORATOR"
}
`

func TestAccStack_secondPlanReadsOnce(t *testing.T) {
	t.Parallel()

	instance := peopled(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: stack,
			ConfigPlanChecks: before(
				plans(isCreated, "wallaroo_workspace.a", "wallaroo_workspace.b", "wallaroo_workspace_user.anna_a",
					"wallaroo_workspace_user.bob_a", "wallaroo_workspace_user.anna_b", "wallaroo_workspace_user.bob_b"),
				plansLater("wallaroo_workspace.a", "id"),
				plansLater("wallaroo_workspace_user.anna_a", "workspace_id"),
				plansLater("wallaroo_workspace_user.anna_a", "user_id"),
				plansLater("wallaroo_workspace_user.anna_b", "email"),
				plansValue("wallaroo_workspace_user.bob_a", "user_type", "COLLABORATOR"),
			),
		},
	}})
}
