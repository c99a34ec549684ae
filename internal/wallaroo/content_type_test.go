package wallaroo

import "testing"

// Small servers call JSON and plain text HTML, if they do not name them.
func TestContentType_isNotBelieved(t *testing.T) {
	t.Parallel()

	const html = "Content-Type: text/html; charset=utf-8"

	f := newFake(t, respond(200, `{"workspaces":[]}`, html))

	if list, err := mustNew(t, testConfig(f.URL)).ListWorkspaces(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("ListWorkspaces() = %v, %v", list, err)
	}

	for name, body := range map[string]string{"JSON": `{"msg":"already a member"}`, "text": "already a member"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, respond(400, body, html))

			if err := mustNew(t, testConfig(f.URL)).AddMember(t.Context(), NewMember{WorkspaceID: 8, Email: "ann@example.com"}); !IsAlreadyMember(err) {
				t.Error(err)
			}
		})
	}
}
