package provider_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const tokenPath = "/auth/realms/master/protocol/openid-connect/token"

// asVariables turns credentials of a block into those of an environment.
func asVariables(t testing.TB, block values) map[string]string {
	t.Helper()

	variables := map[string]string{
		"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL", "token": "WALLAROO_TOKEN", "username": "WALLAROO_USER",
		"password": "WALLAROO_PASSWORD", "client_id": "WALLAROO_CLIENT_ID", "client_secret": "WALLAROO_CLIENT_SECRET",
		"credentials_file": "WALLAROO_SDK_CREDENTIALS",
	}
	environment := map[string]string{}

	for attribute, value := range block {
		text, ok := value.(string)
		if !ok || variables[attribute] == "" {
			t.Fatalf("%s has no variable", attribute)
		}

		environment[variables[attribute]] = text
	}

	return environment
}

// issuedToken is a token that somebody else got.
func issuedToken(t testing.TB, instance *emulatortest.Instance) string {
	t.Helper()

	form := url.Values{
		"grant_type": {"password"}, "client_id": {emulatortest.PublicClientID},
		"username": {emulatortest.Username}, "password": {emulatortest.Password},
	}

	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, instance.URL+tokenPath, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}

	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = answer.Body.Close() }()

	var body struct {
		AccessToken string `json:"access_token"`
	}

	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("no token: %v", err)
	}

	instance.ResetRequests()

	return body.AccessToken
}

// forms are the forms of the requests for tokens; their secrets are masked.
func forms(t testing.TB, instance *emulatortest.Instance) []url.Values {
	t.Helper()

	var all []url.Values

	for _, request := range instance.Requests() {
		if request.Operation != "token" {
			continue
		}

		if request.Header.Get("Authorization") != "" {
			t.Error("a request for a token has an Authorization header")
		}

		form, err := url.ParseQuery(request.Body)
		if err != nil {
			t.Fatal(err)
		}

		all = append(all, form)
	}

	return all
}

func TestAuthentication_ways(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	token := issuedToken(t, instance)
	file := func(content string) string { return writeFile(t, content) }
	user := fmt.Sprintf(`"username":%q,"password":%q`, emulatortest.Username, emulatortest.Password)
	secret := fmt.Sprintf(`"confidentialClient":%q,"confidentialPassword":%q`, emulatortest.ClientID, emulatortest.ClientSecret)

	cases := map[string]struct {
		given                 values
		grant, client, secret string
	}{
		"user": {values{"username": emulatortest.Username, "password": emulatortest.Password}, "password", "sdk-client", ""},
		"user and secret": {
			values{"username": emulatortest.Username, "password": emulatortest.Password, "client_secret": emulatortest.ClientSecret},
			"password", "api-client", "***",
		},
		"user and client": {
			values{"username": emulatortest.Username, "password": emulatortest.Password, "client_id": "sdk-client"}, "password", "sdk-client", "",
		},
		"user, client and secret": {
			values{
				"username": emulatortest.Username, "password": emulatortest.Password,
				"client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret,
			}, "password", "api-client", "***",
		},
		"client": {
			values{"client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret}, "client_credentials", "api-client", "***",
		},
		"token":             {values{"token": token}, "", "", ""},
		"token and newline": {values{"token": token + "\n"}, "", "", ""},
		"token and client":  {values{"token": token, "client_id": "sdk-client"}, "", "", ""},
		"file with user":    {values{"credentials_file": file("{" + user + "}")}, "password", "sdk-client", ""},
		"file with user and secret": {
			values{"credentials_file": file("{" + user + "," + secret + `,"email":"x","nothing":null}`)}, "password", "api-client", "***",
		},
		"file and client":            {values{"credentials_file": file("{" + user + "}"), "client_id": "sdk-client"}, "password", "sdk-client", ""},
		"file with token":            {values{"credentials_file": file(fmt.Sprintf(`{"token":%q,"user_email":"x","user_id":"y"}`, token))}, "", "", ""},
		"file with token and secret": {values{"credentials_file": file(fmt.Sprintf(`{"token":%q,`, token) + secret + "}")}, "", "", ""},
		"file with token, client":    {values{"credentials_file": file(fmt.Sprintf(`{"token":%q}`, token)), "client_id": "sdk-client"}, "", "", ""},
	}
	for name, one := range cases {
		for _, place := range []string{"block", "environment"} {
			t.Run(name+", "+place, func(t *testing.T) {
				t.Parallel()

				// The record of one instance for all would mix up the cases.
				var (
					mu   sync.Mutex
					seen []url.Values
				)

				front := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == tokenPath {
						body, _ := io.ReadAll(r.Body)
						form, _ := url.ParseQuery(string(body))

						mu.Lock()

						seen = append(seen, form)
						mu.Unlock()

						r.Body = io.NopCloser(strings.NewReader(string(body)))

						if r.Header.Get("Authorization") != "" {
							t.Error("a request for a token has an Authorization header")
						}
					}

					r.Host = strings.TrimPrefix(instance.URL, "http://")
					instance.ServeHTTP(w, r)
				}))

				block, environment := with(one.given, values{"endpoint": front}), map[string]string{}
				if place == "environment" {
					block, environment = values{"endpoint": front}, asVariables(t, one.given)
				}

				run, diags := configured(t, block, environment)
				wantNone(t, diags)
				wantNone(t, run.ask())

				mu.Lock()
				defer mu.Unlock()

				if one.grant == "" {
					if len(seen) != 0 {
						t.Errorf("signed in with %v although a token is given", seen)
					}

					return
				}

				if len(seen) != 1 {
					t.Fatalf("%d sign-ins", len(seen))
				}

				form := seen[0]
				if form.Get("grant_type") != one.grant || form.Get("client_id") != one.client || form.Has("client_secret") != (one.secret != "") {
					t.Errorf("grant %q, client %q, secret %v; want %+v", form.Get("grant_type"), form.Get("client_id"), form.Has("client_secret"), one)
				}
			})
		}
	}
}

// Credentials are taken from the block or from the environment, and never mixed.
func TestCredentials_areAGroup(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	token := issuedToken(t, instance)
	user := values{"username": emulatortest.Username, "password": emulatortest.Password}
	elsewhere := map[string]string{"WALLAROO_URL": instance.URL}

	for name, one := range map[string]struct {
		block       values
		environment map[string]string
	}{
		"user beats token":            {user, map[string]string{"WALLAROO_TOKEN": "bad"}},
		"user beats client":           {user, map[string]string{"WALLAROO_CLIENT_ID": "nobody", "WALLAROO_CLIENT_SECRET": "bad"}},
		"user beats file":             {user, map[string]string{"WALLAROO_SDK_CREDENTIALS": "/no/such/file"}},
		"user beats user":             {user, map[string]string{"WALLAROO_USER": "nobody", "WALLAROO_PASSWORD": "bad"}},
		"token beats user":            {values{"token": token}, map[string]string{"WALLAROO_USER": "nobody", "WALLAROO_PASSWORD": "bad", "WALLAROO_TOKEN": "bad"}},
		"token beats half a user":     {values{"token": token}, map[string]string{"WALLAROO_PASSWORD": "bad"}},
		"client goes with user":       {values{"client_id": "sdk-client"}, asVariables(t, with(user, values{"client_id": "nobody"}))},
		"client goes with the secret": {values{"client_id": emulatortest.ClientID}, map[string]string{"WALLAROO_CLIENT_SECRET": emulatortest.ClientSecret}},
		"client beside a token":       {values{"client_id": "sdk-client"}, map[string]string{"WALLAROO_TOKEN": token}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run, diags := configured(t, one.block, withVariables(elsewhere, one.environment))
			wantNone(t, diags)
			wantNone(t, run.ask())
		})
	}

	_, diags := configured(t, values{"password": "p"}, withVariables(elsewhere, map[string]string{"WALLAROO_USER": emulatortest.Username}))
	wantError(t, diags, summaryIncomplete, append(namesAll("username", "password"), "none are read from the environment")...)

	_, diags = configured(t, values{"username": "u", "password": ""}, withVariables(elsewhere, map[string]string{"WALLAROO_PASSWORD": canary}))
	wantError(t, diags, summaryIncomplete, append(namesAll("username", "password"), "none are read from the environment")...)

	_, diags = configured(t, values{"client_secret": "p"}, withVariables(elsewhere, map[string]string{"WALLAROO_CLIENT_ID": "c", "WALLAROO_TOKEN": token}))
	wantError(t, diags, summaryIncomplete, append(namesAll("client_id", "client_secret"), "none are read from the environment")...)

	// A value that is not known yet is one of the block all the same.
	block := values{"password": unknown}
	run, diags := configured(t, block, withVariables(elsewhere, map[string]string{"WALLAROO_USER": emulatortest.Username, "WALLAROO_TOKEN": token}))
	wantNone(t, diags)
	wantError(t, run.ask(), "Provider configuration not known until apply")
}

func TestCredentials_conflicts(t *testing.T) {
	t.Parallel()

	for _, given := range []values{
		{"token": canary, "username": "u"},
		{"token": canary, "password": canary},
		{"token": canary, "username": "u", "password": canary},
		{"token": canary, "client_secret": canary},
		{"token": canary, "credentials_file": "/no/such/file"},
		{"credentials_file": "/no/such/file", "username": "u", "password": canary},
		{"credentials_file": "/no/such/file", "client_secret": canary},
		{"token": canary, "credentials_file": "/no/such/file", "username": "u", "password": canary, "client_secret": canary},
	} {
		var names []string
		for attribute := range given {
			names = append(names, attribute)
		}

		for _, one := range []struct {
			block       values
			environment map[string]string
		}{{given, nil}, {values{}, asVariables(t, given)}} {
			_, diags := configured(t, with(one.block, values{"endpoint": "https://wallaroo.example.com"}), one.environment)
			wantError(t, diags, summaryConflict, append(namesAll(names...), "set only one of them")...)
			wantNowhere(t, diags, canary)
		}
	}
}

func TestCredentials_halves(t *testing.T) {
	t.Parallel()

	for _, one := range []struct {
		given values
		names []string
	}{
		{values{"username": "u"}, namesAll("username", "password")},
		{values{"password": canary}, namesAll("username", "password")},
		{values{"username": "u", "client_id": "c", "client_secret": canary}, namesAll("username", "password")},
		{values{"password": canary, "client_secret": canary}, namesAll("username", "password")},
		{values{"client_secret": canary}, namesAll("client_id", "client_secret")},
		{values{"client_id": "c"}, namesAll("client_id", "client_secret")},
	} {
		for _, place := range []string{"block", "environment"} {
			block, environment := one.given, map[string]string{}
			if place == "environment" {
				block, environment = values{}, asVariables(t, one.given)
			}

			_, diags := configured(t, with(block, values{"endpoint": "https://wallaroo.example.com"}), environment)
			wantError(t, diags, summaryIncomplete, append(one.names, "is set, but", "is not")...)
			wantNowhere(t, diags, canary)
		}
	}
}

func TestCredentials_none(t *testing.T) {
	t.Parallel()

	_, diags := configured(t, values{"endpoint": "https://wallaroo.example.com"}, nil)
	wantError(t, diags, summaryMissing, namesAll("username", "password", "client_id", "client_secret", "token", "credentials_file")...)
}

// `terraform validate` sees the block alone, and no environment that completes it.
func TestCredentials_completedByTheEnvironmentAreValid(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	_, diags := configured(t, values{}, map[string]string{
		"WALLAROO_URL": instance.URL, "WALLAROO_USER": emulatortest.Username, "WALLAROO_PASSWORD": emulatortest.Password,
	})
	wantNone(t, diags)
}

func TestCredentials_file(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct{ content, word string }{
		"empty":            {``, "not a JSON object"},
		"not JSON":         {`username=` + canary, "not a JSON object"},
		"a list":           {`["` + canary + `"]`, "not a JSON object"},
		"a number":         {`{"username":"u","password":3141592653}`, "not a JSON object"},
		"cut":              {`{"username":"u","password":"` + canary, "not a JSON object"},
		"null":             {`null`, `none of "username", "password"`},
		"nothing":          {`{}`, `none of "username", "password"`},
		"other names":      {`{"user":"u","pass":"` + canary + `"}`, `none of "username", "password"`},
		"user without":     {`{"username":"u"}`, `"username" is set, but "password" is not`},
		"password without": {`{"password":"` + canary + `"}`, `"password" is set, but "username" is not`},
		"client without":   {`{"confidentialClient":"c"}`, `"confidentialClient" is set, but "confidentialPassword" is not`},
		"secret without":   {`{"confidentialPassword":"` + canary + `"}`, `"confidentialPassword" is set, but "confidentialClient" is not`},
		"both":             {`{"username":"u","password":"` + canary + `","token":"` + canary + `"}`, `"token" cannot be combined with "username" and "password"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			file := writeFile(t, one.content)
			words := append(namesAll("credentials_file"), one.word, file)

			_, diags := configured(t, values{"endpoint": "https://wallaroo.example.com", "credentials_file": file}, nil)
			wantError(t, diags, "Unable to read the Wallaroo credentials file", words...)
			wantNowhere(t, diags, canary)
			wantNowhere(t, diags, "3141592653")

			_, diags = configured(t, values{"endpoint": "https://wallaroo.example.com"}, map[string]string{"WALLAROO_SDK_CREDENTIALS": file})
			wantError(t, diags, "Unable to read the Wallaroo credentials file", words...)
		})
	}

	content := `{"username":"u","password":"` + canary + `"}`
	_, diags := configured(t, values{"endpoint": "https://wallaroo.example.com", "credentials_file": content}, nil)
	wantError(t, diags, "Unable to read the Wallaroo credentials file", append(namesAll("credentials_file"), "must be the path")...)
	wantNowhere(t, diags, canary)

	for _, file := range []string{"/no/such/file", t.TempDir()} {
		_, diags := configured(t, values{"endpoint": "https://wallaroo.example.com", "credentials_file": file}, nil)
		wantError(t, diags, "Unable to read the Wallaroo credentials file", append(namesAll("credentials_file"), file)...)
	}
}

// What the identity provider says no to is told in its words, with the settings to look
// at, and is not tried again.
func TestAuthentication_refused(t *testing.T) {
	t.Parallel()

	user := func(name, password string) values { return values{"username": name, "password": password} }

	ofUser := append(namesAll("username", "password"), "locked", "enabled")
	ofClient := namesAll("client_id", "client_secret")

	cases := map[string]struct {
		given  values
		status map[int]int // by Options.BadPasswordStatus
		words  []string
	}{
		"wrong password": {
			user(emulatortest.Username, "wrong"), map[int]int{401: 401, 400: 400}, append(ofUser, "invalid_grant", "Invalid user credentials"),
		},
		"unknown user": {
			user("nobody@example.com", "wrong"), map[int]int{401: 401, 400: 400}, append(ofUser, "invalid_grant", "Invalid user credentials"),
		},
		"disabled user": {
			user("disabled", emulatortest.Password), map[int]int{401: 400, 400: 400}, append(ofUser, "invalid_grant", "Account disabled"),
		},
		"required action": {
			user("temporary", emulatortest.Password), map[int]int{401: 400, 400: 400}, append(ofUser, "invalid_grant", "Account is not fully set up", "set up"),
		},
		"wrong secret": {
			values{"client_id": emulatortest.ClientID, "client_secret": "wrong"}, map[int]int{401: 401},
			append(ofClient, "unauthorized_client", "Invalid client or Invalid client credentials"),
		},
		"wrong secret beside a user": {
			with(user(emulatortest.Username, emulatortest.Password), values{"client_secret": "wrong"}), map[int]int{401: 401},
			append(ofClient, "unauthorized_client", "Invalid client or Invalid client credentials"),
		},
		"unknown client": {
			values{"client_id": "nobody", "client_secret": "x"}, map[int]int{401: 401},
			append(ofClient, "invalid_client", "Invalid client or Invalid client credentials"),
		},
		"public client as itself": {
			values{"client_id": "sdk-client", "client_secret": "x"}, map[int]int{401: 401},
			append(ofClient, "unauthorized_client", "Public client not allowed to retrieve service account"),
		},
	}
	for name, one := range cases {
		for option, status := range one.status {
			t.Run(fmt.Sprintf("%s, %d", name, option), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, BadPasswordStatus: option})
				instance.AddUser(emulator.User{Username: "disabled", Disabled: true})
				instance.AddUser(emulator.User{Username: "temporary", RequiredActions: []string{"UPDATE_PASSWORD"}})

				run, diags := configured(t, with(one.given, values{"endpoint": instance.URL}), nil)
				wantNone(t, diags)

				words := append(one.words, "the identity provider answered", fmt.Sprint(status), tokenPath)
				wantError(t, run.ask(), summaryList, words...)

				// Each further refusal would bring a lock of the account nearer.
				wantError(t, run.ask(), summaryList, words...)
				wantRequests(t, instance, map[string]int{"token": 1})
			})
		}
	}
}

func TestAuthentication_clientThatMayNot(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.Inject(emulator.Fault{
		Operation: "token", Status: http.StatusBadRequest,
		Body: `{"error":"unauthorized_client","error_description":"Client not allowed for direct access grants"}`,
	})

	run := start(t, instance)
	wantError(t, run.ask(), summaryList, append(namesAll("client_id", "client_secret"), "Client not allowed for direct access grants", "allows this grant")...)
}

// A password that was read from a file with the end of its line is sent as it is.
func TestAuthentication_lineBreak(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	run, diags := configured(t, with(signedIn(instance), values{"password": emulatortest.Password + "\n"}), nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, "Invalid user credentials", "the password ends with a line break", "WALLAROO_PASSWORD")

	instance.AddUser(emulator.User{Username: "line", Password: canary + "\n"})

	run, diags = configured(t, with(signedIn(instance), values{"username": "line", "password": canary + "\n"}), nil)
	wantNone(t, diags)
	wantNone(t, run.ask())
}

// A refused sign-in stops each operation in its own way, and once is enough.
func TestAuthentication_refusedEverywhere(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")

	run, diags := configured(t, with(signedIn(instance), values{"password": "wrong"}), nil)
	wantNone(t, diags)
	wantWarning(t, run.planDestroy(prior), summaryRemains)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantWarning(t, diags, "Workspace name was not checked", "Invalid user credentials", "WALLAROO_PASSWORD")

	wantWarning(t, run.planDestroy(prior), "Workspace remains on the instance")

	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", "Invalid user credentials", "WALLAROO_PASSWORD")
	wantGone(t, made)

	_, diags = run.read(bg, prior)
	wantError(t, diags, "Unable to read workspace", "state was kept", "Invalid user credentials", "WALLAROO_PASSWORD")

	_, diags = run.importID(workspaceKind, "8")
	wantError(t, diags, "Unable to import", "Invalid user credentials", "WALLAROO_PASSWORD")

	left, diags := run.destroy(bg, prior)
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)
	wantRequests(t, instance, map[string]int{"token": 1})
}

// Something else than the identity provider answers.
func TestAuthentication_noLoginServer(t *testing.T) {
	t.Parallel()

	page := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}

	for name, one := range map[string]struct {
		handler http.HandlerFunc
		words   []string
	}{
		"page not found":  {page(404, "text/html", "<html><body><h1>Resource not found</h1></body></html>"), []string{"404 Not Found", "there is no identity provider at this address"}},
		"text not found":  {page(404, "text/plain", "404 page not found"), []string{"404 Not Found", "404 page not found", "there is no identity provider at this address"}},
		"another realm":   {page(404, "application/json", `{"error":"Realm does not exist"}`), []string{"404 Not Found", "Realm does not exist"}},
		"login page":      {page(200, "text/html", "<html><title>Sign in</title>"), []string{"a proxy or login page answered 200 OK"}},
		"an empty object": {page(200, "application/json", "{}"), []string{`no "access_token"`}},
		"nothing":         {page(200, "application/json", ""), []string{"an empty body"}},
		"a redirect": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://sso.example.com/"+canary, http.StatusFound)
			},
			[]string{"302 Found", "sso.example.com"},
		},
		"an error": {page(500, "application/json", `{"error":"unknown_error"}`), []string{"500 Internal Server Error", "unknown_error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run, diags := configured(t, values{
				"endpoint": "https://wallaroo.example.com", "auth_endpoint": serve(t, one.handler), "username": "u", "password": "open sesame",
			}, nil)
			wantNone(t, diags)

			diags = run.ask()
			wantError(t, diags, summaryList, append(one.words, "/auth/realms/master")...)
			wantError(t, diags, summaryList, namesAll("auth_endpoint", "endpoint")...)
			wantNowhere(t, diags, canary)
		})
	}

	for _, handler := range []http.HandlerFunc{page(503, "text/plain", "starting"), page(502, "text/html", "<html>bad gateway</html>")} {
		run, diags := configured(t, values{"endpoint": serve(t, handler), "username": "u", "password": "open sesame"}, nil)
		wantNone(t, diags)
		wantError(t, run.ask(), summaryList, tokenPath, "busy or restarting", "WALLAROO_MAX_RETRIES")
	}

	run, diags := configured(t, values{"endpoint": "https://127.0.0.1:1", "username": "u", "password": "open sesame"}, nil)
	wantNone(t, diags)
	wantError(t, run.ask(), summaryList, append(namesAll("auth_endpoint", "endpoint"), "no answer from 127.0.0.1:1", "connection refused", "ca_certificate")...)
}

// clock is the time of an instance, which a test can put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

func TestAuthentication_givenTokenIsRefused(t *testing.T) {
	t.Parallel()

	early := new(clock)
	early.advance(-3 * time.Hour)

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, Now: early.now})
	token := issuedToken(t, instance)

	early.advance(3 * time.Hour)

	for name, one := range map[string]struct {
		token string
		words []string
	}{
		"expired": {token, []string{"it expired at 20"}},
		"opaque":  {canary, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run, diags := configured(t, values{"endpoint": instance.URL, "token": one.token}, nil)
			wantNone(t, diags)

			diags = run.ask()
			wantError(t, diags, summaryList, append(one.words, "401 Unauthorized", "the given token was refused", "`token` (WALLAROO_TOKEN)", "expired")...)
			wantNowhere(t, diags, one.token)
		})
	}

	_, diags := configured(t, values{"endpoint": instance.URL, "token": canary + " " + canary}, nil)
	wantError(t, diags, summaryBadSettings, append(namesAll("token"), "character")...)
	wantNowhere(t, diags, canary)
}

func TestAuthentication_expiredTokenIsRenewed(t *testing.T) {
	t.Parallel()

	later := new(clock)
	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, Now: later.now, TokenLifetime: 10 * time.Minute})
	run := start(t, instance)
	wantNone(t, run.ask())

	later.advance(11 * time.Minute)

	// A list, and one request for each of six workspaces.
	_, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
	wantNone(t, diags)
	wantRequests(t, instance, map[string]int{"token": 2, "workspaces/list": 3, "workspaces/list_users": 6})
	wantGrants(t, instance, "password", "refresh_token")

	// A day later, the refresh token has expired too.
	later.advance(24 * time.Hour)
	instance.ResetRequests()

	made := run.create(workspaceKind, values{"name": "team-a"})
	wantID(t, run, made, 10)
	wantRequests(t, instance, map[string]int{"token": 2, "workspaces/create": 2, "workspaces/list": 1})
	wantGrants(t, instance, "refresh_token", "password")
}

func wantGrants(t testing.TB, instance *emulatortest.Instance, want ...string) {
	t.Helper()

	var got []string
	for _, form := range forms(t, instance) {
		got = append(got, form.Get("grant_type"))
	}

	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("grants: got %q, want %q", got, want)
	}
}

// Tokens are revoked while many requests are under way.
func TestAuthentication_revokedTokenIsRenewedOnce(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		given  values
		grants []string
	}{
		"user":   {values{"username": emulatortest.Username, "password": emulatortest.Password}, []string{"password", "refresh_token"}},
		"client": {values{"client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret}, []string{"client_credentials", "client_credentials"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			instance.SetUserAdmin(emulator.ServiceAccountID, true)

			run, diags := configured(t, with(one.given, values{"endpoint": instance.URL}), nil)
			wantNone(t, diags)

			var once sync.Once

			instance.SetOnRequest(func(request emulator.Request) {
				if request.Operation == "workspaces/list_users" {
					once.Do(instance.RevokeTokens)
				}
			})

			value, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
			wantNone(t, diags)

			if n := len(run.listed(value)); n != 6 {
				t.Errorf("%d workspaces", n)
			}

			wantGrants(t, instance, one.grants...)
		})
	}
}

// A given token cannot be renewed.
func TestAuthentication_givenTokenIsRevoked(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run, diags := configured(t, values{"endpoint": instance.URL, "token": issuedToken(t, instance)}, nil)
	wantNone(t, diags)
	wantNone(t, run.ask())

	instance.RevokeTokens()

	_, diags = run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
	wantError(t, diags, summaryList, "401", "`token` (WALLAROO_TOKEN)")
	wantRequests(t, instance, map[string]int{"workspaces/list": 2})
}

// The account has been disabled since it signed in.
func TestAuthentication_renewalIsRefused(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	wantNone(t, run.ask())
	instance.RevokeTokens()
	instance.SetUserEnabled(emulator.HummelID, false)

	_, diags := run.readData(workspacesKind, values{"user_ids": []string{emulator.HummelID}})
	wantError(t, diags, summaryList, append(namesAll("username", "password"), "Account disabled")...)
	wantGrants(t, instance, "password", "refresh_token", "password")
}

// Whoever answers may repeat what it was sent: no message may.
func TestAuthentication_noSecretInAnyMessage(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	bearer := func(r *http.Request) string { return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") }
	user := values{"username": "canary", "password": canary}
	own := values{"username": emulatortest.Username, "password": emulatortest.Password}

	instance.AddUser(emulator.User{Username: "canary", Password: canary})

	cases := map[string]struct {
		given values
		// signIn is true where the identity provider is the one who repeats.
		signIn bool
		repeat func(r *http.Request) string
	}{
		"password":          {user, true, func(r *http.Request) string { return r.PostFormValue("password") }},
		"escaped password":  {values{"username": "u", "password": "ca&nary+ é%"}, true, func(r *http.Request) string { return url.QueryEscape(r.PostFormValue("password")) }},
		"client secret":     {values{"client_id": "c", "client_secret": canary}, true, func(r *http.Request) string { return r.PostFormValue("client_secret") }},
		"secret and user":   {with(user, values{"client_secret": "secret-" + canary}), true, func(r *http.Request) string { return r.PostFormValue("client_secret") }},
		"header at sign-in": {with(user, values{"headers": map[string]string{"X-Gateway": "header-" + canary}}), true, func(r *http.Request) string { return r.Header.Get("X-Gateway") }},
		"header":            {with(own, values{"headers": map[string]string{"X-Gateway": "header-" + canary}}), false, func(r *http.Request) string { return r.Header.Get("X-Gateway") }},
		"password at API":   {user, false, func(*http.Request) string { return canary }},
		"given token":       {values{"token": canary}, false, bearer},
		"issued token":      {own, false, bearer},
		"part of a token":   {own, false, func(r *http.Request) string { return bearer(r)[:60] }},
		"another's token":   {own, false, func(*http.Request) string { return "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl" }},
	}
	for name, one := range cases {
		for form, answer := range map[string]func(w http.ResponseWriter, text string){
			"message": func(w http.ResponseWriter, text string) {
				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(map[string]any{"msg": text, "code": 400, "error_description": text})
			},
			"OAuth error": func(w http.ResponseWriter, text string) {
				body := map[string]any{"error": text}
				if one.signIn {
					body = map[string]any{"error": "invalid_grant", "error_description": text}
				}

				w.WriteHeader(http.StatusBadRequest)
				_ = json.NewEncoder(w).Encode(body)
			},
			"text": func(w http.ResponseWriter, text string) {
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = io.WriteString(w, text)
			},
			"success": func(w http.ResponseWriter, text string) {
				_ = json.NewEncoder(w).Encode(map[string]any{"error": text})
			},
			"request id": func(w http.ResponseWriter, text string) {
				w.Header().Set("X-Request-Id", text)
				w.WriteHeader(http.StatusForbidden)
			},
		} {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()

				var secret atomic.Value

				front := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == tokenPath && !one.signIn {
						r.Host = strings.TrimPrefix(instance.URL, "http://")
						instance.ServeHTTP(w, r)

						return
					}

					text := one.repeat(r)
					secret.Store(text)
					w.Header().Set("Content-Type", "application/json")
					answer(w, "before "+text+" after")
				}))

				run, diags := configured(t, with(one.given, values{"endpoint": front}), nil)
				wantNone(t, diags)

				diags = run.ask()
				_, planned := run.plan(workspaceKind, values{"name": "team-a"}, nil)
				_, imported := run.importID(workspaceKind, "8")
				diags = append(append(diags, planned...), imported...)

				// The control: what stands beside the secret does show.
				for _, word := range []string{"before", "(redacted)", "after"} {
					if strings.Count(diags.String(), word) < 3 {
						t.Errorf("not everywhere %q, so this test would not see a secret: %s", word, diags)
					}
				}

				text, _ := secret.Load().(string)
				wantNowhere(t, diags, text)
				wantNowhere(t, diags, canary)
			})
		}
	}
}
