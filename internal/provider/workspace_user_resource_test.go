package provider_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const userKind = "wallaroo_workspace_user"

// memberAnna is a user who is in no workspace.
func withAnna(instance *emulatortest.Instance) string {
	return instance.AddUser(emulator.User{Username: "anna@example.com", Email: "anna@example.com"})
}

func TestWorkspaceUser_lifecycle(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}

	made := start(t, instance).create(userKind, config)
	run := start(t, instance)

	if id := run.text(made, "user_id"); id != emulator.HansarickID {
		t.Errorf("user_id = %q", id)
	}

	run.wantEmptyPlan(config, made)

	owner := values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}
	planned, diags := run.plan(userKind, owner, made)
	wantNone(t, diags)

	if planned.replace {
		t.Error("a role change replaces")
	}

	made, diags = run.apply(bg, planned)
	wantNone(t, diags)

	if role := instance.Members(8)[emulator.HansarickID]; role != emulator.Owner {
		t.Errorf("role = %q", role)
	}

	left, diags := start(t, instance).destroy(bg, made)
	wantNone(t, diags)

	if left != nil || len(instance.Members(8)) != 1 {
		t.Errorf("left %v, members %v", left, instance.Members(8))
	}
}

func TestWorkspaceUser_requestCounts(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	configs := []values{
		{"workspace_id": 8, "email": emulator.HansarickEmail},
		{"workspace_id": 8, "email": "anna@example.com", "user_type": "OWNER"},
		{"workspace_id": 9, "email": emulator.HansarickEmail},
		{"workspace_id": 9, "user_id": anna},
	}
	run := start(t, instance)

	var members []*object
	for _, config := range configs {
		members = append(members, run.create(userKind, config))
	}

	workspace, diags := run.importID(workspaceKind, "8")
	wantNone(t, diags)
	instance.ResetRequests()

	again := start(t, instance)
	again.wantEmptyPlan(values{"name": "clip-demo"}, workspace)

	for i, config := range configs {
		again.wantEmptyPlan(config, members[i])
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1, "workspaces/list_users": 2, "users/query": 1})
}

func TestWorkspaceUser_byIDOfAUserWithoutEmail(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "user_id": emulator.AdminID}
	run := start(t, instance)
	made := run.create(userKind, config)

	if email := run.text(made, "email"); email != "" {
		t.Errorf("email = %q", email)
	}

	start(t, instance).wantEmptyPlan(config, made)
}

func TestWorkspaceUser_letterCaseIsNoChange(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	made := run.create(userKind, values{"workspace_id": 8, "email": "John.Hansarick@Wallaroo.AI"})

	if email := run.text(made, "email"); email != "John.Hansarick@Wallaroo.AI" {
		t.Errorf("email = %q, want the configured spelling", email)
	}

	start(t, instance).wantEmptyPlan(values{"workspace_id": 8, "email": emulator.HansarickEmail}, made)
}

func TestWorkspaceUser_unknownUser(t *testing.T) {
	t.Parallel()

	for name, config := range map[string]values{
		"email": {"workspace_id": 8, "email": "nobody@example.com"},
		"id":    {"workspace_id": 8, "user_id": "00000000-0000-4000-8000-000000000000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			run := start(t, instance)

			planned, diags := run.plan(userKind, config, nil)
			wantWarning(t, diags, "User does not exist yet", "Check the spelling")

			made, diags := run.apply(bg, planned)
			wantError(t, diags, "Unable to add workspace user", "workspace 8", "400")

			if made != nil {
				t.Errorf("made %s", made.value)
			}
		})
	}
}

func TestWorkspaceUser_userMadeInTheSameRun(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	config := values{"workspace_id": 8, "email": "anna@example.com"}

	planned, diags := run.plan(userKind, config, nil)
	wantWarning(t, diags, "User does not exist yet")

	anna := withAnna(instance)
	made, diags := run.apply(bg, planned)
	wantNone(t, diags)

	if id := run.text(made, "user_id"); id != anna {
		t.Errorf("user_id = %q, want %q", id, anna)
	}

	start(t, instance).wantEmptyPlan(config, made)
}

func TestWorkspaceUser_idAndEmailOfTwoUsers(t *testing.T) {
	t.Parallel()

	_, diags := start(t, guide(t)).plan(userKind,
		values{"workspace_id": 8, "email": emulator.HansarickEmail, "user_id": emulator.AdminID}, nil)
	wantError(t, diags, "Unable to find user", emulator.HansarickID, emulator.AdminID)
}

func TestWorkspaceUser_neitherIDNorEmail(t *testing.T) {
	t.Parallel()

	run := newCore(t)
	wantError(t, run.validate(userKind, values{"workspace_id": 8}), "Missing Attribute Configuration", "email", "user_id")
	wantError(t, run.validate(userKind, values{"workspace_id": 8, "email": ""}), "Invalid Attribute Value Length")
	wantError(t, run.validate(userKind, values{"workspace_id": 8, "email": "a", "user_type": "owner"}), "Invalid Attribute Value Match", "COLLABORATOR", "OWNER")
	wantNone(t, run.validate(userKind, values{"workspace_id": 0, "email": "qwertyui", "user_type": "OWNER"}))
	wantNone(t, run.validate(userKind, values{"workspace_id": unknown, "email": unknown}))
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

	if planned.replace || planned.isEmpty() {
		t.Errorf("replace %v, empty %v; want an update in place", planned.replace, planned.isEmpty())
	}

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

func TestWorkspaceUser_emailOfSomebodyElse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	run := start(t, instance)
	made := run.create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

	planned, diags := run.plan(userKind, values{"workspace_id": 8, "email": "anna@example.com"}, made)
	wantNone(t, diags)

	if !planned.replace {
		t.Fatal("want a replacement")
	}

	_, diags = start(t, instance).apply(bg, planned)
	wantNone(t, diags)

	members := instance.Members(8)
	if _, ok := members[emulator.HansarickID]; ok || members[anna] != emulator.Collaborator {
		t.Errorf("members = %v", members)
	}
}

// An account was removed, and its email was given to a new one.
func TestWorkspaceUser_emailMovedToSomebodyElse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	made := start(t, instance).create(userKind, config)

	instance.DeleteUser(emulator.HansarickID)
	start(t, instance).wantEmptyPlan(config, made)

	instance.AddUser(emulator.User{Username: "hansarick2", Email: emulator.HansarickEmail})

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantNone(t, diags)

	planned, diags := run.plan(userKind, config, found)
	wantNone(t, diags)

	if !planned.replace {
		t.Error("want a replacement")
	}
}

func TestWorkspaceUser_unknownEmailReplaces(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	made := run.create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

	planned, diags := run.plan(userKind, values{"workspace_id": 8, "email": unknown}, made)
	wantNone(t, diags)

	if !planned.replace {
		t.Error("an unknown email does not replace")
	}

	planned, diags = run.plan(userKind, values{"workspace_id": 8, "email": unknown, "user_id": emulator.HansarickID}, made)
	wantNone(t, diags)

	if planned.replace {
		t.Error("an unknown email of a known id replaces")
	}
}

func TestWorkspaceUser_failingDirectory(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	made := start(t, instance).create(userKind, config)
	instance.Inject(emulator.Fault{Operation: "users/query", Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantWarning(t, diags, "Email was not refreshed", "oops")

	planned, diags := run.plan(userKind, config, found)
	wantNone(t, diags)

	if !planned.isEmpty() {
		t.Error("plan is not empty")
	}

	_, diags = run.plan(userKind, values{"workspace_id": 8, "email": "anna@example.com"}, found)
	wantError(t, diags, "Unable to find user", "oops")
}

func TestWorkspaceUser_withoutDirectory(t *testing.T) {
	t.Parallel()

	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()

			instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{UsersQuery: strconv.Itoa(status)}})
			config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
			run := start(t, instance)
			made := run.create(userKind, config)

			if id := run.text(made, "user_id"); id != emulator.HansarickID {
				t.Errorf("user_id = %q", id)
			}

			start(t, instance).wantEmptyPlan(config, made)

			again := start(t, instance)
			planned, diags := again.plan(userKind, config, nil)
			wantNone(t, diags)

			_, diags = again.apply(bg, planned)
			wantError(t, diags, "Unable to add workspace user", "user_id")

			imported, diags := start(t, instance).importID(userKind, "8/"+emulator.HansarickID)
			wantNone(t, diags)

			planned, diags = start(t, instance).plan(userKind, config, imported)
			wantNone(t, diags)

			if planned.replace {
				t.Error("an email beside an imported id replaces")
			}
		})
	}
}

func TestWorkspaceUser_unmanagedMembersAreLeftAlone(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	instance.SetMember(8, anna, emulator.Collaborator)

	run := start(t, instance)
	made := run.create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})
	_, diags := run.destroy(bg, made)
	wantWarning(t, diags, "Workspace user was kept")

	if _, ok := instance.Members(8)[anna]; !ok {
		t.Error("an unmanaged member was removed")
	}
}

func TestWorkspaceUser_removedBehindTerraform(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})
	instance.RemoveMember(8, emulator.HansarickID)

	for _, old := range []bool{false, true} {
		run := start(t, instance)
		run.old = old

		found, diags := run.read(bg, made)
		wantNone(t, diags)

		if found != nil {
			t.Errorf("found %s", found.value)
		}
	}
}

func TestWorkspaceUser_lastOwnerStays(t *testing.T) {
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

func TestWorkspaceUser_callerStays(t *testing.T) {
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
	wantError(t, diags, "Unable to change workspace user", "kept the old role", "-replace")

	if role := run.text(left, "user_type"); role != "COLLABORATOR" {
		t.Errorf("state says %q", role)
	}
}

func TestWorkspaceUser_imports(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)

	for _, id := range []string{
		"8/John.Hansarick@WALLAROO.ai", "8/" + emulator.HansarickID, "clip-demo/" + emulator.HansarickEmail, "clip-demo/" + emulator.HansarickID,
	} {
		run := start(t, instance)
		found, diags := run.importID(userKind, id)
		wantNone(t, diags)
		run.wantEmptyPlan(values{"workspace_id": 8, "email": emulator.HansarickEmail}, found)
		run.wantEmptyPlan(values{"workspace_id": 8, "user_id": emulator.HansarickID}, found)
	}

	found, diags := start(t, instance).importIdentity(userKind, values{"workspace_id": 8, "user_id": emulator.HansarickID})
	wantNone(t, diags)
	start(t, instance).wantEmptyPlan(values{"workspace_id": 8, "email": emulator.HansarickEmail}, found)
}

func TestWorkspaceUser_importsThatMiss(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	for id, word := range map[string]string{
		"8":                             "WORKSPACE_ID/EMAIL",
		"/x":                            "WORKSPACE_ID/EMAIL",
		"8/":                            "WORKSPACE_ID/EMAIL",
		"4711/" + emulator.HummelEmail:  "4711",
		"nowhere/" + emulator.HummelID:  `"nowhere"`,
		"8/nobody@example.com":          "nobody@example.com",
		"8/" + emulator.HansarickEmail:  "not a member",
		"8/" + emulator.HansarickID:     "not a member",
		"clip-demo/" + emulator.AdminID: "not a member",
	} {
		_, diags := start(t, instance).importID(userKind, id)
		wantError(t, diags, "Unable to import", word)

		if strings.Contains(diags.String(), "please report") {
			t.Errorf("%s: a mistake of the user is called one of the provider: %s", id, diags)
		}
	}
}

func TestWorkspaceUser_workspaceThatIsNotVisible(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})
	instance.HideWorkspace(8, true)

	found, diags := start(t, instance).read(bg, made)
	wantWarning(t, diags, "Workspace no longer accessible", emulator.HansarickEmail)

	if found != nil {
		t.Errorf("found %s", found.value)
	}

	run := start(t, instance)
	planned, diags := run.plan(userKind, values{"workspace_id": 4711, "email": emulator.HansarickEmail}, nil)
	wantWarning(t, diags, "Workspace not accessible", "4711")

	_, diags = run.apply(bg, planned)
	wantError(t, diags, "Unable to add workspace user", "4711", "does not list the workspace")

	_, diags = start(t, instance).destroy(bg, made)
	wantNone(t, diags)
}
