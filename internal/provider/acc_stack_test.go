package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

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
  email        = "Bob@Example.com"
}

resource "wallaroo_workspace_user" "anna_b" {
  workspace_id = wallaroo_workspace.b.id
  user_id      = "` + annaID + `"
}

resource "wallaroo_workspace_user" "bob_b" {
  workspace_id = wallaroo_workspace.b.id
  email        = "bob@example.com"
  user_type    = "COLLABORATOR"
}
`

func TestAccStack_destroyLeavesWorkspacesAndLastOwner(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(8, annaID, emulator.Owner)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)
	instance.RemoveMember(8, emulator.HummelID)

	// The admin sees every workspace and is a member of none.
	block := values{"endpoint": instance.URL, "username": emulator.AdminUsername, "password": emulator.SeedPassword}

	accRunAs(t, instance, block, resource.TestCase{
		Steps: []resource.TestStep{{
			Config: `
				resource "wallaroo_workspace" "clip" {
				  name           = "clip-demo"
				  adopt_existing = true
				}

				resource "wallaroo_workspace_user" "anna" {
				  workspace_id = wallaroo_workspace.clip.id
				  email        = "anna@example.com"
				  user_type    = "OWNER"
				}

				resource "wallaroo_workspace_user" "bob" {
				  workspace_id = wallaroo_workspace.clip.id
				  email        = "bob@example.com"
				}`,
			ConfigPlanChecks: before(plans(isCreated, "wallaroo_workspace.clip", "wallaroo_workspace_user.anna", "wallaroo_workspace_user.bob")),
			ConfigStateChecks: []statecheck.StateCheck{
				has("wallaroo_workspace.clip", "id", 8),
				has("wallaroo_workspace_user.anna", "user_type", "OWNER"),
			},
			PostApplyFunc: func() {
				accWantCount(t, instance, "workspaces/create", 0)
				accWantCount(t, instance, "workspaces/add_user", 1)
			},
		}},
		CheckDestroy: func(*terraform.State) error {
			if n := len(instance.Workspaces()); n != 6 {
				t.Errorf("%d workspaces, want 6", n)
			}

			accWantMembers(t, instance, 8, map[string]string{annaID: "OWNER", emulator.HansarickID: "COLLABORATOR"})

			return nil
		},
	})
}
