package provider_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const (
	tokenPath = "/auth/realms/master/protocol/openid-connect/token"

	summaryBadFile = "Unable to read the Wallaroo credentials file"
)

// asVariables turns credentials of a block into those of an environment.
func asVariables(block values) map[string]string {
	variables := map[string]string{
		"token": "WALLAROO_TOKEN", "username": "WALLAROO_USER", "password": "WALLAROO_PASSWORD",
		"client_id": "WALLAROO_CLIENT_ID", "client_secret": "WALLAROO_CLIENT_SECRET", "credentials_file": "WALLAROO_SDK_CREDENTIALS",
	}
	environment := map[string]string{}

	for attribute, value := range block {
		environment[variables[attribute]] = fmt.Sprint(value)
	}

	return environment
}

// Each way to authenticate ends as the account that it names.
func TestAuthentication_ways(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	token := fetchToken(t, instance, emulatortest.Username)
	user := values{"username": emulatortest.Username, "password": emulatortest.Password}
	client := values{"client_id": emulatortest.ClientID, "client_secret": emulatortest.ClientSecret}
	file := func(format string, texts ...any) values {
		return values{"credentials_file": writeFile(t, fmt.Sprintf(format, texts...))}
	}

	for name, one := range map[string]struct {
		given values
		id    string
	}{
		"user":            {user, emulator.HummelID},
		"user and client": {with(user, client), emulator.HummelID},
		"client":          {client, emulator.ServiceAccountID},
		"token":           {values{"token": token + "\n"}, emulator.HummelID},
		"file":            {file(`{"username":%q,"password":%q}`, emulatortest.Username, emulatortest.Password), emulator.HummelID},
		"file, client":    {with(file(`{"username":%q,"password":%q}`, emulatortest.Username, emulatortest.Password), values{"client_id": "sdk-client"}), emulator.HummelID},
		"file, token":     {file(`{"token":%q}`, token), emulator.HummelID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			address := map[string]string{"WALLAROO_URL": instance.URL}
			for _, run := range []*core{mustConfigure(t, one.given, address), mustConfigure(t, nil, withVariables(address, asVariables(one.given)))} {
				caller, diags := run.readData("wallaroo_current_user", nil)
				wantNone(t, diags)
				wantNone(t, run.listWorkspaces())

				if id := run.textOf(caller, "id"); id != one.id {
					t.Errorf("authenticated as %s", caller)
				}
			}
		})
	}
}

func withVariables(base, more map[string]string) map[string]string {
	merged := maps.Clone(base)
	maps.Copy(merged, more)

	return merged
}

// Credentials that do not go together are named, with their variables.
func TestCredentials_invalid(t *testing.T) {
	t.Parallel()

	for _, one := range []struct {
		given   values
		summary string
		words   []string
	}{
		{values{"token": canary, "username": "u"}, "Conflicting Wallaroo credentials", append(namesAll("token", "username"), "set only one of them")},
		{values{"credentials_file": "/no/such/file", "client_secret": canary}, "Conflicting Wallaroo credentials", append(namesAll("credentials_file", "client_secret"), "set only one of them")},
		{values{"password": canary}, "Incomplete Wallaroo credentials", append(namesAll("username", "password"), "is set, but", "is not")},
		{values{"client_id": "c"}, "Incomplete Wallaroo credentials", append(namesAll("client_id", "client_secret"), "is set, but", "is not")},
		{values{"token": canary + " " + canary}, summaryBadSettings, append(namesAll("token"), "character")},
	} {
		for _, source := range []string{"block", "environment"} {
			block, environment := one.given, map[string]string{}
			if source == "environment" {
				block, environment = nil, asVariables(one.given)
			}

			_, diags := configured(t, with(values{"endpoint": exampleURL}, block), environment)
			wantError(t, diags, one.summary, one.words...)
			wantNowhere(t, diags, canary)
		}
	}

	_, diags := configured(t, values{"endpoint": exampleURL, "username": "u", "password": ""}, map[string]string{"WALLAROO_PASSWORD": canary})
	wantError(t, diags, "Incomplete Wallaroo credentials", append(namesAll("username", "password"), "none are read from the environment")...)

	_, diags = configured(t, values{"endpoint": exampleURL}, nil)
	wantError(t, diags, "Missing Wallaroo credentials", namesAll("username", "password", "client_id", "client_secret", "token", "credentials_file")...)
}

func TestCredentials_file(t *testing.T) {
	t.Parallel()

	cut := writeFile(t, `{"username":"u","password":"`+canary)

	for file, words := range map[string][]string{
		cut: {cut, "not a JSON object"},
		`{"username":"u","password":"` + canary + `"}`: {"must be the path"},
		"/no/such/file": {"/no/such/file"},
	} {
		_, diags := configured(t, values{"endpoint": exampleURL, "credentials_file": file}, nil)
		wantError(t, diags, summaryBadFile, append(namesAll("credentials_file"), words...)...)
		wantNowhere(t, diags, canary)

		_, diags = configured(t, values{"endpoint": exampleURL}, map[string]string{"WALLAROO_SDK_CREDENTIALS": file})
		wantError(t, diags, summaryBadFile, append(namesAll("credentials_file"), words...)...)
	}
}

// What the identity provider refuses is said in its words, with the settings to look
// at, and is not tried again.
func TestAuthentication_refused(t *testing.T) {
	t.Parallel()

	user := func(name, password string) values { return values{"username": name, "password": password} }

	ofUser := func(words ...string) []string {
		return append(words, append(namesAll("username", "password"), "locked", "enabled")...)
	}
	ofClient := func(words ...string) []string {
		return append(words, append(namesAll("client_id", "client_secret"), "allows this grant")...)
	}

	cases := map[string]struct {
		given  values
		status map[int]int // by Options.BadPasswordStatus
		words  []string
	}{
		"wrong password": {
			user(emulatortest.Username, "wrong"), map[int]int{401: 401, 400: 400}, ofUser("invalid_grant", "Invalid user credentials"),
		},
		"line break": {
			user(emulatortest.Username, emulatortest.Password+"\n"), map[int]int{401: 401}, ofUser("the password ends with a line break"),
		},
		"disabled user": {
			user("disabled", emulatortest.Password), map[int]int{401: 400}, ofUser("invalid_grant", "Account disabled"),
		},
		"required action": {
			user("temporary", emulatortest.Password), map[int]int{401: 400}, ofUser("Account is not fully set up", "set up"),
		},
		"wrong secret": {
			values{"client_id": emulatortest.ClientID, "client_secret": "wrong"}, map[int]int{401: 401}, ofClient("unauthorized_client"),
		},
		"wrong secret beside a user": {
			with(user(emulatortest.Username, emulatortest.Password), values{"client_secret": "wrong"}), map[int]int{401: 401},
			ofClient("unauthorized_client", "Invalid client or Invalid client credentials"),
		},
		"unknown client": {
			values{"client_id": "nobody", "client_secret": "x"}, map[int]int{401: 401}, ofClient("invalid_client"),
		},
	}
	for name, one := range cases {
		for option, status := range one.status {
			t.Run(fmt.Sprintf("%s, %d", name, option), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, BadPasswordStatus: option})
				instance.AddUser(emulator.User{Username: "disabled", Disabled: true})
				instance.AddUser(emulator.User{Username: "temporary", RequiredActions: []string{"UPDATE_PASSWORD"}})

				run := mustConfigure(t, with(one.given, values{"endpoint": instance.URL}), nil)

				// Each further refusal would bring a lock of the account nearer.
				for range 2 {
					wantError(t, run.listWorkspaces(), summaryList, slices.Concat(one.words, []string{"the identity provider answered", fmt.Sprint(status), tokenPath})...)
				}

				wantRequests(t, instance, map[string]int{"token": 1})
			})
		}
	}
}

// Refused credentials stop each operation in its own way, and once is enough.
func TestAuthentication_refusedEverywhere(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	words := []string{"Invalid user credentials", "WALLAROO_PASSWORD"}
	run := mustConfigure(t, with(passwordBlock(instance), values{"password": "wrong"}), nil)
	wantWarning(t, run.planDestroy(prior), summaryRemains)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantWarning(t, diags, "Workspace name was not checked", words...)

	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", words...)
	wantGone(t, made)

	_, diags = run.read(bg, prior)
	wantError(t, diags, "Unable to read workspace", append(words, "state was kept")...)

	_, diags = run.importID(workspaceKind, "8")
	wantError(t, diags, "Unable to import", words...)

	_, diags = run.readData("wallaroo_current_user", nil)
	wantError(t, diags, "Unable to determine the current user", words...)

	left, diags := run.destroy(bg, prior)
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)
	wantRequests(t, instance, map[string]int{"token": 1})
}

// Something else than the identity provider answers.
func TestAuthentication_noIdentityProvider(t *testing.T) {
	t.Parallel()

	page := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
	}))

	for address, words := range map[string][]string{
		page:                  {"404 Not Found", "there is no identity provider at this address"},
		"https://127.0.0.1:1": {"no answer from 127.0.0.1:1", "connection refused", "ca_certificate"},
	} {
		run := mustConfigure(t, values{"endpoint": exampleURL, "auth_endpoint": address, "username": "u", "password": "p"}, nil)
		wantError(t, run.listWorkspaces(), summaryList, slices.Concat(words, namesAll("auth_endpoint", "endpoint"), []string{"/auth/realms/master"})...)
	}
}

func TestAuthentication_givenTokenIsRefused(t *testing.T) {
	t.Parallel()

	var isLater atomic.Bool

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, Now: func() time.Time {
		if isLater.Load() {
			return time.Now()
		}

		return time.Now().Add(-3 * time.Hour)
	}})
	token := fetchToken(t, instance, emulatortest.Username)

	isLater.Store(true)
	instance.ResetRequests()

	for token, word := range map[string]string{token: "it expired at 20", canary: "expired"} {
		diags := mustConfigure(t, values{"endpoint": instance.URL, "token": token}, nil).listWorkspaces()
		wantError(t, diags, summaryList, word, "401 Unauthorized", "the given token was refused", "`token` (WALLAROO_TOKEN)")
		wantNowhere(t, diags, token)
	}

	if n := instance.Count("token"); n != 0 {
		t.Errorf("%d requests for a token", n)
	}
}
