package emulator_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

type user struct {
	ID       string
	Username string
	Email    *string
	Enabled  bool
}

func (f *fixture) query(body string) map[string]*user {
	f.t.Helper()
	return parse[struct{ Users map[string]*user }](f.t, f.ok("users/query", body)).Users
}

func TestUsersQuery(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	hummel, hansarick := emulator.HummelEmail, emulator.HansarickEmail
	all := map[string]*user{
		emulator.HummelID:    {emulator.HummelID, hummel, &hummel, true},
		emulator.HansarickID: {emulator.HansarickID, hansarick, &hansarick, true},
		emulator.AdminID:     {emulator.AdminID, "admin", nil, true},
	}
	if diff := cmp.Diff(all, f.query(`{"workspace_id":1}`)); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	some := map[string]*user{emulator.AdminID: all[emulator.AdminID], "nobody": nil, emulator.ServiceAccountID: nil}
	got := f.query(`{"user_ids":["nobody","` + emulator.AdminID + `","` + emulator.ServiceAccountID + `"]}`)
	if diff := cmp.Diff(some, got); diff != "" {
		t.Errorf("some (-want +got):\n%s", diff)
	}
	if got := f.query(`{"user_ids":[]}`); len(got) != 0 {
		t.Errorf("none asked, got %v", got)
	}
}

func TestUserRepresentation(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now})
	f.login(emulator.AdminUsername)
	fields := func(body, id string) map[string]any {
		return parse[struct{ Users map[string]map[string]any }](t, f.ok("users/query", body)).Users[id]
	}
	want := map[string]any{
		"id": emulator.AdminID, "username": "admin", "enabled": true, "emailVerified": false,
		"createdTimestamp": 1700496000000.0, "lastLogin": float64(c.Now().UnixMilli()), "realmRoles": []any{"admin"},
		"access": map[string]any{
			"impersonate": true, "manage": true, "manageGroupMembership": true, "mapRoles": true, "view": true,
		},
		"disableableCredentialTypes": []any{}, "notBefore": 0.0, "requiredActions": []any{},
	}
	if diff := cmp.Diff(want, fields(`{}`, emulator.AdminID)); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	want["lastLogin"], want["federatedIdentities"] = nil, []any{}
	delete(want, "realmRoles")
	if diff := cmp.Diff(want, fields(`{"user_ids":["`+emulator.AdminID+`"]}`, emulator.AdminID)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if got := fields(`{}`, emulator.HansarickID)["lastLogin"]; got != nil {
		t.Errorf("lastLogin of an account that never signed in: %v", got)
	}
}

func TestUsersQueryRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{API: emulator.API{UsersQuery: "403"}})
	wantError(t, f.post("users/query", `{}`), 403, "cannot be queried")
	f.configure(func(o *emulator.Options) { o.UsersQuery = emulator.UsersQueryWorks })
	f.ok("users/query", `{}`)
}

func TestControlOfUsers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	id := f.AddUser(emulator.User{Email: "Jane@Example.com", FirstName: "Jane"})
	if len(id) != 36 || strings.Count(id, "-") != 4 {
		t.Errorf("id %q has not the form of a UUID", id)
	}
	if got := f.query(`{}`)[id]; got == nil || got.Username != "jane@example.com" || *got.Email != "jane@example.com" {
		t.Errorf("added user is %+v", got)
	}
	f.SetUserEmail(id, "Jane.Doe@Example.com")
	f.SetUserEnabled(id, false)
	if got := f.query(`{}`)[id]; got.Username != "jane@example.com" || *got.Email != "jane.doe@example.com" || got.Enabled {
		t.Errorf("changed user is %+v", got)
	}
	if got := len(f.Users()); got != 4 {
		t.Errorf("%d users", got)
	}
	f.DeleteUser(id)
	if got := f.query(`{"user_ids":["` + id + `"]}`); got[id] != nil {
		t.Errorf("deleted user is %+v", got[id])
	}
	f.SetUserAdmin(emulator.HansarickID, true)
	f.SetUserPassword(emulator.HansarickID, "other")
	answer := f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client",
		"username", emulator.HansarickEmail, "password", "other")
	f.token = f.tokens(answer).Access
	if got := len(f.list(`{}`)); got != 1 {
		t.Errorf("an admin sees %d workspaces", got)
	}
	f.DeleteUser(emulator.HansarickID)
	wantError(t, f.post("workspaces/list", `{}`), 401, "")
}

func TestKeycloakAdminReads(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	get := func(path string) response {
		t.Helper()
		return f.must(http.MethodGet, path, "", "Bearer "+f.token, "")
	}
	for query, want := range map[string][]string{
		"":                         {"admin", emulator.HansarickEmail, emulator.HummelEmail},
		"?email=JOHN.H":            {emulator.HansarickEmail, emulator.HummelEmail},
		"?email=john.h&exact=true": {},
		"?email=john.h__s":         {emulator.HansarickEmail},
		"?email=_.h%25wallaroo":    {emulator.HansarickEmail, emulator.HummelEmail},
		"?email=_john":             {},
		"?email=%25":               {"admin", emulator.HansarickEmail, emulator.HummelEmail},
		"?email=_ohn.hummel@wallaroo.ai&exact=true": {},
		"?first=1&max=1":            {emulator.HansarickEmail},
		"?first=3":                  {},
		"?username=admin":           {"admin"},
		"?username=service-account": {},
		"?email=nobody@example.com": {},
		"?exact=true&email=" + url.QueryEscape("John.Hummel@wallaroo.ai"): {emulator.HummelEmail},
	} {
		names := []string{}
		for _, u := range parse[[]user](t, get(usersPath+query).Body) {
			names = append(names, u.Username)
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("%q (-want +got):\n%s", query, diff)
		}
	}
	if got := parse[user](t, get(usersPath+"/"+emulator.HummelID).Body); got.Username != emulator.HummelEmail {
		t.Errorf("by id: %+v", got)
	}
	if got := get(usersPath + "/nobody"); got.Status != 404 || got.Body != `{"error":"User not found"}` {
		t.Errorf("unknown id: %d %s", got.Status, got.Body)
	}
	wantRefused := func(name string) {
		t.Helper()
		for _, path := range []string{usersPath, usersPath + "/" + emulator.HummelID} {
			if got := get(path); got.Status != 401 || got.Body != `{"error":"HTTP 401 Unauthorized"}` {
				t.Errorf("%s: %d %s", name, got.Status, got.Body)
			}
		}
	}
	f.LogoutAll()
	wantRefused("after logout")
	f.ok("workspaces/list", `{}`)
	f.token = f.login(emulator.HummelEmail)
	f.SetUserEnabled(emulator.HummelID, false)
	wantRefused("disabled")
	f.SetUserEnabled(emulator.HummelID, true)
	f.RevokeTokens()
	wantRefused("revoked")
	f.token = ""
	wantRefused("no token")
}
