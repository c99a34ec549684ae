package provider_test

import (
	"fmt"
	"testing"

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

// A1: the creator and one more member in one apply, in either order.
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
			wantError(t, out.all(), "Unable to change workspace user", "kept the role", "dashboard", "set `user_type` to the role that the instance gives")
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

// The guide adds users by email, so a user ID alone is not enough for a new member.
func TestCases_guideUserIDAlone(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.GuideAPI())
	out := p.apply(workspaceBlock("team", values{"name": "team-c"}), memberBlock("ben", values{"workspace_id": ref{"team", "id"}, "user_id": benID}))
	wantError(t, out.all(), "Unable to add workspace user", benID, "did not add the user by ID", "email is required", "Set `email`")
	p.wantMembers(11, map[string]string{annID: own})

	out = p.apply(workspaceBlock("team", values{"name": "team-c"}), setBlock(values{
		"workspace_id": ref{"team", "id"}, "owners": []any{annID}, "collaborators": []any{benID},
	}))
	wantError(t, out.all(), "Unable to set workspace users", benID, "List the email address of the user")
	p.wantMembers(11, map[string]string{annID: own})
}
