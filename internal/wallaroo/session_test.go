package wallaroo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// goodList answers a list to one of the tokens, and 401 to others.
func goodList(tokens ...string) handler {
	return func(w http.ResponseWriter, r *http.Request, n int) {
		for _, token := range tokens {
			if r.Header.Get("Authorization") == "Bearer "+token {
				respond(200, `{"workspaces":[]}`)(w, r, n)
				return
			}
		}

		respond(401, `{"msg":"no such token","code":401}`)(w, r, n)
	}
}

// tokenPair answers a token with a refresh token; lives are in seconds.
func tokenPair(access, refresh string, life, refreshLife int) handler {
	return respond(200, fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"expires_in":%d,"refresh_expires_in":%d}`, access, refresh, life, refreshLife))
}

// forms are the sign-in forms that f got.
func (f *fake) forms(t *testing.T) []url.Values {
	t.Helper()

	var forms []url.Values

	for _, request := range f.seen() {
		if strings.HasSuffix(request.path, tokenPath) {
			form, err := url.ParseQuery(request.body)
			if err != nil {
				t.Fatal(err)
			}

			forms = append(forms, form)
		}
	}

	return forms
}

// wantGrants checks the grants that were asked for, all refreshes with the refresh token r1.
func (f *fake) wantGrants(t *testing.T, want string) {
	t.Helper()

	var grants []string
	for _, form := range f.forms(t) {
		grants = append(grants, form.Get("grant_type"))
		if form.Get("grant_type") == "refresh_token" && (form.Get("refresh_token") != "r1" || form.Get("client_id") != "sdk-client") {
			t.Errorf("refresh form %v", form)
		}
	}

	if got := strings.Join(grants, " "); got != want {
		t.Errorf("grants %q, want %q", got, want)
	}
}

func mustList(t *testing.T, c *Client) {
	t.Helper()

	if _, err := c.ListWorkspaces(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestUnauthorized_renewsOnce(t *testing.T) {
	t.Parallel()

	eachCall(t, operations, func(t *testing.T, op apiCall) {
		f := newFake(t, func(w http.ResponseWriter, r *http.Request, n int) {
			if r.Header.Get("Authorization") != "Bearer access-2" {
				respond(401, "<html>", "Content-Type: text/html")(w, r, n)
				return
			}

			respond(200, op.good)(w, r, n)
		})

		f.token = inTurn(tokenPair("access-1", "r1", 3600, 0), grantToken("access-2", 3600))
		if err := op.call(t.Context(), mustNew(t, userConfig(f.URL))); err != nil {
			t.Error(err)
		}

		f.wantCounts(t, 2, 2)
	})
}

func TestUnauthorized_twice(t *testing.T) {
	t.Parallel()
	f := newFake(t, respond(401, ""), respond(503, "", "Retry-After: 1"), respond(401, `{"msg":"go away","code":401}`))
	err := mustNew(t, userConfig(f.URL)).AddMember(t.Context(), NewMember{WorkspaceID: 1, Email: "e"})

	failure := asError(t, err)
	if failure.Status != 401 || failure.Authentication || failure.OutcomeUnknown {
		t.Errorf("%#v", failure)
	}

	want := `the API answered 401 Unauthorized to POST /v1/api/workspaces/add_user: "go away"; a renewed token was refused too`
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}

	f.wantCounts(t, 3, 2)
}

func TestForbidden_doesNotRenew(t *testing.T) {
	t.Parallel()

	f := newFake(t, respond(403, `{"msg":"no","code":403}`))
	if _, err := mustNew(t, userConfig(f.URL)).ListWorkspaces(t.Context()); asError(t, err).Status != 403 {
		t.Error(err)
	}

	f.wantCounts(t, 1, 1)
}

func TestUnauthorized_givenToken(t *testing.T) {
	t.Parallel()

	now := newClock()

	expired := jwt(fmt.Sprintf(`{"exp":%d}`, now.now.Add(-time.Hour).Unix()))
	for name, test := range map[string]struct{ token, want string }{
		"opaque":  {"opaque", "the given token was refused"},
		"expired": {"\n" + expired + " ", "the given token was refused: it expired at 2026-01-02T02:04:05Z"},
		"valid":   {jwt(`{"exp":4000000000}`), "the given token was refused"},
		"absurd":  {jwt(`{"exp":-1e300}`), "the given token was refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, respond(401, ""))
			cfg := testConfig(f.URL)
			cfg.Credentials, cfg.Now = Credentials{Token: test.token}, now.Now

			if failure := listError(t, cfg); failure.Status != 401 || !strings.HasSuffix(failure.Error(), "; "+test.want) {
				t.Errorf("error %q", failure)
			}

			f.wantCounts(t, 1, 0)
		})
	}
}

func TestStampede(t *testing.T) {
	t.Parallel()

	const callers = 10

	var refused sync.WaitGroup
	refused.Add(callers)

	f := newFake(t)
	f.token = inTurn(grantToken("access-1", 3600), grantToken("access-2", 3600))
	f.api = func(w http.ResponseWriter, r *http.Request, n int) {
		if r.Header.Get("Authorization") == "Bearer access-1" {
			// All are refused the same token before one can renew it.
			refused.Done()
			refused.Wait()
			respond(401, "")(w, r, n)

			return
		}

		respond(200, `{"workspaces":[]}`)(w, r, n)
	}
	c := mustNew(t, userConfig(f.URL))

	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := c.ListWorkspaces(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}

	group.Wait()

	f.wantCounts(t, 2*callers, 2)
}

func TestTokenExpiry(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		answer string
		fresh  time.Duration // still fresh then
		stale  time.Duration // renewed then; zero means never
	}{
		"an hour":       {`{"access_token":"access-1","expires_in":3600}`, 3569 * time.Second, 3570 * time.Second},
		"a minute":      {`{"access_token":"access-1","expires_in":60}`, 47 * time.Second, 48 * time.Second},
		"a string":      {`{"access_token":"access-1","expires_in":"60"}`, 47 * time.Second, 48 * time.Second},
		"missing":       {`{"access_token":"access-1"}`, 1e6 * time.Second, 0},
		"zero":          {`{"access_token":"access-1","expires_in":0}`, 1e6 * time.Second, 0},
		"an object":     {`{"access_token":"access-1","expires_in":{}}`, 1e6 * time.Second, 0},
		"negative":      {`{"access_token":"access-1","expires_in":-5}`, 1e6 * time.Second, 0},
		"spaces around": {`{"access_token":" access-1\n","expires_in":60}`, 47 * time.Second, 48 * time.Second},
	}
	for name, test := range tests {
		for _, credentials := range []Credentials{{Username: "u", Password: "p"}, {ClientID: "c", ClientSecret: "s"}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				f, now := newFake(t), newClock()
				f.api = goodList("access-1")
				f.token = respond(200, test.answer, "Content-Type: text/plain")
				cfg := testConfig(f.URL)
				cfg.Credentials, cfg.Now = credentials, now.Now
				c := mustNew(t, cfg)
				mustList(t, c)
				now.advance(test.fresh)
				mustList(t, c)

				f.wantCounts(t, 2, 1)

				if test.stale != 0 {
					now.advance(test.stale - test.fresh)
					mustList(t, c)
					f.wantCounts(t, 3, 2)
				}
			})
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()

	refused := respond(400, `{"error":"invalid_grant","error_description":"Token is not active"}`)

	tests := map[string]struct {
		first, second, third handler
		want                 string // grants
	}{
		"refreshed":             {tokenPair("access-1", "r1", 60, 1800), tokenPair("access-2", "r2", 60, 1800), nil, "password refresh_token"},
		"refresh without limit": {tokenPair("access-1", "r1", 60, 0), tokenPair("access-2", "r2", 60, 0), nil, "password refresh_token"},
		"refused":               {tokenPair("access-1", "r1", 60, 1800), refused, grantToken("access-2", 60), "password refresh_token password"},
		"refresh token expired": {tokenPair("access-1", "r1", 60, 30), grantToken("access-2", 60), nil, "password password"},
		"no refresh token":      {grantToken("access-1", 60), grantToken("access-2", 60), nil, "password password"},
		"retried":               {tokenPair("access-1", "r1", 60, 1800), respond(503, ""), tokenPair("access-2", "r2", 60, 1800), "password refresh_token refresh_token"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, now := newFake(t), newClock()
			f.api = goodList("access-1", "access-2")
			f.token = inTurn(test.first, test.second, test.third)
			cfg := userConfig(f.URL)
			cfg.Now = now.Now
			c := mustNew(t, cfg)
			mustList(t, c)
			now.advance(59 * time.Second)
			mustList(t, c)

			f.wantGrants(t, test.want)
		})
	}
}

// A refresh token that a refresh does not replace stays, with the end that it had.
func TestRefresh_keepsTokenThatIsNotReplaced(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		refreshed handler
		want      string // grants
	}{
		"none":                        {grantToken("a", 60), "password refresh_token refresh_token password"},
		"the same, without an end":    {tokenPair("a", "r1", 60, 0), "password refresh_token refresh_token password"},
		"the same, with a new end":    {tokenPair("a", "r1", 60, 120), "password refresh_token refresh_token refresh_token"},
		"the same, with no time left": {tokenPair("a", "r1", 60, 1), "password refresh_token password refresh_token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, now := newFake(t), newClock()
			f.api = goodList("a")
			f.token = func(w http.ResponseWriter, r *http.Request, n int) {
				if requests := f.seen(); strings.Contains(requests[len(requests)-1].body, "grant_type=password") {
					tokenPair("a", "r1", 60, 120)(w, r, n)
				} else {
					c.refreshed(w, r, n)
				}
			}
			cfg := userConfig(f.URL)
			cfg.Now = now.Now

			client := mustNew(t, cfg)
			for range 4 {
				mustList(t, client)
				now.advance(55 * time.Second)
			}

			f.wantGrants(t, c.want)
		})
	}
}

// A refresh that fails, and is not refused, says nothing about the refresh token.
func TestRefresh_fails(t *testing.T) {
	t.Parallel()
	f, now := newFake(t), newClock()
	f.api = goodList("a")
	f.token = inTurn(tokenPair("a", "r1", 60, 1800), respond(500, `{"error":"unknown_error"}`), tokenPair("a", "r2", 60, 1800))
	cfg := userConfig(f.URL)
	cfg.Now = now.Now
	c := mustNew(t, cfg)
	mustList(t, c)
	now.advance(55 * time.Second)

	if _, err := c.ListWorkspaces(t.Context()); !IsAuthentication(err) || asError(t, err).Status != 500 {
		t.Errorf("error %v", err)
	}

	mustList(t, c)
	f.wantGrants(t, "password refresh_token refresh_token")
}
