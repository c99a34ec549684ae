package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	addUser    = "workspaces/add_user"
	removeUser = "workspaces/remove_user"
	listUsers  = "workspaces/list_users"
	// byEmail and byID name the user of these tests.
	byEmail = `"email":"john.hansarick@wallaroo.ai"`
	byID    = `"user_id":"` + emulator.HansarickID + `"`
)

// TestMembers has one call about one user of a workspace, on every variant of the API.
func TestMembers(t *testing.T) {
	t.Parallel()

	const (
		none, owner, collaborator = "", emulator.Owner, emulator.Collaborator
		asOwner, removed, nobody  = `,"user_type":"owner"`, `{"affected_rows":1}`, `{"affected_rows":0}`
	)

	sticky, ignored := emulator.API{Roles: emulator.RolesSticky}, emulator.API{UserType: emulator.UserTypeIgnored}
	refused, upper := emulator.API{UserType: emulator.UserTypeRefused}, emulator.API{UserType: emulator.UserTypeUpper}

	for name, c := range map[string]struct {
		api     emulator.API
		present string // the role that the user has at the start
		call    string
		user    string
		status  int
		text    string
		want    string // the role afterwards
	}{
		"add by email":           {emulator.API{}, none, addUser, byEmail, 200, `{}`, collaborator},
		"add in any case":        {emulator.API{}, none, addUser, `"email":"John.Hansarick@Wallaroo.AI"`, 200, `{}`, collaborator},
		"add by ID":              {emulator.API{}, none, addUser, byID, 200, `{}`, collaborator},
		"add by both":            {emulator.API{}, none, addUser, byEmail + `,` + byID, 200, `{}`, collaborator},
		"add with URL and nulls": {emulator.API{}, none, addUser, byEmail + `,"user_id":null,"url":"http://localhost:3000","user_type":null`, 200, `{}`, collaborator},
		"add owner":              {emulator.API{}, none, addUser, byEmail + asOwner, 200, `{}`, owner},
		"add OWNER":              {emulator.API{}, none, addUser, byEmail + `,"user_type":"OWNER"`, 200, `{}`, owner},
		"add Collaborator":       {emulator.API{}, none, addUser, byEmail + `,"user_type":"Collaborator"`, 200, `{}`, collaborator},
		"upsert promotes":        {emulator.API{}, collaborator, addUser, byEmail + asOwner, 200, `{}`, owner},
		"upsert demotes":         {emulator.API{}, owner, addUser, byEmail, 200, `{}`, collaborator},
		"sticky":                 {sticky, collaborator, addUser, byEmail + asOwner, 200, `{}`, collaborator},
		"sticky owner":           {sticky, owner, addUser, byEmail, 200, `{}`, owner},
		"ignored":                {ignored, none, addUser, byEmail + asOwner, 200, `{}`, collaborator},
		"ignored later":          {ignored, owner, addUser, byEmail, 200, `{}`, owner},
		"refused":                {refused, none, addUser, byEmail + asOwner, 400, "unknown field", none},
		"not refused":            {refused, none, addUser, byEmail, 200, `{}`, collaborator},
		"upper":                  {upper, none, addUser, byEmail + `,"user_type":"OWNER"`, 200, `{}`, owner},
		"upper refuses lower":    {upper, none, addUser, byEmail + asOwner, 400, "user_type", none},
		"lower":                  {emulator.API{UserType: emulator.UserTypeLower}, none, addUser, byEmail + asOwner, 200, `{}`, owner},
		"lower refuses upper":    {emulator.API{UserType: emulator.UserTypeLower}, none, addUser, byEmail + `,"user_type":"OWNER"`, 400, "user_type", none},
		"present 400":            {emulator.API{PresentMemberStatus: 400}, collaborator, addUser, byEmail + asOwner, 400, "already a member", collaborator},
		"present 409":            {emulator.API{PresentMemberStatus: 409}, collaborator, addUser, byEmail, 409, "already a member", collaborator},
		"absent":                 {emulator.API{PresentMemberStatus: 409}, none, addUser, byEmail, 200, `{}`, collaborator},
		"add by email only":      {emulator.API{AddBy: emulator.ByEmail}, none, addUser, byID, 400, "email is required", none},
		"add by ID only":         {emulator.API{AddBy: emulator.ByID}, none, addUser, byID, 200, `{}`, collaborator},
		"remove":                 {emulator.API{}, collaborator, removeUser, byID, 200, removed, none},
		"remove nobody":          {emulator.API{}, none, removeUser, byID, 200, nobody, none},
		"remove in any case":     {emulator.API{}, owner, removeUser, `"email":"John.Hansarick@wallaroo.ai"`, 200, removed, none},
		"remove another":         {emulator.API{}, owner, removeUser, `"email":"nobody@example.com"`, 200, nobody, owner},
		"remove by email":        {emulator.API{RemoveBy: emulator.ByEmail}, owner, removeUser, byEmail, 200, removed, none},
		"remove by email only":   {emulator.API{RemoveBy: emulator.ByEmail}, owner, removeUser, byID, 400, "email is required", owner},
		"remove by ID":           {emulator.API{RemoveBy: emulator.ByID}, owner, removeUser, byID, 200, removed, none},
		"remove by ID only":      {emulator.API{RemoveBy: emulator.ByID}, owner, removeUser, byEmail, 400, "user_id is required", owner},
		"no affected_rows":       {emulator.API{NoAffectedRows: true}, owner, removeUser, byID, 200, `{}`, none},
	} {
		f := newFixture(t, emulator.Options{API: c.api})
		if c.present != "" {
			f.SetMember(1, emulator.HansarickID, c.present)
		}

		got := f.post(c.call, `{"workspace_id":1,`+c.user+`}`)
		if got.Status != c.status || got.Status == 200 && got.Body != c.text || !strings.Contains(got.Body, c.text) {
			t.Errorf("%s: %d %s, want %d %s", name, got.Status, got.Body, c.status, c.text)
		}

		if role := f.Members(1)[emulator.HansarickID]; role != c.want {
			t.Errorf("%s: the role is %q, want %q", name, role, c.want)
		}
	}
}

func TestMemberRefusals(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide})
	other := f.AddWorkspace(emulator.Workspace{Name: "of-somebody-else"})

	for _, operation := range []string{addUser, removeUser} {
		wantError(t, f.post(operation, `{`+byEmail+`}`), 400, "workspace_id")
		wantError(t, f.post(operation, `{"workspace_id":1}`), 400, "email or user_id")
		wantError(t, f.post(operation, `{"workspace_id":99,`+byEmail+`}`), 400, "not found")
		wantError(t, f.post(operation, fmt.Sprintf(`{"workspace_id":%d,%s}`, other, byEmail)), 400, "not found")
		wantError(t, f.post(operation, `{"workspace_id":"1",`+byEmail+`}`), 400, "JSON")
	}

	wantError(t, f.post(addUser, `{"workspace_id":1,"email":"nobody@example.com"}`), 400, "nobody@example.com does not exist")
	wantError(t, f.post(addUser, `{"workspace_id":1,"user_id":"nobody"}`), 400, "nobody does not exist")
	wantError(t, f.post(addUser, `{"workspace_id":1,`+byEmail+`,"user_id":"`+emulator.HummelID+`"}`), 400, "different users")
	wantError(t, f.post(addUser, `{"workspace_id":1,`+byEmail+`,"user_type":"viewer"}`), 400, "viewer")
	wantError(t, f.post(listUsers, `{}`), 400, "workspace_id")

	for _, id := range []int64{99, other} {
		if got := f.ok(listUsers, fmt.Sprintf(`{"workspace_id":%d}`, id)); got != `{"users":[]}` {
			t.Errorf("members of %d: %s", id, got)
		}
	}
}

func TestListMembers(t *testing.T) {
	t.Parallel()

	const hummel, gone = `"user_id":"` + emulator.HummelID + `","user_type":"OWNER"`, `"user_id":"gone"`
	for want, api := range map[string]emulator.API{
		`{"users":[{` + hummel + `},{` + gone + `,"user_type":"COLLABORATOR"}]}`:                                   {},
		`{"users":[{` + hummel + `},{` + gone + `,"user_type":null}]}`:                                             {NullUserType: true},
		`{"users":[{` + hummel + `,"email":"john.hummel@wallaroo.ai"},{` + gone + `,"user_type":"COLLABORATOR"}]}`: {MemberEmails: true},
	} {
		f := newFixture(t, emulator.Options{API: api})
		f.AddUser(emulator.User{ID: "gone", Email: "gone@example.com"})
		f.SetMember(1, "gone", "COLLABORATOR")
		f.DeleteUser("gone")

		if got := f.ok(listUsers, `{"workspace_id":1}`); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRemoveUser_goneOrLast(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.SetMember(1, emulator.HansarickID, emulator.Owner)
	f.DeleteUser(emulator.HansarickID)

	for _, c := range []struct{ user, want string }{
		{byEmail, `{"affected_rows":0}`},
		{byID, `{"affected_rows":1}`},
		// Nothing protects the last owner, who then no longer sees the workspace.
		{`"user_id":"` + emulator.HummelID + `"`, `{"affected_rows":1}`},
	} {
		if got := f.ok(removeUser, `{"workspace_id":1,`+c.user+`}`); got != c.want {
			t.Errorf("remove %s: %s, want %s", c.user, got, c.want)
		}
	}

	if got := f.ids(`{}`); len(got) != 0 {
		t.Errorf("workspaces %v are still seen", got)
	}
}

func TestOwnersOnly(t *testing.T) {
	t.Parallel()

	body := `{"workspace_id":1,"user_id":"` + emulator.AdminID + `"}`

	for _, only := range []bool{false, true} {
		f := newFixture(t, emulator.Options{API: emulator.API{OwnersOnly: only}})
		f.SetMember(1, emulator.HansarickID, emulator.Collaborator)
		f.ok(addUser, body)
		f.login(emulator.AdminUsername)
		f.ok(addUser, body)
		f.login(emulator.HansarickEmail)

		for _, operation := range []string{addUser, removeUser} {
			if only {
				wantError(t, f.post(operation, body), 403, "only an owner")
			} else {
				f.ok(operation, body)
			}
		}
	}
}

func TestUnusualUserIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	for i, id := range []string{"bob", "4711", "bob@example.org", "f:0a1b:bob@corp"} {
		email := string(rune('a'+i)) + "@example.com"
		f.AddUser(emulator.User{ID: id, Email: email})
		f.ok(addUser, `{"workspace_id":1,"email":"`+email+`"}`)
		f.wantMembers(1, id)
		f.ok(removeUser, `{"workspace_id":1,"user_id":"`+id+`"}`)
		f.wantMembers(1)
	}
}
