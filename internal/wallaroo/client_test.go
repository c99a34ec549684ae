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
	tests := map[string]struct {
		change func(cfg *Config)
		want   string
	}{
		"no endpoint":      {func(c *Config) { c.Endpoint = "" }, "endpoint: is empty"},
		"endpoint":         {func(c *Config) { c.Endpoint = "http://canary@x" }, "endpoint: must not hold user"},
		"auth endpoint":    {func(c *Config) { c.AuthEndpoint = "x" }, "auth_endpoint: must begin"},
		"timeout":          {func(c *Config) { c.RequestTimeout = -1 }, "request_timeout:"},
		"retries":          {func(c *Config) { c.MaxRetries = -1 }, "max_retries:"},
		"concurrency":      {func(c *Config) { c.MaxConcurrentRequests = -1 }, "max_concurrent_requests:"},
		"authority":        {func(c *Config) { c.CACertificate = []byte("canary") }, "ca_certificate:"},
		"certificate only": {func(c *Config) { c.ClientCertificate = []byte("canary") }, "client_key:"},
		"key only":         {func(c *Config) { c.ClientKey = []byte("canary") }, "client_certificate:"},
		"bad pair": {func(c *Config) { c.ClientCertificate, c.ClientKey = []byte("canary"), []byte("canary") },
			"client_certificate and client_key:"},
		"user agent":              {func(c *Config) { c.UserAgent = "a\nb" }, "user agent:"},
		"header name":             {func(c *Config) { c.Headers = map[string]string{"a b": "canary"} }, `headers: "a b" is not`},
		"empty header name":       {func(c *Config) { c.Headers = map[string]string{"": "canary"} }, `headers: "" is not`},
		"header value":            {func(c *Config) { c.Headers = map[string]string{"X-A": "canary\n"} }, `"X-A" holds`},
		"header twice":            {func(c *Config) { c.Headers = map[string]string{"X-A": "canary", "x-a": "canary"} }, "given twice"},
		"authorization":           {func(c *Config) { c.Headers = map[string]string{"authorization": "canary"} }, `"Authorization" cannot be set`},
		"host":                    {func(c *Config) { c.Headers = map[string]string{"Host": "canary"} }, `"Host" cannot be set`},
		"content type":            {func(c *Config) { c.Headers = map[string]string{"content-type": "canary"} }, "cannot be set"},
		"content length":          {func(c *Config) { c.Headers = map[string]string{"Content-Length": "1"} }, "cannot be set"},
		"idempotency":             {func(c *Config) { c.Headers = map[string]string{"idempotency-key": "canary"} }, "cannot be set"},
		"no credentials":          {func(c *Config) { c.Credentials = Credentials{} }, "credentials:"},
		"token and user":          {func(c *Config) { c.Credentials = Credentials{Token: "canary", Username: "u", Password: "canary"} }, "token: cannot be combined"},
		"token and client":        {func(c *Config) { c.Credentials = Credentials{Token: "canary", ClientID: "u"} }, "token: cannot be combined"},
		"token with a space":      {func(c *Config) { c.Credentials.Token = "Bearer canary" }, "token: holds a character"},
		"token with a line":       {func(c *Config) { c.Credentials.Token = "can\nary" }, "token: holds a character"},
		"token not ASCII":         {func(c *Config) { c.Credentials.Token = "canäry" }, "token: holds a character"},
		"user without password":   {func(c *Config) { c.Credentials = Credentials{Username: "u"} }, "password: is needed"},
		"password without user":   {func(c *Config) { c.Credentials = Credentials{Password: "canary"} }, "username: is needed"},
		"client without secret":   {func(c *Config) { c.Credentials = Credentials{ClientID: "u"} }, "client_secret: is needed"},
		"secret without client":   {func(c *Config) { c.Credentials = Credentials{ClientSecret: "canary"} }, "client_id: is needed"},
		"blank token is no token": {func(c *Config) { c.Credentials = Credentials{Token: " \n"} }, "credentials:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig("https://api.example.com")
			test.change(&cfg)
			_, err := New(cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("error %q shows a secret", err)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.api = respond(200, `{"workspaces":[]}`)
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

		f := newFake(t)
		f.api = redirect
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
	if failure.Kind != KindRedirect || failure.Status != status || failure.Authentication != signIn || failure.Ambiguous {
		t.Errorf("%#v", failure)
	}
	host := strings.TrimPrefix(target, "http://")
	if text := err.Error(); !strings.Contains(text, "a redirect to "+host+", ") || strings.Contains(text, "canary") {
		t.Errorf("error %q", text)
	}
}

func TestRedirect_withoutTarget(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.api = respond(304, "")
	_, err := mustNew(t, testConfig(f.URL)).ListWorkspaces(t.Context())
	if failure := asError(t, err); failure.Kind != KindRedirect || !strings.Contains(err.Error(), "a redirect, ") {
		t.Errorf("%v", err)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	padded := func(size int, head, tail string) handler {
		return respond(200, head+strings.Repeat(" ", size-len(head)-len(tail))+tail)
	}
	for _, op := range operations {
		if op.path == "/v1/api/workspaces/list_users" || op.path == "/v1/api/users/query" {
			continue // as the other read, and 32 MiB take a while
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			limit := readLimit
			if op.write {
				limit = smallLimit
			}
			f := newFake(t)
			f.api = inTurn(padded(limit, "{", op.good[1:]), padded(limit+1, "{", op.good[1:]))
			c := mustNew(t, testConfig(f.URL))
			if err := op.call(t.Context(), c); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			failure := asError(t, op.call(t.Context(), c))
			if failure.Kind != KindTooLarge || failure.Ambiguous != op.write {
				t.Errorf("over the limit: %v", failure)
			}
		})
	}
	t.Run("token", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.token = padded(smallLimit+1, `{"access_token":"a"`, "}")
		_, err := mustNew(t, userConfig(f.URL)).ListWorkspaces(t.Context())
		if failure := asError(t, err); failure.Kind != KindTooLarge || !failure.Authentication {
			t.Errorf("%v", failure)
		}
	})
	t.Run("error", func(t *testing.T) {
		t.Parallel()
		f := newFake(t)
		f.api = respond(500, strings.Repeat("long ", errorLimit))
		_, err := mustNew(t, testConfig(f.URL)).ListWorkspaces(t.Context())
		if failure := asError(t, err); failure.Kind != KindAnswer || failure.Status != 500 || len(failure.Message) > shownBytes {
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
		t.Errorf("a cancelled caller in the queue: %v", err)
	}
	close(release)
	group.Wait()
	if got := most.Load(); got != limit {
		t.Errorf("%d requests at once, want %d", got, limit)
	}
}

func TestConcurrency_slotFreeWhileWaiting(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.api = inTurn(respond(503, ""), respond(200, `{"workspaces":[]}`))
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
