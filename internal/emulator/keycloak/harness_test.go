package keycloak_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

const (
	realmPath = "/auth/realms/master"
	tokenPath = realmPath + "/protocol/openid-connect/token"
	usersPath = "/auth/admin/realms/master/users"
)

// Parts of forms.
const (
	bySDK  = "client_id=sdk-client"
	byAPI  = "client_id=api-client&client_secret=emulator-secret"
	asAnn  = "&grant_type=password&username=ann@example.com&password=emulator"
	renews = "&grant_type=refresh_token&refresh_token="
)

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2023, time.November, 28, 21, 16, 9, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.now = c.now.Add(d)
}

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

type response struct {
	Status int
	Body   string
}

func (f *fixture) send(method, path, header, value, body string) response {
	f.t.Helper()

	request, err := http.NewRequestWithContext(f.t.Context(), method, f.web.URL+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}

	request.Header.Set(header, value)

	got, err := f.web.Client().Do(request)
	if err != nil {
		f.t.Fatal(err)
	}

	defer func() { _ = got.Body.Close() }()

	data, err := io.ReadAll(got.Body)
	if err != nil {
		f.t.Fatal(err)
	}

	return response{got.StatusCode, string(data)}
}

// form posts a form to the token endpoint.
func (f *fixture) form(form string) response {
	f.t.Helper()
	return f.send(http.MethodPost, tokenPath, "Content-Type", "application/x-www-form-urlencoded", form)
}

func (f *fixture) get(path string) response {
	f.t.Helper()
	return f.send(http.MethodGet, path, "Accept", "application/json", "")
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

	return parse[tokens](f.t, got.Body)
}

func parse[T any](t *testing.T, body string) T {
	t.Helper()

	var out T
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%s: %s", err, body)
	}

	return out
}

type failure struct {
	Status      int    `json:"-"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (f *fixture) wantFailure(got response, want failure) {
	f.t.Helper()
	body := parse[failure](f.t, got.Body)

	body.Status = got.Status
	if diff := cmp.Diff(want, body); diff != "" {
		f.t.Errorf("(-want +got):\n%s", diff)
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()

	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}

	return parse[map[string]any](t, string(data))
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
