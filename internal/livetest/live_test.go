//go:build live

package livetest_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	workspaceKey = "wallaroo_workspace.live"
	memberKey    = "wallaroo_workspace_user.member"
	setKey       = "wallaroo_workspace_users_exclusive.all"
)

func TestLiveWorkspace(t *testing.T) {
	t.Parallel()
	s := enter(t, 1)
	imported := func(id resource.ImportStateIdFunc) resource.TestStep {
		return resource.TestStep{
			ResourceName: workspaceKey, ImportState: true, ImportStateIdFunc: id,
			ImportStateVerify: true, ImportStateVerifyIgnore: []string{"adopt_existing"},
		}
	}
	s.run(resource.TestCase{Steps: []resource.TestStep{
		s.created(),
		{Config: s.workspace(), PlanOnly: true},
		imported(s.importID("%d")),
		imported(func(*terraform.State) (string, error) { return s.Name, nil }),
		{
			Config: s.workspace() + fmt.Sprintf(`
				resource "wallaroo_workspace" "taken" {
				  name = %q
				}
			`, s.Name),
			PlanOnly:    true,
			ExpectError: says(s.Name, "adopt_existing"),
		},
		{
			Config:            `output "nothing" { value = "managed" }`,
			ConfigPlanChecks:  plans(destroys(workspaceKey)),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("nothing", text("managed"))},
			PostApplyFunc: func() {
				if s.look().ID == 0 {
					t.Error("the workspace is gone")
				}
			},
		},
		s.created(), // adopted, as it still exists
	}})
}

// member is the block of the member, by the email of the settings.
func (s *site) member(userType string) string {
	more := ""
	if userType != "" {
		more = fmt.Sprintf("user_type = %q", userType)
	}

	return fmt.Sprintf(`
		resource "wallaroo_workspace_user" "member" {
		  workspace_id = wallaroo_workspace.live.id
		  email        = %q
		  %s
		}
	`, s.Member.Email, more)
}

func TestLiveMember(t *testing.T) {
	t.Parallel()
	s := enter(t, 2)
	added := func(workspace plancheck.PlanCheck) resource.TestStep {
		return resource.TestStep{
			Config: s.workspace() + s.member(""),
			ConfigPlanChecks: plans(workspace, creates(memberKey),
				plancheck.ExpectKnownValue(memberKey, tfjsonpath.New("user_type"), text("COLLABORATOR"))),
			ConfigStateChecks: []statecheck.StateCheck{
				has(memberKey, "workspace_id", s.id()), has(memberKey, "user_id", text(s.Member.ID)),
				has(memberKey, "email", text(s.Member.Email)), has(memberKey, "user_type", text("COLLABORATOR")),
			},
			PostApplyFunc: s.wantRole(wallaroo.RoleCollaborator),
		}
	}
	imported := func(id resource.ImportStateIdFunc) resource.TestStep {
		return resource.TestStep{
			ResourceName: memberKey, ImportState: true, ImportStateIdFunc: id,
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "user_id",
			// Without the users of the instance an import cannot know the email.
			ImportStateVerifyIgnore: s.unknown("email"),
		}
	}
	drifted := added(keeps(workspaceKey))
	drifted.PreConfig = s.removeMember

	steps := []resource.TestStep{
		added(creates(workspaceKey)),
		{Config: s.workspace() + s.member(""), PlanOnly: true},
		imported(s.importID("%d/%s", s.Member.ID)),
		imported(func(*terraform.State) (string, error) { return s.Name + "/" + s.Member.ID, nil }),
		drifted,
		{
			Config: s.workspace() + s.member("") + `
				resource "wallaroo_workspace_user" "nobody" {
				  workspace_id = wallaroo_workspace.live.id
				  email        = "nobody@wallaroo.invalid"
				}
			`,
			ExpectError: says("Unable to add workspace user", "nobody@wallaroo.invalid"),
		},
		{
			Config:            s.workspace(),
			ConfigPlanChecks:  plans(keeps(workspaceKey), destroys(memberKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(workspaceKey, "id", s.id())},
			PostApplyFunc:     s.wantRole(""),
		},
	}
	if s.Users != nil {
		steps = slices.Insert(steps, 3, imported(s.importID("%d/%s", s.Member.Email)))
	}

	s.run(resource.TestCase{Steps: steps})
}

func (s *site) unknown(attributes ...string) []string {
	if s.Users != nil {
		return nil
	}

	return attributes
}

func TestLiveRole(t *testing.T) {
	t.Parallel()
	s := enter(t, 2)

	changes, err := s.RolesChange(t.Context(), s.TestWorkspace)
	if err != nil {
		t.Fatal(err)
	}

	s.removeMember()

	role := func(userType string, plan ...plancheck.PlanCheck) resource.TestStep {
		return resource.TestStep{
			Config: s.workspace() + s.member(userType), ConfigPlanChecks: plans(plan...),
			ConfigStateChecks: []statecheck.StateCheck{has(memberKey, "user_type", text(userType)), has(memberKey, "user_id", text(s.Member.ID))},
			PostApplyFunc:     s.wantRole(wallaroo.Role(userType)),
		}
	}

	steps := []resource.TestStep{role("COLLABORATOR", creates(workspaceKey), creates(memberKey))}
	if changes {
		steps = append(steps, role("OWNER", updates(memberKey)), role("COLLABORATOR", updates(memberKey)))
	} else {
		t.Log("this instance keeps the role of a present member")

		steps = append(steps, resource.TestStep{
			Config:      s.workspace() + s.member("OWNER"),
			ExpectError: says("Unable to change workspace user", "accepted the change but kept the old role"),
		})
	}

	s.run(resource.TestCase{Steps: steps})
}

// fullSet is the block of all members: those that are there, and the member or not. Users are named as an import does.
func (s *site) fullSet(withMember bool) (block string, owners, collaborators []string) {
	owners = []string{s.name(s.Caller.UserID)}
	for id, role := range s.Others {
		if role == wallaroo.RoleOwner {
			owners = append(owners, s.name(id))
		} else {
			collaborators = append(collaborators, s.name(id))
		}
	}

	if withMember {
		collaborators = append(collaborators, s.name(s.Member.ID))
	}

	block = fmt.Sprintf(`
		resource "wallaroo_workspace_users_exclusive" "all" {
		  workspace_id  = wallaroo_workspace.live.id
		  owners        = [%s]
		  collaborators = [%s]
		}
	`, quoted(owners), quoted(collaborators))

	return s.workspace() + block, owners, collaborators
}

// name is the email of a user, or else the id.
func (s *site) name(id string) string { return cmp.Or(s.Users[id].Email, id) }

func quoted(texts []string) string {
	list := make([]string, len(texts))
	for i, text := range texts {
		list[i] = strconv.Quote(text)
	}

	return strings.Join(list, ", ")
}

func set(texts []string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(texts))
	for i := range texts {
		checks[i] = text(texts[i])
	}

	return knownvalue.SetExact(checks)
}

func TestLiveExclusive(t *testing.T) {
	t.Parallel()
	s := enter(t, 2)
	with, owners, collaborators := s.fullSet(true)
	without, _, _ := s.fullSet(false)
	full := []statecheck.StateCheck{
		has(setKey, "workspace_id", s.id()), has(setKey, "owners", set(owners)), has(setKey, "collaborators", set(collaborators)),
	}
	s.run(resource.TestCase{Steps: []resource.TestStep{
		{
			Config: with, ConfigPlanChecks: plans(creates(workspaceKey), creates(setKey)), ConfigStateChecks: full,
			PostApplyFunc: s.wantRole(wallaroo.RoleCollaborator),
		},
		{
			ResourceName: setKey, ImportState: true, ImportStateIdFunc: s.importID("%d"),
			ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "workspace_id",
		},
		{
			PreConfig: s.removeMember,
			Config:    with, ConfigPlanChecks: plans(keeps(workspaceKey), updates(setKey)), ConfigStateChecks: full,
			PostApplyFunc: s.wantRole(wallaroo.RoleCollaborator),
		},
		{
			Config: without, ConfigPlanChecks: plans(updates(setKey)),
			ConfigStateChecks: []statecheck.StateCheck{has(setKey, "owners", set(owners))},
			PostApplyFunc:     s.wantRole(""),
		},
	}})
}

func TestLiveDataSources(t *testing.T) {
	t.Parallel()
	s := enter(t, 1)
	config := s.workspace() + `
		data "wallaroo_current_user" "me" {}

		data "wallaroo_workspace" "by_id" {
		  id = wallaroo_workspace.live.id
		}

		data "wallaroo_workspace_users" "all" {
		  workspace_id = wallaroo_workspace.live.id
		}

		data "wallaroo_workspaces" "mine" {
		  user_ids   = [data.wallaroo_current_user.me.id]
		  depends_on = [wallaroo_workspace.live]
		}

		output "me" {
		  value = data.wallaroo_current_user.me.id
		}

		output "name" {
		  value = data.wallaroo_workspace.by_id.name
		}

		output "owners" {
		  value = [for user in data.wallaroo_workspace_users.all.users : user.user_id if user.user_type == "OWNER"]
		}

		output "mine" {
		  value = contains(data.wallaroo_workspaces.mine.workspaces[*].id, wallaroo_workspace.live.id)
		}
	`
	output := statecheck.ExpectKnownOutputValue
	checks := []statecheck.StateCheck{
		output("me", text(s.Caller.UserID)), output("name", text(s.Name)), output("mine", knownvalue.Bool(true)),
		output("owners", knownvalue.ListPartial(map[int]knownvalue.Check{0: knownvalue.NotNull()})),
	}
	users := fmt.Sprintf(`
		data "wallaroo_user" "member" {
		  email = %q
		}

		data "wallaroo_users" "member" {
		  user_ids = [%q]
		}

		output "member" {
		  value = [data.wallaroo_user.member.id, data.wallaroo_users.member.users[0].id]
		}
	`, s.Member.Email, s.Member.ID)
	steps := []resource.TestStep{}

	if s.Users != nil {
		config += users
		both := []knownvalue.Check{text(s.Member.ID), text(s.Member.ID)}
		checks = append(checks, output("member", knownvalue.TupleExact(both)))
	} else {
		t.Log("this account may not read the users, so data sources of users must say that")

		steps = append(steps, resource.TestStep{Config: users, PlanOnly: true, ExpectError: says("Unable to", "user")})
	}

	s.run(resource.TestCase{Steps: append(steps, resource.TestStep{
		Config: config, ConfigPlanChecks: plans(creates(workspaceKey)), ConfigStateChecks: checks,
	})})
}

// TestLiveFacts prints what this instance answers where versions differ. It judges nothing.
func TestLiveFacts(t *testing.T) {
	t.Parallel()
	s := enter(t, 2)

	facts, err := s.Facts(t.Context(), s.n)
	if err != nil {
		t.Error(err)
	}

	var table strings.Builder

	lines := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	for _, fact := range facts {
		_, _ = fmt.Fprintf(lines, "%s\t%s\n", fact.Point, fact.Observed)
	}

	_ = lines.Flush()

	t.Log("what this instance answers:\n\n" + table.String())
}
