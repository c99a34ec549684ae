package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// onTeamA is a member of workspace 8, and setOnTeamA its only members.
func onTeamA(at string, config values) block {
	return memberBlock(at, with(config, values{"workspace_id": 8}))
}

func setOnTeamA(config values) block { return setBlock(with(config, values{"workspace_id": 8})) }

// An email changes in Keycloak and in the set in the same apply.
func TestPlan_setFollowsEmail(t *testing.T) {
	t.Parallel()

	for name, entry := range map[string]any{"known": "benjamin@example.com", "known after apply": late{"benjamin@example.com"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			p.mustApply(setOnTeamA(values{"owners": []string{annMail, benMail}, "collaborators": []string{catMail}}))
			p.writes()

			set := setOnTeamA(values{"owners": []any{annMail, entry}, "collaborators": []string{catMail}})
			p.mustApply(set.after(func(*core) { p.instance.SetUserEmail(benID, "benjamin@example.com") }))
			p.wantWrites()
			p.wantState("set", values{"owners": []string{annMail, "benjamin@example.com"}})
			p.wantMembers(8, map[string]string{annID: own, benID: own, catID: col})
		})
	}
}

// An imported set, spelled in another way, with an element that is known late.
func TestPlan_setSpelling(t *testing.T) {
	t.Parallel()

	for name, owners := range map[string][]any{
		"late":           {strings.ToUpper(annMail), late{benMail}},
		"late and upper": {strings.ToUpper(annMail), late{strings.ToUpper(benMail)}},
		"all late":       {late{annMail}, late{benMail}},
		"by ID":          {annID, late{benID}},
		"two are one":    {annMail, benMail, late{benMail}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			p.instance.SetMember(8, benID, own)
			p.instance.SetMember(8, catID, col)
			p.mustImport("set", exclusiveKind, "8")
			p.mustApply(setOnTeamA(values{"owners": owners, "collaborators": []any{late{catMail}}}))
			p.wantWrites()
		})
	}

	t.Run("a late element is somebody else", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.instance.SetMember(8, benID, own)
		p.mustImport("set", exclusiveKind, "8")
		p.mustApply(setOnTeamA(values{"owners": []any{annMail, late{danMail}}}))
		p.wantWrites("add_user 8 "+danMail+" owner", "remove_user 8 "+benID)
	})
}

// The state of one instance, and the address of another.
func TestPlan_otherInstance(t *testing.T) {
	t.Parallel()

	for _, opaque := range []bool{false, true} {
		for kind, blocks := range map[string][]block{
			"workspace": {workspaceBlock("team", values{"name": "team-a"})},
			"member":    {workspaceBlock("team", values{"name": "team-a"}), onTeamA("ben", values{"email": benMail})},
			"set":       {workspaceBlock("team", values{"name": "team-a"}), setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}})},
		} {
			t.Run(fmt.Sprintf("%s opaque=%v", kind, opaque), func(t *testing.T) {
				t.Parallel()

				p := newProject(t, emulator.API{})
				p.instance.SetMember(8, benID, col)
				p.mustImport("team", workspaceKind, "8")
				p.mustApply(blocks...)

				seed := people()
				seed.Workspaces[1].Name = "payroll"
				seed.Workspaces[1].CreatedAt = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
				seed.Workspaces[1].Members[benID], seed.Workspaces[1].Members[catID] = col, col

				p.instance = emulatortest.Start(t, emulator.Options{Seed: seed})
				p.provider = with(p.provider, values{"endpoint": p.instance.URL})

				if opaque {
					p.useToken()
				}

				out := p.apply(blocks[:1]...)
				if !out.refreshed.errors().says("Not the workspace in state", `"payroll"`, `"team-a"`, "Check `endpoint`") || len(out.refreshed.errors()) != len(blocks) {
					t.Errorf("refreshed with %s", out.refreshed)
				}

				for at, prior := range p.state {
					_, diags := p.start().destroy(bg, prior)
					if prior.kind == userKind && !diags.says("Not the workspace in state") {
						t.Errorf("%s is destroyed with: %s", at, diags)
					}
				}

				p.wantWrites()
				p.wantMembers(8, map[string]string{annID: own, benID: col, catID: col})
			})
		}
	}
}

// A name that is not known at plan time and comes out as it was, or as another one.
func TestPlan_lateName(t *testing.T) {
	t.Parallel()

	members := []block{
		memberBlock("ann", values{"workspace_id": ref{"team", "id"}, "email": annMail, "user_type": own}),
		memberBlock("ben", values{"workspace_id": ref{"team", "id"}, "email": benMail}),
	}
	set := []block{setBlock(values{"workspace_id": ref{"team", "id"}, "owners": []string{annMail}, "collaborators": []string{benMail}})}

	for kind, rest := range map[string][]block{"members": members, "set": set} {
		for _, name := range []string{"team-c", "team-d"} {
			for _, adopt := range []any{nil, true} {
				t.Run(fmt.Sprint(kind, " ", name, " ", adopt), func(t *testing.T) {
					t.Parallel()

					p := newProject(t, emulator.API{})

					blocks := append([]block{workspaceBlock("team", values{"name": "team-c", "adopt_existing": adopt})}, rest...)
					p.mustApply(blocks...)
					p.writes()

					want := map[string]string{annID: own, benID: col}
					blocks[0].config = values{"name": late{name}, "adopt_existing": adopt}
					p.mustApply(blocks...)

					if name == "team-c" {
						p.wantWrites()
						p.wantState("team", values{"id": 11, "name": "team-c"})
						p.wantMembers(11, want)

						return
					}

					p.wantState("team", values{"id": 13, "name": "team-d"})
					p.wantMembers(13, want)

					if kind == "members" {
						delete(want, benID) // removed after the add to the new one
					}

					p.wantMembers(11, want)
				})
			}
		}
	}
}

// The plan of a set on a workspace that the same apply adopts.
func TestPlan_adoptedSet(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.SetMember(8, benID, col)
	p.instance.SetMember(8, catID, own)

	out := p.plan(
		workspaceBlock("team", values{"name": "team-a", "adopt_existing": true}),
		setBlock(values{"workspace_id": ref{"team", "id"}, "owners": []string{annMail}, "collaborators": []string{catMail}}),
	)
	wantNoError(t, out.all())
	wantSays(t, out.planned, "Present members will be removed", benMail, `"team-a" (ID 8)`)
	wantSays(t, out.planned, "Owners will become collaborators", catMail)
}

// Who loses rights is named at plan time.
func TestPlan_demotions(t *testing.T) {
	t.Parallel()

	const demoted, last, self = "Owners will become collaborators", "Last owner would become a collaborator", "The provider's own account will lose rights"

	single := func(email string) block { return onTeamA("one", values{"email": email}) }

	for name, one := range map[string]struct {
		members map[string]string
		block   block
		summary string
		word    string
		fails   bool
	}{
		"owner":      {map[string]string{annID: own, benID: own}, single(benMail), demoted, benMail, false},
		"last owner": {map[string]string{annID: col, benID: own}, single(benMail), last, benMail, true},
		"self":       {map[string]string{annID: own, benID: own}, single(annMail), self, annMail, false},
		"self, set": {
			map[string]string{annID: own, benID: own},
			setOnTeamA(values{"owners": []string{benMail}, "collaborators": []string{annMail}}), self, annMail, false,
		},
		"owner, set": {
			map[string]string{annID: own, benID: own},
			setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}}), demoted, benMail, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			for id, role := range one.members {
				p.instance.SetMember(8, id, role)
			}

			out := p.plan(one.block)
			wantSays(t, out.planned, one.summary, one.word)

			if out.planned.failed() != one.fails {
				t.Errorf("planned with %s", out.planned)
			}

			if one.fails {
				return
			}

			p.mustApply(one.block)
		})
	}

	t.Run("self, in place", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.instance.SetMember(8, benID, own)
		p.mustApply(onTeamA("ann", values{"email": annMail, "user_type": own}))
		wantSays(t, p.apply(onTeamA("ann", values{"email": annMail})).planned, self, annMail)
		p.wantMembers(8, map[string]string{annID: col, benID: own})
	})
}

// A data source that depends on something in the same apply sees it, though the
// directory and the list were read before.
func TestPlan_dataSourceInApply(t *testing.T) {
	t.Parallel()

	const newID = "0e000000-0000-4000-8000-00000000000e"

	p := newProject(t, emulator.API{})
	eva := onTeamA("eva", values{"user_id": late{newID}}).after(func(run *core) {
		for _, kind := range []string{"wallaroo_users", "wallaroo_workspaces"} {
			_, diags := run.readData(kind, nil)
			wantNoError(t, diags)
		}

		p.instance.AddUser(emulator.User{ID: newID, Email: "eva@example.com"})
		p.instance.AddModel(8, 3)
		made := p.instance.AddWorkspace(emulator.Workspace{Name: "by-a-script", Members: map[string]string{annID: own}})

		user, diags := run.readData("wallaroo_user", values{"email": "eva@example.com"})
		wantNoError(t, diags)

		if id := run.textOf(user, "id"); id != newID {
			t.Errorf("the data source has found %q", id)
		}

		found, diags := run.readData("wallaroo_workspace", values{"name": "by-a-script"})
		wantNoError(t, diags)

		if id := run.numberOf(found, "id"); id != made {
			t.Errorf("the data source has found %d", id)
		}

		changed, diags := run.readData("wallaroo_workspace", values{"id": 8})
		wantNoError(t, diags)

		if models := run.fields(changed)["models"]; !strings.Contains(models.String(), `"3"`) {
			t.Errorf("stale: %s", models)
		}
	})
	p.mustApply(onTeamA("ben", values{"email": benMail}), eva)
	p.wantState("eva", values{"email": "eva@example.com"})
}

// A role that was changed by hand, while changes of one of the two sets are ignored.
func TestPlan_ignoredSet(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	set := setOnTeamA(values{"owners": []string{annMail, benMail}, "collaborators": []string{catMail}})
	set.ignore = []string{"collaborators"}
	p.mustApply(set)
	p.instance.SetMember(8, benID, col)
	wantError(t, p.apply(set).planned, "User is listed twice", benMail, "ignore_changes")
	p.wantMembers(8, map[string]string{annID: own, benID: col, catID: col})

	p.instance.SetMember(8, benID, own)
	p.instance.SetMember(8, danID, col)
	p.mustApply(set)
	p.wantMembers(8, map[string]string{annID: own, benID: own, catID: col, danID: col})
}
