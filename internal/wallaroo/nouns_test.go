package wallaroo

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCalls(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		path, request, answer string
		call                  func(ctx context.Context, c *Client) (any, error)
		want                  any
	}{
		"workspaces": {
			"/v1/api/workspaces/list", `{}`,
			`{"workspaces":[{"id":12,"name":"b","created_at":"2024-07-11T15:23:37.011229+00:00","created_by":"u1","archived":true,"models":[3],"pipelines":[4,5],"new":1},
			  {"id":5,"name":"a","created_at":null,"created_by":null,"archived":null,"models":null}]}`,
			func(ctx context.Context, c *Client) (any, error) { return c.ListWorkspaces(ctx) },
			[]Workspace{
				{ID: 12, Name: "b", CreatedAt: "2024-07-11T15:23:37.011229+00:00", CreatedBy: "u1", Archived: true, Models: []int64{3}, Pipelines: []int64{4, 5}},
				{ID: 5, Name: "a"},
			},
		},
		"no workspaces": {
			"/v1/api/workspaces/list", `{}`, `{"workspaces":[]}`,
			func(ctx context.Context, c *Client) (any, error) { return c.ListWorkspaces(ctx) }, []Workspace{},
		},
		"workspaces of users": {
			"/v1/api/workspaces/list", `{"user_ids":["u1","u2"]}`, `{"workspaces":[]}`,
			func(ctx context.Context, c *Client) (any, error) { return c.ListWorkspaces(ctx, "u1", "u2") }, []Workspace{},
		},
		"create": {
			"/v1/api/workspaces/create", `{"workspace_name":"web & <co>"}`, `{"workspace_id":618489}`,
			func(ctx context.Context, c *Client) (any, error) { return c.CreateWorkspace(ctx, "web & <co>") }, int64(618489),
		},
		"members": {
			"/v1/api/workspaces/list_users", `{"workspace_id":7}`,
			`{"users":[{"user_id":"u1","user_type":"OWNER"},{"user_id":"u2","user_type":"collaborator"},{"user_id":"u3","user_type":null},{"user_id":"u4"},{"user_id":"u5","user_type":"Viewer"}]}`,
			func(ctx context.Context, c *Client) (any, error) { return c.ListMembers(ctx, 7) },
			[]Member{
				{UserID: "u1", Role: RoleOwner}, {UserID: "u2", Role: RoleCollaborator}, {UserID: "u3", Role: RoleCollaborator},
				{UserID: "u4", Role: RoleCollaborator}, {UserID: "u5", Role: "VIEWER"},
			},
		},
		"add": {
			"/v1/api/workspaces/add_user", `{"workspace_id":7,"email":"bob@example.com"}`, `{}`,
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.AddMember(ctx, NewMember{WorkspaceID: 7, Email: "bob@example.com"})
			}, nil,
		},
		"add an owner by id": {
			"/v1/api/workspaces/add_user", `{"workspace_id":7,"user_id":"u1","user_type":"owner"}`, `{"msg":"done","error":null}`,
			func(ctx context.Context, c *Client) (any, error) {
				return nil, c.AddMember(ctx, NewMember{WorkspaceID: 7, UserID: "u1", Role: RoleOwner})
			}, nil,
		},
		"remove": {
			"/v1/api/workspaces/remove_user", `{"workspace_id":7,"user_id":"u1"}`, `{"affected_rows":0}`,
			func(ctx context.Context, c *Client) (any, error) {
				return c.RemoveMember(ctx, 7, UserRef{UserID: "u1", Email: "ann@example.com"})
			}, false,
		},
		"remove by email": {
			"/v1/api/workspaces/remove_user", `{"workspace_id":7,"email":"ann@example.com"}`, `{"affected_rows":1}`,
			func(ctx context.Context, c *Client) (any, error) {
				return c.RemoveMember(ctx, 7, UserRef{Email: "ann@example.com"})
			}, true,
		},
		"users": {
			"/v1/api/users/query", `{"user_ids":["u1","u2","u3"]}`,
			`{"users":{"u1":{"id":"u1","username":"ann","email":"ann@example.com","firstName":"Ann","lastName":"A","enabled":true,"realmRoles":["admin"]},
			  "u2":null,"u3":{"username":"admin","email":null,"enabled":false},"u4":{"id":"u4","username":"eve"}}}`,
			func(ctx context.Context, c *Client) (any, error) { return c.Users(ctx, "u1", "u2", "u3") },
			map[string]User{
				"u1": {ID: "u1", Username: "ann", Email: "ann@example.com", FirstName: "Ann", LastName: "A", Enabled: true},
				"u3": {ID: "u3", Username: "admin"},
				"u4": {ID: "u4", Username: "eve", Enabled: true},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, respond(200, test.answer))

			got, err := test.call(t.Context(), mustNew(t, testConfig(f.URL+"/v1/api/")))
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}

			request := f.seen()[0]
			if request.path != test.path || request.body != test.request {
				t.Errorf("sent %s to %s, want %s to %s", request.body, request.path, test.request, test.path)
			}

			if got := request.header.Get("Authorization"); got != "Bearer ready-token" {
				t.Errorf("Authorization = %q", got)
			}

			if got := request.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type = %q", got)
			}
		})
	}
}

func TestCalls_badArguments(t *testing.T) {
	t.Parallel()
	f := newFake(t)

	c := mustNew(t, testConfig(f.URL))
	if err := c.AddMember(t.Context(), NewMember{WorkspaceID: 1}); err == nil {
		t.Error("AddMember took a member without a name")
	}

	if _, err := c.RemoveMember(t.Context(), 1, UserRef{}); err == nil {
		t.Error("RemoveMember took no user")
	}

	if _, err := c.CreateWorkspace(t.Context(), "a\xff"); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("CreateWorkspace of invalid UTF-8: %v", err)
	}

	f.wantCalls(t, 0)
}

func TestMalformedAnswers(t *testing.T) {
	t.Parallel()
	// What no operation takes.
	common := map[string]string{
		"":                                  "an empty body",
		" \n":                               "an empty body",
		"null":                              "null",
		"[]":                                "a list",
		`"x"`:                               "a string",
		"5":                                 "a number",
		"true":                              "a boolean",
		`{"a":1`:                            "not valid JSON",
		`{} {}`:                             "not valid JSON",
		`{"a":1,"a":2}`:                     "duplicate",
		"{\"a\":\"\xff\"}":                  "UTF-8",
		`{"msg":"boom","code":500}`:         "an error object: boom",
		`{"error":"bang","status":"Error"}`: "an error object: bang",
	}

	special := map[string]map[string]string{
		"list workspaces": {
			`{}`:                                                            `no "workspaces"`,
			`{"Workspaces":[]}`:                                             `no "workspaces"`,
			`{"workspaces":null}`:                                           `no "workspaces"`,
			`{"workspaces":{}}`:                                             `an object at "/workspaces"`,
			`{"workspaces":[null]}`:                                         `no valid "id" in element 1 of the list`,
			`{"workspaces":[{"name":"a"}]}`:                                 `no valid "id"`,
			`{"workspaces":[{"id":0,"name":"a"}]}`:                          `no valid "id"`,
			`{"workspaces":[{"id":"a","name":"a"}]}`:                        `no valid "id"`,
			`{"workspaces":[{"id":"","name":"a"}]}`:                         `no valid "id"`,
			`{"workspaces":[{"id":1.5,"name":"a"}]}`:                        `no valid "id"`,
			`{"workspaces":[{"id":1e16,"name":"a"}]}`:                       `no valid "id"`,
			`{"workspaces":[{"id":[1],"name":"a"}]}`:                        `no valid "id"`,
			`{"workspaces":[{"id":1,"name":1}]}`:                            `a number at "/workspaces/0/name"`,
			`{"workspaces":[{"id":1}]}`:                                     `no "name" in element 1 of the list`,
			`{"workspaces":[{"id":1,"name":"a","models":[{"a":1,"a":1}]}]}`: `duplicate`,
			`{"workspaces":[{"id":1,"name":"a"},{"id":1,"name":"b"}]}`:      `workspace 1 twice`,
		},
		"list members": {
			`{}`:                           `no "users"`,
			`{"users":null}`:               `no "users"`,
			`{"users":[{}]}`:               `no "user_id" in element 1 of the list`,
			`{"users":[null]}`:             `no "user_id"`,
			`{"users":[{"user_id":true}]}`: `no "user_id"`,
			`{"users":[{"user_id":"a","user_type":1}]}`:   `a number at "/users/0/user_type"`,
			`{"users":[{"user_id":"a"},{"user_id":"a"}]}`: `member a twice`,
			`{"users":{"a":{}}}`:                          `an object at "/users"`,
		},
		"users": {
			`{}`:                            `no "users"`,
			`{"users":null}`:                `no "users"`,
			`{"users":[]}`:                  `a list at "/users"`,
			`{"users":{"":{}}}`:             `a user without an ID`,
			`{"users":{"a":{"id":"b"}}}`:    `user b under the ID a`,
			`{"users":{"a":null,"a":null}}`: `duplicate`,
		},
		"create workspace": {
			`{}`:                    `no valid "workspace_id"`,
			`{"workspace_id":null}`: `no valid "workspace_id"`,
			`{"workspace_id":0}`:    `no valid "workspace_id"`,
			`{"workspace_id":-4}`:   `no valid "workspace_id"`,
			`{"workspace_id":"x"}`:  `no valid "workspace_id"`,
		},
		"add member":    {`{"error":{"reason":1}}`: "an error object"},
		"remove member": {`{"affected_rows":1,"error":"no"}`: "an error object"},
	}
	for _, op := range operations {
		for _, cases := range []map[string]string{common, special[op.name]} {
			for body, want := range cases {
				t.Run(op.name+" "+body, func(t *testing.T) {
					t.Parallel()
					f := newFake(t, respond(200, body, "X-Request-Id: r1"))
					err := op.call(t.Context(), mustNew(t, testConfig(f.URL)))

					failure := asError(t, err)
					if failure.Kind != KindMalformed || failure.Status != 200 || failure.RequestID != "r1" || failure.OutcomeUnknown != op.write {
						t.Errorf("%#v", failure)
					}

					if !strings.Contains(err.Error(), want) {
						t.Errorf("error %q does not hold %q", err, want)
					}

					f.wantCalls(t, 1)
				})
			}
		}
	}
}

// What an instance adds to the documented fields, or writes in another type, does
// not keep a list from being read.
func TestLenientAnswers(t *testing.T) {
	t.Parallel()
	f := newFake(t,
		respond(200, `{"workspaces":[
			{"id":"5","name":"a","created_at":1704164645,"created_by":7,"archived":0,"models":["m"],"pipelines":{}},
			{"id":6.0,"name":"b","created_at":"2026","created_by":"u1","archived":true,"models":[1],"pipelines":[2,"p"]},
			{"id":7e0,"name":"c"}]}`),
		respond(200, `{"users":[{"user_id":12,"email":"ann@example.com","user_type":"OWNER"},{"user_id":"bob","email":{}}]}`),
		respond(200, `{"users":{"12":{"id":12,"email":"ann@example.com"}}}`),
	)
	c := mustNew(t, testConfig(f.URL))

	wantWorkspaces := []Workspace{
		{ID: 5, Name: "a"},
		{ID: 6, Name: "b", CreatedAt: "2026", CreatedBy: "u1", Archived: true, Models: []int64{1}},
		{ID: 7, Name: "c"},
	}
	if got, err := c.ListWorkspaces(t.Context()); err != nil || !cmp.Equal(got, wantWorkspaces) {
		t.Errorf("workspaces: %v, %s", err, cmp.Diff(wantWorkspaces, got))
	}

	wantMembers := []Member{{UserID: "12", Email: "ann@example.com", Role: RoleOwner}, {UserID: "bob", Role: RoleCollaborator}}
	if got, err := c.ListMembers(t.Context(), 5); err != nil || !cmp.Equal(got, wantMembers) {
		t.Errorf("members: %v, %s", err, cmp.Diff(wantMembers, got))
	}

	wantUsers := map[string]User{"12": {ID: "12", Email: "ann@example.com", Enabled: true}}
	if got, err := c.Users(t.Context()); err != nil || !cmp.Equal(got, wantUsers) {
		t.Errorf("users: %v, %s", err, cmp.Diff(wantUsers, got))
	}
}

// Of what creates and removals answer, only what is needed is read.
func TestLenientAnswers_ofWrites(t *testing.T) {
	t.Parallel()

	for body, want := range map[string]int64{
		`{"workspace_id":7}`: 7, `{"workspace_id":"7"}`: 7, `{"workspace_id":7.0,"name":5,"models":{}}`: 7,
	} {
		f := newFake(t, respond(200, body))
		if got, err := mustNew(t, testConfig(f.URL)).CreateWorkspace(t.Context(), "web"); err != nil || got != want {
			t.Errorf("create answered %s: %d, %v", body, got, err)
		}
	}

	for body, want := range map[string]bool{
		`{"affected_rows":2}`: true, `{"affected_rows":"1"}`: true, `{"affected_rows":1.0}`: true, `{"affected_rows":0}`: false,
		`{}`: false, `{"affected_rows":null}`: false, `{"affected_rows":-1}`: false, `{"affected_rows":[1]}`: false, `{"affected_rows":true}`: false,
	} {
		f := newFake(t, respond(200, body))
		if got, err := mustNew(t, testConfig(f.URL)).RemoveMember(t.Context(), 7, UserRef{UserID: "u1"}); err != nil || got != want {
			t.Errorf("removal answered %s: %t, %v", body, got, err)
		}
	}
}

func TestAddMember_letterCaseOfRoles(t *testing.T) {
	t.Parallel()

	const noRole = `{"msg":"user_type must be one of OWNER, COLLABORATOR"}`

	owner, collaborator := NewMember{WorkspaceID: 7, Email: "a", Role: RoleOwner}, NewMember{WorkspaceID: 7, Email: "a", Role: RoleCollaborator}

	tests := map[string]struct {
		answers []handler
		add     []NewMember
		want    []string
		status  int // of the last add's error
	}{
		"lower":             {[]handler{respond(200, `{}`)}, []NewMember{owner}, []string{"owner"}, 0},
		"upper, remembered": {[]handler{respond(400, noRole), respond(200, `{}`)}, []NewMember{owner, collaborator}, []string{"owner", "OWNER", "COLLABORATOR"}, 0},
		"lower, remembered": {[]handler{respond(200, `{}`), respond(400, `{"msg":"no such user"}`)}, []NewMember{owner, owner}, []string{"owner", "owner"}, 400},
		"unprocessable":     {[]handler{respond(422, noRole), respond(200, `{}`)}, []NewMember{owner}, []string{"owner", "OWNER"}, 0},
		"neither":           {[]handler{respond(422, `{"msg":"first"}`), respond(400, `{"msg":"second"}`)}, []NewMember{owner}, []string{"owner", "OWNER"}, 422},
		"forbidden then":    {[]handler{respond(400, noRole), respond(403, `{"msg":"no"}`)}, []NewMember{owner}, []string{"owner", "OWNER"}, 403},
		"member then":       {[]handler{respond(400, noRole), respond(400, `{"msg":"already a member"}`)}, []NewMember{owner}, []string{"owner", "OWNER"}, 400},
		"already a member":  {[]handler{respond(400, `{"msg":"already a member"}`)}, []NewMember{owner}, []string{"owner"}, 400},
		"conflict":          {[]handler{respond(409, `{}`)}, []NewMember{owner}, []string{"owner"}, 409},
		"forbidden":         {[]handler{respond(403, `{}`)}, []NewMember{owner}, []string{"owner"}, 403},
		"no role":           {[]handler{respond(400, `{"msg":"no such user"}`)}, []NewMember{{WorkspaceID: 7, Email: "a"}}, []string{""}, 400},
		"no role between":   {[]handler{respond(200, `{}`), respond(400, noRole), respond(200, `{}`)}, []NewMember{{WorkspaceID: 7, Email: "a"}, owner}, []string{"", "owner", "OWNER"}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, test.answers...)
			c := mustNew(t, testConfig(f.URL))

			var err error
			for _, member := range test.add {
				err = c.AddMember(t.Context(), member)
			}

			var got []string

			for _, request := range f.seen() {
				var sent memberRequest
				if err := json.Unmarshal([]byte(request.body), &sent); err != nil {
					t.Fatal(err)
				}

				got = append(got, sent.Role)
			}

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("roles sent (-want +got):\n%s", diff)
			}

			if (err == nil) != (test.status == 0) || err != nil && asError(t, err).Status != test.status {
				t.Errorf("error %v, want status %d", err, test.status)
			}
		})
	}
}
