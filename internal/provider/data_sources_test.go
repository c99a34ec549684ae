package provider_test

import (
	"fmt"
	"slices"
	"strings"
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

// mustReadData reads a data source without a diagnostic.
func (c *core) mustReadData(kind string, config values) tftypes.Value {
	c.t.Helper()

	value, diags := c.readData(kind, config)
	wantNone(c.t, diags)

	return value
}

// wantData compares primitive attributes of what a data source has read.
func (c *core) wantData(value tftypes.Value, want values) {
	c.t.Helper()

	for name, text := range want {
		if got := plain(c.t, c.fields(value)[name]); got != text {
			c.t.Errorf("%s is %#v, want %#v", name, got, text)
		}
	}
}

// idsOf are the IDs in a list of objects.
func (c *core) idsOf(value tftypes.Value, name string) string {
	c.t.Helper()

	var ids []string
	for _, element := range c.elements(value, name) {
		ids = append(ids, fmt.Sprint(plain(c.t, c.fields(element)["id"])))
	}

	return strings.Join(ids, " ")
}

func TestWorkspaceData(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{DuplicateNames: true})
	p.instance.AddWorkspace(emulator.Workspace{ID: 50, Name: "team-b", Members: map[string]string{annID: own}})

	run := p.start()
	for _, config := range []values{{"id": 1}, {"name": defaultWorkspace}} {
		run.wantData(run.mustReadData("wallaroo_workspace", config), values{"id": int64(1), "name": defaultWorkspace, "archived": false})
	}

	for _, one := range []struct {
		config        values
		summary, word string
	}{
		{values{"id": 4711}, "Unable to find workspace", "4711"},
		{values{"name": "nowhere"}, "Unable to find workspace", `"nowhere"`},
		{values{"name": "team-b"}, "Unable to find workspace", "10, 50"},
		{values{}, "Missing Attribute Configuration", "name"},
		{values{"id": 1, "name": "x"}, "Invalid Attribute Combination", "name"},
	} {
		_, diags := run.readData("wallaroo_workspace", one.config)
		wantError(t, diags, one.summary, one.word)
	}
}

func TestWorkspaceUsersData(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.instance.SetMember(8, benID, col)
	p.instance.SetMember(8, p.instance.AddUser(emulator.User{ID: danID + "0", Username: "robot"}), col)
	p.instance.DeleteUser(benID)

	run := p.start()
	members := run.elements(run.mustReadData("wallaroo_workspace_users", values{"workspace_id": 8}), "users")

	for i, want := range []values{
		{"user_id": annID, "user_type": own, "email": annMail},
		{"user_id": benID, "user_type": col, "email": nil, "username": nil},
		{"user_id": danID + "0", "user_type": col, "email": nil, "username": "robot"},
	} {
		if run.wantData(members[i], want); len(members) != 3 {
			t.Errorf("%d members", len(members))
		}
	}

	_, diags := run.readData("wallaroo_workspace_users", values{"workspace_id": 4711})
	wantError(t, diags, "Unable to read workspace users", "4711")

	p.instance.Configure(func(o *emulator.Options) { o.UsersQuery = "403" })

	run = p.start()
	run.wantData(run.elements(run.mustReadData("wallaroo_workspace_users", values{"workspace_id": 8}), "users")[1], values{"user_id": benID, "email": nil})
}

func TestUsersData(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	run := p.start()

	for _, one := range []struct {
		config values
		want   []string
	}{
		{nil, []string{annID, benID, catID, danID}},
		{values{"user_ids": []string{danID}}, []string{danID}},
		{values{"user_ids": []string{danID}, "emails": []string{strings.ToUpper(annMail)}}, []string{annID, danID}},
		{values{"emails": []string{}}, nil},
	} {
		if ids := run.idsOf(run.mustReadData("wallaroo_users", one.config), "users"); ids != strings.Join(one.want, " ") {
			t.Errorf("%v: %s", one.config, ids)
		}
	}

	_, diags := run.readData("wallaroo_users", values{"user_ids": []string{"nobody"}, "emails": []string{"no@where"}})
	wantError(t, diags, "Unable to find user", "nobody", "no@where")
	wantRequests(t, p.instance, map[string]int{"token": 1, "users/query": 1})
}

func TestUserData(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	robot := p.instance.AddUser(emulator.User{Username: "robot"})
	run := p.start()
	run.wantData(run.mustReadData("wallaroo_user", values{"email": strings.ToUpper(benMail)}), values{"id": benID, "email": strings.ToUpper(benMail)})
	run.wantData(run.mustReadData("wallaroo_user", values{"id": robot}), values{"username": "robot", "email": nil})

	_, diags := run.readData("wallaroo_user", values{"id": "nobody"})
	wantError(t, diags, "Unable to find user", `"nobody"`)

	p.instance.Configure(func(o *emulator.Options) { o.UsersQuery = "403" })

	run = p.start()
	_, diags = run.readData("wallaroo_users", nil)
	wantError(t, diags, "Unable to list users", "403", "users of the instance cannot be listed")
	_, diags = run.readData("wallaroo_user", values{"id": robot})
	wantError(t, diags, "Unable to find user", "users of the instance cannot be listed")
}

func TestCurrentUserData(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	run.wantData(run.mustReadData("wallaroo_current_user", nil), values{"id": emulator.HummelID, "email": emulator.HummelEmail})

	client := mustConfigure(t, values{"endpoint": instance.URL, "client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret}, nil)
	client.wantData(client.mustReadData("wallaroo_current_user", nil), values{"id": emulator.ServiceAccountID, "email": nil})

	opaque := mustConfigure(t, values{"endpoint": instance.URL, "token": "opaque"}, nil)
	_, diags := opaque.readData("wallaroo_current_user", nil)
	wantError(t, diags, "Unable to determine the current user", "WALLAROO_USER")
}

func TestWorkspacesData(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.ArchiveWorkspace(9, true)

	run := start(t, instance)
	value := run.mustReadData(workspacesKind, nil)

	if ids := run.idsOf(value, "workspaces"); ids != "1 5 6 7 8 9" {
		t.Errorf("ids = %s, want them sorted by number", ids)
	}

	all := run.elements(value, "workspaces")
	want := tftypes.NewValue(all[0].Type(), map[string]tftypes.Value{
		"id": tftypes.NewValue(tftypes.Number, 7), "name": tftypes.NewValue(tftypes.String, "edge-observability-houseprice-demo"),
		"created_at": tftypes.NewValue(tftypes.String, "2023-11-20T17:36:07.131292+00:00"),
		"created_by": tftypes.NewValue(tftypes.String, emulator.HummelID), "archived": tftypes.NewValue(tftypes.Bool, false),
		"models": numbers(4, 5, 6, 7, 8, 9, 12), "pipelines": numbers(7, 14, 16),
	})

	if !all[3].Equal(want) {
		t.Errorf("got %s, want %s", all[3], want)
	}

	if none := run.fields(all[0]); !none["models"].Equal(numbers()) || !none["pipelines"].Equal(numbers()) {
		t.Errorf("models %s, pipelines %s; want empty lists", none["models"], none["pipelines"])
	}

	if run.wantData(all[5], values{"archived": true}); !run.fields(value)["user_ids"].IsNull() {
		t.Error("user_ids is not null")
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
}

func numbers(all ...int64) tftypes.Value {
	values := make([]tftypes.Value, len(all))
	for i, one := range all {
		values[i] = tftypes.NewValue(tftypes.Number, one)
	}

	return tftypes.NewValue(tftypes.List{ElementType: tftypes.Number}, values)
}

// Instances differ in whether they honor the filter, and under which name. The
// outcome may not differ.
func TestWorkspacesData_ofUsers(t *testing.T) {
	t.Parallel()

	for filter, lists := range map[emulator.ListFilter]int{
		emulator.ListFilterIgnored: 3, emulator.ListFilterUserID: 3, emulator.ListFilterUserIDs: 1,
	} {
		t.Run(string(filter), func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{ListFilter: filter})
			p.instance.SetMember(10, benID, col)

			run := p.start()
			if ids := run.idsOf(run.mustReadData(workspacesKind, values{"user_ids": []string{benID, "nobody"}}), "workspaces"); ids != "10" {
				t.Errorf("ids = %s", ids)
			}

			wantRequests(t, p.instance, map[string]int{"token": 1, "workspaces/list": 1, "workspaces/list_users": lists})

			if body := fmt.Sprintf(`{"user_ids":[%q,"nobody"]}`, benID); !slices.ContainsFunc(p.instance.Requests(), func(r emulator.Request) bool { return r.Body == body }) {
				t.Errorf("%s was not sent", body)
			}
		})
	}
}

func TestWorkspacesData_none(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	run := p.start()
	nobody := run.mustReadData(workspacesKind, values{"user_ids": []string{}})

	wantNoRequests(t, p.instance)

	p.provider = with(p.provider, values{"username": benMail})
	run = p.start()

	for _, value := range []tftypes.Value{nobody, run.mustReadData(workspacesKind, nil), run.mustReadData(workspacesKind, values{"user_ids": []string{annID}})} {
		if got := run.fields(value)["workspaces"]; got.IsNull() || run.idsOf(value, "workspaces") != "" {
			t.Errorf("got %s, want an empty list", got)
		}
	}
}

// An error says which call failed, and is not kept.
func TestWorkspacesData_failures(t *testing.T) {
	t.Parallel()

	for _, operation := range []string{"workspaces/list", "workspaces/list_users"} {
		p := newProject(t, emulator.API{})
		remove := p.instance.Inject(oops(operation))
		run := p.start()
		config := values{"user_ids": []string{annID}}

		_, diags := run.readData(workspacesKind, config)
		wantError(t, diags, summaryList, "Could not list the workspaces", "500", "oops", operation)
		remove()
		run.mustReadData(workspacesKind, config)
	}
}

// Data sources and resources of one plan share the list.
func TestWorkspacesData_sharesTheList(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")
	p.instance.ResetRequests()

	run := p.start()
	run.mustReadData(workspacesKind, nil)

	_, diags := run.read(bg, p.state["team"])
	wantNone(t, diags)

	_, diags = run.plan(workspaceKind, values{"name": "team-c"}, nil)
	wantNone(t, diags)
	run.mustReadData("wallaroo_workspace", values{"id": 8})
	wantRequests(t, p.instance, map[string]int{"token": 1, "workspaces/list": 1})
}
