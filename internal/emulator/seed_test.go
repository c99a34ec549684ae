package emulator_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

const teamSeed = `{
	"users": [{"email": "Ann@example.com"}, {"id": "bob", "username": "bob", "token": "of-bob"}, {"email": "root@example.com", "admin": true}],
	"workspaces": [
		{"name": "fraud", "members": {"ann@EXAMPLE.com": "OWNER", "bob": "collaborator"}, "models": [3]},
		{"id": 40, "name": "churn", "created_at": "2026-01-02T03:04:05Z", "created_by": "script", "archived": true, "members": {"bob": "OWNER"}}
	]
}`

func TestSeedFile(t *testing.T) {
	t.Parallel()

	seed, err := emulator.ReadSeed(strings.NewReader(teamSeed))
	if err != nil {
		t.Fatal(err)
	}

	f := newFixture(t, emulator.Options{Seed: seed, Now: emulatortest.NewClock().Now})
	if got := f.find(1); got.Name != "fraud" || got.CreatedBy != "ann@example.com" || got.CreatedAt != "2023-11-28T21:16:09.891951+00:00" {
		t.Errorf("fraud is %+v", got)
	}

	f.token = "of-bob"

	want := workspace{40, "churn", "2026-01-02T03:04:05+00:00", "script", true, []int64{}, []int64{}}
	if diff := cmp.Diff(want, f.find(40)); diff != "" {
		t.Errorf("churn (-want +got):\n%s", diff)
	}

	if got := f.Members(1)["bob"]; got != emulator.Collaborator {
		t.Errorf("bob is %q", got)
	}

	f.login("root@example.com")

	if got := f.ids(`{}`); len(got) != 2 {
		t.Errorf("the administrator sees %v", got)
	}

	if id := f.create("next"); id <= 40 {
		t.Errorf("the next ID is %d", id)
	}
}

func TestSeedMistakes(t *testing.T) {
	t.Parallel()

	const ann = `{"users":[{"email":"ann@example.com"}],`
	for text, want := range map[string]string{
		``:                                 "EOF",
		`[]`:                               "cannot unmarshal array",
		teamSeed + `{}`:                    "something follows",
		`{"users":[]}`:                     `"users" must name at least one account`,
		`{"users":[{"mail":"a@b"}]}`:       `unknown field "mail"`,
		`{"users":[{"admin":true}]}`:       "neither a username nor an email",
		`{"users":[{"id":"x"},{}]}`:        "neither a username nor an email",
		ann + `"workspaces":[{}]}`:         "a workspace has no name",
		ann + `"workspaces":[{"id":"1"}]}`: "cannot unmarshal string",
		ann + `"workspaces":[{"name":"a","members":{"bob@example.com":"OWNER"}}]}`:                           `workspace "a": member "bob@example.com" is no user`,
		ann + `"workspaces":[{"name":"a","members":{"ann@example.com":"admin"}}]}`:                           `workspace "a": member`,
		ann + `"workspaces":[{"name":"a","members":{"ann@example.com":"OWNER","Ann@example.com":"OWNER"}}]}`: "listed twice",
		ann + `"workspaces":[{"name":"a"},{"name":"a"}]}`:                                                    `workspace name "a" is already in use`,
		ann + `"workspaces":[{"id":7,"name":"a"},{"id":7,"name":"b"}]}`:                                      "workspace ID 7 is already in use",
		`{"users":[{"email":"ann@example.com"},{"email":"ANN@example.com"}]}`:                                "username already in use",
	} {
		seed, err := emulator.ReadSeed(strings.NewReader(text))
		if err == nil {
			_, err = emulator.New(emulator.Options{Seed: seed})
		}

		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %s", text, err, want)
		}
	}
}

// TestIssuer takes the tokens and users of another Keycloak.
func TestIssuer(t *testing.T) {
	t.Parallel()

	other := keycloak.New(keycloak.Options{})
	ann := other.AddUser(emulator.User{Email: "ann@example.com", Token: "of-ann"})
	web := httptest.NewServer(other)
	t.Cleanup(web.Close)

	connected := func() *fixture {
		issuer, err := keycloak.Connect(t.Context(), keycloak.IssuerConfig{
			URL: web.URL + "/auth/realms/master", ClientID: keycloak.APIClientID, ClientSecret: keycloak.APIClientSecret,
		})
		if err != nil {
			t.Fatal(err)
		}

		return newFixture(t, emulator.Options{Issuer: issuer})
	}
	f, late := connected(), connected()

	if got := emulatortest.MustSend(t, "POST", f.URL+tokenPath, ""); got.Status != 404 || !strings.Contains(got.Body, "set WALLAROO_AUTH_URL") {
		t.Errorf("the token endpoint: %v", got)
	}

	f.token = loginAt(t, web.URL, "ann@example.com")

	id := f.create("fraud")
	if f.find(id).CreatedBy != "ann@example.com" || f.Members(id)[ann] != emulator.Owner {
		t.Errorf("the new workspace is %+v with %v", f.find(id), f.Members(id))
	}

	bob := other.AddUser(emulator.User{Email: "bob@example.com"})

	f.ok("workspaces/add_user", `{"workspace_id":1,"email":"Bob@example.com"}`)

	if f.Members(id)[bob] != emulator.Collaborator || f.query(`{}`)[bob] == nil {
		t.Errorf("bob is no member: %v", f.Members(id))
	}

	for _, token := range []string{emulator.SeedToken, "of-ann"} {
		f.token = token
		wantError(t, f.post("workspaces/list", `{}`), 401, "Unauthorized")
	}

	f.token = loginAt(t, web.URL, "ann@example.com")
	late.token = f.token

	web.Close()
	wantError(t, f.post("users/query", `{}`), 503, "the users of "+web.URL)
	wantError(t, late.post("workspaces/list", `{}`), 503, "the keys of "+web.URL)
}
