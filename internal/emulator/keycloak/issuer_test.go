package keycloak_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// remote is a Keycloak that a test can break, and that an Issuer reads.
type remote struct {
	*fixture
	// replies replaces the responses below a path.
	replies map[string]http.HandlerFunc
	reads   []string
}

func newRemote(t *testing.T) *remote {
	t.Helper()
	r := &remote{fixture: newFixture(t, keycloak.Options{}), replies: map[string]http.HandlerFunc{}}
	r.web.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if strings.HasPrefix(request.URL.Path, usersPath) {
			r.reads = append(r.reads, request.URL.RequestURI())
		}

		for path, reply := range r.replies {
			if strings.HasPrefix(request.URL.Path, path) {
				reply(w, request)
				return
			}
		}

		r.ServeHTTP(w, request)
	})

	return r
}

func (r *remote) config() keycloak.IssuerConfig {
	return keycloak.IssuerConfig{URL: r.web.URL + realmPath + "/", ClientID: keycloak.APIClientID, ClientSecret: keycloak.APIClientSecret}
}

func (r *remote) connect() *keycloak.Issuer {
	r.t.Helper()

	issuer, err := keycloak.Connect(r.t.Context(), r.config())
	if err != nil {
		r.t.Fatal(err)
	}

	return issuer
}

func reply(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://elsewhere.example")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func bearing(token string) *http.Request {
	request := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", nil)
	request.Header.Set("Authorization", "Bearer "+token)

	return request
}

func TestIssuerAuthenticates(t *testing.T) {
	t.Parallel()
	r := newRemote(t)
	issuer := r.connect()

	u, err := issuer.Authenticate(bearing(r.granted(asAnn).Access))
	if err != nil || u.ID != r.ann || u.Email != "ann@example.com" || u.Username != "ann@example.com" || u.Admin {
		t.Errorf("ann is %+v, %v", u, err)
	}

	u, err = issuer.Authenticate(bearing(r.granted(asAdmin).Access))
	if err != nil || u.ID != r.admin || !u.Admin {
		t.Errorf("the administrator is %+v, %v", u, err)
	}

	past := newFixture(t, keycloak.Options{Now: func() time.Time { return time.Now().Add(-2 * time.Hour) }})
	for name, token := range map[string]string{
		"nothing": "", "garbage": "x", "of another": newFixture(t, keycloak.Options{}).granted(asAnn).Access,
		"expired": past.granted(asAnn).Access,
	} {
		if u, err := issuer.Authenticate(bearing(token)); !errors.Is(err, keycloak.ErrUnauthorized) {
			t.Errorf("%s: %+v, %v", name, u, err)
		}
	}

	if _, err := issuer.Authenticate(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)); !errors.Is(err, keycloak.ErrUnauthorized) {
		t.Errorf("no token: %v", err)
	}
}

func TestIssuerUsers(t *testing.T) {
	t.Parallel()
	r := newRemote(t)

	issuer := r.connect()
	for email, want := range map[string]string{"ANN@example.com": r.ann, "ann": "", "nobody@example.com": ""} {
		u, err := issuer.ByEmail(t.Context(), email)
		if err != nil || (u == nil) != (want == "") || u != nil && u.ID != want {
			t.Errorf("%s: %+v, %v", email, u, err)
		}
	}

	for _, id := range []string{r.bob, keycloak.ServiceAccountID} {
		if u, err := issuer.ByID(t.Context(), id); err != nil || u == nil || u.ID != id || u.ServiceAccount != (id == keycloak.ServiceAccountID) {
			t.Errorf("%s: %+v, %v", id, u, err)
		}
	}

	for _, id := range []string{"nobody", "", "..", "a/b"} {
		if u, err := issuer.ByID(t.Context(), id); err != nil || u != nil {
			t.Errorf("%q: %+v, %v", id, u, err)
		}
	}

	for n := range 250 - len(r.Users()) {
		r.AddUser(keycloak.User{Username: fmt.Sprint("user-", n)})
	}

	r.reads = nil

	all, err := issuer.All(t.Context())
	if err != nil || len(all) != 250 || len(r.reads) != 3 {
		t.Errorf("%d users in %d reads: %v", len(all), len(r.reads), err)
	}

	r.replies[usersPath] = reply(500, "")

	for _, err := range []error{second(issuer.ByEmail(t.Context(), "x")), second(issuer.ByID(t.Context(), "x")), second(issuer.All(t.Context()))} {
		if err == nil || !strings.Contains(err.Error(), "cannot be read: it answers 500") {
			t.Errorf("error is %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestIssuerIsElsewhere(t *testing.T) {
	t.Parallel()
	r := newRemote(t)
	issuer, w := r.connect(), httptest.NewRecorder()
	issuer.ServeHTTP(w, bearing("x"))

	if w.Code != 404 || !strings.Contains(w.Body.String(), "set WALLAROO_AUTH_URL (auth_endpoint) to "+r.web.URL) || issuer.AuthURL() != r.web.URL {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestIssuerIsRefused(t *testing.T) {
	t.Parallel()

	const discovery, roles = realmPath + "/.well-known/", "give its service account the roles view-users and query-users"
	for name, c := range map[string]struct {
		change func(*remote, *keycloak.IssuerConfig)
		text   string
	}{
		"no URL":   {func(_ *remote, c *keycloak.IssuerConfig) { c.URL = ":" }, "must be the URL of the realm master"},
		"base":     {func(r *remote, c *keycloak.IssuerConfig) { c.URL = r.web.URL }, "such as http://127.0.0.1:8180/auth/realms/master"},
		"realm":    {func(_ *remote, c *keycloak.IssuerConfig) { c.URL = strings.Replace(c.URL, "master", "x", 1) }, "must be the URL of the realm master"},
		"password": {func(_ *remote, c *keycloak.IssuerConfig) { c.URL = strings.Replace(c.URL, "//", "//u:p@", 1) }, "must be the URL of the realm master"},
		"other name": {func(r *remote, _ *keycloak.IssuerConfig) {
			r.replies[discovery] = reply(200, `{"issuer":"http://other"}`)
		}, "calls itself http://other"},
		"down":       {func(r *remote, _ *keycloak.IssuerConfig) { r.web.Close() }, "no Keycloak answers at http://127.0.0.1:"},
		"page":       {func(r *remote, _ *keycloak.IssuerConfig) { r.replies["/"] = reply(404, "<html>\n<h1>") }, "404 Not Found: <html> <h1>"},
		"no JSON":    {func(r *remote, _ *keycloak.IssuerConfig) { r.replies["/"] = reply(200, "<html>") }, "failed to decode"},
		"redirect":   {func(r *remote, _ *keycloak.IssuerConfig) { r.replies["/"] = reply(302, "") }, "it redirects to elsewhere.example"},
		"secret":     {func(_ *remote, c *keycloak.IssuerConfig) { c.ClientSecret = "x" }, `is refused: 401 "unauthorized_client: Invalid client or`},
		"no right":   {func(r *remote, _ *keycloak.IssuerConfig) { r.replies[usersPath] = reply(403, "") }, roles},
		"sees none":  {func(r *remote, _ *keycloak.IssuerConfig) { r.replies[usersPath] = reply(200, "[]") }, roles},
		"users page": {func(r *remote, _ *keycloak.IssuerConfig) { r.replies[usersPath] = reply(200, "<html>") }, "it answers something else"},
	} {
		r := newRemote(t)
		config := r.config()
		c.change(r, &config)

		_, err := keycloak.Connect(t.Context(), config)
		if err == nil || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), keycloak.APIClientSecret) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
