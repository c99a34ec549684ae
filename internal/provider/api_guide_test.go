package provider_test

import (
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

// The creator and one more member in one apply, in either order.
func TestGuide_team(t *testing.T) {
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

// Members that are in state no more are found again by elimination.
func TestGuide_stateRemoved(t *testing.T) {
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

// The documented set, applied, taken out of state and applied again.
func TestGuide_set(t *testing.T) {
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

// An instance that does not set roles as it is asked to.
func TestGuide_rolesNotSet(t *testing.T) {
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
