package keycloak

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The paths of a Keycloak. Wallaroo knows no other realm than master.
const (
	realmPath     = "/auth/realms/master"
	discoveryPath = realmPath + "/.well-known/openid-configuration"
	tokenPath     = realmPath + "/protocol/openid-connect/token"
	keysPath      = realmPath + "/protocol/openid-connect/certs"
	usersPath     = "/auth/admin/realms/master/users"
)

// The clients of every Server.
const (
	// SDKClientID is the public client: it has no secret.
	SDKClientID = "sdk-client"
	// APIClientID is the confidential client, which has an account of its own.
	APIClientID = "api-client"
	// APIClientSecret is the secret of APIClientID.
	APIClientSecret = "emulator-secret"
	// ServiceAccountID is the ID of the account behind APIClientID.
	ServiceAccountID = "e3b1d6f4-97a2-4c58-8b0d-41f7c2a96e05"
)

// ErrUnauthorized says that a request has no valid bearer token.
var ErrUnauthorized = errors.New("the access token is missing, invalid or expired")

// Options choose the clock and the variants of a Server.
type Options struct {
	// Now is the clock by which tokens expire. Default: time.Now.
	Now func() time.Time
	// TokenLifetime is the life of access tokens, in whole seconds. Default: one hour.
	TokenLifetime time.Duration
	// RefreshTokenLifetime is the life of refresh tokens, in whole seconds. Default: 30 minutes, which is shorter than that
	// of an access token, as on a real instance.
	RefreshTokenLifetime time.Duration
	// BadPasswordStatus is the status of wrong credentials: 401 (default, Keycloak up to 26.5) or 400 (later).
	BadPasswordStatus int
}

// Server is a Keycloak with its accounts. All methods may be called at any time.
type Server struct {
	opts Options
	mux  *http.ServeMux

	mu       sync.Mutex // guards everything below
	users    map[string]*User
	access   map[string]session // by access token
	refresh  map[string]session // by refresh token
	added    int
	sessions int
}

// session is what a token stands for.
type session struct {
	userID  string
	client  string
	id      string // "" for a service account, which has no session
	expires time.Time
	closed  bool
}

// New returns a Server that has the service account of APIClientID alone.
func New(opts Options) *Server {
	if opts.Now == nil {
		opts.Now = time.Now
	}

	opts.TokenLifetime = cmp.Or(opts.TokenLifetime, time.Hour)
	opts.RefreshTokenLifetime = cmp.Or(opts.RefreshTokenLifetime, 30*time.Minute)
	opts.BadPasswordStatus = cmp.Or(opts.BadPasswordStatus, http.StatusUnauthorized)
	s := &Server{
		opts: opts, mux: http.NewServeMux(),
		users: map[string]*User{}, access: map[string]session{}, refresh: map[string]session{},
	}
	s.mux.HandleFunc("GET "+discoveryPath, s.serveDiscovery)
	s.mux.HandleFunc("GET "+keysPath, s.serveKeys)
	s.mux.HandleFunc("POST "+tokenPath, s.serveToken)
	s.mux.HandleFunc("GET "+usersPath, s.serveUsers)
	s.mux.HandleFunc("GET "+usersPath+"/{id}", s.serveUser)
	s.users[ServiceAccountID] = &User{
		ID: ServiceAccountID, Username: "service-account-" + APIClientID, ServiceAccount: true, CreatedAt: opts.Now(),
	}

	return s
}

// Operation returns a short name of what stands behind a path: "token", "admin/users", "admin/user", or "".
func Operation(path string) string {
	switch {
	case path == tokenPath:
		return "token"
	case path == usersPath:
		return "admin/users"
	case strings.HasPrefix(path, usersPath+"/"):
		return "admin/user"
	}

	return ""
}

// ServeHTTP answers a request below /auth.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// oauthError is an error response of Keycloak. Its description is left out when empty.
type oauthError struct {
	Status      int    `json:"-"`
	Code        string `json:"error"`
	Description string `json:"error_description,omitempty"`
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Description }

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")

	data, err := json.Marshal(value)
	if err != nil {
		status, data = http.StatusInternalServerError, fmt.Appendf(nil, `{"error":%q}`, err)
	}

	w.WriteHeader(status)
	_, _ = w.Write(data) // A client that has gone is its own concern.
}

// bearer returns the bearer token of a request, or "".
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}

	return token
}

// Authenticate returns the account that the bearer token of a request belongs to, or ErrUnauthorized.
func (s *Server) Authenticate(r *http.Request) (User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	token := bearer(r)
	login, issued := s.access[token]

	u := s.users[login.userID]
	if !issued {
		u = s.find(func(u *User) bool { return token != "" && u.Token == token })
	}

	if u == nil || issued && !s.opts.Now().Before(login.expires) {
		return User{}, ErrUnauthorized
	}

	return u.copy(), nil
}

// ByEmail returns the account with an email, in any letter case, or nil.
func (s *Server) ByEmail(_ context.Context, email string) (*User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return copyOf(s.byEmail(email)), nil
}

// ByID returns the account with an ID, or nil.
func (s *Server) ByID(_ context.Context, id string) (*User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	return copyOf(s.users[id]), nil
}

func copyOf(u *User) *User {
	if u == nil {
		return nil
	}

	out := u.copy()

	return &out
}

// All returns every account except service accounts.
func (s *Server) All(context.Context) ([]User, error) { return s.Users(), nil }

// RevokeTokens makes every access token that the token endpoint has given invalid. Refresh tokens stay.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()

	clear(s.access)
}

// LogoutAll closes every session: refresh tokens so far are refused. Access tokens stay valid, as the API checks nothing but
// the token.
func (s *Server) LogoutAll() {
	s.mu.Lock()
	defer s.mu.Unlock()

	for token, login := range s.refresh {
		login.closed = true
		s.refresh[token] = login
	}
}
