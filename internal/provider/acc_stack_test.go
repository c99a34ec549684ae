package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

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

	instance := withPeople(t, emulator.Options{})
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

func TestAccStack_dataSourceFeedsForEach(t *testing.T) {
	t.Parallel()

	const (
		assays  = `wallaroo_workspace_user.bob["edge-observability-assaysbaseline-examples"]`
		houses  = `wallaroo_workspace_user.bob["edge-observability-houseprice-demo"]`
		another = `wallaroo_workspace_user.bob["edge-new"]`
		config  = `
			data "wallaroo_workspaces" "all" {}

			resource "wallaroo_workspace_user" "bob" {
			  for_each     = { for w in data.wallaroo_workspaces.all.workspaces : w.name => w.id if startswith(w.name, "edge-") }
			  workspace_id = each.value
			  email        = "bob@example.com"
			}

			output "models" {
			  value = { for w in data.wallaroo_workspaces.all.workspaces : w.name => length(w.models) if w.id == 7 }
			}`
	)

	instance := withPeople(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:           config,
			ConfigPlanChecks: before(plans(isCreated, assays, houses), plansValue(houses, "workspace_id", 7)),
			ConfigStateChecks: []statecheck.StateCheck{
				holds(assays, houses),
				has(assays, "workspace_id", 6),
				has(houses, "user_id", bobID),
				statecheck.ExpectKnownOutputValueAtPath("models", tfjsonpath.New("edge-observability-houseprice-demo"), known(7)),
			},
		},
		{
			PreConfig: func() {
				instance.AddWorkspace(emulator.Workspace{ID: 30, Name: "edge-new", Members: map[string]string{emulator.HummelID: emulator.Owner}})
			},
			Config:            config,
			ConfigPlanChecks:  before(plans(isKept, assays, houses), plans(isCreated, another)),
			ConfigStateChecks: []statecheck.StateCheck{holds(assays, houses, another), has(another, "workspace_id", 30)},
		},
		{
			// The tests' own clean-up cannot read the state of a for_each.
			Config:            `data "wallaroo_workspaces" "all" {}`,
			ConfigPlanChecks:  before(plans(isRemoved, assays, houses, another)),
			ConfigStateChecks: []statecheck.StateCheck{holds()},
			PostApplyFunc:     func() { accWantMembers(t, instance, 30, map[string]string{emulator.HummelID: "OWNER"}) },
		},
	}})
}

func TestAccStack_moved(t *testing.T) {
	t.Parallel()

	instance := withPeople(t, emulator.Options{})
	config := func(name, more string) string {
		return `
			resource "wallaroo_workspace" "` + name + `" {
			  name = "team-a"
			}

			resource "wallaroo_workspace_user" "` + name + `" {
			  workspace_id = wallaroo_workspace.` + name + `.id
			  email        = "bob@example.com"
			}
			` + more
	}

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            config("old", ""),
			ConfigPlanChecks:  before(plans(isCreated, "wallaroo_workspace.old", "wallaroo_workspace_user.old")),
			ConfigStateChecks: []statecheck.StateCheck{has("wallaroo_workspace.old", "id", 10)},
		},
		{
			PreConfig: instance.ResetRequests,
			Config: config("new", `
				moved {
				  from = wallaroo_workspace.old
				  to   = wallaroo_workspace.new
				}

				moved {
				  from = wallaroo_workspace_user.old
				  to   = wallaroo_workspace_user.new
				}`),
			ConfigPlanChecks: before(plans(isKept, "wallaroo_workspace.new", "wallaroo_workspace_user.new")),
			ConfigStateChecks: []statecheck.StateCheck{
				holds("wallaroo_workspace.new", "wallaroo_workspace_user.new"),
				has("wallaroo_workspace.new", "id", 10),
			},
			PostApplyFunc: func() { accWantNoWrite(t, instance) },
		},
	}})
}
