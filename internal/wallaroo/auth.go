package wallaroo

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The OAuth codes that say no to the credentials, and not to the moment.
const (
	codeInvalidGrant       = "invalid_grant"
	codeInvalidClient      = "invalid_client"
	codeUnauthorizedClient = "unauthorized_client"
)

// token is one generation of what a sign-in yielded. A zero time means never.
type token struct {
	access, refresh string
	// renewAt is when the access token counts as expired, a little early.
	renewAt time.Time
	// refreshEnds is when the refresh token expires. That may be sooner.
	refreshEnds time.Time
}

// session holds the token that all calls share.
type session struct {
	wire   *wire
	grants *grants
	given  *token // a ready token, which cannot be renewed

	mu      sync.Mutex // guards the rest
	current *token
	flight  *flight
	// refused is kept, because an account is locked by repeated wrong passwords.
	refused *Error
}

// flight is a sign-in under way that any number of calls wait for.
type flight struct {
	done    chan struct{} // closed when the rest is set
	token   *token
	failure *Error
}

// token returns a usable token other than refused, and signs in if there is none.
func (s *session) token(ctx context.Context, refused *token) (*token, *Error) {
	if s.given != nil {
		return s.given, nil
	}
	s.mu.Lock()
	if s.usable(refused) {
		defer s.mu.Unlock()
		return s.current, nil
	}
	awaited := s.flight
	if awaited == nil {
		awaited = &flight{done: make(chan struct{})}
		s.flight = awaited
		// Others may wait for the same sign-in, so that this caller's end is not its end.
		go s.fly(context.WithoutCancel(ctx), awaited, s.current)
	}
	s.mu.Unlock()
	select {
	case <-awaited.done:
		return awaited.token, awaited.failure.clone()
	case <-ctx.Done():
		return nil, s.grants.abandoned(ctx.Err())
	}
}

func (s *session) usable(refused *token) bool {
	return s.current != nil && s.current != refused &&
		(s.current.renewAt.IsZero() || s.wire.now().Before(s.current.renewAt))
}

func (s *session) fly(ctx context.Context, f *flight, previous *token) {
	f.token, f.failure = s.renew(ctx, previous)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.failure == nil {
		s.current = f.token
	}
	s.flight = nil
	close(f.done)
}

// renew uses the refresh token if there is one, and signs in anew if that is
// refused.
func (s *session) renew(ctx context.Context, previous *token) (*token, *Error) {
	if previous != nil && previous.refresh != "" &&
		(previous.refreshEnds.IsZero() || s.wire.now().Before(previous.refreshEnds)) {
		renewed, failure := s.grants.refresh(ctx, previous)
		if failure == nil || !failure.isRefusal() {
			return renewed, failure
		}
	}
	s.mu.Lock()
	refused := s.refused
	s.mu.Unlock()
	if refused != nil {
		return nil, refused
	}
	fresh, failure := s.grants.signIn(ctx)
	if failure != nil && failure.isLasting() {
		s.mu.Lock()
		s.refused = failure
		s.mu.Unlock()
	}
	return fresh, failure
}

// isRefusal reports whether the login server understood and said no.
func (e *Error) isRefusal() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// isLasting reports whether the same credentials would be refused again.
func (e *Error) isLasting() bool {
	return e.Code == codeInvalidGrant || e.Code == codeInvalidClient || e.Code == codeUnauthorizedClient
}

// clone keeps the callers that share a failure from changing it for each other.
func (e *Error) clone() *Error {
	if e == nil {
		return nil
	}
	own := *e
	return &own
}

func (s *session) canRenew() bool { return s.given == nil }

// refusal says why the API may have refused a token, as far as that is known.
func (s *session) refusal(used *token) string {
	if s.canRenew() {
		return "a renewed token was refused too"
	}
	note := "the given token was refused"
	if expiry := readClaims(used.access).expiry(); !expiry.IsZero() && expiry.Before(s.wire.now()) {
		note += ": it expired at " + expiry.UTC().Format(time.RFC3339)
	}
	return note
}

// newToken takes a token that was asked for at start. It renews it before its
// end, by a margin that short lives can afford.
func newToken(access, refresh string, start time.Time, life, refreshLife time.Duration) (*token, error) {
	t := &token{access: strings.TrimSpace(access), refresh: strings.TrimSpace(refresh)}
	if !isBearer(t.access) {
		return nil, errors.New("a token with characters that a header cannot carry")
	}
	if life > 0 {
		t.renewAt = start.Add(life - min(30*time.Second, life/5))
	}
	if refreshLife > 0 {
		t.refreshEnds = start.Add(refreshLife)
	}
	return t, nil
}
