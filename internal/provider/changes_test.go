package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// What changes about one user stays in place.
func TestChanges_memberInPlace(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		before, after values
		arrange       func(*project)
		sent          []string
		want          values
	}{
		"email not known yet": {
			values{"email": benMail, "user_id": benID}, values{"email": "benjamin@example.com", "user_id": benID}, nil,
			nil, values{"email": "benjamin@example.com", "user_id": benID},
		},
		"late and equal ID":    {values{"user_id": benID}, values{"user_id": late{benID}}, nil, nil, values{"user_id": benID, "email": benMail}},
		"late and equal email": {values{"email": benMail}, values{"email": late{benMail}}, nil, nil, values{"user_id": benID, "email": benMail}},
		"late in upper case": {
			values{"email": benMail}, values{"email": late{"BEN@example.com"}}, nil,
			nil, values{"user_id": benID, "email": benMail},
		},
		"email to ID": {values{"email": benMail}, values{"user_id": benID}, nil, nil, values{"user_id": benID, "email": benMail}},
		"late and other ID": {
			values{"user_id": benID}, values{"user_id": late{catID}}, nil,
			[]string{"add_user 8 " + catMail, "remove_user 8 " + benID}, values{"user_id": catID, "email": catMail},
		},
		"late and other email": {
			values{"email": benMail}, values{"email": late{catMail}}, nil,
			[]string{"add_user 8 " + catMail, "remove_user 8 " + benID}, values{"user_id": catID, "email": catMail},
		},
		"late workspace": {values{"email": benMail}, values{"email": benMail, "workspace_id": late{8}}, nil, nil, values{"workspace_id": 8}},
		"late role":      {values{"email": benMail}, values{"email": benMail, "user_type": late{own}}, nil, []string{"add_user 8 " + benMail + " owner"}, values{"user_type": own}},
		"all late": {
			values{"email": benMail}, values{"workspace_id": late{8}, "email": late{benMail}, "user_id": late{benID}, "user_type": late{col}}, nil,
			nil, values{"user_id": benID, "email": benMail, "user_type": col},
		},
		"all change": {
			values{"email": benMail}, values{"workspace_id": 10, "email": catMail, "user_type": own}, nil,
			[]string{"add_user 10 " + catMail + " owner", "remove_user 8 " + benID}, values{"workspace_id": 10, "user_id": catID, "user_type": own},
		},
		"role of a renamed account": {
			values{"email": benMail}, values{"email": benMail, "user_type": own}, func(p *project) { p.instance.SetUserEmail(benID, newMail) },
			[]string{"add_user 8 " + newMail + " owner"}, values{"user_id": benID, "user_type": own},
		},
		"account created again": {
			values{"email": benMail}, values{"email": benMail}, (*project).replaceBen,
			[]string{"add_user 8 " + benMail, "remove_user 8 " + benID}, values{"user_id": secondID, "email": benMail},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			p.mustApply(onTeamA("ben", one.before))
			p.writes()

			if one.arrange != nil {
				one.arrange(p)
			}

			after := memberBlock("ben", with(values{"workspace_id": 8}, one.after))
			out := p.mustApply(after)
			p.wantWrites(one.sent...)
			p.wantState("ben", one.want)

			if action := out.changes["ben"].action(); action != "update" && name != "email to ID" {
				t.Errorf("planned %s", action)
			}
		})
	}
}

// One user in two roles is an error that names both. The next apply, where one
// of them is in state, does not change the role in silence.
func TestChanges_twoRoles(t *testing.T) {
	t.Parallel()

	asOwner, asCollaborator := onTeamA("one", values{"email": benMail, "user_type": own}), onTeamA("other", values{"user_id": benID})
	set := setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}})

	for name, one := range map[string]struct {
		blocks  []block
		summary string
	}{
		"two members":    {[]block{asOwner, asCollaborator}, "Unable to add workspace user"},
		"other order":    {[]block{asCollaborator, asOwner}, "Unable to add workspace user"},
		"set, then user": {[]block{set, asOwner}, "Unable to add workspace user"},
		"user, then set": {[]block{asOwner, set}, "Unable to set workspace users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			wantError(t, p.apply(one.blocks...).all(), one.summary, own, col, benID, "one resource")
			p.wantWrites("add_user 8 " + benMail + map[bool]string{true: " owner"}[one.blocks[0].at == "one"])

			out := p.plan(one.blocks...)
			if !strings.Contains(out.planned.String(), benMail) && !strings.Contains(out.planned.String(), benID) {
				t.Errorf("planned %v in silence: %s", out.actions(), out.planned)
			}
		})
	}
}

// Characters that nobody sees are refused and shown.
func TestChanges_invisibleCharacters(t *testing.T) {
	t.Parallel()

	for text, shown := range map[string]string{
		"ben@example.com\r": `\r`, "ben@example.com ": `' '`, "ben@example.com\t": `\t`, "ben@\u00a0example.com": "U+00A0", "ben@example.com\u200b": "U+200B", "": "empty",
	} {
		t.Run(fmt.Sprintf("%q", text), func(t *testing.T) {
			t.Parallel()

			run := newProject(t, emulator.API{}).start()
			for _, b := range []block{
				onTeamA("a", values{"email": text}),
				onTeamA("a", values{"user_id": text}),
				setOnTeamA(values{"owners": []string{annMail, text}}),
				setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{text}}),
				setOnTeamA(values{"owners": []string{annMail}, "ignored_users": []string{text}}),
			} {
				diags := run.validate(b.kind, b.config)
				if wantError(t, diags, "Invalid email or user ID"); !strings.Contains(diags[0].Detail, shown) && !strings.Contains(diags[0].Detail, strings.ToLower(shown)) {
					t.Errorf("%v: not shown in %s", b.config, diags)
				}
			}

			for kind, configs := range map[string][]values{
				"wallaroo_user":       {{"email": text}, {"id": text}},
				"wallaroo_users":      {{"emails": []string{text}}, {"user_ids": []string{text}}},
				"wallaroo_workspaces": {{"user_ids": []string{text}}},
			} {
				for _, config := range configs {
					_, diags := run.readData(kind, config)
					wantError(t, diags, "Invalid email or user ID")
				}
			}
		})
	}
}

// Advice fits the construct.
func TestChanges_advice(t *testing.T) {
	t.Parallel()

	for name, api := range map[string]emulator.API{"directory": {}, "guide": emulator.GuideAPI()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, api)
			_, diags := p.start().readData("wallaroo_user", values{"email": "nobody@example.com"})
			wantError(t, diags, "Unable to find user", "nobody@example.com")
			wantNotSaid(t, diags, "user_id", "user_type")

			out := p.apply(setOnTeamA(values{"owners": []string{annID}, "collaborators": []string{"nobody@example.com"}}))
			wantError(t, out.all(), "Unable to set workspace users", "nobody@example.com")
			wantNotSaid(t, out.all(), "`user_id`", "`user_type`", "-replace")

			out = p.apply(onTeamA("nobody", values{"email": "nobody@example.com"}))
			wantError(t, out.all(), "Unable to add workspace user", "nobody@example.com", "does not exist")
			p.wantMembers(8, map[string]string{annID: own})
		})
	}
}

// What is destroyed beside another resource that names the same user.
func TestChanges_removalBesideAdd(t *testing.T) {
	t.Parallel()

	t.Run("another key", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.mustApply(onTeamA("Ben@example.com", values{"email": "Ben@example.com"}))
		p.writes()

		out := p.mustApply(onTeamA(benMail, values{"email": benMail}))
		wantSays(t, out.applied, "Workspace user was kept", "No action is needed")
		p.wantWrites()
	})

	t.Run("whose add fails", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.mustApply(onTeamA("old", values{"email": benMail}))
		p.instance.Inject(emulator.Fault{Operation: "workspaces/add_user", Status: 403, Body: `{"msg":"no","code":403}`})

		out := p.apply(onTeamA("new", values{"email": benMail, "user_type": own}))
		wantError(t, out.applied, "Unable to add workspace user", benMail)
		wantSays(t, out.applied, "Workspace user was kept", "failed", "apply again")
		p.wantMembers(8, map[string]string{annID: own, benID: col})
	})
}

// An instance that names the creator in another form after a while.
func TestChanges_createdByRewritten(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{CreatedBy: emulator.CreatedByID, CreatedByEmailAfter: time.Minute})
	blocks := guideTeam()
	p.mustApply(blocks...)

	p.instance.Configure(func(o *emulator.Options) { o.Now = func() time.Time { return time.Now().Add(time.Hour) } })

	p.wantEmpty(blocks...)
	p.wantState("team", values{"created_by": annID})

	value, diags := p.start().readData("wallaroo_workspace", values{"name": "team-c"})
	wantNoError(t, diags)

	if run := p.start(); run.textOf(value, "created_by") != annMail {
		t.Errorf("the instance has not rewritten %s", value)
	}
}

// Access to a workspace is lost.
func TestChanges_accessLost(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")
	p.mustApply(workspaceBlock("team", values{"name": "team-a"}), onTeamA("ben", values{"email": benMail}))
	p.instance.HideWorkspace(8, true)
	p.writes()

	_, diags := p.start().destroy(bg, p.state["ben"])
	wantWarning(t, diags, "Workspace user was kept", "may too", "not accessible")
	p.wantWrites()

	out := p.plan(workspaceBlock("team", values{"name": "team-a"}))
	for _, one := range out.refreshed {
		if one.Summary != "Workspace no longer accessible" || !strings.Contains(one.Detail, "plan again. Import ID 8 only if an apply has removed it from state") {
			t.Errorf("refreshed with %s", out.refreshed)
		}
	}
}

// The plans of a set that is taken out, and of one that removes somebody.
func TestChanges_setPlans(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")

	team := workspaceBlock("team", values{"name": "team-a"})
	p.mustApply(team, setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}}))
	p.instance.SetMember(8, catID, col)

	out := p.plan(team, setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}}))
	wantWarning(t, out.planned, "Present members will be removed", catMail, `orkspace "team-a" (ID 8)`)

	out = p.apply(team)
	wantWarning(t, out.planned, "Members remain in the workspace", `workspace "team-a" (ID 8)`, "no longer managed")
	p.wantMembers(8, map[string]string{annID: own, benID: col, catID: col})

	p.mustApply(team, onTeamA("ann", values{"email": annMail, "user_type": own}))
	out = p.apply(team)
	wantSays(t, out.planned, "Workspace user will be kept", `workspace "team-a" (ID 8)`, "authenticates with")
	wantSays(t, out.applied, "Workspace user was kept", `workspace "team-a" (ID 8)`, "authenticates with")
}

// Short errors with the likeliest way out first.
func TestChanges_shortErrors(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	out := p.plan(workspaceBlock("team", values{"name": "team-a"}))
	wantError(t, out.planned, "Workspace name already in use", "`adopt_existing = true`", `id = "8"`, "moved", "untaint", "-replace", "-refresh=false")

	text := out.planned[0].Detail
	if lines := strings.Count(text, "\n") + 1; lines > 12 || strings.Index(text, "adopt_existing") > strings.Index(text, "import {") {
		t.Errorf("%d lines: %s", lines, text)
	}

	wantError(t, p.plan(setOnTeamA(values{"owners": []string{}})).planned, "No owner is listed", "nobody could add members")
}

// Users who are never removed and never drift.
func TestChanges_ignoredUsers(t *testing.T) {
	t.Parallel()

	for name, api := range map[string]emulator.API{"directory": {}, "guide": emulator.GuideAPI(), "emails": {GuideOnly: true, MemberEmails: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, api)
			p.instance.SetMember(8, danID, own)

			ignored := danMail
			if name == "guide" {
				ignored = danID
			}

			set := setOnTeamA(values{"owners": []string{annID}, "collaborators": []string{benMail}, "ignored_users": []string{ignored}})
			p.mustApply(set)
			p.wantMembers(8, map[string]string{annID: own, benID: col, danID: own})

			p.instance.SetMember(8, danID, col)
			p.wantEmpty(set)
			p.instance.RemoveMember(8, danID)
			p.wantEmpty(set)
			wantError(t, p.plan(setOnTeamA(values{"owners": []string{annID, ignored}, "ignored_users": []string{ignored}})).planned, "User is listed twice")
		})
	}
}
