//go:build keycloak

package keycloaktest_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

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

// badPassword stands for the status of a refused login, which differs by version.
const badPassword = -1

// outcome is what an answer says. A success has no Error.
type outcome struct {
	Status      int
	Error       string
	Description string
}

// tokenCase is a request to the token endpoint, what goes before it, and its answer.
type tokenCase struct {
	// user is who signs in; the name is made for the case.
	user emulator.User
	// first is a form that gives the tokens that {refresh} and {access} stand for.
	first string
	// then is what happens after first.
	then func(in instance, t *testing.T, userID string)
	// form is the request; {user} stands for its user.
	form string
	// basic, method, path and kind are the request where it is no plain form.
	basic, method, path, kind string
	want                      outcome
	// old is what the older version answers, if it differs.
	old *outcome
	// oldAlone says that the emulator has no variant for it.
	oldAlone bool
}

// The parts of forms.
const (
	bySDK    = "client_id=sdk-client"
	byAPI    = "client_id=api-client&client_secret=emulator-secret"
	signIn   = "&grant_type=password&username={user}&password=emulator"
	wrongOne = "&grant_type=password&username={user}&password=x"
	renew    = "&grant_type=refresh_token&refresh_token={refresh}"
	asClient = "&grant_type=client_credentials"
)

// The texts that several cases share.
const (
	badClientText = "Invalid client or Invalid client credentials"
)

func refusal(status int, code, text string) outcome { return outcome{status, code, text} }

func invalidGrant(text string) outcome { return outcome{400, "invalid_grant", text} }

func tokenCases() map[string]tokenCase {
	granted := outcome{Status: 200}
	badUser := refusal(badPassword, "invalid_grant", "Invalid user credentials")
	badClient := refusal(401, "invalid_client", badClientText)
	badSecret := refusal(401, "unauthorized_client", badClientText)
	accountDisabled := invalidGrant("Account disabled")
	disabled, todo := emulator.User{Disabled: true}, emulator.User{RequiredActions: []string{"UPDATE_PASSWORD"}}
	return map[string]tokenCase{
		"password":             {form: bySDK + signIn, want: granted},
		"password with secret": {form: byAPI + signIn, want: granted},
		"upper case":           {form: bySDK + "&grant_type=password&username={USER}&password=emulator", want: granted},
		"named scopes":         {form: bySDK + signIn + "&scope=profile+email", want: granted},
		"public with a secret": {form: bySDK + "&client_secret=x" + signIn, want: granted},
		"public beats Basic":   {form: bySDK + signIn, basic: "api-client:x", want: granted},
		"Basic":                {form: "x=y" + signIn, basic: "api-client:emulator-secret", want: granted},
		"Basic, encoded":       {form: "x=y" + signIn, basic: "api%2Dclient:emulator%2Dsecret", want: granted},
		"Basic, right in form": {form: byAPI + signIn, basic: "api-client:x", want: granted},
		"Basic, wrong in form": {form: "client_secret=x" + signIn, basic: "api-client:emulator-secret", want: badSecret},
		"Basic of another":     {form: byAPI + signIn, basic: "nope:x", want: granted},
		"Basic and form":       {form: "client_id=api-client" + signIn, basic: "api-client:emulator-secret", want: granted},
		"client":               {form: byAPI + asClient, want: granted},
		"refresh":              {first: bySDK + signIn, form: bySDK + renew, want: granted},
		"refresh with secret":  {first: byAPI + signIn, form: byAPI + renew, want: granted},
		"wrong password":       {form: bySDK + wrongOne, want: badUser},
		"wrong with secret":    {form: byAPI + wrongOne, want: badUser},
		"no password":          {form: bySDK + "&grant_type=password&username={user}", want: badUser},
		"empty password":       {form: bySDK + "&grant_type=password&username={user}&password=", want: badUser},
		"unknown user":         {form: bySDK + "&grant_type=password&username=nobody@example.com&password=x", want: badUser},
		"leading blank":        {form: bySDK + "&grant_type=password&username=+{user}&password=emulator", want: badUser},
		"service account": {form: bySDK + "&grant_type=password&username=service-account-api-client&password=x", want: badUser,
			oldAlone: true, old: &outcome{500, "unknown_error", ""}},
		"no user name":         {form: bySDK + "&grant_type=password&password=x", want: refusal(401, "invalid_request", "Missing parameter: username")},
		"disabled":             {user: disabled, form: bySDK + signIn, want: accountDisabled},
		"disabled, wrong":      {user: disabled, form: bySDK + wrongOne, want: badUser, old: &accountDisabled},
		"required action":      {user: todo, form: bySDK + signIn, want: invalidGrant("Account is not fully set up")},
		"required, wrong":      {user: todo, form: bySDK + wrongOne, want: badUser},
		"empty user name":      {form: bySDK + "&grant_type=password&username=&password=x", want: badUser},
		"wrong secret":         {form: "client_id=api-client&client_secret=x" + signIn, want: badSecret},
		"no secret":            {form: "client_id=api-client" + signIn, want: badSecret},
		"empty secret":         {form: "client_id=api-client&client_secret=" + signIn, want: badSecret},
		"client, wrong secret": {form: "client_id=api-client&client_secret=x" + asClient, want: badSecret},
		"wrong Basic":          {form: "x=y" + signIn, basic: "api-client:x", want: badSecret},
		"malformed Basic": {form: "x=y" + signIn, basic: "!", want: badClient,
			oldAlone: true, old: &outcome{400, "unauthorized_client", "Unexpected error when authenticating client"}},
		"unknown client":        {form: "client_id=nope" + signIn, want: badClient},
		"unknown, with secret":  {form: "client_id=nope&client_secret=x" + asClient, want: badClient},
		"no client":             {form: "x=y" + signIn, want: badClient},
		"empty client":          {form: "client_id=" + signIn, want: badClient},
		"public as client":      {form: bySDK + asClient, want: refusal(401, "unauthorized_client", "Public client not allowed to retrieve service account")},
		"unknown grant":         {form: bySDK + "&grant_type=nope", want: refusal(400, "unsupported_grant_type", "Unsupported grant_type")},
		"unknown grant, client": {form: "client_id=nope&grant_type=nope", want: refusal(400, "unsupported_grant_type", "Unsupported grant_type")},
		"no grant":              {form: byAPI, want: refusal(400, "invalid_request", "Missing form parameter: grant_type")},
		"empty body":            {want: refusal(400, "invalid_request", "Missing form parameter: grant_type")},
		"bad scope":             {form: bySDK + signIn + "&scope=nope", want: refusal(400, "invalid_scope", "Invalid scopes: nope")},
		"bad scope, client":     {form: byAPI + asClient + "&scope=email+nope", want: refusal(400, "invalid_scope", "Invalid scopes: email nope")},
		"bad scope and user":    {form: bySDK + wrongOne + "&scope=nope", want: refusal(400, "invalid_scope", "Invalid scopes: nope")},
		"no refresh token":      {form: bySDK + "&grant_type=refresh_token", want: refusal(400, "invalid_request", "No refresh token")},
		"empty refresh token":   {form: bySDK + "&grant_type=refresh_token&refresh_token=", want: invalidGrant("Invalid refresh token")},
		"garbage refresh":       {form: bySDK + "&grant_type=refresh_token&refresh_token=garbage", want: invalidGrant("Invalid refresh token")},
		"three parts of it":     {form: bySDK + "&grant_type=refresh_token&refresh_token=a.b.c", want: invalidGrant("Invalid refresh token")},
		"access for refresh":    {first: bySDK + signIn, form: bySDK + "&grant_type=refresh_token&refresh_token={access}", want: invalidGrant("Invalid refresh token")},
		"tampered refresh":      {first: bySDK + signIn, form: bySDK + renew + "A", want: invalidGrant("Invalid refresh token")},
		"of another client": {first: bySDK + signIn, form: byAPI + renew,
			want: invalidGrant("Invalid refresh token. Token client and authorized client don't match")},
		"refresh, wrong secret": {first: byAPI + signIn, form: "client_id=api-client&client_secret=x" + renew, want: badSecret},
		"refresh after logout": {first: bySDK + signIn, then: instance.logout, form: bySDK + renew,
			want: invalidGrant("Session not active")},
		"refresh, disabled": {first: bySDK + signIn, form: bySDK + renew, want: invalidGrant("User disabled"),
			then: func(in instance, t *testing.T, id string) { in.setEnabled(t, id, false) }},
		"refresh, enabled again": {first: bySDK + signIn, form: bySDK + renew, want: granted,
			then: func(in instance, t *testing.T, id string) {
				in.setEnabled(t, id, false)
				in.setEnabled(t, id, true)
			}},
		"refresh, deleted": {first: bySDK + signIn, then: instance.deleteUser, form: bySDK + renew,
			want: invalidGrant("Session not active")},
		"JSON body": {form: `{"grant_type":"password"}`, kind: "application/json",
			want:     refusal(400, "invalid_request", "Missing form parameter: grant_type"),
			oldAlone: true, old: &outcome{415, "RESTEASY003065: Cannot consume content type", ""}},
		"GET": {method: http.MethodGet, want: refusal(405, "HTTP 405 Method Not Allowed", ""), oldAlone: true,
			old: &outcome{405, "RESTEASY003650: No resource method found for GET, return 405 with Allow header", ""}},
		"other realm": {path: strings.Replace(tokenPath, "master", "other", 1), form: bySDK + signIn,
			want: refusal(404, "Realm does not exist", "")},
	}
}

// checkTokenCases runs the table against a Keycloak, and against an emulator of the same kind.
func checkTokenCases(t *testing.T, k *server) {
	serial := 0
	for name, c := range tokenCases() {
		serial++
		c.user.Username = fmt.Sprintf("case-%d@example.com", serial)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, k)
		})
	}
}

// check asks a Keycloak and an emulator of the same kind.
func (c tokenCase) check(t *testing.T, k *server) {
	t.Helper()
	c.user.Email = c.user.Username
	if k.old() && c.old != nil {
		c.want = *c.old
	}
	if c.want.Status == badPassword {
		c.want.Status = k.badPassword
	}
	genuine := c.ask(t, k, k.url)
	if diff := cmp.Diff(c.want, genuine.outcome); diff != "" {
		t.Errorf("Keycloak (-want +got):\n%s", diff)
	}
	if c.oldAlone && k.old() {
		return
	}
	e := emulatortest.Start(t, emulator.Options{
		BadPasswordStatus: k.badPassword, TokenLifetime: accessLife, RefreshTokenLifetime: refreshLife,
	})
	if diff := cmp.Diff(genuine, c.ask(t, emulated{e}, e.URL), cmp.AllowUnexported(reply{})); diff != "" {
		t.Errorf("the emulator differs (-Keycloak +emulator):\n%s", diff)
	}
}

// reply is what of an answer must be the same.
type reply struct {
	outcome
	Kind, Cache string
	// Fields and Claims are those of the body and of the access token. Only values that can be equal are kept.
	Fields, Claims map[string]any
}

func (c tokenCase) ask(t *testing.T, in instance, base string) reply {
	t.Helper()
	id := in.addUser(t, c.user)
	values := []string{"{user}", url.QueryEscape(c.user.Username), "{USER}", url.QueryEscape(strings.ToUpper(c.user.Username))}
	if c.first != "" {
		first := tokenCase{form: c.first}
		answer := first.send(t, base, strings.NewReplacer(values...))
		if answer.Status != http.StatusOK {
			t.Fatalf("first: %d %s", answer.Status, answer.Body)
		}
		tokens := parse[map[string]any](t, answer.Body)
		values = append(values, "{refresh}", fmt.Sprint(tokens["refresh_token"]), "{access}", fmt.Sprint(tokens["access_token"]))
	}
	if c.then != nil {
		c.then(in, t, id)
	}
	answer := c.send(t, base, strings.NewReplacer(values...))
	answer.Body = bytes.ReplaceAll(answer.Body, []byte(base), nil)
	return read(t, answer)
}

func (c tokenCase) send(t *testing.T, base string, values *strings.Replacer) response {
	t.Helper()
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	request := newRequest(t, or(c.method, http.MethodPost), base+or(c.path, tokenPath), strings.NewReader(values.Replace(c.form)))
	request.Header.Set("Content-Type", or(c.kind, "application/x-www-form-urlencoded"))
	if user, secret, ok := strings.Cut(c.basic, ":"); ok {
		request.SetBasicAuth(user, secret)
	} else if c.basic != "" {
		request.Header.Set("Authorization", "Basic "+c.basic)
	}
	return do(t, request)
}

func read(t *testing.T, answer response) reply {
	t.Helper()
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		t.Errorf("Content-Type: %v", err)
	}
	fields := parse[map[string]any](t, answer.Body)
	word := func(name string) string {
		value, _ := fields[name].(string)
		return value
	}
	got := reply{
		outcome: outcome{answer.Status, word("error"), word("error_description")},
		Kind:    kind, Cache: answer.Header.Get("Cache-Control"),
		Fields: fields,
	}
	if access, ok := fields["access_token"].(string); ok {
		got.Claims = steadyClaims(claimsOf(t, access))
	}
	steady(fields, "access_token", "refresh_token", "session_state", "not-before-policy")
	for name, whole := range map[string]time.Duration{"expires_in": accessLife, "refresh_expires_in": refreshLife} {
		// A second can pass while Keycloak makes a token.
		if seconds, ok := fields[name].(float64); ok && seconds > 0 && seconds < whole.Seconds() && seconds > whole.Seconds()-5 {
			fields[name] = whole.Seconds()
		}
	}
	if scope, ok := fields["scope"].(string); ok {
		fields["scope"] = slices.Sorted(slices.Values(strings.Fields(scope)))
	}
	return got
}

// steady replaces values that differ each time by their type.
func steady(fields map[string]any, names ...string) {
	for _, name := range names {
		if value, ok := fields[name]; ok {
			fields[name] = fmt.Sprintf("%T", value)
		}
	}
}

func steadyClaims(claims map[string]any) map[string]any {
	if hasura, ok := claims["https://hasura.io/jwt/claims"].(map[string]any); ok {
		steady(hasura, "x-hasura-user-id")
	}
	if audience, ok := claims["aud"].([]any); ok {
		slices.SortFunc(audience, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	steady(claims, "exp", "iat", "jti", "iss", "sub", "sid", "session_state", "realm_access", "resource_access")
	if scope, ok := claims["scope"].(string); ok {
		claims["scope"] = slices.Sorted(slices.Values(strings.Fields(scope)))
	}
	// What versions call alike means nothing to Wallaroo: where a client called from, and its id once more.
	maps.DeleteFunc(claims, func(name string, _ any) bool {
		return slices.Contains([]string{"clientHost", "clientAddress", "clientId", "session_state"}, name)
	})
	return claims
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token of %d parts", len(parts))
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return parse[map[string]any](t, data)
}
