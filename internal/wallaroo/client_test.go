package wallaroo

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestNew_errors(t *testing.T) {
	t.Parallel()

	header := func(name, value string) func(cfg *Config) {
		return func(c *Config) { c.Headers = map[string]string{name: value} }
	}
	credentials := func(credentials Credentials) func(cfg *Config) {
		return func(c *Config) { c.Credentials = credentials }
	}

	tests := map[string]struct {
		change func(cfg *Config)
		fields string
		want   string
	}{
		"no endpoint":      {func(c *Config) { c.Endpoint = "" }, "Endpoint", "Endpoint is not set"},
		"endpoint":         {func(c *Config) { c.Endpoint = "http://canary@x" }, "Endpoint", "Endpoint must not contain user information"},
		"auth endpoint":    {func(c *Config) { c.AuthEndpoint = "x" }, "AuthEndpoint", `AuthEndpoint must begin with "https://"`},
		"authority":        {func(c *Config) { c.CACertificate = []byte("canary") }, "CACertificate", "CACertificate contains no PEM certificate"},
		"certificate only": {func(c *Config) { c.ClientCertificate = []byte("canary") }, "ClientKey ClientCertificate", "ClientCertificate is set, but ClientKey is not"},
		"key only":         {func(c *Config) { c.ClientKey = []byte("canary") }, "ClientCertificate ClientKey", "ClientKey is set, but ClientCertificate is not"},
		"bad pair": {func(c *Config) { c.ClientCertificate, c.ClientKey = []byte("canary"), []byte("canary") },
			"ClientCertificate ClientKey", "ClientCertificate and ClientKey cannot be used: tls: failed to find any PEM data in certificate input"},
		"header name":       {header("a b", "canary"), "Headers", `Headers must not set "a b", which is not a valid header name`},
		"empty header name": {header("", "canary"), "Headers", `Headers must not set "", which is not`},
		"header value":      {header("X-A", "canary\n"), "Headers", `Headers must not set "X-A" to a value that contains a character`},
		"header twice":      {func(c *Config) { c.Headers = map[string]string{"X-A": "canary", "x-a": "canary"} }, "Headers", `must not set "X-A" twice`},
		"authorization":     {header("authorization", "canary"), "Headers", `must not set "Authorization", which this client sets itself`},
		"host":              {header("Host", "canary"), "Headers", `"Host"`},
		"content type":      {header("content-type", "canary"), "Headers", `"Content-Type"`},
		"content length":    {header("Content-Length", "1"), "Headers", `"Content-Length"`},
		"idempotency":       {header("idempotency-key", "canary"), "Headers", `"Idempotency-Key"`},
		"no credentials": {credentials(Credentials{}), "Username Password ClientID ClientSecret Token Credentials.File",
			"none of Username, Password, ClientID, ClientSecret, Token, Credentials.File is set"},
		"token and user":          {credentials(Credentials{Token: "canary", Username: "u", Password: "canary"}), "Token Username Password", "Token cannot be combined with Username and Password"},
		"token and secret":        {credentials(Credentials{Token: "canary", ClientSecret: "u"}), "Token ClientSecret", "Token cannot be combined with ClientSecret"},
		"token and file":          {credentials(Credentials{Token: "canary", File: "f"}), "Token Credentials.File", "Token cannot be combined with Credentials.File"},
		"file and user":           {credentials(Credentials{File: "f", Username: "u"}), "Credentials.File Username", "Credentials.File cannot be combined with Username"},
		"token with a space":      {credentials(Credentials{Token: "Bearer canary"}), "Token", "Token contains a character"},
		"token with a line":       {credentials(Credentials{Token: "can\nary"}), "Token", "Token contains a character"},
		"token not ASCII":         {credentials(Credentials{Token: "canäry"}), "Token", "Token contains a character"},
		"user without password":   {credentials(Credentials{Username: "u"}), "Password Username", "Username is set, but Password is not"},
		"password without user":   {credentials(Credentials{Password: "canary"}), "Username Password", "Password is set, but Username is not"},
		"client without secret":   {credentials(Credentials{ClientID: "u"}), "ClientSecret ClientID", "ClientID is set, but ClientSecret is not"},
		"secret without client":   {credentials(Credentials{ClientSecret: "canary"}), "ClientID ClientSecret", "ClientSecret is set, but ClientID is not"},
		"blank token is no token": {credentials(Credentials{Token: " \n", ClientSecret: "canary"}), "ClientID ClientSecret", "ClientSecret is set, but ClientID is not"},
		"content of a file":       {credentials(Credentials{File: `{"username":"canary"}`}), "Credentials.File", "Credentials.File must be the path of a JSON file"},
		"no such file":            {credentials(Credentials{File: "/no/such/file"}), "Credentials.File", `Credentials.File names the file "/no/such/file", which cannot be read`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			cfg := testConfig("https://api.example.com")
			test.change(&cfg)
			_, err := New(cfg)

			problem, ok := errors.AsType[*ConfigError](err)
			if !ok || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}

			var fields []string
			for _, field := range problem.Fields {
				fields = append(fields, string(field))
			}

			if got := strings.Join(fields, " "); got != test.fields {
				t.Errorf("fields %s, want %s", got, test.fields)
			}

			if strings.Contains(err.Error(), "canary") {
				t.Errorf("error %q shows a secret", err)
			}
		})
	}
}

func TestValidate_reportsAll(t *testing.T) {
	t.Parallel()

	var got []string
	for _, problem := range (Config{AuthEndpoint: "x", Headers: map[string]string{"Host": "x"}}).Validate() {
		got = append(got, string(problem.Fields[0]))
	}

	if want := "Endpoint AuthEndpoint Username Headers"; strings.Join(got, " ") != want {
		t.Errorf("problems of %s, want %s", got, want)
	}

	if got := testConfig("https://api.example.com").Validate(); len(got) > 0 {
		t.Errorf("problems of a good configuration: %v", got)
	}
}

func TestNew_defaults(t *testing.T) {
	t.Parallel()

	c := mustNew(t, Config{Endpoint: "https://api.example.com", Credentials: Credentials{Token: "t"}, RequestTimeout: -1, MaxRetries: -1, MaxConcurrentRequests: -1})
	if c.transport.timeout != DefaultRequestTimeout || !c.sem.TryAcquire(DefaultMaxConcurrentRequests) || c.sem.TryAcquire(1) {
		t.Errorf("timeout %v", c.transport.timeout)
	}

	f := newFake(t, respond(503, ""))
	cfg := testConfig(f.URL)

	cfg.MaxRetries = -1
	if _, err := mustNew(t, cfg).ListWorkspaces(t.Context()); err == nil {
		t.Error("no error")
	}

	f.wantCalls(t, 1)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	f := newFake(t, respond(200, `{"workspaces":[]}`))
	cfg := userConfig(f.URL)
	cfg.Headers = map[string]string{"cf-access-client-id": "gate way"}

	cfg.UserAgent = "terraform-provider-wallaroo/1.2.3 Terraform/1.14"
	if _, err := mustNew(t, cfg).ListWorkspaces(t.Context()); err != nil {
		t.Fatal(err)
	}

	requests := f.seen()
	if len(requests) != 2 {
		t.Fatalf("%d requests, want a sign-in and a call", len(requests))
	}

	for _, request := range requests {
		if got := request.header.Get("CF-Access-Client-Id"); got != "gate way" {
			t.Errorf("%s: header %q", request.path, got)
		}

		if got := request.header.Get("User-Agent"); got != cfg.UserAgent {
			t.Errorf("%s: User-Agent %q", request.path, got)
		}
	}

	if got := requests[0].header.Get("Authorization"); got != "" {
		t.Errorf("the sign-in carries Authorization %q", got)
	}
}

func TestRedirects_reachNobody(t *testing.T) {
	t.Parallel()

	for _, status := range []int{301, 302, 303, 307, 308} {
		other := newFake(t)
		other.api = respond(200, `{"workspaces":[]}`)
		target := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
		redirect := respond(status, "", "Location: "+target+"/x?canary=1")

		f := newFake(t, redirect)
		_, err := mustNew(t, testConfig(f.URL)).CreateWorkspace(t.Context(), "web")
		checkRedirect(t, err, target, status, false)

		f = newFake(t)
		f.token = redirect
		_, err = mustNew(t, userConfig(f.URL)).CreateWorkspace(t.Context(), "web")
		checkRedirect(t, err, target, status, true)

		if got := other.seen(); len(got) != 0 {
			t.Errorf("%d: the target got %v", status, got)
		}
	}
}

func checkRedirect(t *testing.T, err error, target string, status int, signIn bool) {
	t.Helper()

	failure := asError(t, err)
	if failure.Kind != KindRedirect || failure.Status != status || failure.Authentication != signIn || failure.OutcomeUnknown {
		t.Errorf("%#v", failure)
	}

	host := strings.TrimPrefix(target, "http://")
	if text := err.Error(); !strings.Contains(text, "a redirect to "+host+", ") || strings.Contains(text, "canary") {
		t.Errorf("error %q", text)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()

	padded := func(size int, head, tail string) handler {
		return respond(200, head+strings.Repeat(" ", size-len(head)-len(tail))+tail)
	}

	eachCall(t, writes, func(t *testing.T, op apiCall) {
		f := newFake(t, padded(smallLimit, "{", op.good[1:]), padded(smallLimit+1, "{", op.good[1:]))

		c := mustNew(t, testConfig(f.URL))
		if err := op.call(t.Context(), c); err != nil {
			t.Errorf("at the limit: %v", err)
		}

		failure := asError(t, op.call(t.Context(), c))
		if failure.Kind != KindTooLarge || !failure.OutcomeUnknown {
			t.Errorf("over the limit: %v", failure)
		}
	})

	t.Run("list", func(t *testing.T) {
		t.Parallel()

		if read("").limit != 256<<20 {
			t.Errorf("limit %d", read("").limit)
		}

		f := newFake(t, respond(200, `{"workspaces":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}`))

		_, err := call[workspaceList](t.Context(), mustNew(t, testConfig(f.URL)), operation{path: "workspaces/list", limit: 40}, struct{}{})
		if failure := asError(t, err); failure.Kind != KindTooLarge || failure.Status != 200 {
			t.Errorf("%v", failure)
		}
	})
	t.Run("token", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.token = padded(smallLimit+1, `{"access_token":"a"`, "}")

		if failure := listError(t, userConfig(f.URL)); failure.Kind != KindTooLarge || !failure.Authentication {
			t.Errorf("%v", failure)
		}
	})
	t.Run("error", func(t *testing.T) {
		t.Parallel()
		f := newFake(t, respond(500, strings.Repeat("long ", errorLimit)))

		if failure := listError(t, testConfig(f.URL)); failure.Kind != KindStatus || failure.Status != 500 || len(failure.Message) > shownBytes {
			t.Errorf("%v", failure)
		}
	})
}

func TestConcurrency(t *testing.T) {
	t.Parallel()

	const limit, callers = 3, 12

	var inFlight, most atomic.Int32

	full := make(chan struct{}, callers)
	release := make(chan struct{})
	f := newFake(t)
	f.api = func(w http.ResponseWriter, r *http.Request, n int) {
		now := inFlight.Add(1)
		for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
		}

		full <- struct{}{}

		<-release
		inFlight.Add(-1)
		respond(200, `{"workspaces":[]}`)(w, r, n)
	}
	cfg := testConfig(f.URL)
	cfg.MaxConcurrentRequests = limit
	c := mustNew(t, cfg)

	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := c.ListWorkspaces(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}

	for range limit {
		<-full
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := c.ListWorkspaces(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled caller in the queue: %v", err)
	}

	close(release)
	group.Wait()

	if got := most.Load(); got != limit {
		t.Errorf("%d requests at once, want %d", got, limit)
	}
}

// However many writes are in flight, a read need not wait for them.
func TestConcurrency_readBesideWrites(t *testing.T) {
	t.Parallel()

	const limit = 3

	sent := make(chan string, limit+1)
	release := make(chan struct{})
	f := newFake(t)
	f.api = func(w http.ResponseWriter, r *http.Request, n int) {
		sent <- r.URL.Path

		if strings.HasSuffix(r.URL.Path, "/remove_user") {
			<-release
		}

		respond(200, `{"workspaces":[],"affected_rows":1}`)(w, r, n)
	}
	cfg := testConfig(f.URL)
	cfg.MaxConcurrentRequests = limit
	c := mustNew(t, cfg)

	var group sync.WaitGroup
	for range limit {
		group.Go(func() {
			if _, err := c.RemoveMember(t.Context(), 7, UserRef{UserID: "u"}); err != nil {
				t.Error(err)
			}
		})
	}

	for range limit - 1 {
		<-sent
	}

	if _, err := c.ListWorkspaces(t.Context()); err != nil {
		t.Error(err)
	}

	if path := <-sent; !strings.HasSuffix(path, "/list") {
		t.Errorf("sent %s beside %d writes", path, limit-1)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := c.RemoveMember(ctx, 7, UserRef{UserID: "u"}); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled write in the queue: %v", err)
	}

	close(release)
	group.Wait()
}

func TestConcurrency_slotFreeWhileWaiting(t *testing.T) {
	t.Parallel()
	f := newFake(t, respond(503, ""), respond(200, `{"workspaces":[]}`))
	cfg := testConfig(f.URL)
	cfg.MaxConcurrentRequests = 1

	var c *Client

	cfg.Sleep = func(ctx context.Context, _ time.Duration) error {
		_, err := c.ListWorkspaces(ctx)
		return err
	}

	c = mustNew(t, cfg)
	if _, err := c.ListWorkspaces(t.Context()); err != nil {
		t.Error(err)
	}
}
