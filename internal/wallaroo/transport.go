package wallaroo

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"
)

const (
	listLimit  = 256 << 20
	smallLimit = 1 << 20
	errorLimit = 64 << 10

	// cancelGrace bounds how long a write that was sent outlives its caller.
	cancelGrace = 30 * time.Second
)

// transport sends the requests to the API and to the identity provider.
type transport struct {
	http        *http.Client
	header      http.Header
	timeout     time.Duration
	cancelGrace time.Duration
	maxRetries  int
	secrets     *secrets
	log         func(ctx context.Context, message string, fields map[string]any)
	sleep       func(ctx context.Context, d time.Duration) error
	random      func() float64
	now         func() time.Time
	// retriesExhausted is true from a request that failed at each attempt until
	// one succeeds.
	retriesExhausted atomic.Bool
}

// operation is a call of the API or of the identity provider.
type operation struct {
	path           string
	write          bool
	authentication bool
	limit          int64
}

func read(path string) operation  { return operation{path: path, limit: listLimit} }
func write(path string) operation { return operation{path: path, limit: smallLimit, write: true} }

// request is one attempt of an operation.
type request struct {
	operation

	url         *url.URL
	contentType string
	accessToken string
	body        []byte
	attempt     int
}

// post sends a request, and reads a response of status 2xx with decode. Every
// failure is an [*Error].
func (t *transport) post(ctx context.Context, r request, decode func(io.Reader) error) error {
	if ctx.Err() != nil {
		return t.canceled(r, ctx.Err())
	}

	bounded, cancel := t.attemptContext(ctx, r.operation)
	defer cancel()

	started := t.now()
	got, failure := t.exchange(bounded, r, decode)

	fields := map[string]any{
		"method": http.MethodPost, "path": r.url.EscapedPath(), "status": got.status, "attempt": r.attempt,
		"duration_ms": t.now().Sub(started).Milliseconds(),
	}
	if got.requestID != "" {
		fields["request_id"] = got.requestID
	}

	if failure == nil {
		t.log(ctx, "Wallaroo request", fields)
		return nil
	}

	failure.RequestID, failure.OutcomeUnknown = got.requestID, r.write && failure.isUncertain()
	fields["failure"] = string(failure.Kind)
	t.log(ctx, "Wallaroo request", fields)

	return failure
}

// abortCause is the reason for which this client, and not its caller, gave an
// attempt up.
type abortCause struct {
	reason string
	caller error
}

func (c *abortCause) Error() string { return c.reason }
func (c *abortCause) Unwrap() error { return c.caller }

// attemptContext bounds one attempt. A write goes on when its caller is
// canceled, but not for long: its response says what it has changed.
func (t *transport) attemptContext(ctx context.Context, op operation) (context.Context, context.CancelFunc) {
	timedOut := &abortCause{reason: fmt.Sprintf("timed out after %v s", t.timeout.Seconds())}
	if !op.write {
		return context.WithTimeoutCause(ctx, t.timeout, timedOut)
	}

	attempt, abort := context.WithCancelCause(context.WithoutCancel(ctx))
	attempt, cancel := context.WithTimeoutCause(attempt, t.timeout, timedOut)
	unwatch := context.AfterFunc(ctx, func() {
		time.AfterFunc(t.cancelGrace, func() {
			abort(&abortCause{reason: fmt.Sprintf("canceled, and no answer came within %v s", t.cancelGrace.Seconds()), caller: ctx.Err()})
		})
	})

	return attempt, func() {
		unwatch()
		cancel()
		abort(nil)
	}
}

// head is the beginning of a response. It is zero where none came.
type head struct {
	status    int
	requestID string
}

// exchange sends a request once.
func (t *transport) exchange(ctx context.Context, r request, decode func(io.Reader) error) (head, *Error) {
	var sent atomic.Bool

	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// net/http takes another connection only after one that took nothing.
		GetConn: func(string) { sent.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})

	req, err := http.NewRequestWithContext(traced, http.MethodPost, r.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return head{}, t.transportError(ctx, r, err, false)
	}

	req.Header = t.header.Clone()
	req.Header.Set("Content-Type", r.contentType)

	if r.accessToken != "" {
		req.Header.Set("Authorization", "Bearer "+r.accessToken)
	}

	resp, err := t.http.Do(req)
	if err != nil {
		return head{}, t.transportError(ctx, r, err, sent.Load())
	}

	defer func() { _ = resp.Body.Close() }()

	got := head{status: resp.StatusCode, requestID: t.requestID(resp.Header)}

	body := &bodyReader{source: resp.Body, left: r.limit}
	if !isSuccess(resp.StatusCode) {
		body.left = errorLimit
		_, _ = io.Copy(io.Discard, body)
	} else if err = decode(body); err == nil {
		return got, nil
	} else if body.err != nil && !errors.Is(body.err, errTooLarge) {
		return got, t.transportError(ctx, r, body.err, true)
	}

	return got, t.responseError(r, resp, body, err)
}

func isSuccess(status int) bool { return status >= 200 && status < 300 }

// newError returns the beginning of a request's error.
func newError(r request) *Error {
	return &Error{
		Kind: KindStatus, Authentication: r.authentication, Method: http.MethodPost, Path: r.url.EscapedPath(), Host: r.url.Host,
	}
}

// canceled returns the error of a request that was not sent.
func (t *transport) canceled(r request, cause error) *Error {
	e := newError(r)
	e.Kind, e.Message, e.Err, e.permanent = KindTransport, cause.Error(), cause, true

	return e
}

// transportError returns the error of a request that got no complete response.
func (t *transport) transportError(ctx context.Context, r request, err error, sent bool) *Error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err
	}

	e := newError(r)

	e.Kind, e.Err, e.sent, e.permanent = KindTransport, err, sent, isPermanent(err)
	if ended := ctx.Err(); ended != nil {
		e.Err, e.permanent = ended, true
		if cause, ok := errors.AsType[*abortCause](context.Cause(ctx)); ok {
			e.Err, e.permanent = cause, cause.caller != nil
		}
	}

	e.Message = t.secrets.redact(e.Err.Error())

	return e
}

// isPermanent reports whether a failed connection would fail again.
func isPermanent(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}

	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return true // a TLS alert: the server wants another certificate or version
	}

	return errors.Is(err, http.ErrSchemeMismatch)
}

// responseError returns the error of a response that is not the wanted one. If its status
// is 2xx, problem describes it.
func (t *transport) responseError(r request, resp *http.Response, body *bodyReader, problem error) *Error {
	e := newError(r)
	e.Status, e.sent = resp.StatusCode, true
	e.retryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), t.now())
	said := readErrorBody(body.start)

	message := said.message(r.authentication)
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		e.Kind, e.Message = KindRedirect, t.redirectTarget(resp)
	case isHTML(resp.Header, body.start):
		e.Kind = KindHTML
	case errors.Is(body.err, errTooLarge) && isSuccess(resp.StatusCode):
		e.Kind, e.Message = KindTooLarge, fmt.Sprintf("more than %d MiB, which is over the limit", r.limit>>20)
	case isSuccess(resp.StatusCode) && said.isError():
		e.Kind, e.Message = KindMalformed, t.secrets.redact("an error object: "+message) // unquoted, so that secrets in it are found
	case isSuccess(resp.StatusCode):
		e.Kind, e.Message = KindMalformed, t.secrets.redact(problem.Error())
	case said.isError() || message != "":
		e.Message = t.secrets.redact(message)
	default:
		e.Message = t.secrets.redact(string(body.start))
	}

	if r.authentication && (e.Kind == KindStatus || e.Kind == KindMalformed) {
		e.Code = t.oauthCode(said.text("error"))
	}

	if r.authentication && e.Status == http.StatusNotFound && said == nil {
		e.hint = "there is no identity provider at this address"
	}

	return e
}

func (t *transport) requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "X-Requestid", "Request-Id"} {
		if id := header.Get(name); id != "" {
			return shorten(t.secrets.redact(id), 100)
		}
	}

	return ""
}

// redirectTarget names the host that a redirect points to; the rest of the
// address may contain secrets.
func (t *transport) redirectTarget(resp *http.Response) string {
	location, err := resp.Location()
	if err != nil || location.Host == "" {
		return "a redirect, which is never followed"
	}

	return fmt.Sprintf("a redirect to %s, which is never followed", t.secrets.redact(location.Host))
}

// oauthCode makes a code safe to print. The known ones stay as they are, also
// when a password is part of their name, since they decide what happens next.
func (t *transport) oauthCode(code string) string {
	switch code {
	case codeInvalidGrant, codeInvalidClient, codeUnauthorizedClient:
		return code
	default:
		return t.secrets.redact(code)
	}
}
