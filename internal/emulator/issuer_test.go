package emulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestTokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	l, other := newLogin(t), newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{})
	good := l.token("key-1", l.claims(ann))
	parts := strings.Split(good, ".")
	for name, c := range map[string]struct{ auth, text string }{
		"none":             {"", "missing"},
		"other scheme":     {"Basic " + good, "missing"},
		"garbage":          {"Bearer x", "malformed jwt"},
		"no signature":     {"Bearer " + parts[0] + "." + parts[1] + ".", "failed to verify"},
		"other payload":    {"Bearer " + parts[0] + "." + strings.Split(l.token("key-1", l.claims(bob)), ".")[1] + "." + parts[2], "failed to verify"},
		"alg none":         {"Bearer " + unsignedToken(t, "none", "key-1", l.claims(ann)) + ".", "malformed jwt"},
		"alg HS256":        {"Bearer " + l.hmacToken(l.claims(ann)), "malformed jwt"},
		"other issuer":     {"Bearer " + l.token("key-1", with(l.claims(ann), "iss", other.issuer())), "issued by a different provider"},
		"no issuer":        {"Bearer " + l.token("key-1", with(l.claims(ann), "iss", nil)), "issued by a different provider"},
		"other key":        {"Bearer " + other.token("key-1", l.claims(ann)), "failed to verify"},
		"unknown key":      {"Bearer " + l.sign("key-2", other.keys["key-1"], l.claims(ann)), "failed to verify"},
		"expired":          {"Bearer " + l.token("key-1", with(l.claims(ann), "exp", time.Now().Add(-time.Second).Unix())), "expired"},
		"without an end":   {"Bearer " + l.token("key-1", with(l.claims(ann), "exp", nil)), "expired"},
		"ID token":         {"Bearer " + l.token("key-1", with(l.claims(ann), "typ", "ID")), "no access token"},
		"refresh token":    {"Bearer " + l.token("key-1", with(l.claims(ann), "typ", "Refresh")), "no access token"},
		"without a user":   {"Bearer " + l.token("key-1", with(l.claims(ann), "sub", nil)), "no access token"},
		"claims of a kind": {"Bearer " + l.token("key-1", with(l.claims(ann), "realm_access", 1)), "not those of Keycloak"},
	} {
		got := f.must(http.MethodPost, "/v1/api/workspaces/list", "application/json", c.auth, `{}`)
		if got.Status != 401 {
			t.Errorf("%s: taken", name)
		}
		wantError(t, got, 401, "Unauthorized: the access token is missing, invalid or expired")
		wantError(t, got, 401, c.text)
	}
	f.ok("workspaces/list", `{}`)
	f.token = l.token("key-1", with(l.claims(ann), "aud", []string{"master-realm", "account"}))
	f.ok("workspaces/list", `{}`)
	requests := f.Requests()
	if last := requests[len(requests)-1]; last.Caller != ann.ID {
		t.Errorf("recorded %q as the caller", last.Caller)
	}
}

func TestKeysOfAnIssuerAreRotated(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{})
	f.ok("workspaces/list", `{}`)
	old := f.token
	l.addKey("key-2")
	f.token = l.token("key-2", l.claims(bob))
	f.ok("workspaces/list", `{}`)
	f.token = old
	f.ok("workspaces/list", `{}`)
	l.addKey("key-3")
	l.set(func() { delete(l.keys, "key-1") })
	f.token = l.token("key-3", l.claims(bob))
	f.ok("workspaces/list", `{}`)
	f.token = old
	wantError(t, f.post("workspaces/list", `{}`), 401, "failed to verify")
}

func TestIssuerIsDown(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{})
	id := f.create("before")
	good, unknown := f.token, l.sign("key-2", l.keys["key-1"], l.claims(ann))
	l.web.Close()
	f.ok("workspaces/list", `{}`)
	unreadable := "the users of " + l.issuer() + " cannot be read: "
	wantError(t, f.post("users/query", `{}`), 503, unreadable)
	wantError(t, f.post("workspaces/create", `{"workspace_name":"after"}`), 503, unreadable)
	wantError(t, f.post("workspaces/add_user", fmt.Sprintf(`{"workspace_id":%d,"email":"bob@example.com"}`, id)), 503, "refused")
	f.token = unknown
	wantError(t, f.post("workspaces/list", `{}`), 503, "the keys of "+l.issuer()+" cannot be read: ")
	f.token = good
	if len(f.Workspaces()) != 1 || len(f.Members(id)) != 1 {
		t.Errorf("work was done without the issuer: %+v", f.Workspaces())
	}
}

func TestIssuerHangs(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	config := l.config()
	config.Timeout = 2 * time.Second
	f := issued(t, l, config, emulator.Options{})
	f.ok("users/query", `{}`)
	l.set(func() { l.hang = true })
	wantError(t, f.post("users/query", `{}`), 503, "cannot be read")
	f.token = l.sign("key-2", l.keys["key-1"], l.claims(ann))
	wantError(t, f.post("workspaces/list", `{}`), 503, "cannot be read")
	if _, err := emulator.Connect(t.Context(), config); err == nil || !strings.Contains(err.Error(), "no Keycloak answers at "+l.issuer()) {
		t.Errorf("connecting: %v", err)
	}
}

func TestUsersOfAnIssuer(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	l.people = append(l.people, person{ID: "id-xbob", Username: "xbob", Email: "xbob@example.com", Enabled: true},
		person{ID: "id-service", Username: "service-account-reader", Enabled: true, Service: "reader"})
	f := issued(t, l, l.config(), emulator.Options{})
	id := f.create("ours")
	if w, _ := f.Workspace(id); w.CreatedBy != ann.Email {
		t.Errorf("created by %q", w.CreatedBy)
	}
	add := func(fields string) response {
		return f.post("workspaces/add_user", fmt.Sprintf(`{"workspace_id":%d,%s}`, id, fields))
	}
	for fields, text := range map[string]string{
		`"email":"nobody@example.com"`:                  "User with email nobody@example.com does not exist",
		`"email":"example.com"`:                         "does not exist",
		`"email":"_ob@example.com"`:                     "does not exist",
		`"user_id":"nobody"`:                            "User with id nobody does not exist",
		`"user_id":".."`:                                "does not exist",
		`"user_id":"a/../../x"`:                         "does not exist",
		`"email":"bob@example.com","user_id":"id-ann"`:  "name different users",
		`"email":"bob@example.com","user_id":"id-nope"`: "User with id id-nope does not exist",
	} {
		wantError(t, add(fields), 400, text)
	}
	for _, fields := range []string{`"email":"BOB@Example.COM"`, `"user_id":"id-nomail","user_type":"owner"`, `"user_id":"id-service"`} {
		if got := add(fields); got.Status != 200 {
			t.Errorf("%s: %d %s", fields, got.Status, got.Body)
		}
	}
	want := map[string]string{ann.ID: "OWNER", bob.ID: "COLLABORATOR", noMail.ID: "OWNER", "id-service": "COLLABORATOR"}
	if diff := cmp.Diff(want, f.Members(id)); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	remove := func(fields, rows string) {
		if got := f.ok("workspaces/remove_user", fmt.Sprintf(`{"workspace_id":%d,%s}`, id, fields)); got != `{"affected_rows":`+rows+`}` {
			t.Errorf("%s: %s", fields, got)
		}
	}
	remove(`"email":"Bob@example.com"`, "1")
	remove(`"email":"nobody@example.com"`, "0")
	// Somebody who is gone from Keycloak can still be removed.
	l.set(func() { l.people = slices.DeleteFunc(l.people, func(p person) bool { return p.ID == noMail.ID }) })
	remove(`"user_id":"id-nomail"`, "1")
	type user struct{ ID, Username, Email string }
	asked := parse[struct{ Users map[string]*user }](t, f.ok("users/query", `{"user_ids":["id-ann","id-nomail","id-service",""]}`))
	wantUsers := map[string]*user{"id-ann": {"id-ann", "ann", "ann@example.com"}, "id-nomail": nil, "id-service": nil, "": nil}
	if diff := cmp.Diff(wantUsers, asked.Users); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
	// A token can outlive its user.
	l.set(func() { l.people = nil })
	wantError(t, f.post("workspaces/create", `{"workspace_name":"late"}`), 401, "Unauthorized")
}

func TestUsersOfAnIssuerComeInPages(t *testing.T) {
	t.Parallel()
	for _, count := range []int{3, 100, 250, 300} {
		l := newLogin(t)
		for n := len(l.people); n < count; n++ {
			l.people = append(l.people, person{ID: fmt.Sprint("id-", n), Username: fmt.Sprint("user-", n)})
		}
		f := issued(t, l, l.config(), emulator.Options{})
		l.set(func() { l.reads = nil })
		all := parse[struct{ Users map[string]any }](t, f.ok("users/query", `{}`))
		l.set(func() {
			if len(all.Users) != count || len(l.reads) != count/100+1 {
				t.Errorf("%d of %d users in %d reads", len(all.Users), count, len(l.reads))
			}
		})
	}
}

func TestAdministratorOfAnIssuer(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{API: emulator.API{OwnersOnly: true}})
	id := f.create("of-ann")
	list := func() int {
		return len(parse[struct{ Workspaces []any }](t, f.ok("workspaces/list", `{}`)).Workspaces)
	}
	f.token = l.token("key-1", l.claims(bob))
	if got := list(); got != 0 {
		t.Errorf("bob sees %d workspaces", got)
	}
	f.token = l.token("key-1", with(l.claims(bob), "realm_access", map[string]any{"roles": []string{"x", "admin"}}))
	if got := list(); got != 1 {
		t.Errorf("an administrator sees %d workspaces", got)
	}
	f.ok("workspaces/add_user", fmt.Sprintf(`{"workspace_id":%d,"email":"bob@example.com"}`, id))
}

func checkSignIns(t *testing.T, l *login, want int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.signIns != want {
		t.Errorf("%d sign-ins, want %d", l.signIns, want)
	}
}

// TestClientOfAnIssuerSignsInAgain ends the session of the client that reads the users.
func TestClientOfAnIssuerSignsInAgain(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{})
	f.ok("users/query", `{}`)
	f.ok("users/query", `{}`)
	checkSignIns(t, l, 1)
	l.set(func() { l.service = "another" })
	f.ok("users/query", `{}`)
	checkSignIns(t, l, 2)
	l.set(func() { l.status["/auth/admin"] = 401 })
	wantError(t, f.post("users/query", `{}`), 503, "it answers 401: <html> <h1>not what was asked for</h1>")
	l.set(func() { l.status["/auth/admin"] = 403 })
	wantError(t, f.post("users/query", `{}`), 503, `client "reader" may not see them; give its service account the roles view-users`)
}

func TestNoLoginServerBesideAnIssuer(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	f := issued(t, l, l.config(), emulator.Options{})
	for _, path := range []string{tokenPath, usersPath, usersPath + "/id-ann", "/auth/realms/master", "/auth/x"} {
		f.wantKeycloakError(f.form(path, "grant_type", "password"), keycloakError{404, "The login server is not here",
			"This emulator takes the tokens of " + l.issuer() + ": set WALLAROO_AUTH_URL (auth_endpoint) to " + l.web.URL})
	}
	wantError(t, f.must(http.MethodPost, "/v1/api/x", "", "", ""), 404, "no such path")
}

func TestSeedsBesideAnIssuer(t *testing.T) {
	t.Parallel()
	l := newLogin(t)
	if f := issued(t, l, l.config(), emulator.Options{}); len(f.Workspaces()) != 0 || len(f.Users()) != 0 {
		t.Errorf("there are workspaces %+v and users %+v", f.Workspaces(), f.Users())
	}
	issuer, err := emulator.Connect(t.Context(), l.config())
	if err != nil {
		t.Fatal(err)
	}
	_, err = emulator.New(emulator.Options{Seed: emulator.SeedGuide, Issuer: issuer})
	if err == nil || !strings.Contains(err.Error(), "needs a user with the e-mail john.hummel@wallaroo.ai in "+l.issuer()) ||
		!strings.Contains(err.Error(), "take the seed empty") {
		t.Errorf("error is %v", err)
	}
	l.set(func() {
		l.people = append(l.people, person{ID: "id-john", Username: "john", Email: emulator.HummelEmail})
	})
	f := issued(t, l, l.config(), emulator.Options{Seed: emulator.SeedGuide})
	if got := f.Workspaces(); len(got) != 6 || got[5].CreatedBy != "id-john" || got[5].Members["id-john"] != emulator.Owner {
		t.Errorf("workspaces are %+v", got)
	}
}

func TestIssuerIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*login, *emulator.IssuerConfig)
		text   string
	}{
		"no address": {func(_ *login, c *emulator.IssuerConfig) { c.URL = ":" }, "no address"},
		"base":       {func(l *login, c *emulator.IssuerConfig) { c.URL = l.web.URL }, "must be the address of the realm master, such as http://"},
		"realm": {func(_ *login, c *emulator.IssuerConfig) { c.URL = strings.Replace(c.URL, "master", "other", 1) },
			"must be the address of the realm master"},
		"password": {func(_ *login, c *emulator.IssuerConfig) { c.URL = strings.Replace(c.URL, "http://", "http://u:p@", 1) },
			"must be the address of the realm master"},
		"other name": {func(_ *login, c *emulator.IssuerConfig) { c.URL = strings.Replace(c.URL, "127.0.0.1", "localhost", 1) },
			"calls itself http://127.0.0.1:"},
		"down":       {func(l *login, _ *emulator.IssuerConfig) { l.web.Close() }, "no Keycloak answers at http://127.0.0.1:"},
		"page":       {func(l *login, _ *emulator.IssuerConfig) { l.status["/"] = 404 }, "404 Not Found: <html> <h1>"},
		"no JSON":    {func(l *login, _ *emulator.IssuerConfig) { l.status["/"] = 200 }, "failed to decode"},
		"redirect":   {func(l *login, _ *emulator.IssuerConfig) { l.status["/"] = 302 }, "it redirects to elsewhere.example"},
		"secret":     {func(_ *login, c *emulator.IssuerConfig) { c.ClientSecret = "x" }, `client "reader" cannot sign in: 401 "unauthorized_client: Invalid client or`},
		"no right":   {func(l *login, _ *emulator.IssuerConfig) { l.status["/auth/admin"] = 403 }, "give its service account the roles view-users and query-users"},
		"sees none":  {func(l *login, _ *emulator.IssuerConfig) { l.people = nil }, "give its service account the roles view-users and query-users"},
		"users page": {func(l *login, _ *emulator.IssuerConfig) { l.status["/auth/admin"] = 200 }, "it answers something else"},
	} {
		l := newLogin(t)
		config := l.config()
		l.set(func() { c.change(l, &config) })
		_, err := emulator.Connect(t.Context(), config)
		if err == nil || !strings.Contains(err.Error(), c.text) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), issuerSecret) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}
