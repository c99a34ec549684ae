package emulator_test

import (
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

func TestControlOfUsers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	id := f.AddUser(emulator.User{Email: "Jane@Example.com"})
	f.SetUserEmail(id, "Jane.Doe@Example.com")
	f.SetUserEnabled(id, false)
	if got := f.query(`{}`)[id]; got.Username != "jane@example.com" || *got.Email != "jane.doe@example.com" || got.Enabled {
		t.Errorf("changed user is %+v", got)
	}
	f.DeleteUser(id)
	if got := f.query(`{"user_ids":["` + id + `"]}`); got[id] != nil {
		t.Errorf("deleted user is %+v", got[id])
	}
	f.SetUserAdmin(emulator.HansarickID, true)
	f.token = f.login(emulator.HansarickEmail)
	if got := len(f.list(`{}`)); got != 1 {
		t.Errorf("an admin sees %d workspaces", got)
	}
	f.RevokeTokens()
	wantError(t, f.post("workspaces/list", `{}`), 401, "Unauthorized")
	f.token = f.login(emulator.HansarickEmail)
	f.DeleteUser(emulator.HansarickID)
	wantError(t, f.post("workspaces/list", `{}`), 401, "Unauthorized")
}
