package emulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	tokenPath  = "/auth/realms/master/protocol/openid-connect/token"
	logoutPath = "/auth/realms/master/protocol/openid-connect/logout"
	usersPath  = "/auth/admin/realms/master/users"
)

// clock is a time that only a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2023, time.November, 28, 21, 16, 9, 891951000, time.UTC)}
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

// fixture is an instance behind a web server, and a signed-in caller.
type fixture struct {
	*emulator.Server
	t     *testing.T
	web   *httptest.Server
	token string
}

func newFixture(t *testing.T, opts emulator.Options) *fixture {
	t.Helper()
	server, err := emulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	f := &fixture{Server: server, t: t, web: web, token: emulator.SeedToken}
	if !opts.GuideOnly {
		f.token = f.login(emulator.HummelEmail)
	}
	return f
}

func (f *fixture) configure(change func(*emulator.Options)) {
	f.t.Helper()
	if err := f.Configure(change); err != nil {
		f.t.Fatal(err)
	}
}

// response is an answer that was read to its end.
type response struct {
	Status int
	Header http.Header
	Body   string
}

func (f *fixture) send(method, path, contentType, auth, body string) (response, error) {
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.web.URL+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if auth != "" {
		request.Header.Set("Authorization", auth)
	}
	answer, err := f.web.Client().Do(request)
	if err != nil {
		return response{}, err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	return response{answer.StatusCode, answer.Header, string(data)}, err
}

func (f *fixture) must(method, path, contentType, auth, body string) response {
	f.t.Helper()
	answer, err := f.send(method, path, contentType, auth, body)
	if err != nil {
		f.t.Fatalf("%s %s: %s", method, path, err)
	}
	return answer
}

// post calls the MLOps API as the signed-in caller.
func (f *fixture) post(operation, body string) response {
	f.t.Helper()
	return f.must(http.MethodPost, "/v1/api/"+operation, "application/json", "Bearer "+f.token, body)
}

// ok is post for a call that must succeed.
func (f *fixture) ok(operation, body string) string {
	f.t.Helper()
	answer := f.post(operation, body)
	if answer.Status != http.StatusOK {
		f.t.Fatalf("%s %s: %d %s", operation, body, answer.Status, answer.Body)
	}
	return answer.Body
}

// form posts pairs of a form to the path.
func (f *fixture) form(path string, pairs ...string) response {
	f.t.Helper()
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return f.must(http.MethodPost, path, "application/x-www-form-urlencoded", "", values.Encode())
}

type tokens struct {
	Access         string `json:"access_token"`
	Refresh        string `json:"refresh_token"`
	Expires        int    `json:"expires_in"`
	RefreshExpires int    `json:"refresh_expires_in"`
	Scope          string `json:"scope"`
}

func (f *fixture) tokens(answer response) tokens {
	f.t.Helper()
	if answer.Status != http.StatusOK {
		f.t.Fatalf("no token: %d %s", answer.Status, answer.Body)
	}
	return parse[tokens](f.t, answer.Body)
}

func (f *fixture) password(user string) tokens {
	f.t.Helper()
	return f.tokens(f.form(tokenPath, "grant_type", "password", "client_id", emulator.SDKClientID,
		"username", user, "password", emulator.SeedPassword))
}

func (f *fixture) login(user string) string {
	f.t.Helper()
	return f.password(user).Access
}

func parse[T any](t *testing.T, body string) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatalf("%s: %s", err, body)
	}
	return out
}

// wantError checks the error body of the MLOps API.
func wantError(t *testing.T, got response, status int, part string) {
	t.Helper()
	body := parse[struct {
		Msg  string
		Code int
	}](t, got.Body)
	if got.Status != status || body.Code != status || !strings.Contains(body.Msg, part) {
		t.Errorf("got %d %s, want %d with %q", got.Status, got.Body, status, part)
	}
}
