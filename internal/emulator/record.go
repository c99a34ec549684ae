package emulator

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// masked stands for a value that is not recorded.
const masked = "***"

// Request is the record of one request.
type Request struct {
	// ID is what the response carried as X-Request-Id.
	ID string
	// Operation is the call, such as "workspaces/list", "users/query", "token" or "admin/users"; "" for an unknown path.
	Operation string
	// Method and Path are those of the request.
	Method, Path string
	// Body is the body. In a form, passwords, client secrets and tokens are masked.
	Body string
	// Header are the headers. Of Authorization only the scheme is kept.
	Header http.Header
	// Caller is the ID of the account that the access token belongs to; "" without a valid one.
	Caller string
	// Status is the status of the response; 0 while there is none, and when the connection was cut.
	Status int
	// Start is when the request came, by the clock of the instance.
	Start time.Time
	// Duration is how long the response took, by the clock of the instance.
	Duration time.Duration
}

func (r *Request) copy() Request {
	out := *r
	out.Header = r.Header.Clone()

	return out
}

// Requests returns the recorded requests in the order in which they came, also those that have no response yet.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()

	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = r.copy()
	}

	return out
}

// Count returns how many requests of an operation are recorded; "" counts all.
func (s *Server) Count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()

	n := 0

	for _, r := range s.requests {
		if operation == "" || r.Operation == operation {
			n++
		}
	}

	return n
}

// ResetRequests forgets the recorded requests.
func (s *Server) ResetRequests() {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.requests = nil
}

// begin records that a request has come. It also returns what is to be called with the request.
func (s *Server) begin(r *http.Request, body []byte) (*call, func(Request)) {
	caller, err := s.directory.Authenticate(r)
	s.mu.Lock()
	defer s.mu.Unlock()

	s.serial++

	entry := &Request{
		ID:        fmt.Sprintf("request-%06d", s.serial),
		Operation: s.operation(r),
		Method:    r.Method,
		Path:      r.URL.Path,
		Body:      maskBody(r.Header.Get("Content-Type"), string(body)),
		Header:    maskHeader(r.Header),
		Start:     s.opts.Now(),
	}
	if err == nil {
		entry.Caller = caller.ID
	}

	s.requests = append(s.requests, entry)

	return &call{r: r, entry: entry, opts: s.opts}, s.onRequest
}

// record notes how a request ended.
func (s *Server) record(c *call, status int) {
	s.mu.Lock()
	duration := c.opts.Now().Sub(c.entry.Start)
	c.entry.Status, c.entry.Duration = status, duration
	s.mu.Unlock()

	if c.opts.Logger != nil {
		c.opts.Logger.Info("request", "id", c.entry.ID, "method", c.r.Method, "path", c.r.URL.Path, "status", status, "duration", duration)
	}
}

// maskHeader masks what follows the scheme of an Authorization.
func maskHeader(header http.Header) http.Header {
	out := header.Clone()
	if value := out.Get("Authorization"); value != "" {
		scheme, _, found := strings.Cut(value, " ")
		if !found {
			scheme = ""
		}

		out.Set("Authorization", strings.TrimSpace(scheme+" "+masked))
	}

	return out
}

// maskBody masks the secrets of a form, which are what the token endpoint is sent.
func maskBody(contentType, body string) string {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return body
	}

	pairs := strings.Split(body, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		for _, part := range []string{"password", "secret", "token"} {
			if strings.Contains(name, part) {
				pairs[i] = name + "=" + masked
			}
		}
	}

	return strings.Join(pairs, "&")
}
