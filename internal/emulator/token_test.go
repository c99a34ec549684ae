package emulator_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

type keycloakError struct {
	Status      int    `json:"-"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (f *fixture) wantKeycloakError(got response, want keycloakError) {
	f.t.Helper()
	body := parse[keycloakError](f.t, got.Body)
	body.Status = got.Status
	if diff := cmp.Diff(want, body); diff != "" {
		f.t.Errorf("(-want +got):\n%s", diff)
	}
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	user := "&username=john.hummel@wallaroo.ai&password=emulator"
	sdk, api := "client_id=sdk-client", "client_id=api-client&client_secret=emulator-secret"
	password := "&grant_type=password"
	badUser := "Invalid user credentials"
	badClient := "Invalid client or Invalid client credentials"
	cases := map[string]struct {
		form, auth string
		opts       emulator.Options
		want       keycloakError
	}{
		"wrong password":       {sdk + password + "&username=admin&password=x", "", emulator.Options{}, keycloakError{401, "invalid_grant", badUser}},
		"wrong password, new":  {sdk + password + "&username=admin&password=x", "", emulator.Options{BadPasswordStatus: 400}, keycloakError{400, "invalid_grant", badUser}},
		"no password":          {sdk + password + "&username=admin", "", emulator.Options{}, keycloakError{401, "invalid_grant", badUser}},
		"unknown user":         {sdk + password + "&username=nobody&password=x", "", emulator.Options{}, keycloakError{401, "invalid_grant", badUser}},
		"leading blank":        {sdk + password + "&username=+admin&password=emulator", "", emulator.Options{}, keycloakError{401, "invalid_grant", badUser}},
		"missing user name":    {sdk + password + "&password=x", "", emulator.Options{}, keycloakError{401, "invalid_request", "Missing parameter: username"}},
		"disabled":             {sdk + password + "&username=off&password=emulator", "", emulator.Options{}, keycloakError{400, "invalid_grant", "Account disabled"}},
		"disabled, wrong":      {sdk + password + "&username=off&password=x", "", emulator.Options{}, keycloakError{400, "invalid_grant", "Account disabled"}},
		"disabled, wrong, new": {sdk + password + "&username=off&password=x", "", emulator.Options{BadPasswordStatus: 400}, keycloakError{400, "invalid_grant", badUser}},
		"required action":      {sdk + password + "&username=temp&password=emulator", "", emulator.Options{}, keycloakError{400, "invalid_grant", "Account is not fully set up"}},
		"service account":      {sdk + password + "&username=service-account-api-client&password=emulator", "", emulator.Options{}, keycloakError{401, "invalid_grant", badUser}},
		"wrong secret":         {"client_id=api-client&client_secret=x" + password + user, "", emulator.Options{}, keycloakError{401, "unauthorized_client", badClient}},
		"no secret":            {"client_id=api-client" + password + user, "", emulator.Options{}, keycloakError{401, "unauthorized_client", badClient}},
		"wrong Basic":          {"x=y" + password + user, basic("api-client", "x"), emulator.Options{}, keycloakError{401, "unauthorized_client", badClient}},
		"malformed Basic":      {"x=y" + password + user, "Basic !", emulator.Options{}, keycloakError{401, "invalid_client", badClient}},
		"unknown client":       {"client_id=nope" + password + user, "", emulator.Options{}, keycloakError{401, "invalid_client", badClient}},
		"no client":            {"x=y" + password + user, "", emulator.Options{}, keycloakError{401, "invalid_client", badClient}},
		"public client":        {sdk + "&grant_type=client_credentials", "", emulator.Options{}, keycloakError{401, "unauthorized_client", "Public client not allowed to retrieve service account"}},
		"unknown grant":        {sdk + "&grant_type=nope", "", emulator.Options{}, keycloakError{400, "unsupported_grant_type", "Unsupported grant_type"}},
		"no grant":             {api, "", emulator.Options{}, keycloakError{400, "invalid_request", "Missing form parameter: grant_type"}},
		"bad scope":            {sdk + password + user + "&scope=nope", "", emulator.Options{}, keycloakError{400, "invalid_scope", "Invalid scopes: nope"}},
		"no refresh token":     {sdk + "&grant_type=refresh_token", "", emulator.Options{}, keycloakError{400, "invalid_request", "No refresh token"}},
		"garbage refresh":      {sdk + "&grant_type=refresh_token&refresh_token=a.b.c", "", emulator.Options{}, keycloakError{400, "invalid_grant", "Invalid refresh token"}},
		"empty refresh":        {sdk + "&grant_type=refresh_token&refresh_token=", "", emulator.Options{}, keycloakError{400, "invalid_grant", "Invalid refresh token"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, c.opts)
			f.AddUser(emulator.User{Username: "off", Disabled: true})
			f.AddUser(emulator.User{Username: "temp", RequiredActions: []string{"UPDATE_PASSWORD"}})
			got := f.must(http.MethodPost, tokenPath, "application/x-www-form-urlencoded", c.auth, c.form)
			f.wantKeycloakError(got, c.want)
			if got.Header.Get("Cache-Control") != "no-store" {
				t.Error("a token answer may not be stored")
			}
		})
	}
	f := newFixture(t, emulator.Options{})
	got := f.must(http.MethodPost, tokenPath, "application/json", "", `{"grant_type":"password"}`)
	f.wantKeycloakError(got, keycloakError{400, "invalid_request", "Missing form parameter: grant_type"})
	got = f.must(http.MethodGet, tokenPath, "", "", "")
	f.wantKeycloakError(got, keycloakError{405, "HTTP 405 Method Not Allowed", ""})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now})
	refresh := func(token, client string, more ...string) response {
		t.Helper()
		return f.form(tokenPath, append([]string{"grant_type", "refresh_token", "client_id", client, "refresh_token", token}, more...)...)
	}
	first := f.password("JOHN.HUMMEL@wallaroo.ai")
	if first.Expires != 3600 || first.RefreshExpires != 1800 || first.Scope != "profile email" {
		t.Errorf("first token: %+v", first)
	}
	c.advance(29 * time.Minute)
	second := f.tokens(refresh(first.Refresh, "sdk-client"))
	if second.Access == first.Access || second.RefreshExpires != 1800 {
		t.Error("a refresh must give new tokens")
	}
	f.tokens(refresh(first.Refresh, "sdk-client"))
	invalid := func(text string) keycloakError { return keycloakError{400, "invalid_grant", text} }
	f.wantKeycloakError(refresh(first.Access, "sdk-client"), invalid("Invalid refresh token"))
	f.wantKeycloakError(refresh(first.Refresh+"A", "sdk-client"), invalid("Invalid refresh token"))
	f.wantKeycloakError(refresh(first.Refresh, "api-client", "client_secret", emulator.APIClientSecret),
		invalid("Invalid refresh token. Token client and authorized client don't match"))
	c.advance(time.Minute)
	f.wantKeycloakError(refresh(first.Refresh, "sdk-client"), invalid("Token is not active"))
	f.SetUserEnabled(emulator.HummelID, false)
	f.wantKeycloakError(refresh(second.Refresh, "sdk-client"), invalid("User disabled"))
	f.SetUserEnabled(emulator.HummelID, true)
	f.SetUserPassword(emulator.HummelID, "changed")
	f.tokens(refresh(second.Refresh, "sdk-client"))
	f.SetUserPassword(emulator.HummelID, emulator.SeedPassword)
	for range 2 {
		if got := f.form(logoutPath, "client_id", "sdk-client", "refresh_token", second.Refresh); got.Status != 204 || got.Body != "" {
			t.Errorf("logout: %d %s", got.Status, got.Body)
		}
	}
	f.wantKeycloakError(refresh(second.Refresh, "sdk-client"), invalid("Session not active"))
	f.wantKeycloakError(f.form(logoutPath, "client_id", "sdk-client", "refresh_token", "x"), invalid("Invalid refresh token"))
	f.wantKeycloakError(f.form(logoutPath, "client_id", "sdk-client"), keycloakError{400, "invalid_request", "No refresh token"})
	third := f.password(emulator.HummelEmail)
	f.ExpireRefreshTokens()
	f.wantKeycloakError(refresh(third.Refresh, "sdk-client"), invalid("Token is not active"))
	fourth := f.password(emulator.HansarickEmail)
	f.DeleteUser(emulator.HansarickID)
	f.wantKeycloakError(refresh(fourth.Refresh, "sdk-client"), invalid("Session not active"))
}

func TestLock(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{LockAfter: 2})
	signIn := func(password string) response {
		return f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client", "username", "admin", "password", password)
	}
	login := f.password("admin")
	bad := keycloakError{401, "invalid_grant", "Invalid user credentials"}
	f.wantKeycloakError(signIn("x"), bad)
	f.tokens(signIn(emulator.SeedPassword))
	for range 2 {
		f.wantKeycloakError(signIn("x"), bad)
	}
	f.wantKeycloakError(signIn(emulator.SeedPassword), bad)
	f.tokens(f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", login.Refresh))
	f.password(emulator.HummelEmail)
	f.SetUserPassword(emulator.AdminID, emulator.SeedPassword)
	f.tokens(signIn(emulator.SeedPassword))
}

func TestSingleUseRefresh(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{SingleUseRefresh: true})
	refresh := func(token string) response {
		return f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", token)
	}
	first := f.password("admin")
	second := f.tokens(refresh(first.Refresh))
	third := f.tokens(refresh(second.Refresh))
	f.wantKeycloakError(refresh(first.Refresh), keycloakError{400, "invalid_grant", "Maximum allowed refresh token reuse exceeded"})
	f.wantKeycloakError(refresh(third.Refresh), keycloakError{400, "invalid_grant", "Session doesn't have required client"})
	f.tokens(refresh(f.password("admin").Refresh))
}

func TestNotBefore(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	old := f.password(emulator.HummelEmail)
	f.token = old.Access
	f.RevokeBeforeNow()
	refresh := func(token string) response {
		return f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", token)
	}
	f.wantKeycloakError(refresh(old.Refresh), keycloakError{400, "invalid_grant", "Stale token"})
	f.ok("workspaces/list", `{}`)
	if got := f.must(http.MethodGet, usersPath, "", "Bearer "+old.Access, ""); got.Status != 401 {
		t.Errorf("the admin API takes a stale token: %d", got.Status)
	}
	later := f.password(emulator.HummelEmail)
	f.tokens(refresh(later.Refresh))
	if got := f.must(http.MethodGet, usersPath, "", "Bearer "+later.Access, ""); got.Status != 200 {
		t.Errorf("the admin API refuses a new token: %d", got.Status)
	}
}

func TestNoTokenAnswerMayBeStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	// Keycloak says so where it answers about tokens, and not where it does not know the path or the method.
	for want, got := range map[string]response{
		"no-store": f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client", "username", "admin", "password", "emulator"),
		"":         f.form(strings.Replace(tokenPath, "master", "other", 1), "grant_type", "password"),
	} {
		if cache := got.Header.Get("Cache-Control"); cache != want {
			t.Errorf("%d: Cache-Control is %q, want %q", got.Status, cache, want)
		}
	}
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	body := parse[map[string]any](t, f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client", "scope", "openid",
		"username", emulator.HummelEmail, "password", emulator.SeedPassword).Body)
	token, _ := body["id_token"].(string)
	if token == "" {
		t.Fatal("scope openid gives an ID token")
	}
	claims := claimsOf(t, token)
	if claims["typ"] != "ID" || claims["aud"] != "sdk-client" || claims["sub"] != emulator.HummelID || claims["email"] != emulator.HummelEmail {
		t.Errorf("claims are %v", claims)
	}
	f.token = token
	if got := f.post("workspaces/list", `{}`); got.Status != 401 {
		t.Error("an ID token opens nothing")
	}
}

func TestEndOfOfflineTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	offline := func() string {
		return f.tokens(f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client", "scope", "offline_access",
			"username", "admin", "password", emulator.SeedPassword)).Refresh
	}
	own, others := offline(), offline()
	refresh := func(token string) response {
		return f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", token)
	}
	f.form(logoutPath, "client_id", "sdk-client", "refresh_token", own)
	f.wantKeycloakError(refresh(own), keycloakError{400, "invalid_grant", "Offline user session not found"})
	f.LogoutAll()
	f.wantKeycloakError(refresh(others), keycloakError{400, "invalid_grant", "Stale token"})
}

func TestOfflineAccess(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now})
	got := f.tokens(f.form(tokenPath, "grant_type", "password", "client_id", "sdk-client", "scope", "offline_access",
		"username", "admin", "password", emulator.SeedPassword))
	if got.RefreshExpires != 0 || !strings.Contains(got.Scope, "offline_access") {
		t.Errorf("got %+v", got)
	}
	c.advance(1000 * time.Hour)
	f.tokens(f.form(tokenPath, "grant_type", "refresh_token", "client_id", "sdk-client", "refresh_token", got.Refresh))
}

func TestClientAuthentication(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	user := "grant_type=password&username=admin&password=emulator"
	for name, c := range map[string]struct{ form, auth, azp string }{
		"form":                    {user + "&client_id=api-client&client_secret=emulator-secret", "", "api-client"},
		"Basic":                   {user, basic("api-client", "emulator-secret"), "api-client"},
		"Basic, encoded":          {user, basic("api%2Dclient", "emulator%2Dsecret"), "api-client"},
		"public client":           {user + "&client_id=sdk-client", "", "sdk-client"},
		"public, secret ignored":  {user + "&client_id=sdk-client&client_secret=x", "", "sdk-client"},
		"public wins over Basic":  {user + "&client_id=sdk-client", basic("api-client", "x"), "sdk-client"},
		"confidential with Basic": {user + "&client_id=api-client", basic("api-client", "emulator-secret"), "api-client"},
	} {
		got := f.must(http.MethodPost, tokenPath, "application/x-www-form-urlencoded; charset=utf-8", c.auth, c.form)
		if claims := claimsOf(t, f.tokens(got).Access); claims["azp"] != c.azp {
			t.Errorf("%s: azp is %v", name, claims["azp"])
		}
	}
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	data, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return parse[map[string]any](t, string(data))
}

func TestClaims(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now, TokenLifetime: time.Minute})
	got := claimsOf(t, f.token)
	want := map[string]any{
		"sub": emulator.HummelID, "email": emulator.HummelEmail, "preferred_username": emulator.HummelEmail,
		"azp": "sdk-client", "iss": f.web.URL + "/auth/realms/master", "typ": "Bearer",
		"iat": float64(c.Now().Unix()), "exp": float64(c.Now().Unix() + 60),
		"realm_access": map[string]any{"roles": []any{"default-roles-master"}},
		"https://hasura.io/jwt/claims": map[string]any{
			"x-hasura-user-id": emulator.HummelID, "x-hasura-user-email": emulator.HummelEmail,
			"x-hasura-default-role": "user", "x-hasura-allowed-roles": []any{"user"}, "x-hasura-user-groups": "{}",
		},
	}
	for name, value := range want {
		if diff := cmp.Diff(value, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	admin := claimsOf(t, f.login("admin"))
	wantHasura := map[string]any{
		"x-hasura-user-id": emulator.AdminID, "x-hasura-default-role": "admin_user",
		"x-hasura-allowed-roles": []any{"admin_user"}, "x-hasura-user-groups": "{}",
	}
	if diff := cmp.Diff(wantHasura, admin["https://hasura.io/jwt/claims"]); diff != "" {
		t.Errorf("claims of admin (-want +got):\n%s", diff)
	}
	if _, has := admin["email"]; has {
		t.Error("an account without an e-mail has no e-mail claim")
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	answer := f.form(tokenPath, "grant_type", "client_credentials", "client_id", "api-client",
		"client_secret", emulator.APIClientSecret, "scope", "offline_access")
	got := parse[map[string]any](t, answer.Body)
	_, refresh := got["refresh_token"]
	_, state := got["session_state"]
	if refresh || state || got["refresh_expires_in"] != 0.0 || got["scope"] != "profile email offline_access" {
		t.Errorf("got %v", got)
	}
	f.token = f.tokens(answer).Access
	claims := claimsOf(t, f.token)
	_, email := claims["email"]
	_, session := claims["sid"]
	if email || session || claims["preferred_username"] != "service-account-api-client" || claims["client_id"] != "api-client" {
		t.Errorf("claims are %v", claims)
	}
	if id := f.create("of-client"); f.Members(id)[emulator.ServiceAccountID] != emulator.Owner {
		t.Error("the account of the client must own what it makes")
	}
	if got := f.must(http.MethodGet, usersPath, "", "Bearer "+f.token, ""); got.Status != 200 {
		t.Errorf("admin read: %d", got.Status)
	}
}

func TestAccessTokenChecks(t *testing.T) {
	t.Parallel()
	c := newClock()
	f := newFixture(t, emulator.Options{Now: c.Now, TokenLifetime: time.Minute})
	other := newFixture(t, emulator.Options{Now: c.Now})
	pair := f.password(emulator.HummelEmail)
	good := f.token
	parts := strings.Split(good, ".")
	for name, auth := range map[string]string{
		"none":          "",
		"other scheme":  "Basic " + good,
		"garbage":       "Bearer x",
		"no signature":  "Bearer " + parts[0] + "." + parts[1] + ".",
		"alg none":      "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"refresh token": "Bearer " + pair.Refresh,
		"other server":  "Bearer " + other.token,
	} {
		got := f.must(http.MethodPost, "/v1/api/workspaces/list", "application/json", auth, `{}`)
		if got.Status != 401 {
			t.Errorf("%s: taken", name)
		}
		wantError(t, got, 401, "Unauthorized")
	}
	f.ok("workspaces/list", `{}`)
	c.advance(time.Minute)
	wantError(t, f.post("workspaces/list", `{}`), 401, "")
	f.token = f.login(emulator.HummelEmail)
	f.ok("workspaces/list", `{}`)
	f.RevokeTokens()
	wantError(t, f.post("workspaces/list", `{}`), 401, "")
}
