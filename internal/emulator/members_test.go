package emulator_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func (f *fixture) members(id int64) map[string]*string {
	f.t.Helper()

	type member struct {
		ID   string  `json:"user_id"`
		Type *string `json:"user_type"`
	}

	out := map[string]*string{}

	list := parse[struct{ Users []member }](f.t, f.ok("workspaces/list_users", fmt.Sprintf(`{"workspace_id":%d}`, id))).Users
	for _, m := range list {
		out[m.ID] = m.Type
	}

	return out
}

func roles(owner string, others ...string) map[string]string {
	out := map[string]string{owner: emulator.Owner}
	for _, id := range others {
		out[id] = emulator.Collaborator
	}

	return out
}

func TestAddUserForms(t *testing.T) {
	t.Parallel()

	hansarick := emulator.HansarickID
	both := map[string]string{emulator.HummelID: emulator.Owner, hansarick: emulator.Owner}

	cases := map[string]struct {
		body string
		want map[string]string
	}{
		"by e-mail":         {`"email":"john.hansarick@wallaroo.ai"`, roles(emulator.HummelID, hansarick)},
		"any case":          {`"email":"John.Hansarick@Wallaroo.AI"`, roles(emulator.HummelID, hansarick)},
		"by id":             {`"user_id":"` + hansarick + `"`, roles(emulator.HummelID, hansarick)},
		"both":              {`"email":"john.hansarick@wallaroo.ai","user_id":"` + hansarick + `"`, roles(emulator.HummelID, hansarick)},
		"with url and null": {`"email":"john.hansarick@wallaroo.ai","user_id":null,"url":"http://localhost:3000","user_type":null`, roles(emulator.HummelID, hansarick)},
		"owner":             {`"email":"john.hansarick@wallaroo.ai","user_type":"owner"`, both},
		"OWNER":             {`"email":"john.hansarick@wallaroo.ai","user_type":"OWNER"`, both},
		"collaborator":      {`"email":"john.hansarick@wallaroo.ai","user_type":"Collaborator"`, roles(emulator.HummelID, hansarick)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFixture(t, emulator.Options{})
			if got := f.ok("workspaces/add_user", `{"workspace_id":1,`+c.body+`}`); got != "{}" {
				t.Errorf("answer is %s", got)
			}

			if diff := cmp.Diff(c.want, f.Members(1)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMemberRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide})
	other := f.AddWorkspace(emulator.Workspace{Name: "of-somebody-else"})

	hansarick := `"email":"john.hansarick@wallaroo.ai"`
	for _, operation := range []string{"workspaces/add_user", "workspaces/remove_user"} {
		wantError(t, f.post(operation, `{`+hansarick+`}`), 400, "workspace_id")
		wantError(t, f.post(operation, `{"workspace_id":1}`), 400, "email or user_id")
		wantError(t, f.post(operation, `{"workspace_id":99,`+hansarick+`}`), 400, "not found")
		wantError(t, f.post(operation, fmt.Sprintf(`{"workspace_id":%d,%s}`, other, hansarick)), 400, "not found")
		wantError(t, f.post(operation, `{"workspace_id":"1",`+hansarick+`}`), 400, "JSON")
	}

	add := "workspaces/add_user"
	wantError(t, f.post(add, `{"workspace_id":1,"email":"nobody@example.com"}`), 400, "nobody@example.com does not exist")
	wantError(t, f.post(add, `{"workspace_id":1,"user_id":"nobody"}`), 400, "nobody does not exist")
	wantError(t, f.post(add, `{"workspace_id":1,`+hansarick+`,"user_id":"`+emulator.HummelID+`"}`), 400, "different users")
	wantError(t, f.post(add, `{"workspace_id":1,`+hansarick+`,"user_type":"viewer"}`), 400, "viewer")
	wantError(t, f.post("workspaces/list_users", `{}`), 400, "workspace_id")

	for _, id := range []int64{99, other} {
		if got := f.ok("workspaces/list_users", fmt.Sprintf(`{"workspace_id":%d}`, id)); got != `{"users":[]}` {
			t.Errorf("members of %d: %s", id, got)
		}
	}
}

func TestRemoveUser(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	remove := func(who, want string) {
		t.Helper()

		if got := f.ok("workspaces/remove_user", `{"workspace_id":1,`+who+`}`); got != want {
			t.Errorf("remove %s: %s, want %s", who, got, want)
		}
	}
	byMail, byID := `"email":"John.Hansarick@wallaroo.ai"`, `"user_id":"`+emulator.HansarickID+`"`
	remove(byMail, `{"affected_rows":0}`)
	remove(`"email":"nobody@example.com"`, `{"affected_rows":0}`)
	f.SetMember(1, emulator.HansarickID, emulator.Collaborator)
	remove(byMail, `{"affected_rows":1}`)
	f.SetMember(1, emulator.HansarickID, emulator.Owner)
	f.DeleteUser(emulator.HansarickID)

	if _, listed := f.members(1)[emulator.HansarickID]; !listed {
		t.Error("an account that is gone must stay listed")
	}

	remove(byMail, `{"affected_rows":0}`)
	remove(byID, `{"affected_rows":1}`)
	remove(byID, `{"affected_rows":0}`)
	// Nothing protects the last owner, who then no longer sees the workspace.
	remove(`"user_id":"`+emulator.HummelID+`"`, `{"affected_rows":1}`)

	if got := len(f.list(`{}`)); got != 0 {
		t.Errorf("%d workspaces are still seen", got)
	}
}

func TestNullUserType(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{API: emulator.API{NullUserType: true}})
	f.SetMember(1, emulator.HansarickID, emulator.Collaborator)

	owner := emulator.Owner

	want := map[string]*string{emulator.HummelID: &owner, emulator.HansarickID: nil}
	if diff := cmp.Diff(want, f.members(1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOwnersOnly(t *testing.T) {
	t.Parallel()

	body := `{"workspace_id":1,"user_id":"` + emulator.AdminID + `"}`

	for _, only := range []bool{false, true} {
		f := newFixture(t, emulator.Options{API: emulator.API{OwnersOnly: only}})
		f.SetMember(1, emulator.HansarickID, emulator.Collaborator)
		f.ok("workspaces/add_user", body)
		f.token = f.login(emulator.AdminUsername)
		f.ok("workspaces/add_user", body)

		f.token = f.login(emulator.HansarickEmail)
		for _, operation := range []string{"workspaces/add_user", "workspaces/remove_user"} {
			got := f.post(operation, body)
			if only {
				wantError(t, got, 403, "only an owner")
			} else if got.Status != 200 {
				t.Errorf("%s of a collaborator: %d %s", operation, got.Status, got.Body)
			}
		}
	}
}
