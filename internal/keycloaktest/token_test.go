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
	// failedSignIns waits until that many wrong passwords are counted.
	failedSignIns(t *testing.T, userID string, count int)
	// notBefore makes the realm refuse every token so far; the id is not needed.
	notBefore(t *testing.T, _ string)
}

// emulated is an emulator.
type emulated struct{ *emulatortest.Instance }

func (e emulated) addUser(_ *testing.T, user emulator.User) string { return e.AddUser(user) }
func (e emulated) setEnabled(_ *testing.T, id string, on bool)     { e.SetUserEnabled(id, on) }
func (e emulated) logout(*testing.T, string)                       { e.LogoutAll() }
func (e emulated) deleteUser(_ *testing.T, id string)              { e.DeleteUser(id) }
func (e emulated) failedSignIns(*testing.T, string, int)           {}
func (e emulated) notBefore(*testing.T, string)                    { e.RevokeBeforeNow() }

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
	// before are forms that go to the token endpoint after first, whatever comes of them. {newest} is the last refresh token
	// that they yield.
	before []string
	// wrong says that these are wrong passwords. Each is counted before the next one: of two at once Keycloak can lose one.
	wrong bool
	// device is a form for the device endpoint; {device} stands for the code that it gives. Then a person in a browser signs
	// in and presses the button of that name, if there is one.
	device, button string
	// logout is a form for the logout endpoint, after first.
	logout string
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
	asDevice = "&grant_type=urn:ietf:params:oauth:grant-type:device_code"
	poll     = asDevice + "&device_code={device}"
)

// The texts that several cases share.
const (
	badClientText = "Invalid client or Invalid client credentials"
	mayNotBegin   = "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client."
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
		"openid":               {form: bySDK + signIn + "&scope=openid", want: granted},
		"offline":              {form: bySDK + signIn + "&scope=offline_access", want: granted},
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
		"client, offline":      {form: byAPI + asClient + "&scope=offline_access", want: granted},
		"refresh":              {first: bySDK + signIn, form: bySDK + renew, want: granted},
		"refresh with secret":  {first: byAPI + signIn, form: byAPI + renew, want: granted},
		"refresh, offline":     {first: bySDK + signIn + "&scope=offline_access", form: bySDK + renew, want: granted},
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
		"two passwords":        {form: bySDK + signIn + "&password=x", want: refusal(400, "invalid_request", "duplicated parameter")},
		"two, unknown client":  {form: "client_id=nope" + signIn + "&password=x", want: badClient},
		"two, unknown grant":   {form: bySDK + "&grant_type=nope&grant_type=nope", want: refusal(400, "unsupported_grant_type", "Unsupported grant_type")},
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
		"offline after logout": {first: bySDK + signIn + "&scope=offline_access", form: bySDK + renew,
			want: invalidGrant("Stale token"), then: func(in instance, t *testing.T, id string) {
				// Keycloak counts whole seconds, and refuses tokens from before that of the logout.
				<-time.After(1100 * time.Millisecond)
				in.logout(t, id)
			}},
		"after own logout": {first: bySDK + signIn, logout: bySDK + "&refresh_token={refresh}", form: bySDK + renew,
			want: invalidGrant("Session not active")},
		"offline after own logout": {first: bySDK + signIn + "&scope=offline_access",
			logout: bySDK + "&refresh_token={refresh}", form: bySDK + renew, want: invalidGrant("Offline user session not found")},
		"logout": {first: bySDK + signIn, path: logoutPath, form: bySDK + "&refresh_token={refresh}", want: outcome{Status: 204}},
		"second logout": {first: bySDK + signIn, logout: bySDK + "&refresh_token={refresh}", path: logoutPath,
			form: bySDK + "&refresh_token={refresh}", want: outcome{Status: 204}},
		"logout of garbage": {path: logoutPath, form: bySDK + "&refresh_token=x", want: invalidGrant("Invalid refresh token")},
		"logout of another client": {first: bySDK + signIn, path: logoutPath, form: byAPI + "&refresh_token={refresh}",
			want: invalidGrant("Invalid refresh token. Token client and authorized client don't match")},
		"JSON body": {form: `{"grant_type":"password"}`, kind: "application/json",
			want:     refusal(400, "invalid_request", "Missing form parameter: grant_type"),
			oldAlone: true, old: &outcome{415, "RESTEASY003065: Cannot consume content type", ""}},
		"GET": {method: http.MethodGet, want: refusal(405, "HTTP 405 Method Not Allowed", ""), oldAlone: true,
			old: &outcome{405, "RESTEASY003650: No resource method found for GET, return 405 with Allow header", ""}},
		"other realm": {path: strings.Replace(tokenPath, "master", "other", 1), form: bySDK + signIn,
			want: refusal(404, "Realm does not exist", "")},
	}
}

// deviceCases are those of a sign-in that a person ends in a browser.
func deviceCases() map[string]tokenCase {
	granted := outcome{Status: 200}
	pending := refusal(400, "authorization_pending", "The authorization request is still pending")
	noSession := refusal(400, "authorization_pending", "The authorization request is verified but can not lookup the user session yet")
	return map[string]tokenCase{
		"begin":                 {path: devicePath, form: bySDK, want: granted},
		"begin, openid":         {path: devicePath, form: bySDK + "&scope=openid", want: granted},
		"begin, bad scope":      {path: devicePath, form: bySDK + "&scope=nope", want: granted},
		"begin, may not":        {path: devicePath, form: byAPI, want: refusal(400, "unauthorized_client", mayNotBegin)},
		"begin, no secret":      {path: devicePath, form: "client_id=api-client", want: refusal(401, "unauthorized_client", badClientText)},
		"begin, unknown client": {path: devicePath, form: "client_id=nope", want: refusal(401, "invalid_client", badClientText)},
		"begin, no client":      {path: devicePath, want: refusal(401, "invalid_client", badClientText)},
		"begin, two scopes":     {path: devicePath, form: bySDK + "&scope=openid&scope=openid", want: invalidGrant("duplicated parameter")},
		"poll":                  {device: bySDK, form: bySDK + poll, want: pending},
		"poll too soon":         {device: bySDK, before: []string{bySDK + poll}, form: bySDK + poll, want: refusal(400, "slow_down", "Slow down")},
		"poll by another": {device: bySDK, form: byAPI + poll,
			want: refusal(400, "invalid_grant", "Client not allowed OAuth 2.0 Device Authorization Grant")},
		"poll by unknown":     {device: bySDK, form: "client_id=nope" + poll, want: refusal(401, "invalid_client", badClientText)},
		"poll with garbage":   {form: bySDK + asDevice + "&device_code=garbage", want: invalidGrant("Device code not valid")},
		"poll with nothing":   {form: bySDK + asDevice + "&device_code=", want: invalidGrant("Device code not valid")},
		"poll without code":   {form: bySDK + asDevice, want: refusal(400, "invalid_request", "Missing parameter: device_code")},
		"accepted":            {device: bySDK, button: "accept", form: bySDK + poll, want: granted},
		"accepted, openid":    {device: bySDK + "&scope=openid", button: "accept", form: bySDK + poll, want: granted},
		"accepted, offline":   {device: bySDK + "&scope=offline_access", button: "accept", form: bySDK + poll, want: granted},
		"accepted, bad scope": {device: bySDK + "&scope=nope", button: "accept", form: bySDK + poll, want: granted},
		"poll, bad scope":     {device: bySDK, form: bySDK + poll + "&scope=nope", want: pending},
		"accepted, renewed": {device: bySDK, button: "accept", before: []string{bySDK + poll},
			form: bySDK + "&grant_type=refresh_token&refresh_token={newest}", want: granted},
		"accepted, again": {device: bySDK, button: "accept", before: []string{bySDK + poll}, form: bySDK + poll,
			want: invalidGrant("Device code not valid")},
		"accepted, disabled": {device: bySDK, button: "accept", form: bySDK + poll, want: invalidGrant("User disabled"),
			then: func(in instance, t *testing.T, id string) { in.setEnabled(t, id, false) }},
		"accepted, deleted": {device: bySDK, button: "accept", then: instance.deleteUser, form: bySDK + poll,
			want: noSession},
		"accepted, ended": {device: bySDK, button: "accept", then: instance.logout, form: bySDK + poll, want: noSession},
		"refused": {device: bySDK, button: "cancel", form: bySDK + poll,
			want: refusal(400, "access_denied", "The end user denied the authorization request")},
	}
}

// checkTokenCases runs the tables against a Keycloak, and against an emulator of the same kind.
func checkTokenCases(t *testing.T, k *server) {
	serial := 0
	cases := tokenCases()
	for name, c := range deviceCases() {
		cases["device, "+name] = c
	}
	for name, c := range cases {
		serial++
		c.user.Username = fmt.Sprintf("case-%d@example.com", serial)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, k, emulator.Options{})
		})
	}
}

// check asks a Keycloak and an emulator of the same kind.
func (c tokenCase) check(t *testing.T, k *server, opts emulator.Options) {
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
	opts.BadPasswordStatus, opts.TokenLifetime, opts.RefreshTokenLifetime = k.badPassword, accessLife, refreshLife
	e := emulatortest.Start(t, opts)
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
	if c.device != "" {
		values = append(values, "{device}", c.beginDevice(t, base))
	}
	for i, form := range c.before {
		step := tokenCase{form: form}
		tokens := parse[map[string]any](t, step.send(t, base, strings.NewReplacer(values...)).Body)
		if newest, ok := tokens["refresh_token"].(string); ok {
			values = append([]string{"{newest}", newest}, values...)
		}
		if c.wrong {
			in.failedSignIns(t, id, i+1)
		}
	}
	if c.logout != "" {
		ending := tokenCase{form: c.logout, path: logoutPath}
		if answer := ending.send(t, base, strings.NewReplacer(values...)); answer.Status != http.StatusNoContent {
			t.Fatalf("logout: %d %s", answer.Status, answer.Body)
		}
	}
	if c.then != nil {
		c.then(in, t, id)
	}
	answer := c.send(t, base, strings.NewReplacer(values...))
	answer.Body = bytes.ReplaceAll(answer.Body, []byte(base), nil)
	return read(t, answer)
}

// beginDevice returns the code for a device, after a person has decided if the case says so.
func (c tokenCase) beginDevice(t *testing.T, base string) string {
	t.Helper()
	beginning := tokenCase{path: devicePath, form: c.device}
	answer := beginning.send(t, base, strings.NewReplacer())
	if answer.Status != http.StatusOK {
		t.Fatalf("beginning with a device: %d %s", answer.Status, answer.Body)
	}
	codes := parse[struct {
		Device string `json:"device_code"`
		Page   string `json:"verification_uri_complete"`
	}](t, answer.Body)
	if c.button != "" {
		browse(t, codes.Page, c.user.Username, c.button)
	}
	return url.QueryEscape(codes.Device)
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
	if answer.Status == http.StatusNoContent {
		return reply{outcome: outcome{Status: answer.Status}}
	}
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
	steady(fields, "access_token", "refresh_token", "session_state", "id_token", "not-before-policy",
		"device_code", "user_code", "verification_uri_complete")
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
	steady(claims, "exp", "iat", "auth_time", "jti", "iss", "sub", "sid", "session_state", "realm_access", "resource_access")
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
