package emulator_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const tokenPath, usersPath = emulatortest.TokenPath, "/auth/admin/realms/master/users"

type response = emulatortest.Response

// fixture is an instance and a caller.
type fixture struct {
	*emulatortest.Instance
	t     *testing.T
	token string
}

func newFixture(t *testing.T, opts emulator.Options) *fixture {
	t.Helper()
	return &fixture{Instance: emulatortest.Start(t, opts), t: t, token: emulator.SeedToken}
}

// try calls the MLOps API as the caller.
func (f *fixture) try(operation, body string) (response, error) {
	f.t.Helper()
	return emulatortest.Send(f.t, http.DefaultClient, http.MethodPost, f.URL+"/v1/api/"+operation, body, "Authorization: Bearer "+f.token)
}

// post is try for a call that must get a response.
func (f *fixture) post(operation, body string) response {
	f.t.Helper()

	got, err := f.try(operation, body)
	if err != nil {
		f.t.Fatalf("%s: %s", operation, err)
	}

	return got
}

// ok is post for a call that must succeed.
func (f *fixture) ok(operation, body string) string {
	f.t.Helper()

	got := f.post(operation, body)
	if got.Status != http.StatusOK {
		f.t.Fatalf("%s %s: %d %s", operation, body, got.Status, got.Body)
	}

	return got.Body
}

// loginAt returns a token of a user.
func loginAt(t *testing.T, url, user string) string {
	t.Helper()

	form := "grant_type=password&client_id=sdk-client&username=" + user + "&password=" + emulator.SeedPassword
	got := emulatortest.MustSend(t, http.MethodPost, url+tokenPath, form, "Content-Type: "+emulatortest.Form)

	token, _ := emulatortest.Parse[map[string]any](t, got.Body)["access_token"].(string)
	if got.Status != http.StatusOK || token == "" {
		t.Fatalf("no token: %d %s", got.Status, got.Body)
	}

	return token
}

// login makes a user the caller.
func (f *fixture) login(user string) {
	f.t.Helper()
	f.token = loginAt(f.t, f.URL, user)
}

// wantError checks the error body of the MLOps API.
func wantError(t *testing.T, got response, status int, part string) {
	t.Helper()

	body := emulatortest.Parse[struct {
		Msg  string
		Code int
	}](t, got.Body)
	if got.Status != status || body.Code != status || !strings.Contains(body.Msg, part) {
		t.Errorf("got %d %s, want %d with %q", got.Status, got.Body, status, part)
	}
}

// workspace is a workspace as it is listed by default.
type workspace struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	CreatedAt string  `json:"created_at"`
	CreatedBy string  `json:"created_by"`
	Archived  bool    `json:"archived"`
	Models    []int64 `json:"models"`
	Pipelines []int64 `json:"pipelines"`
}

func (f *fixture) list(body string) []workspace {
	f.t.Helper()
	return emulatortest.Parse[struct{ Workspaces []workspace }](f.t, f.ok("workspaces/list", body)).Workspaces
}

// ids returns the IDs of the workspaces that a list shows, sorted.
func (f *fixture) ids(body string) []int64 {
	f.t.Helper()

	out := []int64{}
	for _, w := range f.list(body) {
		out = append(out, w.ID)
	}

	slices.Sort(out)

	return out
}

func (f *fixture) find(id int64) workspace {
	f.t.Helper()

	for _, w := range f.list(`{}`) {
		if w.ID == id {
			return w
		}
	}

	f.t.Fatalf("workspace %d is not listed", id)

	return workspace{}
}

func (f *fixture) create(name string) int64 {
	f.t.Helper()
	return emulatortest.Parse[map[string]int64](f.t, f.ok("workspaces/create", `{"workspace_name":"`+name+`"}`))["workspace_id"]
}

// wantMembers checks the members of a workspace, which hummel owns.
func (f *fixture) wantMembers(id int64, collaborators ...string) {
	f.t.Helper()

	want := map[string]string{emulator.HummelID: emulator.Owner}
	for _, user := range collaborators {
		want[user] = emulator.Collaborator
	}

	if got := f.Members(id); !maps.Equal(got, want) {
		f.t.Errorf("members of %d are %v, want %v", id, got, want)
	}
}
