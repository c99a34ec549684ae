package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestAccDataSources_read(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})
	instance.SetMember(8, annaID, emulator.Collaborator)

	text := func(name, value string) statecheck.StateCheck {
		return statecheck.ExpectKnownOutputValue(name, known(value))
	}

	accRun(t, instance, resource.TestCase{Steps: []resource.TestStep{{
		Config: `
			data "wallaroo_current_user" "me" {}

			data "wallaroo_user" "anna" {
			  email = "Anna@Example.com"
			}

			data "wallaroo_users" "some" {
			  user_ids = [data.wallaroo_current_user.me.id, data.wallaroo_user.anna.id]
			}

			data "wallaroo_workspace" "clip" {
			  name = "clip-demo"
			}

			data "wallaroo_workspace_users" "clip" {
			  workspace_id = data.wallaroo_workspace.clip.id
			}

			data "wallaroo_workspaces" "anna" {
			  user_ids = [data.wallaroo_user.anna.id]
			}

			output "me" {
			  value = data.wallaroo_current_user.me.email
			}

			output "anna" {
			  value = data.wallaroo_user.anna.id
			}

			output "some" {
			  value = join(",", sort(data.wallaroo_users.some.users[*].email))
			}

			output "roles" {
			  value = { for user in data.wallaroo_workspace_users.clip.users : user.email => user.user_type }
			}

			output "workspaces" {
			  value = join(",", data.wallaroo_workspaces.anna.workspaces[*].name)
			}`,
		ConfigPlanChecks: before(plancheck.ExpectKnownOutputValue("me", known(emulator.HummelEmail))),
		ConfigStateChecks: []statecheck.StateCheck{
			holds(),
			text("anna", annaID),
			text("some", annaEmail+","+emulator.HummelEmail),
			text("workspaces", "clip-demo"),
			statecheck.ExpectKnownOutputValue("roles", knownvalue.ObjectExact(map[string]knownvalue.Check{
				annaEmail: known("COLLABORATOR"), emulator.HummelEmail: known("OWNER"),
			})),
		},
		PostApplyFunc: func() { accWantNoWrite(t, instance) },
	}}})
}

func TestAccFunction_workspaceName(t *testing.T) {
	t.Parallel()

	instance := startWithUsers(t, emulator.Options{})

	accRun(t, instance, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)},
		Steps: []resource.TestStep{
			{
				Config:            team("${provider::wallaroo::workspace_name(\"Équipe n° 7!\")}", ""),
				ConfigPlanChecks:  before(plans(isCreated, teamKey), plansValue(teamKey, "name", "equipe-n-7")),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "name", "equipe-n-7")},
			},
			{
				Config:      `output "name" { value = provider::wallaroo::workspace_name("!?") }`,
				ExpectError: regexp.MustCompile(`(?s)Nothing of "!\?" can be part of a\s+workspace name: .* no digit\.\n`),
			},
			{
				Config:            team("equipe-n-7", ""),
				ConfigPlanChecks:  before(plans(isKept, teamKey)),
				ConfigStateChecks: []statecheck.StateCheck{has(teamKey, "id", 10)},
			},
		},
	})
}
