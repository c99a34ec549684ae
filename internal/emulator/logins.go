package emulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// logins is what the token endpoint remembers. Whoever uses it holds the lock of the Server.
type logins struct {
	sessions  map[string]*session
	access    map[string]bool         // ids of access tokens that were not revoked
	refresh   map[string]bool         // ids of refresh tokens that were not made to expire
	stale     map[string]bool         // ids of tokens from before the realm's not-before
	devices   map[string]*deviceLogin // by device code
	notBefore int64
	tokenMade int
}

// session is one login of a user.
type session struct {
	id     string
	userID string
	client string
	scope  string
	closed bool
	// signedInAt is when the user signed in with a browser; a password grant leaves it zero.
	signedInAt time.Time
	// stale is set when not the user but somebody else ended it.
	stale bool
	// used are the ids of refresh tokens that were used; spoiled is set when one was used twice and may not be.
	used    map[string]bool
	spoiled bool
}

// offlineText says why the offline token of a closed session is refused.
func (l *session) offlineText() string {
	if l.stale {
		return "Stale token"
	}
	return "Offline user session not found"
}

func newLogins() logins {
	return logins{
		sessions: map[string]*session{}, devices: map[string]*deviceLogin{},
		access: map[string]bool{}, refresh: map[string]bool{}, stale: map[string]bool{},
	}
}

func (l *logins) nextID(kind string) string {
	l.tokenMade++
	return uuid(kind, l.tokenMade)
}

// accessClaims are the claims of an access token, as Wallaroo's Keycloak is set up to give them.
type accessClaims struct {
	Expires           int64                   `json:"exp"`
	Issued            int64                   `json:"iat"`
	AuthTime          int64                   `json:"auth_time,omitempty"`
	ID                string                  `json:"jti"`
	Issuer            string                  `json:"iss"`
	Audience          []string                `json:"aud"`
	Subject           string                  `json:"sub"`
	Type              string                  `json:"typ"`
	Party             string                  `json:"azp"`
	Session           string                  `json:"sid,omitempty"`
	SessionState      string                  `json:"session_state,omitempty"`
	Context           string                  `json:"acr"`
	RealmAccess       claimedRoles            `json:"realm_access"`
	ResourceAccess    map[string]claimedRoles `json:"resource_access"`
	Hasura            map[string]any          `json:"https://hasura.io/jwt/claims"`
	Scope             string                  `json:"scope"`
	EmailVerified     bool                    `json:"email_verified"`
	PreferredUsername string                  `json:"preferred_username"`
	Email             string                  `json:"email,omitempty"`
	GivenName         string                  `json:"given_name,omitempty"`
	FamilyName        string                  `json:"family_name,omitempty"`
	ClientID          string                  `json:"client_id,omitempty"`
}

type claimedRoles struct {
	Roles []string `json:"roles"`
}

type refreshClaims struct {
	Expires int64  `json:"exp,omitempty"`
	Issued  int64  `json:"iat"`
	ID      string `json:"jti"`
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	Type    string `json:"typ"`
	Party   string `json:"azp"`
	Session string `json:"sid"`
	Scope   string `json:"scope"`
}

// claimsFor returns the claims of a new access token. The session is nil for an account behind a client.
func (s *Server) claimsFor(r *http.Request, u *account, client, scope string, login *session) accessClaims {
	now := s.opts.Now()
	realmRoles, hasuraRole := []string{"default-roles-master"}, "user"
	if u.Admin {
		realmRoles, hasuraRole = append(realmRoles, "admin"), "admin_user"
	}
	claims := accessClaims{
		Expires:     now.Add(s.opts.TokenLifetime).Unix(),
		Issued:      now.Unix(),
		ID:          s.logins.nextID("access"),
		Issuer:      issuer(r),
		Audience:    []string{"master-realm", "account"},
		Subject:     u.ID,
		Type:        "Bearer",
		Party:       client,
		Context:     "1",
		RealmAccess: claimedRoles{realmRoles},
		ResourceAccess: map[string]claimedRoles{
			"master-realm": {[]string{"manage-users", "view-users", "query-users", "query-groups"}},
		},
		Scope:             scope,
		PreferredUsername: u.Username,
		Email:             u.Email,
		GivenName:         u.FirstName,
		FamilyName:        u.LastName,
		Hasura: map[string]any{
			"x-hasura-user-id":       u.ID,
			"x-hasura-default-role":  hasuraRole,
			"x-hasura-allowed-roles": []string{hasuraRole},
			"x-hasura-user-groups":   "{}",
		},
	}
	if u.Email != "" {
		claims.Hasura["x-hasura-user-email"] = u.Email
	}
	if login == nil {
		claims.ClientID = client
	} else {
		claims.Session, claims.SessionState = login.id, login.id
		if !login.signedInAt.IsZero() {
			claims.AuthTime = login.signedInAt.Unix()
		}
	}
	s.logins.access[claims.ID] = true
	return claims
}

// idClaims returns the claims of the ID token that goes with an access token.
func idClaims(access accessClaims) map[string]any {
	claims := map[string]any{
		"exp": access.Expires, "iat": access.Issued, "jti": access.ID + "-id", "iss": access.Issuer, "aud": access.Party,
		"sub": access.Subject, "typ": "ID", "azp": access.Party, "sid": access.Session, "acr": access.Context,
		"email_verified": access.EmailVerified, "preferred_username": access.PreferredUsername,
	}
	if access.Email != "" {
		claims["email"] = access.Email
	}
	if access.AuthTime != 0 {
		claims["auth_time"] = access.AuthTime
	}
	return claims
}

// verifyAccess checks the access token of a request: signature, kind, expiry and revocation.
func (s *Server) verifyAccess(r *http.Request) (accessClaims, bool) {
	var claims accessClaims
	token, ok := bearer(r)
	if !ok || verifyRSA(&s.key.PublicKey, token, &claims) != nil {
		return claims, false
	}
	live := claims.Type == "Bearer" && claims.Expires > s.opts.Now().Unix() && s.logins.access[claims.ID]
	return claims, live
}

// sessionOpen reports whether a session still stands. An account behind a client has none, which is no fault.
func (s *Server) sessionOpen(id string) bool {
	if id == "" {
		return true
	}
	login, ok := s.logins.sessions[id]
	return ok && !login.closed
}

// offlineScope asks for a refresh token that has no end.
const offlineScope = "offline_access"

func hasScope(scope, word string) bool { return slices.Contains(strings.Fields(scope), word) }

// grantedScope returns the scope of a token, which lacks what is unknown, and whether all that is asked for is known.
func grantedScope(asked string) (string, bool) {
	granted, known := "profile email", true
	for _, word := range strings.Fields(asked) {
		if !slices.Contains([]string{"openid", "profile", "email", offlineScope, "roles", "web-origins"}, word) {
			known = false
		}
		if word == "openid" || word == offlineScope {
			granted += " " + word
		}
	}
	return granted, known
}
