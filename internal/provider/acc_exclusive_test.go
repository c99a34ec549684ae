package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const setKey = "wallaroo_workspace_users_exclusive.all"

// fullSet is the members of workspace 8.
func fullSet(owners, collaborators string) string {
	return `
		resource "wallaroo_workspace_users_exclusive" "all" {
		  workspace_id  = 8
		  owners        = [` + owners + `]
		  collaborators = [` + collaborators + `]
		}
	`
}

func setOf(texts ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(texts))
	for i, text := range texts {
		checks[i] = known(text)
	}

	return knownvalue.SetExact(checks)
}

func TestAccExclusive_lifecycle(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)

	both := map[string]string{emulator.HummelID: "OWNER", annaID: "COLLABORATOR", bobID: "COLLABORATOR"}
	config := fullSet(`"john.hummel@wallaroo.ai"`, `"anna@example.com", "bob@example.com"`)

	accRun(t, instance, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config:           config,
				ConfigPlanChecks: before(plans(isCreated, setKey)),
				ConfigStateChecks: []statecheck.StateCheck{
					has(setKey, "workspace_id", 8), has(setKey, "owners", setOf(emulator.HummelEmail)), has(setKey, "collaborators", setOf(annaEmail, bobEmail)),
				},
				PostApplyFunc: func() { accWantMembers(t, instance, 8, both) },
			},
			{
				ResourceName: setKey, ImportState: true, ImportStateId: "clip-demo",
				ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "workspace_id",
			},
			{
				PreConfig:         instance.ResetRequests,
				Config:            fullSet(`"John.Hummel@wallaroo.ai"`, `"`+annaID+`", "BOB@example.com"`),
				ConfigPlanChecks:  before(plans(isUpdated, setKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(setKey, "collaborators", setOf(annaID, "BOB@example.com"))},
				PostApplyFunc:     func() { accWantNoWrite(t, instance) },
			},
			{
				PreConfig: func() {
					instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)
					instance.RemoveMember(8, annaID)
				},
				Config:            config,
				ConfigPlanChecks:  before(plans(isUpdated, setKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(setKey, "collaborators", setOf(annaEmail, bobEmail))},
				PostApplyFunc:     func() { accWantMembers(t, instance, 8, both) },
			},
		},
		CheckDestroy: func(*terraform.State) error {
			accWantMembers(t, instance, 8, both)

			return nil
		},
	})
}

func TestAccExclusive_inPlaceOfSingleMembers(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	members := map[string]string{emulator.HummelID: "OWNER", bobID: "OWNER", annaID: "COLLABORATOR"}
	kept := func() { accWantMembers(t, instance, 8, members) }
	single := member(bobOwner) + `
		resource "wallaroo_workspace_user" "anna" {
		  workspace_id = 8
		  email        = "anna@example.com"
		}
	`

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            single,
			ConfigPlanChecks:  before(plans(isCreated, memberKey, "wallaroo_workspace_user.anna")),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_type", "OWNER")},
			PostApplyFunc:     kept,
		},
		{
			Config:            fullSet(`"bob@example.com"`, `"anna@example.com"`),
			ConfigPlanChecks:  before(plans(isRemoved, memberKey, "wallaroo_workspace_user.anna"), plans(isCreated, setKey)),
			ConfigStateChecks: []statecheck.StateCheck{holds(setKey)},
			PostApplyFunc:     kept,
		},
		{
			Config:            single,
			ConfigPlanChecks:  before(plans(isCreated, memberKey, "wallaroo_workspace_user.anna"), plans(isRemoved, setKey)),
			ConfigStateChecks: []statecheck.StateCheck{holds(memberKey, "wallaroo_workspace_user.anna")},
			PostApplyFunc:     kept,
		},
	}})
}
