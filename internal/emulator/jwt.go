package emulator

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"strings"
)

// keyID names the one signing key of an instance.
const keyID = "emulator-key-1"

var errToken = errors.New("not a token of this instance")

// signRSA makes a JWT that anybody can check with the key at the certs endpoint.
func signRSA(key *rsa.PrivateKey, claims any) (string, error) {
	signed, err := unsigned("RS256", claims)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", err
	}
	return signed + "." + segment(signature), nil
}

// verifyRSA checks the signature of a JWT and reads its claims.
func verifyRSA(key *rsa.PublicKey, token string, claims any) error {
	signed, payload, signature, err := split("RS256", token)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(signed))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return errToken
	}
	return json.Unmarshal(payload, claims)
}

// signHMAC makes a JWT that only this instance can check, which is what Keycloak does for refresh tokens.
func signHMAC(key []byte, claims any) (string, error) {
	signed, err := unsigned("HS512", claims)
	if err != nil {
		return "", err
	}
	return signed + "." + segment(mac(key, signed)), nil
}

func verifyHMAC(key []byte, token string, claims any) error {
	signed, payload, signature, err := split("HS512", token)
	if err != nil {
		return err
	}
	if !hmac.Equal(signature, mac(key, signed)) {
		return errToken
	}
	return json.Unmarshal(payload, claims)
}

func mac(key []byte, signed string) []byte {
	h := hmac.New(sha512.New, key)
	_, _ = h.Write([]byte(signed))
	return h.Sum(nil)
}

func unsigned(alg string, claims any) (string, error) {
	header, err := json.Marshal(map[string]string{"alg": alg, "typ": "JWT", "kid": keyID})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	return segment(header) + "." + segment(payload), nil
}

func split(alg, token string) (signed string, payload, signature []byte, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", nil, nil, errToken
	}
	var raw [3][]byte
	for i, part := range parts {
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return "", nil, nil, errToken
		}
	}
	var header struct {
		Alg string `json:"alg"`
	}
	if err := json.Unmarshal(raw[0], &header); err != nil || header.Alg != alg {
		return "", nil, nil, errToken
	}
	return parts[0] + "." + parts[1], raw[1], raw[2], nil
}

func segment(data []byte) string {
	return base64.RawURLEncoding.EncodeToString(data)
}

// certs answers the key set that checks access tokens.
func (s *Server) certs(*call) answer {
	return jsonAnswer(http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kid": keyID,
		"kty": "RSA",
		"alg": "RS256",
		"use": "sig",
		"n":   segment(s.key.N.Bytes()),
		"e":   segment(big.NewInt(int64(s.key.E)).Bytes()),
	}}})
}

func (s *Server) discovery(c *call) answer {
	base := issuer(c.r)
	oidc := base + "/protocol/openid-connect/"
	return jsonAnswer(http.StatusOK, map[string]any{
		"issuer":                                base,
		"authorization_endpoint":                oidc + "auth",
		"token_endpoint":                        oidc + "token",
		"device_authorization_endpoint":         oidc + "auth/device",
		"end_session_endpoint":                  oidc + "logout",
		"jwks_uri":                              oidc + "certs",
		"grant_types_supported":                 []string{"password", "refresh_token", "client_credentials", deviceGrantType},
		"response_types_supported":              []string{"none"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	})
}

func (s *Server) realm(c *call) answer {
	base := issuer(c.r)
	return jsonAnswer(http.StatusOK, map[string]any{
		"realm":           "master",
		"token-service":   base + "/protocol/openid-connect",
		"account-service": base + "/account",
	})
}

// issuer names the realm as the caller reached it.
func issuer(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host + "/auth/realms/master"
}
