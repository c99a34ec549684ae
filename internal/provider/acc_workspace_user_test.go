package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const memberKey = "wallaroo_workspace_user.member"

// member is one member of workspace 8, with what else its block says.
func member(more string) string {
	return `
		resource "wallaroo_workspace_user" "member" {
		  workspace_id = 8
		  ` + more + `
		}
	`
}

const (
	bob      = `email = "bob@example.com"`
	bobOwner = bob + "\n" + `user_type = "OWNER"`
)

func TestAccWorkspaceUser_lifecycle(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: member(bob),
				ConfigPlanChecks: before(
					plans(isCreated, memberKey),
					plansValue(memberKey, "workspace_id", 8), plansValue(memberKey, "email", bobEmail),
					plansValue(memberKey, "user_type", "COLLABORATOR"), plansLater(memberKey, "user_id"),
				),
				ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID), has(memberKey, "user_type", "COLLABORATOR")},
			},
			{
				Config:            member(bobOwner),
				ConfigPlanChecks:  before(plans(isUpdated, memberKey), plansValue(memberKey, "user_type", "OWNER"), plansValue(memberKey, "user_id", bobID)),
				ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_type", "OWNER"), has(memberKey, "email", bobEmail)},
				PostApplyFunc: func() {
					accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", bobID: "OWNER"})
				},
			},
			{
				PreConfig:         instance.ResetRequests,
				Config:            member(`user_id = "` + bobID + `"` + "\n" + `user_type = "OWNER"`),
				ConfigPlanChecks:  before(plans(isKept, memberKey), plansValue(memberKey, "email", bobEmail)),
				ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "email", bobEmail)},
			},
			{
				Config:            member(`email = "BOB@Example.Com"` + "\n" + `user_type = "OWNER"`),
				ConfigPlanChecks:  before(plans(isKept, memberKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "email", bobEmail)},
				PostApplyFunc:     func() { accWantNoWrite(t, instance) },
			},
			{
				Config: member(`email = "` + annaEmail + `"`),
				ConfigPlanChecks: before(
					plans(isUpdated, memberKey), plansValue(memberKey, "email", annaEmail),
					plansLater(memberKey, "user_id"), plansValue(memberKey, "user_type", "COLLABORATOR"),
				),
				ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", annaID), has(memberKey, "user_type", "COLLABORATOR")},
				PostApplyFunc: func() {
					accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", annaID: "COLLABORATOR"})
				},
			},
		},
		CheckDestroy: func(*terraform.State) error {
			accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER"})

			return nil
		},
	})
}

func TestAccWorkspaceUser_drift(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            member(bob),
			ConfigPlanChecks:  before(plans(isCreated, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID)},
		},
		{
			PreConfig:         func() { instance.RemoveMember(8, bobID) },
			Config:            member(bob),
			ConfigPlanChecks:  before(plans(isCreated, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID)},
		},
		{
			PreConfig:         func() { instance.SetMember(8, bobID, emulator.Owner) },
			Config:            member(bob),
			ConfigPlanChecks:  before(plans(isUpdated, memberKey), plansValue(memberKey, "user_type", "COLLABORATOR")),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_type", "COLLABORATOR")},
			PostApplyFunc: func() {
				accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"})
			},
		},
		{
			PreConfig:   func() { instance.HideWorkspace(8, true) },
			Config:      member(bob),
			ExpectError: says("Unable to add workspace user", "workspace 8", "not accessible to the authenticated account", "Check the ID of the workspace"),
		},
		{
			PreConfig:         func() { instance.HideWorkspace(8, false) },
			Config:            member(bob),
			ConfigPlanChecks:  before(plans(isCreated, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID)},
		},
	}})
}

func TestAccWorkspaceUser_createBeforeDestroyKeepsTheMember(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	config := member(bob + "\nlifecycle {\ncreate_before_destroy = true\n}")
	kept := func() {
		accWantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"})
	}

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            config,
			ConfigPlanChecks:  before(plans(isCreated, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID)},
		},
		{
			PreConfig:         instance.ResetRequests,
			Taint:             []string{memberKey},
			Config:            config,
			ConfigPlanChecks:  before(plans(isRenewed, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID), holds(memberKey)},
			PostApplyFunc: func() {
				kept()
				accWantNoWrite(t, instance)
			},
		},
		{
			Taint:             []string{memberKey},
			Config:            member(bob),
			ConfigPlanChecks:  before(plans(isReplaced, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_id", bobID)},
			PostApplyFunc:     kept,
		},
	}})
}

func TestAccWorkspaceUser_lastOwner(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(8, bobID, emulator.Owner)
	instance.RemoveMember(8, emulator.HummelID)

	block := values{"endpoint": instance.URL, "username": emulator.AdminUsername, "password": emulator.SeedPassword}
	anna := `
		resource "wallaroo_workspace_user" "anna" {
		  workspace_id = 8
		  email        = "anna@example.com"
		  user_type    = "OWNER"
		}
	`

	accRunAs(t, instance, block, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            member(bobOwner),
			ConfigPlanChecks:  before(plans(isCreated, memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_type", "OWNER")},
			PostApplyFunc:     func() { accWantNoWrite(t, instance) },
		},
		{
			Config:      member(bob),
			ExpectError: says("Error running apply", "Unable to change workspace user", "the user is the last owner of the workspace", "Make another member OWNER first"),
		},
		{
			// Swapped for another owner in one apply, whichever comes first.
			Config:            anna,
			ConfigPlanChecks:  before(plans(isRemoved, memberKey), plans(isCreated, "wallaroo_workspace_user.anna")),
			ConfigStateChecks: []statecheck.StateCheck{holds("wallaroo_workspace_user.anna")},
			PostApplyFunc:     func() { accWantMembers(t, instance, 8, map[string]string{annaID: "OWNER"}) },
		},
	}})
}
