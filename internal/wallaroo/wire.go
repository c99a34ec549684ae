package wallaroo

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	readLimit  = 32 << 20
	smallLimit = 1 << 20
	errorLimit = 64 << 10

	// writeGrace bounds how long a write that was sent outlives its caller.
	writeGrace = 30 * time.Second
)

// wire is what API calls and sign-ins share: one exchange of request and answer.
type wire struct {
	http       *http.Client
	header     http.Header
	timeout    time.Duration
	grace      time.Duration
	maxRetries int
	secrets    *secrets
	log        func(ctx context.Context, message string, fields map[string]any)
	sleep      func(ctx context.Context, d time.Duration) error
	random     func() float64
	now        func() time.Time
	// inVain is true after a call that failed however often it was repeated, until one succeeds.
	inVain atomic.Bool
}

// operation is one call of the API or of the login server.
type operation struct {
	path   string
	write  bool
	signIn bool
	limit  int
}

func read(path string) operation  { return operation{path: path, limit: readLimit} }
func write(path string) operation { return operation{path: path, limit: smallLimit, write: true} }

func (op operation) again(e *Error) bool {
	switch {
	case e.Authentication && !op.signIn:
		return false // it was repeated where it failed
	case op.write:
		return repeatWrite(e)
	default:
		return repeatRead(e)
	}
}

// answer is a complete answer of status 2xx.
type answer struct {
	body     []byte
	response *http.Response // its body is read and closed
}

// stopped is why an attempt was given up by this client, and not by its caller.
type stopped struct {
	reason string
	caller error
}

func (s *stopped) Error() string { return s.reason }
func (s *stopped) Unwrap() error { return s.caller }

// attemptContext bounds one attempt. A write goes on when its caller is
// cancelled, but not for long: its answer tells what the caller now owns.
func (w *wire) attemptContext(ctx context.Context, op operation) (context.Context, context.CancelFunc) {
	timedOut := &stopped{reason: fmt.Sprintf("timed out after %v s (request_timeout)", w.timeout.Seconds())}
	if !op.write {
		return context.WithTimeoutCause(ctx, w.timeout, timedOut)
	}
	bounded, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), w.timeout, timedOut)
	attempt, stop := context.WithCancelCause(bounded)
	unwatch := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(w.grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			stop(&stopped{reason: fmt.Sprintf("cancelled, and no answer came within %v s", w.grace.Seconds()), caller: ctx.Err()})
		case <-attempt.Done():
		}
	})
	return attempt, func() {
		unwatch()
		stop(nil)
		cancel()
	}
}

// exchange sends one request and reads its whole answer. What is not a complete
// JSON answer of status 2xx is an error.
func (w *wire) exchange(req *http.Request, op operation, attempt int) (answer, *Error) {
	for name, values := range w.header {
		req.Header[name] = values
	}
	var sent atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		// net/http takes another connection only after one that took nothing.
		GetConn: func(string) { sent.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	}))
	started := w.now()
	result, status, failure := w.receive(req, op, &sent)
	fields := map[string]any{
		"method": req.Method, "path": req.URL.EscapedPath(), "status": status, "attempt": attempt,
		"duration_ms": w.now().Sub(started).Milliseconds(),
	}
	if failure != nil {
		failure.Ambiguous = op.write && failure.uncertain()
		fields["failure"] = failure.Kind.String()
	}
	if id := w.requestID(result.response); id != "" {
		fields["request_id"] = id
	}
	w.log(req.Context(), "Wallaroo request", fields)
	return result, failure
}

func (w *wire) receive(req *http.Request, op operation, sent *atomic.Bool) (answer, int, *Error) {
	resp, err := w.http.Do(req)
	if err != nil {
		return answer{}, 0, w.noAnswer(req, op, err, sent.Load())
	}
	defer func() { _ = resp.Body.Close() }()

	limit := op.limit
	if !isSuccess(resp.StatusCode) {
		limit = errorLimit
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(limit)+1))
	result := answer{body: body, response: resp}
	failure := w.failed(op, resp)
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		failure.Kind, failure.Message = KindRedirect, w.target(resp)
	case isHTML(resp.Header.Get("Content-Type"), body):
		failure.Kind = KindHTML
		w.explain(failure, body)
	case !isSuccess(resp.StatusCode):
		w.explain(failure, body[:min(len(body), limit)])
	case err != nil:
		cut := w.noAnswer(req, op, err, true)
		cut.RequestID = failure.RequestID
		failure = cut
	case len(body) > limit:
		failure.Kind, failure.Message = KindTooLarge, fmt.Sprintf("more than %d MiB, which is over the limit", limit>>20)
	default:
		failure = nil
	}
	return result, resp.StatusCode, failure
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }

func isHTML(contentType string, body []byte) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// failed starts the error of an answer, from its status.
func (w *wire) failed(op operation, resp *http.Response) *Error {
	return &Error{
		Authentication: op.signIn, Method: resp.Request.Method, Path: resp.Request.URL.EscapedPath(), Host: resp.Request.URL.Host,
		Status: resp.StatusCode, RequestID: w.requestID(resp),
		facts: facts{sent: true, retryAfter: parseRetryAfter(resp.Header.Get("Retry-After"), w.now())},
	}
}

func (w *wire) requestID(resp *http.Response) string {
	if resp == nil {
		return ""
	}
	for _, name := range []string{"X-Request-Id", "X-Requestid", "Request-Id"} {
		if id := resp.Header.Get(name); id != "" {
			return shorten(w.secrets.clean(id), 100)
		}
	}
	return ""
}

// target names the host that a redirect points to; the rest of the address may
// hold secrets.
func (w *wire) target(resp *http.Response) string {
	location, err := resp.Location()
	if err != nil || location.Host == "" {
		return "a redirect, which is never followed"
	}
	return fmt.Sprintf("a redirect to %s, which is never followed", w.secrets.clean(location.Host))
}

// noAnswer is the error of a request that got no complete answer.
func (w *wire) noAnswer(req *http.Request, op operation, err error, sent bool) *Error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}
	failure := &Error{
		Kind: KindTransport, Authentication: op.signIn, Method: req.Method, Path: req.URL.EscapedPath(), Host: req.URL.Host,
		Err: err, facts: facts{sent: sent, final: isFinal(err)},
	}
	if ended := req.Context().Err(); ended != nil {
		failure.Err, failure.facts.final = ended, true
		if cause, ok := errors.AsType[*stopped](context.Cause(req.Context())); ok {
			failure.Err, failure.facts.final = cause, cause.caller != nil
		}
	}
	failure.Message = w.secrets.clean(failure.Err.Error())
	return failure
}

// isFinal reports whether a failed connection would fail again.
func isFinal(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return true // a TLS alert: the server wants another certificate or version
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}
