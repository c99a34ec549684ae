package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// elements are the objects of a list attribute.
func (c *core) elements(value tftypes.Value, name string) []tftypes.Value {
	c.t.Helper()

	var elements []tftypes.Value

	c.must(c.fields(value)[name].As(&elements))

	return elements
}

func TestWorkspaceData_byIDAndName(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	for _, config := range []values{{"id": 1}, {"name": "john.hummel@wallaroo.ai - Default Workspace"}} {
		found, diags := run.readData("wallaroo_workspace", config)
		wantNone(t, diags)

		if id, name := run.numberOf(found, "id"), run.textOf(found, "name"); id != 1 || name != "john.hummel@wallaroo.ai - Default Workspace" {
			t.Errorf("found %d %q", id, name)
		}
	}

	found, diags := run.readData("wallaroo_workspace", values{"name": "clip-demo"})
	wantNone(t, diags)

	if n := len(run.elements(found, "models")); n != 2 {
		t.Errorf("%d models", n)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
}

func TestWorkspaceData_misses(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNames: true}})
	instance.AddWorkspace(emulator.Workspace{ID: 50, Name: "clip-demo", Members: map[string]string{emulator.HummelID: emulator.Owner}})

	run := start(t, instance)
	for word, config := range map[string]values{
		"4711":      {"id": 4711},
		`"nowhere"`: {"name": "nowhere"},
		"8, 50":     {"name": "clip-demo"},
	} {
		_, diags := run.readData("wallaroo_workspace", config)
		wantError(t, diags, "Unable to find workspace", word)
	}

	_, diags := run.readData("wallaroo_workspace", values{})
	wantError(t, diags, "Missing Attribute Configuration")
	_, diags = run.readData("wallaroo_workspace", values{"id": 1, "name": "x"})
	wantError(t, diags, "Invalid Attribute Combination")
}

func TestWorkspaceUsersData_joinsUsers(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)
	instance.SetMember(8, emulator.AdminID, emulator.Collaborator)
	instance.DeleteUser(emulator.HansarickID)

	run := start(t, instance)
	found, diags := run.readData("wallaroo_workspace_users", values{"workspace_id": 8})
	wantNone(t, diags)

	members := run.elements(found, "users")
	if len(members) != 3 {
		t.Fatalf("%d members", len(members))
	}

	for i, want := range []struct{ id, role, email, username string }{
		{emulator.HummelID, "OWNER", emulator.HummelEmail, emulator.HummelEmail},
		{emulator.HansarickID, "COLLABORATOR", "", ""},
		{emulator.AdminID, "COLLABORATOR", "", emulator.AdminUsername},
	} {
		got := members[i]
		if run.textOf(got, "user_id") != want.id || run.textOf(got, "user_type") != want.role ||
			run.textOf(got, "email") != want.email || run.textOf(got, "username") != want.username {
			t.Errorf("member %d = %s, want %+v", i, got, want)
		}
	}

	_, diags = run.readData("wallaroo_workspace_users", values{"workspace_id": 4711})
	wantError(t, diags, "Unable to read workspace users", "4711")

	instance.Configure(func(o *emulator.Options) { o.UsersQuery = "403" })

	run = start(t, instance)
	found, diags = run.readData("wallaroo_workspace_users", values{"workspace_id": 8})
	wantNone(t, diags)

	if email := run.textOf(run.elements(found, "users")[0], "email"); email != "" {
		t.Errorf("email = %q", email)
	}
}

func TestUsersData_filters(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	for name, test := range map[string]struct {
		config values
		want   []string
	}{
		"all":   {values{}, []string{emulator.AdminID, emulator.HansarickID, emulator.HummelID}},
		"ids":   {values{"user_ids": []string{emulator.AdminID}}, []string{emulator.AdminID}},
		"both":  {values{"user_ids": []string{emulator.AdminID}, "emails": []string{"John.Hummel@wallaroo.ai"}}, []string{emulator.AdminID, emulator.HummelID}},
		"empty": {values{"emails": []string{}}, nil},
	} {
		found, diags := run.readData("wallaroo_users", test.config)
		wantNone(t, diags)

		users := run.elements(found, "users")
		if len(users) != len(test.want) {
			t.Fatalf("%s: %d users, want %d", name, len(users), len(test.want))
		}

		for i, id := range test.want {
			if got := run.textOf(users[i], "id"); got != id {
				t.Errorf("%s: user %d = %s, want %s", name, i, got, id)
			}
		}
	}

	_, diags := run.readData("wallaroo_users", values{"user_ids": []string{"nobody"}, "emails": []string{"no@where"}})
	wantError(t, diags, "Unable to find user", "nobody", "no@where")
	wantRequests(t, instance, map[string]int{"token": 1, "users/query": 1})
}

func TestUserData_byEmailAndID(t *testing.T) {
	t.Parallel()

	run := start(t, guide(t))

	found, diags := run.readData("wallaroo_user", values{"email": "John.Hummel@WALLAROO.ai"})
	wantNone(t, diags)

	if id, email := run.textOf(found, "id"), run.textOf(found, "email"); id != emulator.HummelID || email != "John.Hummel@WALLAROO.ai" {
		t.Errorf("found %s %s", id, email)
	}

	found, diags = run.readData("wallaroo_user", values{"id": emulator.AdminID})
	wantNone(t, diags)

	if name := run.textOf(found, "username"); name != emulator.AdminUsername {
		t.Errorf("username = %q", name)
	}

	_, diags = run.readData("wallaroo_user", values{"email": "no@where"})
	wantError(t, diags, "Unable to find user", `"no@where"`)
	_, diags = run.readData("wallaroo_user", values{"id": "nobody"})
	wantError(t, diags, "Unable to find user", `"nobody"`)
}

func TestUserData_withoutDirectory(t *testing.T) {
	t.Parallel()

	run := start(t, emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{UsersQuery: "403"}}))

	_, diags := run.readData("wallaroo_users", values{})
	wantError(t, diags, "Unable to list users", "403", "users of the instance cannot be listed")
	_, diags = run.readData("wallaroo_user", values{"id": emulator.AdminID})
	wantError(t, diags, "Unable to find user", "users of the instance cannot be listed")
}

func TestCurrentUserData(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	found, diags := run.readData("wallaroo_current_user", values{})
	wantNone(t, diags)

	if id, email := run.textOf(found, "id"), run.textOf(found, "email"); id != emulator.HummelID || email != emulator.HummelEmail {
		t.Errorf("found %s %s", id, email)
	}

	client := newCore(t)
	wantNone(t, client.configure(values{"endpoint": instance.URL, "client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret}))
	found, diags = client.readData("wallaroo_current_user", values{})
	wantNone(t, diags)

	if id, email := client.textOf(found, "id"), client.textOf(found, "email"); id != emulator.ServiceAccountID || email != "" {
		t.Errorf("found %s %s", id, email)
	}

	opaque := newCore(t)
	wantNone(t, opaque.configure(values{"endpoint": instance.URL, "token": "opaque"}))
	_, diags = opaque.readData("wallaroo_current_user", values{})
	wantError(t, diags, "Unable to determine the current user", "WALLAROO_USER")
}
