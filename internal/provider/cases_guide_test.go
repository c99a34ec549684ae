package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// guideTeam is a workspace with its creator as an owner and one collaborator, by email.
func guideTeam() []block {
	return []block{
		workspaceBlock("team", values{"name": "team-c"}),
		memberBlock("ann", values{"workspace_id": ref{"team", "id"}, "email": annMail, "user_type": own}),
		memberBlock("ben", values{"workspace_id": ref{"team", "id"}, "email": benMail}),
	}
}

// A1: the README's example in one apply, in either order.
func TestCases_guideTeam(t *testing.T) {
	t.Parallel()

	for name, order := range map[string][]int{"creator first": {0, 1, 2}, "creator last": {0, 2, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.GuideAPI())

			var blocks []block
			for _, i := range order {
				blocks = append(blocks, guideTeam()[i])
			}

			p.mustApply(blocks...)
			p.wantState("team", values{"id": 11, "name": "team-c", "created_by": annID, "archived": false})
			p.wantState("ann", values{"workspace_id": 11, "email": annMail, "user_id": annID, "user_type": own})
			p.wantState("ben", values{"workspace_id": 11, "email": benMail, "user_id": benID, "user_type": col})
			p.wantMembers(11, map[string]string{annID: own, benID: col})
		})
	}
}

// A2: members that are in state no more are found again by elimination.
func TestCases_guideStateRemoved(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.GuideAPI())
	p.mustApply(guideTeam()...)
	p.put("ann", nil)
	p.put("ben", nil)
	p.mustApply(guideTeam()...)
	p.wantState("ann", values{"user_id": annID, "user_type": own})
	p.wantState("ben", values{"user_id": benID, "user_type": col})

	// Of two collaborators nothing says which is which.
	p.instance.SetMember(11, catID, col)
	p.put("ben", nil)

	out := p.apply(guideTeam()...)
	wantError(t, out.all(), "Unable to add workspace user", benMail, benID, catID, "Set `user_id`")
	p.wantMembers(11, map[string]string{annID: own, benID: col, catID: col})

	blocks := guideTeam()
	blocks[2].config["user_id"] = benID
	p.mustApply(blocks...)
	p.wantState("ben", values{"email": benMail, "user_id": benID})
}

// A3: the documented set, applied, taken out of state and applied again.
func TestCases_guideSet(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.GuideAPI())
	blocks := []block{
		workspaceBlock("team", values{"name": "team-c"}),
		setBlock(values{"workspace_id": ref{"team", "id"}, "owners": []string{annMail}, "collaborators": []string{benMail, catMail}}),
	}

	p.mustApply(blocks...)
	p.wantMembers(11, map[string]string{annID: own, benID: col, catID: col})
	p.wantState("set", values{"owners": []string{annMail}, "collaborators": []string{benMail, catMail}})
	p.writes()
	wantNone(t, p.apply(blocks...).all())
	p.wantWrites()

	p.put("set", nil)
	out := p.apply(blocks...)
	wantError(t, out.all(), "Unable to set workspace users", benMail, benID, catID, "List the ID of the user in place of the email")
	p.wantMembers(11, map[string]string{annID: own, benID: col, catID: col})

	blocks[1].config["collaborators"] = []string{benID, catMail}
	p.mustApply(blocks...)
}

// A4, A5, B12: an instance that does not set roles as it is asked to.
func TestCases_rolesNotSet(t *testing.T) {
	t.Parallel()

	ignored, sticky := emulator.API{UserType: emulator.UserTypeIgnored}, emulator.API{Roles: emulator.RolesSticky}
	for name, api := range map[string]emulator.API{"guide": emulator.GuideAPI(), "ignored": ignored, "sticky": sticky} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, api)
			member := memberBlock("ben", values{"workspace_id": 8, "email": benMail, "user_type": own})

			if name != "sticky" {
				out := p.apply(member)
				wantError(t, out.all(), "Unable to add workspace user", "this instance does not set roles", "removed again")
				p.wantMembers(8, map[string]string{annID: own})

				out = p.apply(setBlock(values{"workspace_id": 8, "owners": []string{annID, benMail}}))
				wantError(t, out.all(), "Unable to set workspace users", "this instance does not set roles")
				wantNotSaid(t, out.all(), "-replace", "`user_type`", "`user_id`")
				p.wantMembers(8, map[string]string{annID: own})
			}

			member.config["user_type"] = col
			p.mustApply(member)

			member.config["user_type"] = own
			out := p.apply(member)
			wantError(t, out.all(), "Unable to change workspace user", "kept the role", "set `user_type` to the role that the instance gives")
			p.wantState("ben", values{"user_type": col})
			p.wantMembers(8, map[string]string{annID: own, benID: col})

			member.config["user_type"] = col
			p.wantEmpty(member)
			p.put("ben", nil)

			set := setBlock(values{"workspace_id": 8, "owners": []string{annID}, "collaborators": []string{benMail}})
			p.mustApply(set)

			set.config = values{"workspace_id": 8, "owners": []string{annID, benMail}}
			out = p.apply(set)
			wantError(t, out.all(), "Unable to set workspace users", "kept the role", "list the user with the role that the instance gives")
			wantNotSaid(t, out.all(), "-replace", "`user_type`")
			p.wantState("set", values{"owners": []string{annID}, "collaborators": []string{benMail}})
		})
	}
}

func wantNotSaid(t testing.TB, diags diagnostics, words ...string) {
	t.Helper()

	for _, word := range words {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%q is no advice here: %s", word, diags)
		}
	}
}

// A6: what is sent to instances that are strict about roles.
func TestCases_roleSpelling(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		userType emulator.UserType
		owner    []string
	}{
		"refused": {emulator.UserTypeRefused, nil},
		"upper":   {emulator.UserTypeUpper, []string{"add_user 8 cat@example.com owner", "add_user 8 cat@example.com OWNER"}},
		"lower":   {emulator.UserTypeLower, []string{"add_user 8 cat@example.com owner"}},
	} {
		for _, guide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s guide=%v", name, guide), func(t *testing.T) {
				t.Parallel()

				p := newProject(t, emulator.API{UserType: one.userType, GuideOnly: guide})
				ben := memberBlock("ben", values{"workspace_id": 8, "email": benMail})
				cat := memberBlock("cat", values{"workspace_id": 8, "email": catMail, "user_type": own})

				p.apply(ben)
				p.wantWrites("add_user 8 ben@example.com")
				p.wantEmpty(ben)
				p.writes()

				if one.owner != nil {
					p.mustApply(ben, cat)
					p.wantWrites(one.owner...)

					return
				}

				out := p.apply(ben, cat)
				if wantError(t, out.all(), "Unable to add workspace user", catMail); p.state["cat"] != nil {
					t.Error("cat is in state")
				}

				p.wantMembers(8, map[string]string{annID: own, benID: col})
			})
		}
	}
}

// A7: whatever users/query answers, adding, planning and removing go on without it.
func TestCases_noDirectory(t *testing.T) {
	t.Parallel()

	for _, answer := range []string{
		"400", "401", "403", "404", "405", "500", "501", emulator.UsersQueryEmpty, emulator.UsersQueryHTML, emulator.UsersQueryClosed,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{UsersQuery: answer})
			blocks := []block{
				memberBlock("ben", values{"workspace_id": 8, "email": benMail}),
				memberBlock("cat", values{"workspace_id": 8, "user_id": catID, "user_type": own}),
				{at: "set", kind: exclusiveKind, config: values{"workspace_id": 10, "owners": []string{annMail}, "collaborators": []string{benMail, danMail}}},
			}

			out := p.mustApply(blocks...)
			wantNotSaid(t, out.all(), "endpoint", "WALLAROO_URL")
			p.wantMembers(8, map[string]string{annID: own, benID: col, catID: own})
			p.wantMembers(10, map[string]string{annID: own, benID: col, danID: col})
			p.writes()

			out = p.apply()
			wantNoError(t, out.all())
			p.wantMembers(8, map[string]string{annID: own})
			p.wantWrites("remove_user 8 "+catID, "remove_user 8 "+benID)
		})
	}
}

// A8: an add of a present member that is refused is no failure.
func TestCases_presentMember(t *testing.T) {
	t.Parallel()

	for _, status := range []int{400, 409} {
		for _, guide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d guide=%v", status, guide), func(t *testing.T) {
				t.Parallel()

				p := newProject(t, emulator.API{PresentMemberStatus: status, GuideOnly: guide})
				p.instance.SetMember(8, benID, col)
				p.mustApply(memberBlock("ben", values{"workspace_id": 8, "email": benMail}))
				p.wantState("ben", values{"user_id": benID, "email": benMail, "user_type": col})
				p.wantMembers(8, map[string]string{annID: own, benID: col})

				if guide {
					return
				}

				// Somebody adds cat at the same time.
				cat := memberBlock("cat", values{"workspace_id": 8, "email": catMail})
				p.instance.SetOnRequest(func(request emulator.Request) {
					if request.Operation == "workspaces/add_user" {
						p.instance.SetMember(8, catID, col)
					}
				})
				p.mustApply(memberBlock("ben", values{"workspace_id": 8, "email": benMail}), cat)
				p.wantState("cat", values{"user_id": catID})
			})
		}
	}
}

// A9: one more try with the email, and a look at what it did.
func TestCases_removeByEmail(t *testing.T) {
	t.Parallel()

	for name, api := range map[string]emulator.API{
		"400":               {RemoveBy: emulator.ByEmail},
		"no affected_rows":  {RemoveBy: emulator.ByEmail, NoAffectedRows: true},
		"guide":             {RemoveBy: emulator.ByEmail, GuideOnly: true, UserType: emulator.UserTypeIgnored},
		"without directory": {RemoveBy: emulator.ByEmail, UsersQuery: "403"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, api)
			p.mustApply(memberBlock("ben", values{"workspace_id": 8, "email": benMail}))
			p.writes()
			wantNoError(t, p.apply().all())
			p.wantWrites("remove_user 8 "+benID, "remove_user 8 "+benMail)
			p.wantMembers(8, map[string]string{annID: own})
		})
	}
}

// A10, A14, A15: who a member is, as far as the member list tells.
func TestCases_memberList(t *testing.T) {
	t.Parallel()

	t.Run("emails in the list", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{GuideOnly: true, MemberEmails: true})
		p.instance.SetMember(8, benID, col)
		p.instance.SetMember(8, catID, col)

		member := memberBlock("ben", values{"workspace_id": 8, "email": benMail})
		p.mustApply(member)
		p.wantState("ben", values{"user_id": benID})
		p.wantWrites()

		found, diags := p.start().importID(userKind, "8/"+catMail)
		wantNoError(t, diags)
		p.put("cat", found)
		p.wantState("cat", values{"user_id": catID, "email": catMail})
	})

	t.Run("no email anywhere", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.GuideAPI())
		p.instance.SetMember(8, benID, col)

		_, diags := p.start().importID(userKind, "8/"+benMail)
		wantError(t, diags, "Unable to import", benMail, "Import by WORKSPACE_ID/USER_ID")
		wantNotSaid(t, diags, "endpoint", "Set `user_id`")

		found, diags := p.start().importID(userKind, "8/"+benID)
		wantNoError(t, diags)
		p.put("ben", found)
		p.wantEmpty(memberBlock("ben", values{"workspace_id": 8, "user_id": benID}))
	})

	// B15 is the last of these.
	for _, id := range []string{"ben", "4711", "ben@corp.example.com", "f:7d1c9f5e-0000-4000-8000-000000000001:ben@corp"} {
		for _, guide := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s guide=%v", id, guide), func(t *testing.T) {
				t.Parallel()

				seed := people()
				seed.Users[1].ID = id

				p := seededProject(t, emulator.API{GuideOnly: guide}, seed)
				p.instance.SetMember(8, id, col)

				found, diags := p.start().importID(userKind, "8/"+id)
				wantNoError(t, diags)
				p.put("ben", found)
				p.wantState("ben", values{"user_id": id, "workspace_id": 8, "user_type": col})
				p.wantEmpty(memberBlock("ben", values{"workspace_id": 8, "user_id": id}))
				p.put("ben", nil)

				set := setBlock(values{"workspace_id": 8, "owners": []string{annID}, "collaborators": []string{id}})
				p.mustApply(set)
				p.wantWrites()

				set.config["collaborators"] = []string{id, danMail}
				p.mustApply(set)
				p.wantMembers(8, map[string]string{annID: own, id: col, danID: col})
			})
		}
	}
}

// A11: optional fields of another type are absent, and IDs are read in each form.
func TestCases_oddFields(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		api  emulator.API
		want values
	}{
		"created_at": {emulator.API{NumericCreatedAt: true}, values{"created_at": nil, "created_by": annMail, "archived": false}},
		"created_by": {emulator.API{NumericCreatedBy: true}, values{"created_by": nil, "archived": false}},
		"archived":   {emulator.API{NumericArchived: true}, values{"created_by": annMail, "archived": false}},
		"models":     {emulator.API{TextModels: true}, values{"created_by": annMail, "archived": false}},
		"none":       {emulator.API{NoOptionalFields: true}, values{"created_at": nil, "created_by": nil, "archived": false}},
		"texts":      {emulator.API{IDs: emulator.IDText}, values{"created_by": annMail, "archived": false}},
		"floats":     {emulator.API{IDs: emulator.IDFloat}, values{"created_by": annMail, "archived": false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, one.api)
			p.mustApply(guideTeam()...)
			p.wantState("team", with(values{"id": 11, "name": "team-c"}, one.want))
			p.wantState("ben", values{"workspace_id": 11})

			p.instance.AddModel(8, 3)
			value, diags := p.start().readData("wallaroo_workspace", values{"name": "team-a"})
			wantNoError(t, diags)

			if run := p.start(); run.numberOf(value, "id") != 8 {
				t.Errorf("data source has read %s", value)
			}
		})
	}
}

// A12: an instance without a default workspace, and the only workspace deleted behind
// Terraform's back.
func TestCases_emptyInstance(t *testing.T) {
	t.Parallel()

	for name, api := range map[string]emulator.API{"guide": emulator.GuideAPI(), "claims": {}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			seed := people()
			seed.Workspaces = nil

			p := seededProject(t, api, seed)
			p.mustApply(guideTeam()...)

			id := p.instance.WorkspaceID("team-c")
			p.instance.RemoveWorkspace(id)

			ended := p.start()
			for _, at := range slices.Backward(p.order) {
				_, diags := ended.destroy(bg, p.state[at])
				wantNoError(t, diags)
			}

			out := p.plan(guideTeam()...)

			if name == "claims" {
				wantSays(t, out.refreshed.errors()[:1], "No workspaces accessible", "kept in state", "-refresh=false", "state rm")
				p.wantState("team", values{"name": "team-c"})

				return
			}

			wantNoError(t, out.all())
			if !out.refreshed.says("Workspace no longer accessible", `"team-c"`, "removed from state") {
				t.Errorf("refreshed with %s", out.refreshed)
			}

			if len(out.actions()) != 3 || out.actions()["team"] != "create" {
				t.Errorf("planned %v", out.actions())
			}

			p.mustApply(guideTeam()...)
			wantNoError(t, p.apply().all())
		})
	}
}

// A13: an owner who may be the provider's own account is not removed.
func TestCases_unknownCaller(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		api  emulator.API
		name string
	}{"guide": {emulator.GuideAPI(), annID}, "directory": {emulator.API{}, annMail}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, one.api)
			p.useToken()
			p.instance.SetMember(8, benID, own)

			set := setBlock(values{"workspace_id": 8, "owners": []string{benID}})
			out := p.apply(set)
			wantError(t, out.planned, "The provider's own account will lose rights", one.name, "List the ID of the account that the provider authenticates with")
			p.wantWrites()

			set.config["owners"] = []string{annID, benID}
			p.mustApply(set)
		})
	}
}

// A16: the name of a workspace that is not visible.
func TestCases_hiddenName(t *testing.T) {
	t.Parallel()

	for _, status := range []int{400, 409, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{DuplicateNameStatus: status})
			p.instance.AddWorkspace(emulator.Workspace{Name: "team-c", Members: map[string]string{danID: own}})
			out := p.apply(workspaceBlock("team", values{"name": "team-c"}))
			wantError(t, out.all(), "Workspace name already in use", `"team-c"`, "No workspace of this name is accessible")
		})
	}
}

// A17: an email that nothing can verify is not taken silently.
func TestCases_unverifiedEmail(t *testing.T) {
	t.Parallel()

	for name, config := range map[string]values{
		"email":           {"workspace_id": 8, "email": annMail},
		"email and by ID": {"workspace_id": 8, "email": annMail, "user_id": benID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.GuideAPI())
			p.instance.SetMember(8, benID, col)

			found, diags := p.start().importID(userKind, "8/"+benID)
			wantNoError(t, diags)
			p.put("ben", found)

			out := p.mustApply(memberBlock("ben", config))
			wantSays(t, out.applied, "Email could not be verified", annMail, benID)
			p.wantMembers(8, map[string]string{annID: own, benID: col})
			p.wantWrites()
		})
	}
}

// A18: the apply warns once, however many workspaces are removed from state.
func TestCases_manyDestroyed(t *testing.T) {
	t.Parallel()

	var blocks []block
	for i := range 40 {
		blocks = append(blocks, workspaceBlock(fmt.Sprint(i), values{"name": fmt.Sprintf("many-%d", i)}))
	}

	p := newProject(t, emulator.API{})
	p.mustApply(blocks...)
	out := p.apply()

	if len(out.planned) != 40 || len(out.applied) != 1 {
		t.Errorf("%d warnings at plan, %d at apply", len(out.planned), len(out.applied))
	}

	for _, one := range out.all() {
		if one.Summary != "Workspace remains on the instance" {
			t.Errorf("warnings are not grouped: %q", one.Summary)
		}
	}

	if text := out.applied[0].Detail; !strings.Contains(text, "not repeated") {
		t.Error(text)
	}
}

// A19: three are adopted with three warnings.
func TestCases_manyAdopted(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.AddWorkspace(emulator.Workspace{Name: "team-c", Members: map[string]string{annID: own}})

	var blocks []block
	for _, name := range []string{"team-a", "team-b", "team-c"} {
		blocks = append(blocks, workspaceBlock(name, values{"name": name, "adopt_existing": true}))
	}

	out := p.mustApply(blocks...)
	for i, id := range []string{"ID 8", "ID 10", "ID 11"} {
		if one := out.planned[i]; len(out.planned) != 3 || one.Summary != "Existing workspace will be adopted" || !strings.Contains(one.Detail, id) {
			t.Errorf("planned with %s", out.planned)
		}
	}

	// Core plans each once more at apply. Nothing tells that from a plan before the
	// first write of the run.
	if len(out.applied) > 1 {
		t.Errorf("repeated at apply: %s", out.applied)
	}

	p.wantWrites()
}

// A20: a create that is refused with words waits for less than four seconds.
func TestCases_refusedCreate(t *testing.T) {
	t.Parallel()

	var waited atomic.Int64

	p := newProject(t, emulator.API{})
	p.sleep = func(ctx context.Context, d time.Duration) error {
		waited.Add(int64(d))

		return ctx.Err()
	}
	p.instance.Inject(emulator.Fault{Operation: "workspaces/create", Status: 500, Body: `{"error":"the name is odd"}`})

	out := p.apply(workspaceBlock("team", values{"name": "team-c"}))
	wantError(t, out.all(), "Unable to create workspace", "the name is odd", "safe to apply again")
	p.wantWrites("create team-c")

	if total := time.Duration(waited.Load()); total >= 4*time.Second {
		t.Errorf("waited for %s", total)
	}
}
