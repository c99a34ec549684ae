package emulator_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const issuerSecret = "issuer-secret"

type person struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email,omitempty"`
	Enabled  bool   `json:"enabled"`
	Service  string `json:"serviceAccountClientId,omitempty"`
}

// login is a login server that is no emulator.
type login struct {
	t   *testing.T
	web *httptest.Server

	mu      sync.Mutex // guards the rest
	keys    map[string]*rsa.PrivateKey
	people  []person
	service string // the one good token of the client
	signIns int
	reads   []string
	// status, if set, answers all requests below that path.
	status map[string]int
	// hang makes every answer wait for the client to go.
	hang bool
}

var ann, bob, noMail = person{ID: "id-ann", Username: "ann", Email: "ann@example.com", Enabled: true},
	person{ID: "id-bob", Username: "bob", Email: "bob@example.com"}, person{ID: "id-nomail", Username: "nomail", Enabled: true}

func newLogin(t *testing.T) *login {
	t.Helper()
	l := &login{t: t, keys: map[string]*rsa.PrivateKey{}, status: map[string]int{}, people: []person{ann, bob, noMail}}
	l.addKey("key-1")
	l.web = httptest.NewServer(l)
	t.Cleanup(func() {
		l.web.CloseClientConnections()
		l.web.Close()
	})
	return l
}

func (l *login) issuer() string { return l.web.URL + "/auth/realms/master" }

func (l *login) config() emulator.IssuerConfig {
	return emulator.IssuerConfig{URL: l.issuer(), ClientID: "reader", ClientSecret: issuerSecret}
}

// set changes what the server is like.
func (l *login) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *login) addKey(id string) {
	l.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		l.t.Fatal(err)
	}
	l.set(func() { l.keys[id] = key })
}

func (l *login) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	hang := l.hang
	l.mu.Unlock()
	if hang {
		<-r.Context().Done()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, status := range l.status {
		if strings.HasPrefix(r.URL.Path, path) {
			w.Header().Set("Location", "http://elsewhere.example/")
			w.WriteHeader(status)
			_, _ = fmt.Fprintln(w, "<html>\n<h1>not what was asked for</h1>")
			return
		}
	}
	status, body := l.answer(r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (l *login) answer(r *http.Request) (int, any) {
	const realm, users = "/auth/realms/master", "/auth/admin/realms/master/users"
	if strings.HasPrefix(r.URL.Path, users) && r.Header.Get("Authorization") != "Bearer "+l.service {
		return 401, map[string]string{"error": "HTTP 401 Unauthorized"}
	}
	switch path := r.URL.Path; path {
	case realm + "/.well-known/openid-configuration":
		return 200, map[string]any{
			"issuer": l.issuer(), "token_endpoint": l.issuer() + "/token", "jwks_uri": l.issuer() + "/certs",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256"},
		}
	case realm + "/certs":
		return 200, map[string]any{"keys": l.published()}
	case realm + "/token":
		l.signIns++
		if r.FormValue("client_secret") != issuerSecret || r.FormValue("grant_type") != "client_credentials" {
			return 401, map[string]string{"error": "unauthorized_client", "error_description": "Invalid client or Invalid client credentials"}
		}
		l.service = fmt.Sprint("service-", l.signIns)
		return 200, map[string]any{"access_token": l.service, "expires_in": 60, "token_type": "Bearer"}
	case users:
		l.reads = append(l.reads, r.URL.RawQuery)
		return 200, l.list(r)
	default:
		for _, p := range l.people {
			if path == users+"/"+p.ID {
				return 200, p
			}
		}
		return 404, map[string]string{"error": "User not found"}
	}
}

func (l *login) published() []map[string]string {
	encode := base64.RawURLEncoding.EncodeToString
	keys := []map[string]string{}
	for id, key := range l.keys {
		keys = append(keys, map[string]string{
			"kid": id, "kty": "RSA", "alg": "RS256", "use": "sig",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	return keys
}

// list is as sloppy as Keycloak: it finds parts, unless it is asked for the exact e-mail.
func (l *login) list(r *http.Request) []person {
	email, exact := strings.ToLower(r.FormValue("email")), r.FormValue("exact") == "true"
	found := slices.DeleteFunc(slices.Clone(l.people), func(p person) bool {
		return !strings.Contains(p.Email, email) || (exact && p.Email != email)
	})
	first, _ := strconv.Atoi(r.FormValue("first"))
	most, err := strconv.Atoi(r.FormValue("max"))
	if err != nil {
		most = 100
	}
	found = found[min(first, len(found)):]
	return found[:min(most, len(found))]
}

// claims of a good token of a person.
func (l *login) claims(p person) map[string]any {
	return map[string]any{
		"iss": l.issuer(), "sub": p.ID, "typ": "Bearer", "azp": "some-client", "aud": "account",
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "preferred_username": p.Username,
	}
}

// with returns the claims with one of them changed, or left out if it is nil.
func with(claims map[string]any, name string, value any) map[string]any {
	claims[name] = value
	if value == nil {
		delete(claims, name)
	}
	return claims
}

// sign makes a token with a key that need not be known to the server.
func (l *login) sign(id string, key *rsa.PrivateKey, claims map[string]any) string {
	l.t.Helper()
	signed := unsignedToken(l.t, "RS256", id, claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		l.t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// token is one that the server makes.
func (l *login) token(id string, claims map[string]any) string {
	l.t.Helper()
	l.mu.Lock()
	key := l.keys[id]
	l.mu.Unlock()
	return l.sign(id, key, claims)
}

// hmacToken is signed with the public key, which some libraries fall for.
func (l *login) hmacToken(claims map[string]any) string {
	l.t.Helper()
	signed := unsignedToken(l.t, "HS256", "key-1", claims)
	h := hmac.New(sha256.New, l.keys["key-1"].N.Bytes())
	_, _ = h.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func unsignedToken(t *testing.T, alg, id string, claims map[string]any) string {
	t.Helper()
	header, err := json.Marshal(map[string]string{"alg": alg, "kid": id, "typ": "JWT"})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode(header) + "." + encode(payload)
}

// issued returns an instance that takes the tokens of a login server, called by Ann.
func issued(t *testing.T, l *login, config emulator.IssuerConfig, opts emulator.Options) *fixture {
	t.Helper()
	issuer, err := emulator.Connect(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	opts.Issuer = issuer
	server, err := emulator.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
	})
	return &fixture{Server: server, t: t, web: web, token: l.token("key-1", l.claims(ann))}
}
