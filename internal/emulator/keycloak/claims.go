package keycloak

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	keyID        = "emulator-key-1"
	grantedScope = "profile email"
)

// signingKey is shared by all Servers of a process, since making one takes a second. A Server knows its own tokens, and
// refuses those of another.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// sign returns a JWT that anybody can verify with the key at the certs endpoint.
func sign(claims map[string]any) (string, error) {
	key, err := signingKey()
	if err != nil {
		return "", fmt.Errorf("generating the signing key: %w", err)
	}

	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: keyID}},
		new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("preparing the signing key: %w", err)
	}

	return jwt.Signed(signer).Claims(claims).Serialize()
}

// claims returns the claims of a new access token, as Wallaroo's Keycloak is set up to give them. The caller must hold s.mu.
func (s *Server) claims(r *http.Request, login session) map[string]any {
	u, now := s.users[login.userID], s.opts.Now()

	realmRoles, hasuraRole := []string{"default-roles-master"}, "user"
	if u.Admin {
		realmRoles, hasuraRole = append(realmRoles, "admin"), "admin_user"
	}

	hasura := map[string]any{
		"x-hasura-user-id": u.ID, "x-hasura-default-role": hasuraRole,
		"x-hasura-allowed-roles": []string{hasuraRole}, "x-hasura-user-groups": "{}",
	}

	claims := map[string]any{
		"exp": now.Add(s.opts.TokenLifetime).Unix(), "iat": now.Unix(), "jti": rand.Text(), "iss": issuerURL(r),
		"aud": []string{"master-realm", "account"}, "sub": u.ID, "typ": "Bearer", "azp": login.client, "acr": "1",
		"realm_access": map[string]any{"roles": realmRoles},
		"resource_access": map[string]any{"master-realm": map[string]any{
			"roles": []string{"manage-users", "view-users", "query-users", "query-groups"},
		}},
		"https://hasura.io/jwt/claims": hasura,
		"scope":                        grantedScope,
		"email_verified":               false,
		"preferred_username":           u.Username,
	}
	for name, value := range map[string]string{
		"email": u.Email, "given_name": u.FirstName, "family_name": u.LastName, "sid": login.id,
	} {
		if value != "" {
			claims[name] = value
		}
	}

	if u.Email != "" {
		hasura["x-hasura-user-email"] = u.Email
	}

	if u.ServiceAccount {
		claims["client_id"] = login.client
	}

	return claims
}

// issuerURL names the realm as the caller reached it.
func issuerURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}

	return scheme + "://" + r.Host + realmPath
}

func (s *Server) serveKeys(w http.ResponseWriter, _ *http.Request) {
	key, err := signingKey()
	if err != nil {
		writeJSON(w, http.StatusInternalServerError, oauthError{Code: "unknown_error", Description: err.Error()})
		return
	}

	writeJSON(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: &key.PublicKey, KeyID: keyID, Algorithm: string(jose.RS256), Use: "sig"},
	}})
}

func (s *Server) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	base := strings.TrimSuffix(issuerURL(r), realmPath)
	writeJSON(w, http.StatusOK, map[string]any{
		"issuer": issuerURL(r), "token_endpoint": base + tokenPath, "jwks_uri": base + keysPath,
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}
