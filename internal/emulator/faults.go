package emulator

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"
)

// Fault is one way in which the instance misbehaves. A fault that names no response of its own (no Status, Body,
// BodyBytes or Cut) only delays, holds, truncates or slows the true response.
type Fault struct {
	// Operation is the call that it hits, as in Request.Operation; "" hits all.
	Operation string
	// Skip lets that many requests that it would hit pass first.
	Skip int
	// Times is how often it strikes; 0 is every time.
	Times int

	// AfterWork has the work done first, and its response lost. Delay and Hold then come after the work, too.
	AfterWork bool
	// Delay waits in real time.
	Delay time.Duration
	// Hold waits until the channel is closed or the client is gone.
	Hold <-chan struct{}

	// Cut closes the connection without a response.
	Cut bool
	// Status is the status of the response. Default: 200, if there is a body.
	Status int
	// Header is added to the response. Without a Content-Type in it, the response is called JSON.
	Header http.Header
	// Body is the body of the response.
	Body string
	// BodyBytes makes the body one JSON object of about this many bytes, almost all of them spaces.
	BodyBytes int64
	// Truncate announces the whole length, sends half of the body and closes the connection.
	Truncate bool
	// SlowBody sends the body in pieces of 16 bytes, each after this pause.
	SlowBody time.Duration
}

// activeFault is an injected fault and how many requests it could have hit.
type activeFault struct {
	Fault
	seen int
}

// Inject makes the instance misbehave until the returned function is called. Of several faults that would hit a request,
// the one that was injected first strikes.
func (s *Server) Inject(fault Fault) (remove func()) {
	f := &activeFault{Fault: fault}

	s.mu.Lock()
	defer s.mu.Unlock()

	s.faults = append(s.faults, f)

	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()

		s.faults = slices.DeleteFunc(s.faults, func(other *activeFault) bool { return other == f })
	}
}

// takeFault returns the fault that strikes a request, or nil.
func (s *Server) takeFault(c *call) *activeFault {
	s.mu.Lock()
	defer s.mu.Unlock()

	for _, f := range s.faults {
		if f.Operation != "" && f.Operation != c.entry.Operation {
			continue
		}

		if f.seen++; f.seen > f.Skip && (f.Times == 0 || f.seen <= f.Skip+f.Times) {
			return f
		}
	}

	return nil
}

// misbehave does to a request what the fault says.
func (s *Server) misbehave(w http.ResponseWriter, c *call, f *activeFault) {
	ctx := c.r.Context()
	if !f.AfterWork && (!f.wait(ctx) || f.Cut) {
		s.abort(c)
	}

	var out *response
	if f.AfterWork || !f.replaces() {
		out = s.work(c)
	}

	if f.AfterWork && (!f.wait(ctx) || f.Cut) {
		s.abort(c)
	}

	if f.replaces() {
		out = f.response()
	} else {
		out.header = merged(out.header, f.Header)
	}

	s.record(c, out.status)

	switch {
	case f.BodyBytes > 0:
		flood(ctx, w, out, f.BodyBytes)
	case f.Truncate:
		out.writeHeader(w)
		_, _ = w.Write(out.body[:len(out.body)/2])
		_ = http.NewResponseController(w).Flush()

		panic(http.ErrAbortHandler)
	case f.SlowBody > 0:
		dribble(ctx, w, out, f.SlowBody)
	default:
		c.write(w, out)
	}
}

// wait reports false when the client has gone before the time was over.
func (f *activeFault) wait(ctx context.Context) bool {
	if !sleep(ctx, f.Delay) {
		return false
	}

	if f.Hold == nil {
		return true
	}

	select {
	case <-f.Hold:
		return true
	case <-ctx.Done():
		return false
	}
}

func (f *activeFault) replaces() bool {
	return f.Status != 0 || f.Body != "" || f.BodyBytes > 0
}

func (f *activeFault) response() *response {
	return &response{
		status: cmp.Or(f.Status, http.StatusOK),
		header: merged(http.Header{"Content-Type": {"application/json"}}, f.Header),
		body:   []byte(f.Body),
	}
}

func merged(base, extra http.Header) http.Header {
	out := base.Clone()
	if out == nil {
		out = http.Header{}
	}

	for name, values := range extra {
		out[http.CanonicalHeaderKey(name)] = values
	}

	return out
}
