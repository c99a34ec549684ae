package emulator_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

type user struct {
	ID       string
	Username string
	Email    *string
	Enabled  bool
}

func (f *fixture) query(body string) map[string]*user {
	f.t.Helper()
	return emulatortest.Parse[struct{ Users map[string]*user }](f.t, f.ok("users/query", body)).Users
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
	f := newFixture(t, emulator.Options{})

	want := map[string]any{
		"id": emulator.AdminID, "username": "admin", "enabled": true, "emailVerified": false, "createdTimestamp": 1700496000000.0,
		"access": map[string]any{
			"impersonate": true, "manage": true, "manageGroupMembership": true, "mapRoles": true, "view": true,
		},
		"disableableCredentialTypes": []any{}, "notBefore": 0.0, "requiredActions": []any{},
	}
	for _, body := range []string{`{}`, `{"user_ids":["` + emulator.AdminID + `"]}`} {
		users := emulatortest.Parse[struct{ Users map[string]map[string]any }](t, f.ok("users/query", body)).Users
		if diff := cmp.Diff(want, users[emulator.AdminID]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestControlOfUsers(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.SetUserAdmin(emulator.HansarickID, true)

	f.login(emulator.HansarickEmail)

	if got := len(f.list(`{}`)); got != 1 {
		t.Errorf("an admin sees %d workspaces", got)
	}

	f.RevokeTokens()
	wantError(t, f.post("workspaces/list", `{}`), 401, "Unauthorized")
}
