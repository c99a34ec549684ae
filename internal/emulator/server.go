package emulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

const (
	// apiPath is the path of the MLOps API, and authPath that of Keycloak.
	apiPath, authPath = "/v1/api/", "/auth/"
	// maxBody limits what is read of a request. The API knows no request near this size.
	maxBody = 4 << 20
)

// Server is one emulated Wallaroo instance. New returns one. All methods may be called at any time, also while requests are
// being answered. Those of the embedded keycloak.Server change accounts and tokens.
type Server struct {
	*keycloak.Server
	directory directory
	mux       *http.ServeMux

	mu        sync.Mutex // guards everything below
	opts      Options
	store     store
	onRequest func(Request)
	requests  []*Request
	serial    int
	faults    []*activeFault
}

// directory authenticates callers and knows the users: a keycloak.Server with accounts of its own, or a keycloak.Issuer.
// Callers must not hold the lock of the Server, since a response can take a while.
type directory interface {
	http.Handler
	Authenticate(r *http.Request) (keycloak.User, error)
	ByEmail(ctx context.Context, email string) (*User, error)
	ByID(ctx context.Context, id string) (*User, error)
	All(ctx context.Context) ([]User, error)
}

// call is one request on its way through the server.
type call struct {
	r     *http.Request
	entry *Request
	opts  Options // as they were when the request came
}

// New returns an instance with the seed of the options. It fails if the seed contradicts itself.
func New(opts Options) (*Server, error) {
	opts = opts.withDefaults()
	local := keycloak.New(keycloak.Options{
		Now: opts.Now, TokenLifetime: opts.TokenLifetime, RefreshTokenLifetime: opts.RefreshTokenLifetime,
		BadPasswordStatus: opts.BadPasswordStatus,
	})

	s := &Server{
		Server: local, directory: local, mux: http.NewServeMux(),
		opts: opts, store: store{workspaces: map[int64]*Workspace{}},
	}
	if opts.Issuer != nil {
		s.directory = opts.Issuer
	}

	s.mux.HandleFunc("POST "+apiPath+"workspaces/list", endpoint(s, s.listWorkspaces))
	s.mux.HandleFunc("POST "+apiPath+"workspaces/create", endpoint(s, s.createWorkspace))
	s.mux.HandleFunc("POST "+apiPath+"workspaces/list_users", endpoint(s, s.listMembers))
	s.mux.HandleFunc("POST "+apiPath+"workspaces/add_user", endpoint(s, s.addMember))
	s.mux.HandleFunc("POST "+apiPath+"workspaces/remove_user", endpoint(s, s.removeMember))
	s.mux.HandleFunc("POST "+apiPath+"users/query", s.serveUsersQuery)
	s.mux.HandleFunc("GET "+apiPath+"config", serveConfig)
	s.mux.HandleFunc("/", serveNotFound)
	s.mux.Handle(authPath, s.directory)

	if err := s.load(opts.Seed); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}

	return s, nil
}

// Configure changes options of a running instance; change is given the present ones. The seed, the issuer and the options of
// tokens cannot be changed any more.
func (s *Server) Configure(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	change(&s.opts)
}

// SetOnRequest sets a function that is called with every request before its work is done, with no lock held: it may call the
// methods of the Server, as another actor would. There is none by default, and none after nil.
func (s *Server) SetOnRequest(hook func(Request)) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.onRequest = hook
}

// ServeHTTP answers one request of the Wallaroo API or of Keycloak. It panics with http.ErrAbortHandler where a fault
// asks for a cut, which makes a server close the connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	r.Body = io.NopCloser(bytes.NewReader(body))
	c, onRequest := s.begin(r, body)
	w.Header().Set("X-Request-Id", c.entry.ID)

	if err != nil {
		s.send(w, c, errorResponse(http.StatusRequestEntityTooLarge, "the request body could not be read"))
		return
	}

	if onRequest != nil {
		onRequest(c.entry.copy())
	}

	if !sleep(r.Context(), c.opts.Latency) {
		s.abort(c)
	}

	if f := s.takeFault(c); f != nil {
		s.misbehave(w, c, f)
		return
	}

	s.send(w, c, s.work(c))
}

// work does what the request asks for and returns the true response.
func (s *Server) work(c *call) *response {
	out := newResponse()

	switch path := c.r.URL.Path; {
	case strings.Contains(path, "//"):
		return jsonResponse(http.StatusBadRequest, map[string]string{
			"error": "missingNormalization", "error_description": "Request path not normalized",
		})
	case c.opts.GuideOnly && !strings.HasPrefix(path, apiPath+"workspaces/"):
		serveNotFound(out, c.r)
	default:
		s.mux.ServeHTTP(out, c.r)
	}

	return out
}

func serveNotFound(w http.ResponseWriter, r *http.Request) {
	errorResponse(http.StatusNotFound, "no such path: %s %s", r.Method, r.URL.Path).write(w)
}

// operation returns the name of what a request asks for, or "".
func (s *Server) operation(r *http.Request) string {
	_, pattern := s.mux.Handler(r)
	if _, name, ok := strings.Cut(pattern, apiPath); ok {
		return name
	}

	return keycloak.Operation(r.URL.Path)
}

// send records the response and writes it. The record comes first, so that whoever has the response also finds the record.
func (s *Server) send(w http.ResponseWriter, c *call, out *response) {
	s.record(c, out.status)
	c.write(w, out)
}

// write writes the response in the version of HTTP that the API has.
func (c *call) write(w http.ResponseWriter, out *response) {
	if c.opts.HTTP10 {
		out.writeHTTP10(w)
		return
	}

	out.write(w)
}

// abort closes the connection without a response. It does not return.
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
