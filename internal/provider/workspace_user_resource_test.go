package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const userKind = "wallaroo_workspace_user"

// withAnna adds a user who is in no workspace, and returns the user's ID.
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

func TestWorkspaceUser_userCreatedInTheSameApply(t *testing.T) {
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
	wantError(t, run.validate(userKind, values{"workspace_id": 8, "email": ""}), "Invalid email or user ID", "empty")
	wantError(t, run.validate(userKind, values{"workspace_id": 8, "email": "a", "user_type": "owner"}), "Invalid Attribute Value Match", "COLLABORATOR", "OWNER")
	wantNone(t, run.validate(userKind, values{"workspace_id": 0, "email": "qwertyui", "user_type": "OWNER"}))
	wantNone(t, run.validate(userKind, values{"workspace_id": unknown, "email": unknown}))
}

// A directory that is busy is no reason to fail: the email of the state stays.
func TestWorkspaceUser_busyDirectory(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	made := start(t, instance).create(userKind, config)
	instance.Inject(emulator.Fault{Operation: "users/query", Status: http.StatusServiceUnavailable, Body: `{"msg":"oops","code":503}`})

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantWarning(t, diags, "Email was not refreshed", "oops")

	planned, diags := run.plan(userKind, config, found)
	wantNone(t, diags)

	if !planned.isEmpty() {
		t.Error("plan is not empty")
	}

	_, diags = run.plan(userKind, values{"workspace_id": 8, "email": "anna@example.com"}, found)
	wantWarning(t, diags, "User was not checked", "anna@example.com", "oops")
}

// Without the users of the instance, the members tell who was added.
func TestWorkspaceUser_withoutDirectory(t *testing.T) {
	t.Parallel()

	for _, directory := range []string{"400", "401", "403", "404", "405", "500", "501", emulator.UsersQueryEmpty, emulator.UsersQueryHTML, emulator.UsersQueryClosed} {
		t.Run(directory, func(t *testing.T) {
			t.Parallel()

			instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{UsersQuery: directory}})
			config := values{"workspace_id": 8, "email": emulator.HansarickEmail}
			run := start(t, instance)
			made := run.create(userKind, config)

			if id := run.text(made, "user_id"); id != emulator.HansarickID {
				t.Errorf("user_id = %q", id)
			}

			start(t, instance).wantEmptyPlan(config, made)

			// A present member is identified as long as nobody else can be meant.
			run = start(t, instance)
			again := run.create(userKind, config)

			if id := run.text(again, "user_id"); id != emulator.HansarickID {
				t.Errorf("user_id = %q", id)
			}

			imported, diags := start(t, instance).importID(userKind, "8/"+emulator.HansarickID)
			wantNone(t, diags)

			run = start(t, instance)
			planned, diags := run.plan(userKind, config, imported)
			wantNone(t, diags)
			wantInPlace(t, planned)

			imported, diags = run.apply(bg, planned)
			wantWarning(t, diags, "Email could not be verified", emulator.HansarickEmail, emulator.HansarickID)
			start(t, instance).wantEmptyPlan(config, imported)

			instance.SetMember(8, emulator.AdminID, emulator.Collaborator)

			run = start(t, instance)
			planned, diags = run.plan(userKind, config, nil)
			wantNone(t, diags)

			_, diags = run.apply(bg, planned)
			wantError(t, diags, "Unable to add workspace user", "user_id")
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

func TestWorkspaceUser_removedOutsideTerraform(t *testing.T) {
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

func TestWorkspaceUser_workspaceNotAccessible(t *testing.T) {
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
	wantError(t, diags, "Unable to add workspace user", "4711", "not accessible")

	left, diags := start(t, instance).destroy(bg, made)
	wantWarning(t, diags, "Workspace user was kept", emulator.HansarickEmail, "the membership may")
	wantGone(t, left)
}
