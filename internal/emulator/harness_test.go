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
	tokenPath = "/auth/realms/master/protocol/openid-connect/token"
	usersPath = "/auth/admin/realms/master/users"
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

// fixture is an instance behind a web server, and a caller.
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

	return &fixture{Server: server, t: t, web: web, token: emulator.SeedToken}
}

// response is a response that was read to its end.
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

	got, err := f.web.Client().Do(request)
	if err != nil {
		return response{}, err
	}

	defer func() { _ = got.Body.Close() }()

	data, err := io.ReadAll(got.Body)

	return response{got.StatusCode, got.Header, string(data)}, err
}

func (f *fixture) must(method, path, contentType, auth, body string) response {
	f.t.Helper()

	got, err := f.send(method, path, contentType, auth, body)
	if err != nil {
		f.t.Fatalf("%s %s: %s", method, path, err)
	}

	return got
}

// post calls the MLOps API as the caller.
func (f *fixture) post(operation, body string) response {
	f.t.Helper()
	return f.must(http.MethodPost, "/v1/api/"+operation, "application/json", "Bearer "+f.token, body)
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

// form posts pairs of a form to the path.
func (f *fixture) form(path string, pairs ...string) response {
	f.t.Helper()

	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}

	return f.must(http.MethodPost, path, "application/x-www-form-urlencoded", "", values.Encode())
}

// login returns a token of a user.
func (f *fixture) login(user string) string {
	f.t.Helper()
	got := f.form(tokenPath, "grant_type", "password", "client_id", emulator.SDKClientID,
		"username", user, "password", emulator.SeedPassword)

	token, _ := parse[map[string]any](f.t, got.Body)["access_token"].(string)
	if got.Status != http.StatusOK || token == "" {
		f.t.Fatalf("no token: %d %s", got.Status, got.Body)
	}

	return token
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
