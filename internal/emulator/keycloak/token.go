package keycloak

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
)

// Errors and texts of the token endpoint that occur more than once.
const (
	invalidGrant   = "invalid_grant"
	invalidRequest = "invalid_request"
	badCredentials = "Invalid user credentials"
)

type tokenResponse struct {
	AccessToken      string `json:"access_token"`
	ExpiresIn        int64  `json:"expires_in"`
	RefreshExpiresIn int64  `json:"refresh_expires_in"`
	RefreshToken     string `json:"refresh_token,omitempty"`
	TokenType        string `json:"token_type"`
	NotBefore        int64  `json:"not-before-policy"`
	SessionState     string `json:"session_state,omitempty"`
	Scope            string `json:"scope"`
}

func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	s.mu.Lock()
	defer s.mu.Unlock()

	tokens, err := s.grant(r)
	if err == nil {
		writeJSON(w, http.StatusOK, tokens)
		return
	}

	refused, ok := errors.AsType[*oauthError](err)
	if !ok {
		refused = &oauthError{Status: http.StatusInternalServerError, Code: "unknown_error", Description: err.Error()}
	}

	writeJSON(w, refused.Status, refused)
}

func (s *Server) grant(r *http.Request) (*tokenResponse, error) {
	form := formOf(r)
	grants := map[string]func(url.Values, string) (session, error){
		"password": s.passwordGrant, "refresh_token": s.refreshGrant, "client_credentials": s.clientGrant,
	}

	grant, ok := grants[form.Get("grant_type")]
	switch {
	case form.Get("grant_type") == "":
		return nil, &oauthError{http.StatusBadRequest, invalidRequest, "Missing form parameter: grant_type"}
	case !ok:
		return nil, &oauthError{http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant_type"}
	}

	client, err := authenticateClient(r, form)
	if err != nil {
		return nil, err
	}

	login, err := grant(form, client)
	if err != nil {
		return nil, err
	}

	return s.issue(r, login)
}

// formOf reads a form body. Any other body is an empty form to Keycloak.
func formOf(r *http.Request) url.Values {
	if err := r.ParseForm(); err != nil {
		return url.Values{}
	}

	return r.PostForm
}

func (s *Server) passwordGrant(form url.Values, client string) (session, error) {
	if !form.Has("username") {
		return session{}, &oauthError{http.StatusUnauthorized, invalidRequest, "Missing parameter: username"}
	}

	u := s.byLogin(form.Get("username"))

	wrong := u == nil || form.Get("password") != u.Password
	switch {
	case u != nil && u.Disabled && (!wrong || s.opts.BadPasswordStatus == http.StatusUnauthorized):
		// Up to 26.5, the versions that answer 401, Keycloak looks at the account before the password.
		return session{}, &oauthError{http.StatusBadRequest, invalidGrant, "Account disabled"}
	case wrong:
		return session{}, &oauthError{s.opts.BadPasswordStatus, invalidGrant, badCredentials}
	case len(u.RequiredActions) > 0:
		return session{}, &oauthError{http.StatusBadRequest, invalidGrant, "Account is not fully set up"}
	}

	s.sessions++

	return session{userID: u.ID, client: client, id: uuid("session", s.sessions)}, nil
}

func (s *Server) refreshGrant(form url.Values, client string) (session, error) {
	login, ok := s.refresh[form.Get("refresh_token")]
	u, known := s.users[login.userID]
	refuse := func(text string) (session, error) {
		return session{}, &oauthError{http.StatusBadRequest, invalidGrant, text}
	}

	switch {
	case !form.Has("refresh_token"):
		return session{}, &oauthError{http.StatusBadRequest, invalidRequest, "No refresh token"}
	case !ok:
		return refuse("Invalid refresh token")
	case !s.opts.Now().Before(login.expires):
		return refuse("Token is not active")
	case login.client != client:
		return refuse("Invalid refresh token. Token client and authorized client don't match")
	case login.closed, !known:
		return refuse("Session not active")
	case u.Disabled:
		return refuse("User disabled")
	}

	return login, nil
}

func (s *Server) clientGrant(_ url.Values, client string) (session, error) {
	if client == SDKClientID {
		return session{}, &oauthError{http.StatusUnauthorized, "unauthorized_client",
			"Public client not allowed to retrieve service account"}
	}

	if u, ok := s.users[ServiceAccountID]; !ok || u.Disabled {
		return session{}, &oauthError{http.StatusUnauthorized, invalidRequest, "User '" + APIClientID + "' disabled"}
	}

	return session{userID: ServiceAccountID, client: client}, nil
}

// issue returns new tokens of a session: an access token, and a refresh token too unless it is that of a service account.
func (s *Server) issue(r *http.Request, login session) (*tokenResponse, error) {
	now := s.opts.Now()

	access, err := sign(s.claims(r, login))
	if err != nil {
		return nil, err
	}

	login.expires = now.Add(s.opts.TokenLifetime)
	s.access[access] = login

	out := &tokenResponse{
		AccessToken: access, ExpiresIn: int64(s.opts.TokenLifetime.Seconds()), TokenType: "Bearer",
		SessionState: login.id, Scope: grantedScope,
	}
	if login.id != "" {
		login.expires = now.Add(s.opts.RefreshTokenLifetime)
		out.RefreshToken, out.RefreshExpiresIn = rand.Text(), int64(s.opts.RefreshTokenLifetime.Seconds())
		s.refresh[out.RefreshToken] = login
	}

	return out, nil
}

// authenticateClient returns the ID of the client. What a form says wins over a Basic header, and a Basic header is decoded
// as a form value: both as Keycloak has it.
func authenticateClient(r *http.Request, form url.Values) (string, error) {
	refused := &oauthError{http.StatusUnauthorized, "invalid_client", "Invalid client or Invalid client credentials"}

	var id, secret string

	if form.Get("client_id") != SDKClientID && r.Header.Get("Authorization") != "" {
		basicID, basicSecret, ok := r.BasicAuth()

		var errID, errSecret error

		id, errID = url.QueryUnescape(basicID)

		secret, errSecret = url.QueryUnescape(basicSecret)
		if !ok || errID != nil || errSecret != nil {
			return "", refused
		}
	}

	if form.Has("client_id") {
		id = form.Get("client_id")
	}

	if form.Has("client_secret") {
		secret = form.Get("client_secret")
	}

	switch {
	case id == SDKClientID:
		return id, nil
	case id != APIClientID:
		return "", refused
	case secret != APIClientSecret:
		refused.Code = "unauthorized_client"
		return "", refused
	}

	return id, nil
}
