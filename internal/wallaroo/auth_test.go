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

func mustList(t *testing.T, c *Client) {
	t.Helper()
	if _, err := c.ListWorkspaces(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestUnauthorized_renewsOnce(t *testing.T) {
	t.Parallel()
	for _, op := range operations {
		f := newFake(t)
		f.token = inTurn(tokenPair("access-1", "r1", 3600, 0), grantToken("access-2", 3600))
		f.api = func(w http.ResponseWriter, r *http.Request, n int) {
			if r.Header.Get("Authorization") != "Bearer access-2" {
				respond(401, "<html>", "Content-Type: text/html")(w, r, n)
				return
			}
			respond(200, op.good)(w, r, n)
		}
		if err := op.call(t.Context(), mustNew(t, userConfig(f.URL))); err != nil {
			t.Errorf("%s: %v", op.name, err)
		}
		if calls, signIns := f.counts(); calls != 2 || signIns != 2 {
			t.Errorf("%s: %d calls, %d sign-ins", op.name, calls, signIns)
		}
	}
}

func TestUnauthorized_twice(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.api = inTurn(respond(401, ""), respond(503, "", "Retry-After: 1"), respond(401, `{"msg":"go away","code":401}`))
	err := mustNew(t, userConfig(f.URL)).AddMember(t.Context(), NewMember{WorkspaceID: 1, Email: "e"})
	failure := asError(t, err)
	if failure.Status != 401 || failure.Authentication || failure.Ambiguous {
		t.Errorf("%#v", failure)
	}
	want := `the API answered 401 Unauthorized to POST /v1/api/workspaces/add_user: "go away"; a renewed token was refused too`
	if err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if calls, signIns := f.counts(); calls != 3 || signIns != 2 {
		t.Errorf("%d calls, %d sign-ins", calls, signIns)
	}
}

func TestForbidden_doesNotRenew(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.api = respond(403, `{"msg":"no","code":403}`)
	if _, err := mustNew(t, userConfig(f.URL)).ListWorkspaces(t.Context()); asError(t, err).Status != 403 {
		t.Error(err)
	}
	if calls, signIns := f.counts(); calls != 1 || signIns != 1 {
		t.Errorf("%d calls, %d sign-ins", calls, signIns)
	}
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
			f := newFake(t)
			f.api = respond(401, "")
			cfg := testConfig(f.URL)
			cfg.Credentials, cfg.Now = Credentials{Token: test.token}, now.Now
			_, err := mustNew(t, cfg).ListWorkspaces(t.Context())
			if failure := asError(t, err); failure.Status != 401 || !strings.HasSuffix(err.Error(), "; "+test.want) {
				t.Errorf("error %q", err)
			}
			if calls, signIns := f.counts(); calls != 1 || signIns != 0 {
				t.Errorf("%d calls, %d sign-ins", calls, signIns)
			}
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
	if calls, signIns := f.counts(); calls != 2*callers || signIns != 2 {
		t.Errorf("%d calls, %d sign-ins; want %d and 2", calls, signIns, 2*callers)
	}
}
