package emulator

import (
	"fmt"
	"net/http"
	"net/url"
)

// Errors and texts of the token endpoint that occur more than once.
const (
	invalidGrant   = "invalid_grant"
	invalidRequest = "invalid_request"
	badCredentials = "Invalid user credentials"
)

// tokenCall is one request to the token endpoint.
type tokenCall struct {
	*call
	form   url.Values
	client string
}

type tokenBody struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int64  `json:"expires_in"`
	RefreshExpiresIn int64  `json:"refresh_expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	IDToken          string `json:"id_token,omitempty"`
	TokenType        string `json:"token_type"`
	NotBefore        int64  `json:"not-before-policy"`
	SessionState     string `json:"session_state,omitempty"`
	Scope            string `json:"scope"`
}

// unstored makes a route whose answers no cache may keep.
func unstored(handle func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		a := handle(c)
		if a.header == nil {
			a.header = http.Header{}
		}
		a.header.Set("Cache-Control", "no-store")
		return a
	}
}

func (s *Server) token(c *call) answer {
	form := formOf(c)
	grants := map[string]func(tokenCall) answer{
		"password":           s.passwordGrant,
		"refresh_token":      s.refreshGrant,
		"client_credentials": s.clientGrant,
		deviceGrantType:      s.deviceGrant,
	}
	grant, ok := grants[form.Get("grant_type")]
	switch {
	case form.Get("grant_type") == "":
		return keycloakError(http.StatusBadRequest, invalidRequest, "Missing form parameter: grant_type")
	case !ok:
		return keycloakError(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type")
	}
	client, refused := authenticateClient(c.r, form)
	switch {
	case refused != nil:
		return *refused
	case repeated(form):
		return keycloakError(http.StatusBadRequest, invalidRequest, repeatedText)
	}
	if _, ok := grantedScope(form.Get("scope")); !ok && form.Get("grant_type") != deviceGrantType {
		return keycloakError(http.StatusBadRequest, "invalid_scope", "Invalid scopes: "+form.Get("scope"))
	}
	return grant(tokenCall{call: c, form: form, client: client})
}

func (s *Server) passwordGrant(t tokenCall) answer {
	if !t.form.Has("username") {
		return keycloakError(http.StatusUnauthorized, invalidRequest, "Missing parameter: username")
	}
	u, fault := s.signIn(t.form.Get("username"), t.form.Get("password"))
	switch fault {
	case "":
		scope, _ := grantedScope(t.form.Get("scope"))
		return s.tokens(t, u, s.openSession(u, t.client, scope))
	case badCredentials:
		return keycloakError(s.opts.BadPasswordStatus, invalidGrant, fault)
	}
	return keycloakError(http.StatusBadRequest, invalidGrant, fault)
}

// signIn returns the account of a name and a password, or why there is none. It counts wrong passwords.
func (s *Server) signIn(name, password string) (*account, string) {
	u := s.store.byLogin(name)
	switch {
	case u == nil:
		return nil, badCredentials
	case u.Disabled && (password == u.Password || s.opts.BadPasswordStatus == http.StatusUnauthorized):
		// Up to 26.5, the versions that answer 401, Keycloak looks at the account before the password.
		return nil, "Account disabled"
	case s.opts.LockAfter > 0 && u.failures >= s.opts.LockAfter:
		return nil, badCredentials
	case password != u.Password:
		u.failures++
		return nil, badCredentials
	case len(u.RequiredActions) > 0:
		return nil, "Account is not fully set up"
	}
	return u, ""
}

// openSession notes that a user has signed in.
func (s *Server) openSession(u *account, client, scope string) *session {
	login := &session{id: s.logins.nextID("session"), userID: u.ID, client: client, scope: scope, used: map[string]bool{}}
	s.logins.sessions[login.id] = login
	u.lastLogin, u.failures = s.opts.Now(), 0
	return login
}

func (s *Server) refreshGrant(t tokenCall) answer {
	login, id, refused := s.refreshable(t.call, t.form, t.client)
	if refused != nil {
		return *refused
	}
	u, ok := s.store.users[login.userID]
	switch {
	case s.logins.stale[id]:
		return keycloakError(http.StatusBadRequest, invalidGrant, "Stale token")
	case ok && login.closed && hasScope(login.scope, offlineScope):
		return keycloakError(http.StatusBadRequest, invalidGrant, login.offlineText())
	case login.closed || !ok:
		return keycloakError(http.StatusBadRequest, invalidGrant, "Session not active")
	case u.Disabled:
		return keycloakError(http.StatusBadRequest, invalidGrant, "User disabled")
	case s.opts.SingleUseRefresh && login.spoiled:
		return keycloakError(http.StatusBadRequest, invalidGrant, "Session doesn't have required client")
	case s.opts.SingleUseRefresh && login.used[id]:
		login.spoiled = true
		return keycloakError(http.StatusBadRequest, invalidGrant, "Maximum allowed refresh token reuse exceeded")
	}
	login.used[id] = true
	return s.tokens(t, u, login)
}

// refreshable returns the session and the id of the refresh token in the form, or the answer that refuses the token.
func (s *Server) refreshable(c *call, form url.Values, client string) (*session, string, *answer) {
	refuse := func(code, text string) (*session, string, *answer) {
		a := keycloakError(http.StatusBadRequest, code, text)
		return nil, "", &a
	}
	if !form.Has("refresh_token") {
		return refuse(invalidRequest, "No refresh token")
	}
	var claims refreshClaims
	if err := verifyHMAC(s.refreshKey, form.Get("refresh_token"), &claims); err != nil || claims.Issuer != issuer(c.r) {
		return refuse(invalidGrant, "Invalid refresh token")
	}
	if !s.logins.refresh[claims.ID] || (claims.Expires != 0 && claims.Expires <= s.opts.Now().Unix()) {
		return refuse(invalidGrant, "Token is not active")
	}
	if claims.Party != client {
		return refuse(invalidGrant, "Invalid refresh token. Token client and authorized client don't match")
	}
	login, ok := s.logins.sessions[claims.Session]
	if !ok {
		return refuse(invalidGrant, "Session not active")
	}
	return login, claims.ID, nil
}

func (s *Server) clientGrant(t tokenCall) answer {
	if t.client == SDKClientID {
		return keycloakError(http.StatusUnauthorized, "unauthorized_client",
			"Public client not allowed to retrieve service account")
	}
	u, ok := s.store.users[ServiceAccountID]
	if !ok || u.Disabled {
		return keycloakError(http.StatusUnauthorized, invalidRequest, "User '"+APIClientID+"' disabled")
	}
	return s.tokens(t, u, nil)
}

// tokens answers new tokens: an access token alone without a session, else a refresh token too.
func (s *Server) tokens(t tokenCall, u *account, login *session) answer {
	scope, _ := grantedScope(t.form.Get("scope"))
	if login != nil {
		scope = login.scope
	}
	claims := s.claimsFor(t.r, u, t.client, scope, login)
	access, err := signRSA(s.key, claims)
	if err != nil {
		return keycloakError(http.StatusInternalServerError, "unknown_error", err.Error())
	}
	body := tokenBody{
		AccessToken: access,
		ExpiresIn:   int64(s.opts.TokenLifetime.Seconds()),
		TokenType:   "Bearer",
		NotBefore:   s.logins.notBefore,
		Scope:       scope,
	}
	if hasScope(scope, "openid") {
		if body.IDToken, err = signRSA(s.key, idClaims(claims)); err != nil {
			return keycloakError(http.StatusInternalServerError, "unknown_error", err.Error())
		}
	}
	if login != nil {
		body.SessionState = login.id
		if body.RefreshToken, body.RefreshExpiresIn, err = s.refreshToken(t, login); err != nil {
			return keycloakError(http.StatusInternalServerError, "unknown_error", err.Error())
		}
	}
	a := jsonAnswer(http.StatusOK, body)
	a.header.Set("Pragma", "no-cache")
	return a
}

// refreshToken makes a refresh token and tells its life in seconds; 0 is that of an offline token, which has no end.
func (s *Server) refreshToken(t tokenCall, login *session) (string, int64, error) {
	now := s.opts.Now()
	claims := refreshClaims{
		Issued:  now.Unix(),
		ID:      s.logins.nextID("refresh"),
		Issuer:  issuer(t.r),
		Subject: login.userID,
		Type:    "Offline",
		Party:   login.client,
		Session: login.id,
		Scope:   login.scope,
	}
	var life int64
	if !hasScope(login.scope, offlineScope) {
		life = int64(s.opts.RefreshTokenLifetime.Seconds())
		claims.Type, claims.Expires = "Refresh", now.Add(s.opts.RefreshTokenLifetime).Unix()
	}
	s.logins.refresh[claims.ID] = true
	token, err := signHMAC(s.refreshKey, claims)
	if err != nil {
		return "", 0, fmt.Errorf("signing a refresh token: %w", err)
	}
	return token, life, nil
}

// logout closes the session of a refresh token. Doing it twice is the same as once.
func (s *Server) logout(c *call) answer {
	form := formOf(c)
	client, refused := authenticateClient(c.r, form)
	if refused != nil {
		return *refused
	}
	login, _, refused := s.refreshable(c, form, client)
	if refused != nil {
		return *refused
	}
	login.closed = true
	return answer{status: http.StatusNoContent}
}
