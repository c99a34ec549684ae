package keycloaktest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const (
	realmPath = "/auth/realms/master"
	tokenPath = emulatortest.TokenPath
	usersPath = "/auth/admin/realms/master/users"
)

// version is a Keycloak that the tests run.
type version struct {
	number string
	// badPasswordStatus is the status of a refused password.
	badPasswordStatus int
	// adminVariables are the variables that name the administrator of an empty database.
	adminVariables [2]string
}

// versions are the newest one, and one as old as the tokens of Wallaroo suggest. They differ in the status of a refused
// password.
var versions = []version{
	{"26.7.3", http.StatusBadRequest, [2]string{"KC_BOOTSTRAP_ADMIN_USERNAME", "KC_BOOTSTRAP_ADMIN_PASSWORD"}},
	{"22.0.5", http.StatusUnauthorized, [2]string{"KEYCLOAK_ADMIN", "KEYCLOAK_ADMIN_PASSWORD"}},
}

// The lifetimes of tokens.
const accessLifetime, refreshLifetime = time.Minute, 30 * time.Minute

// exchange is a request to the token endpoint or for accounts, what goes before it, and the response. In a path or a form
// {user}, {USER}, {part} and {id} stand for the account of the exchange, {access} and {refresh} for the tokens of first.
type exchange struct {
	// user is the account; it is given a name and an email.
	user emulator.User
	// first is a form that gives tokens.
	first string
	// then is what happens after first.
	then func(in instance, t *testing.T, userID string)
	// form is what is posted to the token endpoint, with the credentials of basic in a header.
	form, basic string
	// get is a path below that of the accounts, and token the token to read it with.
	get, token string
	// want is the status, and the error or the user names. Of two statuses the second is that of the older version.
	want string
	// old is what the older version answers, if that is more than another status.
	old string
}

// instance is a Keycloak or an emulator.
type instance interface {
	addUser(t *testing.T, user emulator.User) string
	setEnabled(t *testing.T, userID string, enabled bool)
	logout(t *testing.T, userID string)
	deleteUser(t *testing.T, userID string)
}

// emulated is an emulator.
type emulated struct{ *emulatortest.Instance }

func (e emulated) addUser(_ *testing.T, user emulator.User) string { return e.AddUser(user) }
func (e emulated) setEnabled(_ *testing.T, id string, on bool)     { e.SetUserEnabled(id, on) }
func (e emulated) logout(*testing.T, string)                       { e.LogoutAll() }
func (e emulated) deleteUser(_ *testing.T, id string)              { e.DeleteUser(id) }

// The parts of forms.
const (
	bySDK    = "client_id=sdk-client"
	byAPI    = "client_id=api-client&client_secret=emulator-secret"
	badAPI   = "client_id=api-client&client_secret=x"
	signIn   = "&grant_type=password&username={user}&password=emulator"
	wrong    = "&grant_type=password&username={user}&password=x"
	renew    = "&grant_type=refresh_token&refresh_token={refresh}"
	asClient = "&grant_type=client_credentials"
)

// What several exchanges end with.
const (
	badUser    = "400/401 invalid_grant: Invalid user credentials"
	badSecret  = "401 unauthorized_client: Invalid client or Invalid client credentials"
	badClient  = "401 invalid_client: Invalid client or Invalid client credentials"
	badRefresh = "400 invalid_grant: Invalid refresh token"
	noSession  = "400 invalid_grant: Session not active"
	disabled   = "400 invalid_grant: Account disabled"
)

func disable(in instance, t *testing.T, id string) { in.setEnabled(t, id, false) }

var exchanges = map[string]exchange{
	"password":                 {form: bySDK + signIn, want: "200"},
	"password with secret":     {form: byAPI + signIn, want: "200"},
	"upper case":               {form: bySDK + "&grant_type=password&username={USER}&password=emulator", want: "200"},
	"named scopes":             {form: bySDK + signIn + "&scope=profile+email", want: "200"},
	"public, with a secret":    {form: bySDK + "&client_secret=x" + signIn, want: "200"},
	"client credentials":       {form: byAPI + asClient, want: "200"},
	"refresh":                  {first: bySDK + signIn, form: bySDK + renew, want: "200"},
	"refresh with secret":      {first: byAPI + signIn, form: byAPI + renew, want: "200"},
	"Basic":                    {form: "x=y" + signIn, basic: "api-client:emulator-secret", want: "200"},
	"Basic, encoded":           {form: "x=y" + signIn, basic: "api%2Dclient:emulator%2Dsecret", want: "200"},
	"Basic, wrong":             {form: "x=y" + signIn, basic: "api-client:x", want: badSecret},
	"Basic, public in form":    {form: bySDK + signIn, basic: "api-client:x", want: "200"},
	"wrong password":           {form: bySDK + wrong, want: badUser},
	"wrong password, secret":   {form: byAPI + wrong, want: badUser},
	"no password":              {form: bySDK + "&grant_type=password&username={user}", want: badUser},
	"unknown user":             {form: bySDK + "&grant_type=password&username=nobody@example.com&password=x", want: badUser},
	"leading blank":            {form: bySDK + "&grant_type=password&username=+{user}&password=emulator", want: badUser},
	"no user name":             {form: bySDK + "&grant_type=password&password=x", want: "401 invalid_request: Missing parameter: username"},
	"disabled":                 {user: emulator.User{Disabled: true}, form: bySDK + signIn, want: disabled},
	"disabled, wrong password": {user: emulator.User{Disabled: true}, form: bySDK + wrong, want: badUser, old: disabled},
	"required action": {user: emulator.User{RequiredActions: []string{"UPDATE_PASSWORD"}}, form: bySDK + signIn,
		want: "400 invalid_grant: Account is not fully set up"},
	"wrong secret":           {form: badAPI + signIn, want: badSecret},
	"no secret":              {form: "client_id=api-client" + signIn, want: badSecret},
	"wrong secret, client":   {form: badAPI + asClient, want: badSecret},
	"unknown client":         {form: "client_id=nope&client_secret=x" + asClient, want: badClient},
	"no client":              {form: "x=y" + signIn, want: badClient},
	"public as client":       {form: bySDK + asClient, want: "401 unauthorized_client: Public client not allowed to retrieve service account"},
	"unknown grant":          {form: bySDK + "&grant_type=nope", want: "400 unsupported_grant_type: Unsupported grant_type"},
	"no grant":               {form: byAPI, want: "400 invalid_request: Missing form parameter: grant_type"},
	"no refresh token":       {form: bySDK + "&grant_type=refresh_token", want: "400 invalid_request: No refresh token"},
	"garbage for refresh":    {form: bySDK + "&grant_type=refresh_token&refresh_token=a.b.c", want: badRefresh},
	"access for refresh":     {first: bySDK + signIn, form: bySDK + "&grant_type=refresh_token&refresh_token={access}", want: badRefresh},
	"refresh, wrong secret":  {first: byAPI + signIn, form: badAPI + renew, want: badSecret},
	"refresh, other client":  {first: bySDK + signIn, form: byAPI + renew, want: badRefresh + ". Token client and authorized client don't match"},
	"refresh after logout":   {first: bySDK + signIn, then: instance.logout, form: bySDK + renew, want: noSession},
	"refresh, disabled user": {first: bySDK + signIn, then: disable, form: bySDK + renew, want: "400 invalid_grant: User disabled"},
	"refresh, deleted user":  {first: bySDK + signIn, then: instance.deleteUser, form: bySDK + renew, want: noSession},

	"accounts by email":       {get: "?email={USER}&exact=true", want: "200 {user}"},
	"accounts by part":        {get: "?email={part}", want: "200 {user}"},
	"accounts by exact part":  {get: "?email={part}&exact=true", want: "200"},
	"accounts by user name":   {get: "?username={user}", want: "200 {user}"},
	"accounts, second page":   {get: "?email={user}&first=1&max=1", want: "200"},
	"no account":              {get: "?email=nobody@example.com", want: "200"},
	"service account":         {get: "?email=service-account-api-client", want: "200"},
	"account by ID":           {get: "/{id}", want: "200 {user}"},
	"unknown ID":              {get: "/00000000-0000-4000-8000-000000000000", want: "404 User not found"},
	"accounts with garbage":   {get: "?email={user}", token: "x", want: "401 HTTP 401 Unauthorized"},
	"account, disabled later": {get: "/{id}", then: disable, want: "401 HTTP 401 Unauthorized"},
}

// eachExchange runs a test for each exchange. Its accounts have names of their own.
func eachExchange(t *testing.T, test func(t *testing.T, e exchange)) {
	t.Helper()

	serial := 0
	for name, e := range exchanges {
		serial++
		e.user.Username = fmt.Sprintf("contract-%d@example.com", serial)
		e.user.Email = e.user.Username

		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, e)
		})
	}
}

// TestContract holds what the emulator answers against the table. With Keycloaks, testContract does so too.
func TestContract(t *testing.T) {
	t.Parallel()

	for _, v := range versions {
		t.Run(v.number, func(t *testing.T) {
			t.Parallel()
			eachExchange(t, func(t *testing.T, e exchange) {
				if got := e.emulate(t, v); got.Summary != v.expected(e) {
					t.Errorf("the emulator answers %q, want %q", got.Summary, v.expected(e))
				}
			})
		})
	}
}

// emulate makes the exchange with an emulator of the same kind.
func (e exchange) emulate(t *testing.T, v version) reply {
	t.Helper()
	other := emulatortest.Start(t, emulator.Options{
		BadPasswordStatus: v.badPasswordStatus, TokenLifetime: accessLifetime, RefreshTokenLifetime: refreshLifetime,
	})

	return e.run(t, emulated{other}, other.URL)
}

// expected is the summary of what this version answers.
func (v version) expected(e exchange) string {
	want := strings.ReplaceAll(e.want, "{user}", e.user.Username)
	if v.badPasswordStatus == http.StatusBadRequest {
		return strings.Replace(want, "400/401", "400", 1)
	}

	if e.old != "" {
		return e.old
	}

	return strings.Replace(want, "400/401", "401", 1)
}

// run makes the exchange with an instance.
func (e exchange) run(t *testing.T, in instance, base string) reply {
	t.Helper()
	id := in.addUser(t, e.user)
	values := []string{"{id}", id, "{user}", e.user.Username, "{USER}", strings.ToUpper(e.user.Username), "{part}", e.user.Username[1:]}
	fill := func(text string) string { return strings.NewReplacer(values...).Replace(text) }
	post := func(form, basic string) emulatortest.Response {
		if basic != "" {
			basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(basic))
		}

		return emulatortest.MustSend(t, http.MethodPost, base+tokenPath, fill(form), "Content-Type: "+emulatortest.Form, "Authorization: "+basic)
	}

	if e.get != "" {
		e.first = bySDK + signIn
	}

	if e.first != "" {
		tokens := emulatortest.Parse[map[string]any](t, post(e.first, "").Body)
		values = append(values, "{access}", fmt.Sprint(tokens["access_token"]), "{refresh}", fmt.Sprint(tokens["refresh_token"]))
	}

	if e.then != nil {
		e.then(in, t, id)
	}

	if e.get == "" {
		return newReply(t, post(e.form, e.basic))
	}

	if e.token == "" {
		e.token = "{access}"
	}

	return newReply(t, emulatortest.MustSend(t, http.MethodGet, base+usersPath+fill(e.get), "", "Authorization: Bearer "+fill(e.token)))
}
