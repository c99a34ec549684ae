package emulator

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxBody limits what is read of a request. The API knows no request near this size.
const maxBody = 4 << 20

// Server is one emulated Wallaroo instance. Make one with New. All methods may be called at any time, also while
// requests are being answered.
type Server struct {
	key        *rsa.PrivateKey
	refreshKey []byte
	routes     map[string]route
	directory  directory
	issuer     *Issuer // nil when the instance has its own accounts

	mu       sync.Mutex // guards everything below
	opts     Options
	store    store
	logins   logins
	requests []*Request
	serial   int
	faults   []*activeFault
}

// route is what stands behind one path.
type route struct {
	operation string
	method    string
	handle    func(*call) answer // runs without the lock
}

// call is one request on its way through the server.
type call struct {
	r     *http.Request
	body  []byte
	route *route // nil for an unknown path
	id    string // request id
	entry *Request
}

// New returns an instance with the seed of the options. It fails if an option is out of its range.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return nil, fmt.Errorf("emulator options: %w", err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("generating the token key: %w", err)
	}
	refreshKey := make([]byte, 64)
	if _, err := rand.Read(refreshKey); err != nil {
		return nil, fmt.Errorf("generating the refresh token key: %w", err)
	}
	s := &Server{key: key, refreshKey: refreshKey, issuer: opts.Issuer, opts: opts, store: newStore(), logins: newLogins()}
	s.routes = s.apiRoutes()
	if s.directory = opts.Issuer; opts.Issuer == nil {
		s.directory = localDirectory{s}
		maps.Copy(s.routes, s.keycloakRoutes())
	}
	if err := s.seed(); err != nil {
		return nil, err
	}
	return s, nil
}

// Configure changes options of a running instance; change is given the present ones. The seed and the issuer cannot be
// changed any more. It fails, and changes nothing, if an option is then out of its range.
func (s *Server) Configure(change func(*Options)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	opts := s.opts
	change(&opts)
	opts.Issuer = s.opts.Issuer
	opts = opts.withDefaults()
	if err := opts.validate(); err != nil {
		return fmt.Errorf("emulator options: %w", err)
	}
	s.opts = opts
	return nil
}

func (s *Server) apiRoutes() map[string]route {
	const api = "/v1/api/"
	return map[string]route{
		api + "config":                 {"config", http.MethodGet, s.config},
		api + "workspaces/list":        {"workspaces/list", http.MethodPost, endpoint(s, s.listWorkspaces)},
		api + "workspaces/create":      {"workspaces/create", http.MethodPost, endpoint(s, s.createWorkspace)},
		api + "workspaces/list_users":  {"workspaces/list_users", http.MethodPost, endpoint(s, s.listMembers)},
		api + "workspaces/add_user":    {"workspaces/add_user", http.MethodPost, endpoint(s, s.addMember)},
		api + "workspaces/remove_user": {"workspaces/remove_user", http.MethodPost, endpoint(s, s.removeMember)},
		api + "users/query":            {"users/query", http.MethodPost, endpoint(s, s.queryUsers)},
	}
}

// keycloakRoutes are those of the login server in the instance.
func (s *Server) keycloakRoutes() map[string]route {
	const oidc = issuerPath + "/protocol/openid-connect/"
	return map[string]route{
		issuerPath: {"realm", http.MethodGet, s.realm},
		issuerPath + "/.well-known/openid-configuration": {"discovery", http.MethodGet, s.discovery},
		oidc + "token":            {"token", http.MethodPost, unstored(s.withLock(s.token))},
		oidc + "auth/device":      {"device", http.MethodPost, s.withLock(s.beginDevice)},
		issuerPath + "/device":    {"device/page", http.MethodGet, s.withLock(s.showDevice)},
		issuerPath + deviceSignIn: {"device/decision", http.MethodPost, s.withLock(s.decideDevice)},
		oidc + "logout":           {"logout", http.MethodPost, s.withLock(s.logout)},
		oidc + "certs":            {"certs", http.MethodGet, s.certs},
		adminUsers:                {"admin/users", http.MethodGet, s.withLock(s.adminListUsers)},
	}
}

// withLock makes a route of a function that needs the lock.
func (s *Server) withLock(handle func(*call) answer) func(*call) answer {
	return func(c *call) answer {
		s.mu.Lock()
		defer s.mu.Unlock()
		return handle(c)
	}
}

func (s *Server) findRoute(path string) *route {
	if found, ok := s.routes[path]; ok {
		return &found
	}
	id, ok := strings.CutPrefix(path, adminUsers+"/")
	if _, users := s.routes[adminUsers]; users && ok && id != "" && !strings.Contains(id, "/") {
		return &route{"admin/user", http.MethodGet, s.withLock(s.adminGetUser)}
	}
	return nil
}

// ServeHTTP answers one request of the Wallaroo API or of Keycloak. It panics with http.ErrAbortHandler where a fault
// asks for a cut, which makes a server close the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	c := s.begin(r, body)
	w.Header().Set("X-Request-Id", c.id)
	if err != nil {
		s.send(w, c, apiError(http.StatusRequestEntityTooLarge, "the request body could not be read"))
		return
	}
	s.mu.Lock()
	hook, latency := s.opts.OnRequest, s.opts.Latency
	s.mu.Unlock()
	if hook != nil {
		hook(c.entry.copy())
	}
	if !sleep(r.Context(), latency) {
		s.abort(c)
	}
	if f := s.takeFault(c); f != nil {
		s.misbehave(w, c, f)
		return
	}
	s.send(w, c, s.work(c))
}

// work does what the request asks for and returns the true answer.
func (s *Server) work(c *call) answer {
	path := c.r.URL.Path
	switch {
	case strings.Contains(path, "//"):
		return keycloakError(http.StatusBadRequest, "missingNormalization", "Request path not normalized")
	case s.unserved(path):
		return apiError(http.StatusNotFound, "no such path: %s", path)
	case c.route == nil && s.issuer != nil && strings.HasPrefix(path, "/auth/"):
		return s.issuer.elsewhere()
	case c.route == nil:
		return notFound(path)
	case c.r.Method != c.route.method:
		return wrongMethod(path, c.route.method)
	}
	return c.route.handle(c)
}

// unserved reports whether the API has no such path though the emulator knows it.
func (s *Server) unserved(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts.GuideOnly && !strings.HasPrefix(path, "/v1/api/workspaces/")
}

// send records the answer and writes it. The record comes first, so that whoever has the answer also finds the record.
func (s *Server) send(w http.ResponseWriter, c *call, a answer) {
	s.record(c, a.status)
	s.mu.Lock()
	http10 := s.opts.HTTP10
	s.mu.Unlock()
	if http10 {
		a.writeHTTP10(w)
		return
	}
	a.write(w)
}

// abort closes the connection without an answer. It does not return.
func (s *Server) abort(c *call) {
	s.record(c, 0)
	panic(http.ErrAbortHandler)
}

// sleep waits in real time. It reports false when the context ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
