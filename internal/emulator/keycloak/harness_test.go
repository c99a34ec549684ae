package keycloak_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

const (
	realmPath = "/auth/realms/master"
	tokenPath = emulatortest.TokenPath
	usersPath = "/auth/admin/realms/master/users"
)

// Forms, and the beginning of one.
const (
	asAnn    = "client_id=sdk-client&grant_type=password&username=ann@example.com&password=emulator"
	asAdmin  = "client_id=sdk-client&grant_type=password&username=admin&password=emulator"
	asClient = "client_id=api-client&client_secret=emulator-secret&grant_type=client_credentials"
	renews   = "client_id=sdk-client&grant_type=refresh_token&refresh_token="
)

// fixture is a Keycloak with the users ann and bob, and an administrator without an email.
type fixture struct {
	*keycloak.Server
	t   *testing.T
	web *httptest.Server
	// ann, bob and admin are user IDs.
	ann, bob, admin string
}

func newFixture(t *testing.T, opts keycloak.Options) *fixture {
	t.Helper()
	f := &fixture{Server: keycloak.New(opts), t: t}
	f.ann = f.AddUser(keycloak.User{Email: "Ann@Example.com", FirstName: "Ann"})
	f.bob = f.AddUser(keycloak.User{Email: "bob@example.com"})
	f.admin = f.AddUser(keycloak.User{Username: "admin", Admin: true})
	f.web = httptest.NewServer(f.Server)
	t.Cleanup(f.web.Close)

	return f
}

// form posts a form to the token endpoint.
func (f *fixture) form(form string) emulatortest.Response {
	f.t.Helper()
	return emulatortest.MustSend(f.t, http.MethodPost, f.web.URL+tokenPath, form, "Content-Type: "+emulatortest.Form)
}

type tokens struct {
	Access         string  `json:"access_token"`
	Refresh        *string `json:"refresh_token"`
	Expires        int     `json:"expires_in"`
	RefreshExpires int     `json:"refresh_expires_in"`
	Session        *string `json:"session_state"`
	Scope          string  `json:"scope"`
}

// granted posts a form that must be granted.
func (f *fixture) granted(form string) tokens {
	f.t.Helper()

	got := f.form(form)
	if got.Status != http.StatusOK {
		f.t.Fatalf("%s: %d %s", form, got.Status, got.Body)
	}

	return emulatortest.Parse[tokens](f.t, got.Body)
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()

	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}

	return emulatortest.Parse[map[string]any](t, string(data))
}

// caller returns who a bearer token belongs to, "" for nobody.
func (f *fixture) caller(auth string) string {
	f.t.Helper()
	request := httptest.NewRequestWithContext(f.t.Context(), http.MethodPost, "/", nil)
	request.Header.Set("Authorization", auth)

	u, err := f.Authenticate(request)
	if (err == nil) == (u.ID == "") {
		f.t.Fatalf("user %q, error %v", u.ID, err)
	}

	return u.ID
}
