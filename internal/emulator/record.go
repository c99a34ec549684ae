package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	// Query is the raw query, with secrets masked.
	Query string
	// Body is the body, with passwords, client secrets and tokens masked. One that cannot be read is masked as a whole.
	Body string
	// Header has every header of the request. Only the values of a few harmless ones and of those in
	// Options.RecordHeaders are kept; Authorization keeps its scheme.
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

// begin records that a request has come.
func (s *Server) begin(r *http.Request, body []byte) *call {
	caller, err := s.directory.Authenticate(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	entry := &Request{
		ID:        fmt.Sprintf("request-%06d", s.serial),
		Operation: s.operation(r.URL.Path),
		Method:    r.Method,
		Path:      r.URL.Path,
		Query:     maskForm(r.URL.RawQuery),
		Body:      maskBody(r.Header.Get("Content-Type"), string(body)),
		Header:    maskHeader(r.Header, s.opts.RecordHeaders),
		Start:     s.opts.Now(),
	}
	if err == nil {
		entry.Caller = caller.ID
	}
	s.requests = append(s.requests, entry)
	return &call{r: r, id: entry.ID, entry: entry, opts: s.opts}
}

// record notes how a request ended.
func (s *Server) record(c *call, status int) {
	s.mu.Lock()
	duration := c.opts.Now().Sub(c.entry.Start)
	c.entry.Status, c.entry.Duration = status, duration
	s.mu.Unlock()
	if c.opts.Logger != nil {
		c.opts.Logger.Info("request", "id", c.id, "method", c.r.Method, "path", c.r.URL.Path, "status", status, "duration", duration)
	}
}

func maskHeader(header http.Header, kept []string) http.Header {
	harmless := []string{"User-Agent", "Content-Type", "Content-Length", "Accept", "Accept-Encoding"}
	out := http.Header{}
	for name, values := range header {
		known := slices.Contains(harmless, name) ||
			slices.ContainsFunc(kept, func(k string) bool { return http.CanonicalHeaderKey(k) == name })
		for _, value := range values {
			scheme, _, credentials := strings.Cut(value, " ")
			switch {
			case name == "Authorization" && credentials:
				value = scheme + " " + masked
			case name == "Authorization", !known:
				value = masked
			}
			out.Add(name, value)
		}
	}
	return out
}

func maskBody(contentType, body string) string {
	if body == "" {
		return ""
	}
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		return maskForm(body)
	}
	var value any
	if json.Unmarshal([]byte(body), &value) != nil {
		return masked
	}
	if !maskJSON(value) {
		return body
	}
	data, err := json.Marshal(value)
	if err != nil {
		return masked
	}
	return string(data)
}

func secret(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"password", "secret", "token", "assertion"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// maskJSON masks the secret fields of a decoded value in place, and reports whether there were any.
func maskJSON(value any) bool {
	found := false
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			if secret(name) {
				value[name], found = masked, true
			} else if maskJSON(field) {
				found = true
			}
		}
	case []any:
		for _, element := range value {
			found = maskJSON(element) || found
		}
	}
	return found
}

func maskForm(form string) string {
	pairs := strings.Split(form, "&")
	for i, pair := range pairs {
		name, _, ok := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil || (ok && secret(plain)) {
			pairs[i] = name + "=" + masked
		}
	}
	return strings.Join(pairs, "&")
}
