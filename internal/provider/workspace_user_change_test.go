package provider_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// wantInPlace wants an update that is no replacement.
func wantInPlace(t testing.TB, planned *change) {
	t.Helper()

	if planned.replace || planned.isEmpty() {
		t.Fatalf("replace %v, empty %v; want an update in place", planned.replace, planned.isEmpty())
	}
}

func TestWorkspaceUser_renamedAccount(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	made := start(t, instance).create(userKind, config)

	instance.SetUserEmail(emulator.HansarickID, "johnny@wallaroo.ai")
	start(t, instance).wantEmptyPlan(config, made)

	run := start(t, instance)
	followed := values{"workspace_id": 8, "email": "johnny@wallaroo.ai"}
	planned, diags := run.plan(userKind, followed, made)
	wantNone(t, diags)

	wantInPlace(t, planned)
	instance.ResetRequests()

	made, diags = run.apply(bg, planned)
	wantNone(t, diags)

	if n := instance.Count("workspaces/add_user"); n != 0 {
		t.Errorf("%d adds", n)
	}

	start(t, instance).wantEmptyPlan(followed, made)
}

func TestWorkspaceUser_renamedAccountChangesRole(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

	instance.SetUserEmail(emulator.HansarickID, "johnny@wallaroo.ai")

	run := start(t, instance)
	planned, diags := run.plan(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}, made)
	wantNone(t, diags)

	_, diags = run.apply(bg, planned)
	wantNone(t, diags)

	if role := instance.Members(8)[emulator.HansarickID]; role != emulator.Owner {
		t.Errorf("role = %q", role)
	}
}

// Another user and another workspace are changes in place: the new member is added
// before the old one is removed.
func TestWorkspaceUser_anotherMember(t *testing.T) {
	t.Parallel()

	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}

	for name, next := range map[string]values{
		"email":             with(config, values{"email": "anna@example.com"}),
		"user_id":           {"workspace_id": 8, "user_id": emulator.AdminID},
		"workspace":         with(config, values{"workspace_id": 9}),
		"all, as an owner":  {"workspace_id": 9, "email": "anna@example.com", "user_type": "OWNER"},
		"email, as an ID":   {"workspace_id": 9, "user_id": emulator.HansarickID},
		"unknown workspace": with(config, values{"workspace_id": 9}),
		"unknown email":     with(config, values{"email": "anna@example.com"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			withAnna(instance)
			before := start(t, instance).create(userKind, config)
			run := start(t, instance)

			first := next

			switch name {
			case "unknown workspace":
				first = with(next, values{"workspace_id": unknown})
			case "unknown email":
				first = with(next, values{"email": unknown})
			}

			planned, diags := run.plan(userKind, first, before)
			wantInPlace(t, planned)

			if strings.HasPrefix(name, "unknown") {
				wantNone(t, diags)
			} else {
				wantWarning(t, diags, "Present members will be removed", emulator.HansarickEmail, "workspace 8")
			}

			instance.ResetRequests()

			applying := start(t, instance)
			again, diags := applying.replan(planned, next)
			wantNoError(t, diags)

			made, diags := applying.apply(bg, again)
			wantNone(t, diags)

			var writes []string

			for _, request := range instance.Requests() {
				if request.Operation == "workspaces/add_user" || request.Operation == "workspaces/remove_user" {
					writes = append(writes, request.Operation)
				}
			}

			if !slices.Equal(writes, []string{"workspaces/add_user", "workspaces/remove_user"}) {
				t.Errorf("sent %v", writes)
			}

			role, _ := next["user_type"].(string)
			if got := instance.Members(applying.number(made, "workspace_id"))[applying.text(made, "user_id")]; got != cmp.Or(role, emulator.Collaborator) {
				t.Errorf("the new member is %q", got)
			}

			if _, ok := instance.Members(8)[emulator.HansarickID]; ok {
				t.Error("the old member was not removed")
			}

			identity := applying.decode(applying.identity[userKind].ValueType(), made.identity.IdentityData)
			if applying.textOf(identity, "user_id") != applying.text(made, "user_id") || applying.numberOf(identity, "workspace_id") != applying.number(made, "workspace_id") {
				t.Errorf("identity %s of %s", identity, made.value)
			}

			start(t, instance).wantEmptyPlan(next, made)
		})
	}
}

// An account was removed, and its email was given to a new one.
func TestWorkspaceUser_emailMovedToSomebodyElse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	made := start(t, instance).create(userKind, config)

	instance.DeleteUser(emulator.HansarickID)

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantWarning(t, diags, "Account of a member does not exist", emulator.HansarickEmail, "workspace 8")

	planned, diags := run.plan(userKind, config, found)
	wantNone(t, diags)

	if !planned.isEmpty() {
		t.Errorf("planned %s", planned.planned)
	}

	second := instance.AddUser(emulator.User{Username: "hansarick2", Email: emulator.HansarickEmail})

	run = start(t, instance)
	found, diags = run.read(bg, made)
	wantWarning(t, diags, "Account of a member does not exist")

	planned, diags = run.plan(userKind, config, found)
	wantWarning(t, diags, "Present members will be removed", emulator.HansarickID)
	wantInPlace(t, planned)

	made, diags = start(t, instance).apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: emulator.Owner, second: emulator.Collaborator})
	start(t, instance).wantEmptyPlan(config, made)
}

// A value that is unknown at plan time and comes out the same sends no write.
func TestWorkspaceUser_unknownAndEqual(t *testing.T) {
	t.Parallel()

	for name, config := range map[string]values{
		"email":     {"workspace_id": 8, "email": unknown},
		"workspace": {"workspace_id": unknown, "email": emulator.HansarickEmail},
		"both":      {"workspace_id": unknown, "email": unknown},
		"user_id":   {"workspace_id": 8, "user_id": unknown},
		"all":       {"workspace_id": unknown, "email": unknown, "user_id": unknown, "user_type": unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			before := start(t, instance).create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

			planned, diags := start(t, instance).plan(userKind, config, before)
			wantNone(t, diags)
			wantInPlace(t, planned)

			known := maps.Clone(config)
			for attribute, value := range (values{
				"workspace_id": 8, "email": emulator.HansarickEmail, "user_id": emulator.HansarickID, "user_type": "COLLABORATOR",
			}) {
				if known[attribute] == unknown {
					known[attribute] = value
				}
			}

			run := start(t, instance)
			again, diags := run.replan(planned, known)
			wantNone(t, diags)

			made, diags := run.apply(bg, again)
			wantNone(t, diags)

			if !made.value.Equal(before.value) {
				t.Errorf("got %s, want %s", made.value, before.value)
			}

			if adds, removes := instance.Count("workspaces/add_user"), instance.Count("workspaces/remove_user"); adds != 1 || removes != 0 {
				t.Errorf("%d adds and %d removes, want the one of the create", adds, removes)
			}

			start(t, instance).wantEmptyPlan(known, made)
		})
	}
}

func TestWorkspaceUser_lastOwnerIsKept(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)
	instance.RemoveMember(8, emulator.HummelID)
	instance.SetUserAdmin(emulator.HummelID, true)

	run := start(t, instance)
	made, diags := run.importID(userKind, "8/"+emulator.HansarickID)
	wantNone(t, diags)

	demoted, diags := run.plan(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail}, made)
	wantWarning(t, diags, "Last owner would become a collaborator", emulator.HansarickEmail)

	_, diags = run.apply(bg, demoted)
	wantError(t, diags, "Unable to change workspace user", "last owner", "OWNER first")

	wantWarning(t, start(t, instance).planDestroy(made), "Workspace user will be kept", "no other owner")

	left, diags := start(t, instance).destroy(bg, made)
	wantWarning(t, diags, "Workspace user was kept", "no other owner")

	if left != nil || instance.Members(8)[emulator.HansarickID] != emulator.Owner {
		t.Errorf("left %v, members %v", left, instance.Members(8))
	}
}

func TestWorkspaceUser_ownersSwapped(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)
	instance.RemoveMember(8, emulator.HummelID)
	instance.SetUserAdmin(emulator.HummelID, true)

	run := start(t, instance)
	before, diags := run.importID(userKind, "8/"+emulator.HansarickID)
	wantNone(t, diags)

	planned, diags := run.plan(userKind, values{"workspace_id": 8, "email": "anna@example.com", "user_type": "OWNER"}, nil)
	wantNone(t, diags)

	_, diags = run.destroy(bg, before)
	wantWarning(t, diags, "Workspace user was kept")

	_, diags = run.apply(bg, planned)
	wantNone(t, diags)

	members := instance.Members(8)
	if len(members) != 1 || members[anna] != emulator.Owner {
		t.Errorf("members = %v", members)
	}
}

func TestWorkspaceUser_callerIsKept(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)

	run := start(t, instance)
	made, diags := run.importID(userKind, "8/"+emulator.HummelEmail)
	wantNone(t, diags)

	wantWarning(t, run.planDestroy(made), "Workspace user will be kept", "authenticates with")

	_, diags = run.destroy(bg, made)
	wantWarning(t, diags, "Workspace user was kept", "authenticates with")

	if _, ok := instance.Members(8)[emulator.HummelID]; !ok {
		t.Error("the caller was removed")
	}
}

// A changed for_each key creates and deletes one pair in one apply, in any order.
func TestWorkspaceUser_createAndDeleteOfOnePair(t *testing.T) {
	t.Parallel()

	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}

	for _, createFirst := range []bool{true, false} {
		instance := guide(t)
		before := start(t, instance).create(userKind, config)

		run := start(t, instance)
		planned, diags := run.plan(userKind, config, nil)
		wantNone(t, diags)

		if !createFirst {
			_, diags = run.destroy(bg, before)
			wantNone(t, diags)
		}

		made, diags := run.apply(bg, planned)
		wantNone(t, diags)

		if createFirst {
			_, diags = run.destroy(bg, before)
			wantWarning(t, diags, "Workspace user was kept", "another resource of this apply")
		}

		if _, ok := instance.Members(8)[emulator.HansarickID]; !ok {
			t.Errorf("create first %v: the member is lost", createFirst)
		}

		start(t, instance).wantEmptyPlan(config, made)
	}
}

func TestWorkspaceUser_stickyRoles(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{Roles: emulator.RolesSticky}})
	run := start(t, instance)
	made := run.create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

	planned, diags := run.plan(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}, made)
	wantNone(t, diags)

	left, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to change workspace user", "kept the role that the member had", "dashboard")

	if role := run.text(left, "user_type"); role != "COLLABORATOR" {
		t.Errorf("state says %q", role)
	}
}

// An instance that shows a new role late has not kept the old one.
func TestWorkspaceUser_roleShownLate(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"})
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "COLLABORATOR"}

	run := start(t, instance)
	planned, diags := run.plan(userKind, config, made)
	wantWarning(t, diags, "Owners will become collaborators", emulator.HansarickEmail)

	instance.Inject(emulator.Fault{Operation: "workspaces/list_users", Times: 1, Body: fmt.Sprintf(
		`{"users":[{"user_id":%q,"user_type":"OWNER"},{"user_id":%q,"user_type":"OWNER"}]}`, emulator.HummelID, emulator.HansarickID)})

	made, diags = run.apply(bg, planned)
	wantNone(t, diags)
	start(t, instance).wantEmptyPlan(config, made)
}
