package emulator_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestGuideAPI(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.GuideAPI()})

	id := f.create("fraud")
	for _, step := range []struct{ operation, body, want string }{
		{"add_user", `{"workspace_id":10,` + byEmail + `,"user_type":"OWNER"}`, `{}`},
		{"list_users", `{"workspace_id":10}`, `{"users":[` +
			`{"user_id":"` + emulator.HummelID + `","user_type":"OWNER"},{"user_id":"` + emulator.HansarickID + `","user_type":"COLLABORATOR"}]}`},
		{"add_user", `{"workspace_id":10,"email":"john.hummel@wallaroo.ai"}`, `{}`},
		{"remove_user", `{"workspace_id":10,` + byEmail + `}`, `{"affected_rows":1}`},
		{"remove_user", `{"workspace_id":10,` + byID + `}`, `{"affected_rows":0}`},
	} {
		if got := f.ok("workspaces/"+step.operation, step.body); got != step.want {
			t.Errorf("%s %s is %s, want %s", step.operation, step.body, got, step.want)
		}
	}

	f.wantMembers(id)

	if got := f.find(10).CreatedBy; got != emulator.HummelID {
		t.Errorf("created_by is %q", got)
	}

	if got := f.ids(`{"user_ids":["` + emulator.HansarickID + `"]}`); len(got) != 0 {
		t.Errorf("workspaces of a user who has none: %v", got)
	}

	wantError(t, f.post(addUser, `{"workspace_id":10,`+byID+`}`), 400, "email is required")

	for _, path := range []string{"/v1/api/users/query", "/v1/api/config", "/v1/api/workspaces/delete", tokenPath, usersPath, "/"} {
		wantError(t, emulatortest.MustSend(t, http.MethodPost, f.URL+path, `{}`, "Authorization: Bearer "+f.token), 404, "no such path")
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
		if diff := cmp.Diff(want, f.ids(`{}`)); diff != "" {
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

	if got, err := f.try("users/query", `{}`); err == nil {
		t.Errorf("closed: %v", got)
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
}

func TestCreatedByIsRewritten(t *testing.T) {
	t.Parallel()

	now := emulatortest.NewClock()
	f := newFixture(t, emulator.Options{Now: now.Now, API: emulator.API{CreatedBy: emulator.CreatedByID, CreatedByEmailAfter: time.Minute}})

	id := f.create("fraud")
	if got := f.find(id).CreatedBy; got != emulator.HummelID {
		t.Errorf("created_by is %q", got)
	}

	now.Advance(time.Minute)

	if got := f.find(id).CreatedBy; got != emulator.HummelEmail {
		t.Errorf("a minute later created_by is %q", got)
	}
}

func TestHTTP10(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{API: emulator.API{HTTP10: true}})
	for range 2 {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.URL+"/v1/api/config", nil)
		if err != nil {
			t.Fatal(err)
		}

		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}

		_ = response.Body.Close()
		if response.Proto != "HTTP/1.0" || !response.Close || response.StatusCode != 200 || response.Header.Get("X-Request-Id") == "" {
			t.Errorf("got %v", response)
		}
	}
}
