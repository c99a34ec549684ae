package provider_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestWorkspaceUser_validate(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	run := p.start()
	wantError(t, run.validate(userKind, values{"workspace_id": 8}), "Missing Attribute Configuration", "email", "user_id")
	wantError(t, run.validate(userKind, values{"workspace_id": 8, "email": "a", "user_type": "owner"}), "Invalid Attribute Value Match", "COLLABORATOR", "OWNER")
	wantNone(t, run.validate(userKind, values{"workspace_id": 0, "email": "qwertyui", "user_type": "OWNER"}))
	wantNone(t, run.validate(userKind, values{"workspace_id": unknown, "email": unknown}))
	wantError(t, p.plan(onTeamA("both", values{"email": benMail, "user_id": catID})).planned, "Unable to find user", benID, catID)
}

func TestWorkspaceUser_accountWithoutEmail(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	id := p.instance.AddUser(emulator.User{Username: "robot"})
	p.mustApply(onTeamA("robot", values{"user_id": id}))
	p.wantState("robot", values{"user_id": id, "email": nil})
}

func TestWorkspaceUser_unknownID(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	out := p.apply(onTeamA("new", values{"user_id": newID}))
	wantWarning(t, out.planned, "User does not exist yet", newID, "Check the spelling")
	wantError(t, out.applied, "Unable to add workspace user", newID, "workspace 8")
	p.wantAbsent("new")
}

// Two addresses of one member: destroying one removes the other's member, too.
func TestWorkspaceUser_managedTwice(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.SetMember(8, benID, col)
	p.mustImport("one", userKind, "8/"+benID)
	p.mustImport("other", userKind, "8/"+benID)
	wantSays(t, p.plan(onTeamA("one", values{"email": benMail})).planned, "Member is managed more than once", benMail, "state rm")
}

// A directory that is busy is no reason to fail: the email of the state stays.
func TestWorkspaceUser_busyDirectory(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	ben := onTeamA("ben", values{"email": benMail})
	p.mustApply(ben)
	p.instance.Inject(emulator.Fault{Operation: "users/query", Status: http.StatusServiceUnavailable, Body: `{"msg":"oops","code":503}`})

	out := p.plan(ben)
	wantWarning(t, out.all(), "Email was not refreshed", "oops")

	if len(out.actions()) > 0 {
		t.Errorf("planned %v", out.actions())
	}

	wantSays(t, p.plan(onTeamA("ben", values{"email": catMail})).planned, "User was not checked", catMail, "oops")
}

func TestWorkspaceUser_imports(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.SetMember(8, benID, col)

	byEmail, byID := onTeamA("ben", values{"email": benMail}), onTeamA("ben", values{"user_id": benID})

	for _, id := range []string{"8/" + strings.ToUpper(benMail), "8/" + benID, "team-a/" + benMail, "team-a/" + benID} {
		p.mustImport("ben", userKind, id)
		p.wantEmpty(byEmail)
		p.wantEmpty(byID)
	}

	found, diags := p.start().importIdentity(userKind, values{"workspace_id": 8, "user_id": benID})
	wantNone(t, diags)
	p.put("ben", found)
	p.wantEmpty(byEmail)

	for id, word := range map[string]string{
		"8":                    "WORKSPACE_ID/EMAIL",
		"/x":                   "WORKSPACE_ID/EMAIL",
		"8/":                   "WORKSPACE_ID/EMAIL",
		"4711/" + annMail:      "4711",
		"nowhere/" + annID:     `"nowhere"`,
		"8/nobody@example.com": "nobody@example.com",
		"8/" + catMail:         "not a member",
		"8/" + catID:           "not a member",
		"team-a/" + catID:      "not a member",
	} {
		_, diags := p.start().importID(userKind, id)
		wantError(t, diags, "Unable to import", word)
		wantNotSaid(t, diags, "please report")
	}
}

func TestExclusive_imports(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.SetMember(8, benID, col)

	set := setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}})

	for _, id := range []string{"8", "team-a"} {
		p.mustImport("set", exclusiveKind, id)
		p.wantEmpty(set)
	}

	found, diags := p.start().importIdentity(exclusiveKind, values{"workspace_id": 8})
	wantNone(t, diags)
	p.put("set", found)
	p.wantEmpty(set)

	// Other names for the same users, and the empty set instead of none, send nothing.
	for _, same := range []values{
		{"owners": []string{annID}, "collaborators": []string{strings.ToUpper(benMail)}},
		{"owners": []string{annMail}, "collaborators": []string{benID}},
	} {
		if out := p.mustApply(setOnTeamA(same)); out.changes["set"].action() != "update" {
			t.Errorf("planned %v", out.actions())
		}
	}

	p.wantWrites()

	_, diags = p.start().importID(exclusiveKind, "nowhere")
	wantError(t, diags, "Unable to import", `"nowhere"`)
}

// A failed lookup in a configuration gives null, and must not cost a member their access.
func TestExclusive_validate(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	run := p.start()
	null, ann := tftypes.NewValue(tftypes.String, nil), tftypes.NewValue(tftypes.String, annMail)

	for _, config := range []values{
		{"workspace_id": 8, "owners": []tftypes.Value{null}},
		{"workspace_id": 8, "owners": []tftypes.Value{ann, null}},
		{"workspace_id": 8, "owners": []tftypes.Value{ann}, "collaborators": []tftypes.Value{null}},
	} {
		wantError(t, run.validate(exclusiveKind, config), "Null among the users", "names nobody", "leave such elements out")
	}

	for _, attribute := range [][2]string{{"wallaroo_users", "user_ids"}, {"wallaroo_users", "emails"}, {workspacesKind, "user_ids"}} {
		_, diags := run.readData(attribute[0], values{attribute[1]: []tftypes.Value{null}})
		wantError(t, diags, "Null among the users")
	}

	one, other := "a@example.com", "A@example.com"

	for attribute, config := range map[string]values{
		"owners":        {"owners": []string{one, other}},
		"collaborators": {"owners": []string{one}, "collaborators": []string{other}},
		"ignored_users": {"owners": []string{one}, "ignored_users": []string{other}},
	} {
		diags := run.validate(exclusiveKind, with(config, values{"workspace_id": 8}))
		wantError(t, diags, "User is listed twice", one, other)

		if at := diags[0].Attribute.String(); !strings.Contains(at, attribute) {
			t.Errorf("error at %s, want %s", at, attribute)
		}
	}

	wantNone(t, run.validate(exclusiveKind, values{"workspace_id": unknown, "owners": unknown}))
	wantError(t, p.plan(setOnTeamA(values{"owners": []string{benMail}, "collaborators": []string{benID}})).planned, "User is listed twice", benMail, benID)
}

// A failed add removes nobody. On update the state has the members as they are; a create
// that failed is not in state.
func TestExclusive_failedAdd(t *testing.T) {
	t.Parallel()

	const nobody = "nobody@example.com"

	p := newProject(t, emulator.API{})
	p.mustApply(setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{catMail}}))

	out := p.apply(setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail, nobody}}))
	wantSays(t, out.planned, "User does not exist yet", nobody)
	wantSays(t, out.planned, "Members to be removed are not known", "not certain", catMail)
	wantError(t, out.applied, "Unable to set workspace users", nobody, "next apply continues")
	p.wantMembers(8, map[string]string{annID: own, benID: col, catID: col})
	p.wantState("set", values{"collaborators": []string{benMail, catMail}})

	if p.state["set"].tainted {
		t.Error("tainted")
	}

	p.put("set", nil)
	wantError(t, p.apply(setBlock(values{"workspace_id": 10, "owners": []string{nobody}})).applied, "Unable to set workspace users", nobody)
	p.wantAbsent("set")
}

// Members that cannot be read are kept in state.
func TestExclusive_readFails(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	set := setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benMail}})
	p.mustApply(set)

	remove := p.instance.Inject(oops("workspaces/list_users"))
	wantError(t, p.plan(set).refreshed, "Unable to read workspace users", `"team-a" (ID 8)`, "oops", "state was kept")
	remove()

	p.instance.HideWorkspace(8, true)
	p.instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: `{"workspaces":[]}`})
	wantError(t, p.plan(set).refreshed, "No workspaces accessible", "kept in state")
	p.wantState("set", values{"collaborators": []string{benMail}})
}

// A workspace that is not there, and one that is not accessible any more.
func TestMembers_workspaceNotAccessible(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		kind           string
		config         values
		failed, method string
	}{
		"member": {userKind, values{"email": benMail}, "Unable to add workspace user", benMail},
		"set":    {exclusiveKind, values{"owners": []string{annMail}}, "Unable to set workspace users", "its members"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			at := func(workspace int) block {
				return block{at: "members", kind: one.kind, config: with(one.config, values{"workspace_id": workspace})}
			}

			out := p.apply(at(4711))
			wantWarning(t, out.planned, "Workspace not accessible", "4711")
			wantSays(t, out.applied, one.failed, "4711", "not accessible")
			p.mustApply(at(8))
			p.instance.HideWorkspace(8, true)

			found, diags := p.start().read(bg, p.state["members"])
			wantWarning(t, diags, "Workspace no longer accessible", one.method)
			wantGone(t, found)
		})
	}
}

// The run is canceled while it adds a member. The add ends all the same: it is in the
// state, or the next apply finds it and sends nothing.
func TestMembers_canceledAdd(t *testing.T) {
	t.Parallel()

	for name, b := range map[string]block{
		"collaborator": onTeamA("ben", values{"email": benMail}),
		"owner":        onTeamA("ben", values{"email": benMail, "user_type": own}),
		"set":          setOnTeamA(values{"owners": []string{annMail, benMail}}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			run := p.start()
			planned, diags := run.plan(b.kind, b.config, nil)
			wantNone(t, diags)

			hold := make(chan struct{})
			ctx, cancel := context.WithCancel(bg)

			p.instance.Inject(emulator.Fault{Operation: "workspaces/add_user", Hold: hold})
			p.instance.SetOnRequest(func(request emulator.Request) {
				if request.Operation == "workspaces/add_user" {
					cancel()
					close(hold)
				}
			})

			made, diags := run.apply(ctx, planned)
			if made == nil && (!diags.failed() || !saysWhatNext(diags.errors()[0].Detail)) || made != nil && made.tainted {
				t.Errorf("made %v: %s", made, diags)
			}

			if p.instance.Members(8)[benID] == "" {
				t.Error("the add did not end")
			}

			p.put(b.at, made)
			p.writes()
			p.instance.SetOnRequest(nil)
			p.mustApply(b)
			p.wantWrites()
		})
	}
}

// States that version 0 of the schemas has written. What a run goes on from is such a
// state alone, without private data or identity.
func TestUpgradeResourceState_version0(t *testing.T) {
	t.Parallel()

	const uuid = "0b000000-0000-4000-8000-00000000000b"

	for name, one := range map[string]struct {
		block block
		state string
		want  values
	}{
		"workspace": {
			workspaceBlock("team", values{"name": "team-a", "deletion_policy": "PREVENT"}),
			`{"adopt_existing":null,"archived":false,"created_at":"2023-11-20T18:57:53.667873+00:00","created_by":"` + uuid + `","deletion_policy":"PREVENT","id":8,"name":"team-a"}`,
			values{"archived": false, "created_at": "2023-11-20T18:57:53.667873+00:00", "created_by": uuid, "deletion_policy": "PREVENT", "id": 8, "name": "team-a"},
		},
		"member": {
			onTeamA("ben", values{"email": benMail}),
			`{"email":"Ben@example.com","user_id":"` + uuid + `","user_type":"COLLABORATOR","workspace_id":8}`,
			values{"email": "Ben@example.com", "user_id": benID, "user_type": "COLLABORATOR", "workspace_id": 8},
		},
		"set": {
			setOnTeamA(values{"owners": []string{annMail}, "collaborators": []string{benID}}),
			`{"collaborators":["` + uuid + `"],"owners":["ann@example.com"],"workspace_id":8}`,
			values{"workspace_id": 8, "owners": []string{annMail}, "collaborators": []string{benID}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			seed := people()
			seed.Workspaces[1].Members[benID] = col

			p := seededProject(t, emulator.API{}, seed)
			run, kind := p.start(), one.block.kind

			resp, err := run.server.UpgradeResourceState(bg, &tfprotov6.UpgradeResourceStateRequest{
				TypeName: kind, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(one.state)},
			})
			run.must(err)
			wantNone(t, resp.Diagnostics)

			upgraded := run.decode(run.typeOf(kind), resp.UpgradedState)
			if want := run.value(run.typeOf(kind), one.want); !upgraded.Equal(want) {
				t.Errorf("upgraded to %s, want %s", upgraded, want)
			}

			p.put(one.block.at, &object{kind: kind, value: upgraded})

			if out := p.plan(one.block); out.all().failed() || len(out.actions()) > 0 {
				t.Errorf("planned %v: %s", out.actions(), out.all())
			}
		})
	}
}
