//go:build keycloak

package keycloaktest_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// wallaroo is one host with a Keycloak below /auth, and below /v1/api a small API that takes its tokens.
type wallaroo struct {
	*httptest.Server
	keycloak string

	mu sync.Mutex // guards the rest
	// grants are the requests to the token endpoint, as "grant_type status".
	grants []string
	// tokens are the ids of the tokens that the API took.
	tokens map[string]bool
}

// newWallaroo serves until the end of the test.
func newWallaroo(t *testing.T, k *server) *wallaroo {
	t.Helper()
	target, err := url.Parse(k.url)
	if err != nil {
		t.Fatal(err)
	}
	w := &wallaroo{keycloak: k.url, tokens: map[string]bool{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		// A token names the host that it was asked for at, and Keycloak takes back no other.
		r.Out.Host = r.In.Host
	}}
	mux := http.NewServeMux()
	mux.Handle("/auth/", proxy)
	mux.HandleFunc("POST "+tokenPath, func(rw http.ResponseWriter, r *http.Request) { w.grant(rw, r, proxy) })
	mux.HandleFunc("POST /v1/api/workspaces/list", w.listWorkspaces)
	w.Server = httptest.NewServer(mux)
	t.Cleanup(w.Close)
	return w
}

// grant passes a request for a token on, and notes it.
func (w *wallaroo) grant(rw http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	form, _ := url.ParseQuery(string(body))
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	answer := &status{ResponseWriter: rw}
	next.ServeHTTP(answer, r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.grants = append(w.grants, fmt.Sprintf("%s %d", form.Get("grant_type"), answer.code))
}

// status keeps the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// asked returns the requests to the token endpoint so far, and forgets them.
func (w *wallaroo) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.grants
	w.grants = nil
	return asked
}

// taken returns how many tokens the API took.
func (w *wallaroo) taken() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.tokens)
}

// listWorkspaces answers one workspace, which the caller made.
func (w *wallaroo) listWorkspaces(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	claims, err := w.verify(r)
	if err != nil {
		rw.WriteHeader(http.StatusUnauthorized)
		_ = json.NewEncoder(rw).Encode(object{"code": http.StatusUnauthorized, "msg": err.Error()})
		return
	}
	w.mu.Lock()
	w.tokens[claims.ID] = true
	w.mu.Unlock()
	_ = json.NewEncoder(rw).Encode(object{"workspaces": []object{{
		"id": 1, "name": "made-up", "created_at": "2026-01-01T00:00:00+00:00", "created_by": claims.Hasura["x-hasura-user-id"],
		"archived": false, "models": []int{}, "pipelines": []int{},
	}}})
}

type accessClaims struct {
	ID      string         `json:"jti"`
	Type    string         `json:"typ"`
	Issuer  string         `json:"iss"`
	Expires int64          `json:"exp"`
	Hasura  map[string]any `json:"https://hasura.io/jwt/claims"`
}

// verify checks a token as an API does that never asks Keycloak about it: signature, kind, issuer and end.
func (w *wallaroo) verify(r *http.Request) (accessClaims, error) {
	var header struct {
		Key string `json:"kid"`
	}
	var claims accessClaims
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims, errors.New("no token")
	}
	decode := func(part string, target any) error {
		data, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return err
		}
		return json.Unmarshal(data, target)
	}
	if err := errors.Join(decode(parts[0], &header), decode(parts[1], &claims)); err != nil {
		return claims, err
	}
	key, err := w.key(r, header.Key)
	if err != nil {
		return claims, err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return claims, err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	switch {
	case rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil:
		return claims, errors.New("wrong signature")
	case claims.Type != "Bearer":
		return claims, errors.New("no access token")
	case claims.Issuer != "http://"+r.Host+"/auth/realms/master":
		return claims, fmt.Errorf("issued by %s", claims.Issuer)
	case claims.Expires <= time.Now().Unix():
		return claims, errors.New("expired")
	}
	return claims, nil
}

// key returns the key with an id from those that Keycloak publishes.
func (w *wallaroo) key(r *http.Request, id string) (*rsa.PublicKey, error) {
	request, err := http.NewRequestWithContext(r.Context(), http.MethodGet,
		w.keycloak+"/auth/realms/master/protocol/openid-connect/certs", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	var published struct {
		Keys []struct {
			ID       string `json:"kid"`
			Use      string `json:"use"`
			Modulus  string `json:"n"`
			Exponent string `json:"e"`
		} `json:"keys"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&published); err != nil {
		return nil, err
	}
	for _, key := range published.Keys {
		if key.ID != id || key.Use != "sig" {
			continue
		}
		n, err := base64.RawURLEncoding.DecodeString(key.Modulus)
		if err != nil {
			return nil, err
		}
		e, err := base64.RawURLEncoding.DecodeString(key.Exponent)
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, err
	}
	return nil, errors.New("unknown key")
}
