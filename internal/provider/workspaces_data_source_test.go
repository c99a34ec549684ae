package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// listed are the workspaces that a data source returned.
func (c *core) listed(value tftypes.Value) []tftypes.Value {
	c.t.Helper()

	var all []tftypes.Value

	c.must(c.fields(value)["workspaces"].As(&all))

	return all
}

func (c *core) idsOf(value tftypes.Value) string {
	c.t.Helper()

	var ids []string
	for _, one := range c.listed(value) {
		ids = append(ids, fmt.Sprint(c.numberOf(one, "id")))
	}

	return strings.Join(ids, " ")
}

func TestWorkspaces_all(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.ArchiveWorkspace(9, true)

	run := start(t, instance)
	value, diags := run.readData(workspacesKind, values{})
	wantNone(t, diags)

	if ids := run.idsOf(value); ids != "1 5 6 7 8 9" {
		t.Errorf("ids = %s, want them sorted by number", ids)
	}

	want := tftypes.NewValue(run.listed(value)[0].Type(), map[string]tftypes.Value{
		"id": tftypes.NewValue(tftypes.Number, 7), "name": tftypes.NewValue(tftypes.String, "edge-observability-houseprice-demo"),
		"created_at": tftypes.NewValue(tftypes.String, "2023-11-20T17:36:07.131292+00:00"),
		"created_by": tftypes.NewValue(tftypes.String, emulator.HummelID), "archived": tftypes.NewValue(tftypes.Bool, false),
		"models": numbers(4, 5, 6, 7, 8, 9, 12), "pipelines": numbers(7, 14, 16),
	})
	if got := run.listed(value)[3]; !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}

	none := run.fields(run.listed(value)[0])
	if !none["models"].Equal(numbers()) || !none["pipelines"].Equal(numbers()) {
		t.Errorf("models %s, pipelines %s; want empty lists", none["models"], none["pipelines"])
	}

	var archived bool

	run.must(run.fields(run.listed(value)[5])["archived"].As(&archived))

	if !archived {
		t.Error("workspace 9 is not archived")
	}

	if !run.fields(value)["user_ids"].IsNull() {
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

// Instances differ in whether they honour the filter, and under which name. The
// outcome may not differ.
func TestWorkspaces_ofUsers(t *testing.T) {
	t.Parallel()

	for filter, lists := range map[emulator.ListFilter]map[string]int{
		emulator.ListFilterIgnored: {"one": 6, "two": 6, "nobody": 6, "nobody and one": 6, "owner": 6},
		emulator.ListFilterUserID:  {"one": 6, "two": 6, "nobody": 6, "nobody and one": 6, "owner": 6},
		emulator.ListFilterUserIDs: {"one": 2, "two": 3, "nobody": 0, "nobody and one": 2, "owner": 6},
	} {
		t.Run(string(filter), func(t *testing.T) {
			t.Parallel()

			instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{ListFilter: filter}})
			anna := withAnna(instance)
			instance.SetMember(9, emulator.HansarickID, emulator.Owner)
			instance.SetMember(5, emulator.HansarickID, emulator.Collaborator)
			instance.SetMember(8, anna, emulator.Collaborator)

			for name, one := range map[string]struct {
				users []string
				want  string
			}{
				"one":            {[]string{emulator.HansarickID}, "5 9"},
				"two":            {[]string{emulator.HansarickID, anna}, "5 8 9"},
				"nobody":         {[]string{"00000000-0000-4000-8000-000000000000"}, ""},
				"nobody and one": {[]string{"00000000-0000-4000-8000-000000000000", emulator.HansarickID}, "5 9"},
				"owner":          {[]string{emulator.HummelID}, "1 5 6 7 8 9"},
			} {
				instance.ResetRequests()

				run := start(t, instance)
				value, diags := run.readData(workspacesKind, values{"user_ids": one.users})
				wantNone(t, diags)

				if ids := run.idsOf(value); ids != one.want {
					t.Errorf("%s: ids = %q, want %q", name, ids, one.want)
				}

				want := map[string]int{"token": 1, "workspaces/list": 1}
				if lists[name] > 0 {
					want["workspaces/list_users"] = lists[name]
				}

				wantRequests(t, instance, want)
			}
		})
	}
}

// What the documentation calls the filter is sent.
func TestWorkspaces_filterIsSent(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	_, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HansarickID}})
	wantNone(t, diags)

	all := instance.Requests()

	i := slices.IndexFunc(all, func(request emulator.Request) bool { return request.Operation == "workspaces/list" })
	if want := fmt.Sprintf(`{"user_ids":[%q]}`, emulator.HansarickID); all[i].Body != want {
		t.Errorf("sent %s, want %s", all[i].Body, want)
	}
}

func TestWorkspaces_ofNoUser(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	value, diags := run.readData(workspacesKind, values{"user_ids": []string{}})
	wantNone(t, diags)

	if ids := run.idsOf(value); ids != "" {
		t.Errorf("ids = %s", ids)
	}

	wantNoRequests(t, instance)

	_, diags = run.readData(workspacesKind, values{"user_ids": []string{""}})
	wantError(t, diags, "Invalid email or user ID", "The text is empty")
}

func TestWorkspaces_noneVisible(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	run, diags := configured(t, values{"endpoint": instance.URL, "username": emulator.HansarickEmail, "password": emulator.SeedPassword}, nil)
	wantNone(t, diags)

	for _, config := range []values{{}, {"user_ids": []string{emulator.HummelID}}} {
		value, diags := run.readData(workspacesKind, config)
		wantNone(t, diags)

		if got := run.fields(value)["workspaces"]; got.IsNull() || run.idsOf(value) != "" {
			t.Errorf("got %s, want an empty list", got)
		}
	}
}

// Data sources and resources of one plan share the list. During an apply, a data source
// reads anew: what it depends on has been applied.
func TestWorkspaces_sharesTheList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	run := start(t, instance)

	for range 3 {
		wantNone(t, run.ask())

		_, diags := run.read(bg, prior)
		wantNone(t, diags)
	}

	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantNone(t, diags)
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})

	_, diags = run.apply(bg, planned)
	wantNone(t, diags)

	value, diags := run.readData(workspacesKind, values{})
	wantNone(t, diags)

	if ids := run.idsOf(value); ids != "1 5 6 7 8 9 10" {
		t.Errorf("ids = %s", ids)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 3, "workspaces/create": 1})
}

// Members that a plan knows already are not listed again. During an apply they are.
func TestWorkspaces_sharesTheMembers(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	for _, users := range [][]string{{emulator.HummelID}, {emulator.HansarickID}} {
		_, diags := run.readData(workspacesKind, values{"user_ids": users})
		wantNone(t, diags)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 2, "workspaces/list_users": 6})

	run.create(userKind, values{"workspace_id": 8, "email": emulator.HansarickEmail})

	value, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HansarickID}})
	wantNone(t, diags)

	if ids := run.idsOf(value); ids != "8" {
		t.Errorf("ids = %s", ids)
	}

	wantRequests(t, instance, map[string]int{
		"token": 1, "workspaces/list": 3, "workspaces/list_users": 12, "workspaces/add_user": 1, "users/query": 2,
	})
}

func TestWorkspaces_failures(t *testing.T) {
	t.Parallel()

	for _, operation := range []string{"workspaces/list", "workspaces/list_users"} {
		instance := guide(t)
		remove := instance.Inject(emulator.Fault{Operation: operation, Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})

		run := start(t, instance)
		_, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
		wantError(t, diags, summaryList, "Could not list the workspaces", "500", "oops", operation)

		// An error is not kept.
		remove()

		_, diags = run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
		wantNone(t, diags)
	}

	for _, body := range []string{"null", "{}", "[]", `{"msg":"oops","code":500}`, "<html>"} {
		instance := guide(t)
		instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: body})
		wantError(t, start(t, instance).ask(), summaryList, "workspaces/list")
	}
}
