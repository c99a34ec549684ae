package wallaroo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// seen is one request that a fake got.
type seen struct {
	path, body string
	header     http.Header
}

// fake is an instance whose answers a test writes. It keeps what it was asked.
type fake struct {
	*httptest.Server
	// api and token answer; n counts the requests of their sort from 1.
	api, token func(w http.ResponseWriter, r *http.Request, n int)

	mu       sync.Mutex // guards the rest
	requests []seen
	calls    int
	signIns  int
}

// newFake starts a fake that answers the calls of the API in turn; the last answer is for the rest.
func newFake(t *testing.T, answers ...handler) *fake {
	t.Helper()

	f := &fake{api: inTurn(answers...), token: grantToken("access-1", 3600)}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.Close)

	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)

	f.mu.Lock()
	f.requests = append(f.requests, seen{path: r.URL.Path, body: string(body), header: r.Header.Clone()})

	serve, n := f.api, 0
	if strings.HasSuffix(r.URL.Path, tokenPath) {
		f.signIns++
		serve, n = f.token, f.signIns
	} else {
		f.calls++
		n = f.calls
	}
	f.mu.Unlock()
	serve(w, r, n)
}

func (f *fake) seen() []seen {
	f.mu.Lock()
	defer f.mu.Unlock()

	return slices.Clone(f.requests)
}

func (f *fake) counts() (calls, signIns int) {
	f.mu.Lock()
	defer f.mu.Unlock()

	return f.calls, f.signIns
}

// wantCounts checks how many calls and sign-ins a fake has got.
func (f *fake) wantCounts(t *testing.T, calls, signIns int) {
	t.Helper()

	if gotCalls, gotSignIns := f.counts(); gotCalls != calls || gotSignIns != signIns {
		t.Errorf("%d calls and %d sign-ins, want %d and %d", gotCalls, gotSignIns, calls, signIns)
	}
}

// wantCalls is wantCounts where sign-ins do not matter.
func (f *fake) wantCalls(t *testing.T, calls int) {
	t.Helper()

	_, signIns := f.counts()
	f.wantCounts(t, calls, signIns)
}

type handler = func(w http.ResponseWriter, r *http.Request, n int)

// respond answers every request alike. Headers are given as "Name: value".
func respond(status int, body string, headers ...string) handler {
	return func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("Content-Type", "application/json")

		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			w.Header().Set(name, value)
		}

		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// inTurn answers the first request by the first handler and so on; the last one
// answers the rest.
func inTurn(handlers ...handler) handler {
	return func(w http.ResponseWriter, r *http.Request, n int) {
		handlers[min(n, len(handlers))-1](w, r, n)
	}
}

// cut ends the connection without an answer.
func cut(http.ResponseWriter, *http.Request, int) { panic(http.ErrAbortHandler) }

func grantToken(access string, life int) handler {
	return respond(200, fmt.Sprintf(`{"access_token":%q,"expires_in":%d,"token_type":"Bearer"}`, access, life))
}

// sleeper records waits and takes no time.
type sleeper struct {
	mu    sync.Mutex // guards waits
	waits []time.Duration
}

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.waits = append(s.waits, d)

	return ctx.Err()
}

// clock is a time that tests set.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

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

// testConfig signs in by a ready token, does not wait and tries up to three times.
func testConfig(endpoint string) Config {
	return Config{
		Endpoint:    endpoint,
		Credentials: Credentials{Token: "ready-token"},
		MaxRetries:  2,
		Sleep:       new(sleeper).sleep,
		Random:      func() float64 { return 0.5 },
	}
}

func userConfig(endpoint string) Config {
	cfg := testConfig(endpoint)
	cfg.Credentials = Credentials{Username: "ann@example.com", Password: "pa&ss \"word"}

	return cfg
}

func mustNew(t *testing.T, cfg Config) *Client {
	t.Helper()

	c, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}

	return c
}

// asError fails the test unless err is an [*Error].
func asError(t *testing.T, err error) *Error {
	t.Helper()

	failure, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("error is %T (%v), want *Error", err, err)
	}

	return failure
}

func jwt(payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(payload)) + ".c2ln"
}

// apiCall is a call of the API, with an answer that it takes.
type apiCall struct {
	name, path, good string
	write            bool
	call             func(ctx context.Context, c *Client) error
}

var reads = []apiCall{
	{"list workspaces", "/v1/api/workspaces/list", `{"workspaces":[]}`, false, func(ctx context.Context, c *Client) error {
		_, err := c.ListWorkspaces(ctx)
		return err
	}},
	{"list members", "/v1/api/workspaces/list_users", `{"users":[]}`, false, func(ctx context.Context, c *Client) error {
		_, err := c.ListMembers(ctx, 7)
		return err
	}},
	{"users", "/v1/api/users/query", `{"users":{}}`, false, func(ctx context.Context, c *Client) error {
		_, err := c.Users(ctx)
		return err
	}},
}

var writes = []apiCall{
	{"create workspace", "/v1/api/workspaces/create", `{"workspace_id":7}`, true, func(ctx context.Context, c *Client) error {
		_, err := c.CreateWorkspace(ctx, "web")
		return err
	}},
	{"add member", "/v1/api/workspaces/add_user", `{}`, true, func(ctx context.Context, c *Client) error {
		return c.AddMember(ctx, NewMember{WorkspaceID: 7, Email: "bob@example.com"})
	}},
	{"remove member", "/v1/api/workspaces/remove_user", `{"affected_rows":1}`, true, func(ctx context.Context, c *Client) error {
		_, err := c.RemoveMember(ctx, 7, UserRef{UserID: "u1"})
		return err
	}},
}

var operations = slices.Concat(reads, writes)

// eachCall runs a test for each of the calls.
func eachCall(t *testing.T, calls []apiCall, test func(t *testing.T, op apiCall)) {
	t.Helper()

	for _, op := range calls {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			test(t, op)
		})
	}
}

// listError returns the error of a list, which must fail.
func listError(t *testing.T, cfg Config) *Error {
	t.Helper()

	_, err := mustNew(t, cfg).ListWorkspaces(t.Context())

	return asError(t, err)
}
