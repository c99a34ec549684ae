package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const hansarick = `"email":"john.hansarick@wallaroo.ai"`

func TestGuideAPI(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.GuideAPI()})

	id := f.create("fraud")
	for _, step := range []struct{ operation, body, want string }{
		{"add_user", `{"workspace_id":10,` + hansarick + `,"user_type":"OWNER"}`, `{}`},
		{"list_users", `{"workspace_id":10}`, `{"users":[` +
			`{"user_id":"` + emulator.HummelID + `","user_type":"OWNER"},{"user_id":"` + emulator.HansarickID + `","user_type":"COLLABORATOR"}]}`},
		{"add_user", `{"workspace_id":10,"email":"john.hummel@wallaroo.ai"}`, `{}`},
		{"remove_user", `{"workspace_id":10,` + hansarick + `}`, `{"affected_rows":1}`},
		{"remove_user", `{"workspace_id":10,"user_id":"` + emulator.HansarickID + `"}`, `{"affected_rows":0}`},
	} {
		if got := f.ok("workspaces/"+step.operation, step.body); got != step.want {
			t.Errorf("%s %s is %s, want %s", step.operation, step.body, got, step.want)
		}
	}

	if diff := cmp.Diff(roles(emulator.HummelID), f.Members(id)); diff != "" {
		t.Errorf("an add of a present owner changes the role (-want +got):\n%s", diff)
	}

	if got := f.find(10).CreatedBy; got != emulator.HummelID {
		t.Errorf("created_by is %q", got)
	}

	if got := ids(f.list(`{"user_ids":["` + emulator.HansarickID + `"]}`)); len(got) != 0 {
		t.Errorf("workspaces of a user who has none: %v", got)
	}

	wantError(t, f.post("workspaces/add_user", `{"workspace_id":10,"user_id":"`+emulator.HansarickID+`"}`), 400, "email is required")

	for _, path := range []string{"/v1/api/users/query", "/v1/api/config", "/v1/api/workspaces/delete", tokenPath, usersPath, "/"} {
		wantError(t, f.must(http.MethodPost, path, "application/json", "Bearer "+f.token, `{}`), 404, "no such path")
	}

	f.token = "another"
	wantError(t, f.post("workspaces/list", `{}`), 401, "token")
}

func TestOpaqueTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Token: "of-hummel"})
	bob := f.AddUser(emulator.User{ID: "bob", Email: "bob@example.com", Token: "of-bob"})
	f.token = "of-hummel"
	id := f.create("fraud")
	f.SetMember(id, bob, "COLLABORATOR")

	for token, want := range map[string][]int64{"of-hummel": {1, id}, "of-bob": {id}} {
		f.token = token
		if diff := cmp.Diff(want, ids(f.list(`{}`))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", token, diff)
		}
	}

	f.DeleteUser(bob)

	for _, token := range []string{"of-bob", "", emulator.SeedToken} {
		f.token = token
		wantError(t, f.post("workspaces/list", `{}`), 401, "token")
	}
}

func TestUsersQueryVariants(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	set := func(answer string) { f.Configure(func(o *emulator.Options) { o.UsersQuery = answer }) }
	for answer, status := range map[string]int{"400": 400, "401": 401, "403": 403, "404": 404, "405": 405, "500": 500, "501": 501} {
		set(answer)
		wantError(t, f.post("users/query", `{}`), status, "cannot be queried")
	}

	set(emulator.UsersQueryEmpty)

	if got := f.ok("users/query", `{}`); got != `{}` {
		t.Errorf("empty: %s", got)
	}

	set(emulator.UsersQueryHTML)

	if got := f.post("users/query", `{}`); got.Status != 200 || got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Body[0] != '<' {
		t.Errorf("html: %v", got)
	}

	set(emulator.UsersQueryClosed)

	if got, err := f.send(http.MethodPost, "/v1/api/users/query", "application/json", "Bearer "+f.token, `{}`); err == nil {
		t.Errorf("closed: %v", got)
	}
}

func TestMemberVariants(t *testing.T) {
	t.Parallel()

	const add, remove = "workspaces/add_user", "workspaces/remove_user"

	byID := `"user_id":"` + emulator.HansarickID + `"`

	none, owner, collaborator := "", emulator.Owner, emulator.Collaborator
	for name, c := range map[string]struct {
		api     emulator.API
		present string // the role that the member has at the start
		call    string
		user    string
		status  int
		text    string
		want    string // the role afterwards
	}{
		"upsert promotes":      {emulator.API{}, collaborator, add, hansarick + `,"user_type":"owner"`, 200, `{}`, owner},
		"upsert demotes":       {emulator.API{}, owner, add, hansarick, 200, `{}`, collaborator},
		"sticky":               {emulator.API{Roles: emulator.RolesSticky}, collaborator, add, hansarick + `,"user_type":"owner"`, 200, `{}`, collaborator},
		"sticky owner":         {emulator.API{Roles: emulator.RolesSticky}, owner, add, hansarick, 200, `{}`, owner},
		"ignored":              {emulator.API{UserType: emulator.UserTypeIgnored}, none, add, hansarick + `,"user_type":"owner"`, 200, `{}`, collaborator},
		"ignored later":        {emulator.API{UserType: emulator.UserTypeIgnored}, owner, add, hansarick, 200, `{}`, owner},
		"refused":              {emulator.API{UserType: emulator.UserTypeRefused}, none, add, hansarick + `,"user_type":"owner"`, 400, "unknown field", none},
		"not refused":          {emulator.API{UserType: emulator.UserTypeRefused}, none, add, hansarick, 200, `{}`, collaborator},
		"upper":                {emulator.API{UserType: emulator.UserTypeUpper}, none, add, hansarick + `,"user_type":"OWNER"`, 200, `{}`, owner},
		"upper refuses lower":  {emulator.API{UserType: emulator.UserTypeUpper}, none, add, hansarick + `,"user_type":"owner"`, 400, "user_type", none},
		"lower":                {emulator.API{UserType: emulator.UserTypeLower}, none, add, hansarick + `,"user_type":"owner"`, 200, `{}`, owner},
		"lower refuses upper":  {emulator.API{UserType: emulator.UserTypeLower}, none, add, hansarick + `,"user_type":"OWNER"`, 400, "user_type", none},
		"present 400":          {emulator.API{PresentMemberStatus: 400}, collaborator, add, hansarick + `,"user_type":"owner"`, 400, "already a member", collaborator},
		"present 409":          {emulator.API{PresentMemberStatus: 409}, collaborator, add, hansarick, 409, "already a member", collaborator},
		"absent":               {emulator.API{PresentMemberStatus: 409}, none, add, hansarick, 200, `{}`, collaborator},
		"add by email":         {emulator.API{AddBy: emulator.ByEmail}, none, add, byID, 400, "email is required", none},
		"add by ID":            {emulator.API{AddBy: emulator.ByID}, none, add, byID, 200, `{}`, collaborator},
		"remove by email":      {emulator.API{RemoveBy: emulator.ByEmail}, owner, remove, hansarick, 200, `{"affected_rows":1}`, none},
		"remove by email only": {emulator.API{RemoveBy: emulator.ByEmail}, owner, remove, byID, 400, "email is required", owner},
		"remove by ID":         {emulator.API{RemoveBy: emulator.ByID}, owner, remove, byID, 200, `{"affected_rows":1}`, none},
		"remove by ID only":    {emulator.API{RemoveBy: emulator.ByID}, owner, remove, hansarick, 400, "user_id is required", owner},
		"no affected_rows":     {emulator.API{NoAffectedRows: true}, owner, remove, byID, 200, `{}`, none},
	} {
		f := newFixture(t, emulator.Options{API: c.api})
		if c.present != "" {
			f.SetMember(1, emulator.HansarickID, c.present)
		}

		got := f.post(c.call, `{"workspace_id":1,`+c.user+`}`)
		if got.Status != c.status || !strings.Contains(got.Body, c.text) {
			t.Errorf("%s: %d %s, want %d %s", name, got.Status, got.Body, c.status, c.text)
		}

		if role := f.Members(1)[emulator.HansarickID]; role != c.want {
			t.Errorf("%s: the role is %q, want %q", name, role, c.want)
		}
	}
}

func TestMemberEmails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{API: emulator.API{MemberEmails: true}})
	f.SetMember(1, "gone", "COLLABORATOR")

	want := `{"users":[{"user_id":"` + emulator.HummelID + `","user_type":"OWNER","email":"john.hummel@wallaroo.ai"},{"user_id":"gone","user_type":"COLLABORATOR"}]}`
	if got := f.ok("workspaces/list_users", `{"workspace_id":1}`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWorkspaceVariants(t *testing.T) {
	t.Parallel()

	const before, after = `"id":5,"name":"mobilenetworkspacetest","created_at":"2023-11-20T16:05:48.271364+00:00","created_by":"` + emulator.HummelID + `","archived":false,`,
		`"models":[1,2],"pipelines":[1]`

	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide})
	for name, c := range map[string]struct {
		api      emulator.API
		old, new string
	}{
		"plain":              {emulator.API{}, "", ""},
		"text IDs":           {emulator.API{IDs: emulator.IDText}, `"id":5,`, `"id":"5",`},
		"float IDs":          {emulator.API{IDs: emulator.IDFloat}, `"id":5,`, `"id":5.0,`},
		"numeric created_at": {emulator.API{NumericCreatedAt: true}, `"2023-11-20T16:05:48.271364+00:00"`, `1700496348`},
		"numeric created_by": {emulator.API{NumericCreatedBy: true}, `"` + emulator.HummelID + `"`, `3936623737`},
		"numeric archived":   {emulator.API{NumericArchived: true}, `"archived":false`, `"archived":0`},
		"text models":        {emulator.API{TextModels: true}, after, `"models":["1","2"],"pipelines":["1"]`},
		"id and name":        {emulator.API{NoOptionalFields: true}, before + after, `"id":5,"name":"mobilenetworkspacetest"`},
	} {
		f.Configure(func(o *emulator.Options) { o.API = c.api })

		if got, want := f.ok("workspaces/list", `{}`), strings.Replace("{"+before+after+"}", c.old, c.new, 1); !strings.Contains(got, want) {
			t.Errorf("%s: %s lacks %s", name, got, want)
		}
	}

	f.Configure(func(o *emulator.Options) { o.API = emulator.API{IDs: emulator.IDText, NumericArchived: true} })

	if got := f.ok("workspaces/create", `{"workspace_name":"fraud"}`); got != `{"workspace_id":"10"}` {
		t.Errorf("create answers %s", got)
	}

	f.ArchiveWorkspace(10, true)

	if got := f.ok("workspaces/list", `{}`); !strings.Contains(got, `"archived":1`) {
		t.Errorf("no archived workspace: %s", got)
	}

	f.Configure(func(o *emulator.Options) { o.API = emulator.API{DuplicateNameStatus: 409} })

	if got := f.post("workspaces/create", `{"workspace_name":"fraud"}`); got.Status != 409 || got.Body != `{"error":"conflict"}` {
		t.Errorf("a name in use: %v", got)
	}
}

func TestCreatedByIsRewritten(t *testing.T) {
	t.Parallel()

	now := newClock()
	f := newFixture(t, emulator.Options{Now: now.Now, API: emulator.API{CreatedBy: emulator.CreatedByID, CreatedByEmailAfter: time.Minute}})

	id := f.create("fraud")
	if got := f.find(id).CreatedBy; got != emulator.HummelID {
		t.Errorf("created_by is %q", got)
	}

	now.advance(time.Minute)

	if got := f.find(id).CreatedBy; got != emulator.HummelEmail {
		t.Errorf("a minute later created_by is %q", got)
	}
}

func TestNoWorkspaces(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{Seed: emulator.SeedAccounts})
	if got := f.ok("workspaces/list", `{}`); got != `{"workspaces":[]}` {
		t.Errorf("got %s", got)
	}
}

func TestHTTP10(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{API: emulator.API{HTTP10: true}})
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.web.URL+"/v1/api/workspaces/list", strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}

		request.Header.Set("Authorization", "Bearer "+f.token)

		response, err := f.web.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}

		_ = response.Body.Close()
		if response.Proto != "HTTP/1.0" || !response.Close || response.StatusCode != 200 || response.Header.Get("X-Request-Id") == "" {
			t.Errorf("got %v", response)
		}
	}
}

func TestUnusualUserIDs(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	for i, id := range []string{"bob", "4711", "bob@example.org", "f:0a1b:bob@corp"} {
		email := string(rune('a'+i)) + "@example.com"
		f.AddUser(emulator.User{ID: id, Email: email})
		f.ok("workspaces/add_user", `{"workspace_id":1,"email":"`+email+`"}`)

		if f.Members(1)[id] != emulator.Collaborator {
			t.Errorf("%s is no member", id)
		}

		f.ok("workspaces/remove_user", `{"workspace_id":1,"user_id":"`+id+`"}`)
	}

	if diff := cmp.Diff(roles(emulator.HummelID), f.Members(1)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
