package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	teamKey = "wallaroo_workspace.team"
	bobKey  = "wallaroo_workspace_user.bob"
)

// team is one workspace, with what else its block says.
func team(name, more string) string {
	return `
		resource "wallaroo_workspace" "team" {
		  name = "` + name + `"
		  ` + more + `
		}
	`
}

const bobInTeam = `
	resource "wallaroo_workspace_user" "bob" {
	  workspace_id = wallaroo_workspace.team.id
	  email        = "bob@example.com"
	}
`

func TestAccWorkspace_lifecycle(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: team("team-a", ""),
				ConfigPlanChecks: before(
					plans(isCreated, teamKey),
					plansValue(teamKey, "name", "team-a"),
					plansValue(teamKey, "adopt_existing", nil),
					plansValue(teamKey, "deletion_policy", nil),
					plansLater(teamKey, "id"), plansLater(teamKey, "created_at"), plansLater(teamKey, "created_by"), plansLater(teamKey, "archived"),
				),
				ConfigStateChecks: []statecheck.StateCheck{
					has(teamKey, "id", 10),
					has(teamKey, "name", "team-a"),
					has(teamKey, "created_by", emulator.HummelEmail),
					has(teamKey, "created_at", knownvalue.StringRegexp(regexp.MustCompile(`^20\d\d-\d\d-\d\dT[\d:.]+\+00:00$`))),
					has(teamKey, "archived", false),
					has(teamKey, "deletion_policy", nil),
				},
			},
			{
				PreConfig:         instance.ResetRequests,
				Config:            team("team-a", "deletion_policy = \"ABANDON\"\nadopt_existing = true"),
				ConfigPlanChecks:  before(plans(isUpdated, teamKey), plansValue(teamKey, "id", 10), plansValue(teamKey, "deletion_policy", "ABANDON")),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10), has(teamKey, "adopt_existing", true)},
				PostApplyFunc:     func() { accWantNoWrite(t, instance) },
			},
			{
				PreConfig:         func() { instance.ArchiveWorkspace(10, true) },
				Config:            team("team-a", ""),
				ConfigPlanChecks:  before(plans(isUpdated, teamKey), plansValue(teamKey, "archived", true), plansValue(teamKey, "adopt_existing", nil)),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "archived", true), has(teamKey, "deletion_policy", nil)},
			},
		},
		CheckDestroy: func(*terraform.State) error {
			accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER"})
			accWantNoWrite(t, instance)

			return nil
		},
	})
}

func TestAccWorkspace_renameReplaces(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config:            team("team-a", "") + bobInTeam,
			ConfigPlanChecks:  before(plans(isCreated, teamKey, bobKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10), has(bobKey, "workspace_id", 10)},
		},
		{
			Config: team("team-z", "") + bobInTeam,
			ConfigPlanChecks: before(
				plans(isReplaced, teamKey), plans(isUpdated, bobKey),
				plansLater(teamKey, "id"), plansLater(bobKey, "workspace_id"), plansValue(bobKey, "user_id", bobID),
			),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 12), has(teamKey, "name", "team-z"), has(bobKey, "workspace_id", 12)},
			PostApplyFunc: func() {
				accWantMembers(t, instance, 10, map[string]string{emulator.HummelID: "OWNER"})
				accWantMembers(t, instance, 12, map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"})
			},
		},
		{
			PreConfig:          func() { instance.RenameWorkspace(12, "team-outside") },
			Config:             team("team-z", "") + bobInTeam,
			PlanOnly:           true,
			ExpectNonEmptyPlan: true,
			ConfigPlanChecks:   later(plans(isReplaced, teamKey), plans(isUpdated, bobKey), plansValue(teamKey, "name", "team-z")),
		},
	}})
}

func TestAccWorkspace_nameInUse(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: team("clip-demo", ""),
			ExpectError: says("Error running pre-apply plan", `Workspace "clip-demo" (ID 8) already exists`, "adopt_existing = true",
				`import { to = wallaroo_workspace.NAME id = "8" }`, "moved", "terraform untaint", "destroy -refresh=false"),
		},
		{
			Config:            team("clip-demo", "adopt_existing = true"),
			ConfigPlanChecks:  before(plans(isCreated, teamKey), plansValue(teamKey, "id", 8), plansValue(teamKey, "created_by", emulator.HummelID)),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 8), has(teamKey, "created_by", emulator.HummelID)},
			PostApplyFunc:     func() { accWantNoWrite(t, instance) },
		},
		{
			// Replacing it would find the name in use, and says what to do instead.
			Taint:       []string{teamKey},
			Config:      team("clip-demo", ""),
			ExpectError: says("Error running pre-apply plan", "ID 8", "terraform untaint"),
		},
		{
			Config:            team("clip-demo", "adopt_existing = true"),
			ConfigPlanChecks:  before(plans(isReplaced, teamKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 8)},
			PostApplyFunc:     func() { accWantNoWrite(t, instance) },
		},
	}})
}

func TestAccWorkspace_prevent(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	protected := team("team-a", `deletion_policy = "PREVENT"`)
	stopped := says("Error running pre-apply plan", "Workspace is protected from being destroyed",
		`Workspace "team-a" (ID 10) cannot be destroyed`, "PREVENT", `deletion_policy = "ABANDON"`, "removed {")

	accRun(t, instance, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_7_0)},
		Steps: []resource.TestStep{
			{
				Config:            protected,
				ConfigPlanChecks:  before(plans(isCreated, teamKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "deletion_policy", "PREVENT")},
			},
			{Config: protected, Destroy: true, ExpectError: stopped},
			{Config: `data "wallaroo_workspaces" "all" {}`, ExpectError: stopped},
			{
				Config: team("team-z", `deletion_policy = "PREVENT"`),
				ExpectError: says("Error running pre-apply plan", "Workspace is protected from being replaced",
					`"team-a" (ID 10) forces replacement`, "`name` back to \"team-a\""),
			},
			{
				Config: `
					removed {
					  from = wallaroo_workspace.team
					  lifecycle {
					    destroy = false
					  }
					}`,
				ConfigPlanChecks:  before(forgets(teamKey)),
				ConfigStateChecks: []statecheck.StateCheck{holds()},
			},
			{
				Config:            team("team-a", "adopt_existing = true\ndeletion_policy = \"PREVENT\""),
				ConfigPlanChecks:  before(plans(isCreated, teamKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10)},
			},
			{
				Config:            team("team-a", `deletion_policy = "ABANDON"`),
				ConfigPlanChecks:  before(plans(isUpdated, teamKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10)},
			},
			{Config: team("team-a", ""), Destroy: true},
		},
	})

	accWantCount(t, instance, "workspaces/create", 1)
}
