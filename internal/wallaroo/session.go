package wallaroo

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"
)

// The OAuth codes of refusals that retries cannot change.
const (
	codeInvalidGrant       = "invalid_grant"
	codeInvalidClient      = "invalid_client"
	codeUnauthorizedClient = "unauthorized_client"
)

const tokenPath = "/auth/realms/master/protocol/openid-connect/token"

var requestToken = operation{path: tokenPath, authentication: true, limit: smallLimit}

// token is the outcome of one authentication. A zero time means never.
type token struct {
	access, refresh string
	// renewAt is when the access token counts as expired, a little early.
	renewAt time.Time
	// refreshEnds is when the refresh token expires, which may be sooner.
	refreshEnds time.Time
	// claims are those of the access token, which are read once.
	claims func() claims
}

// session holds the token that all calls share.
type session struct {
	transport   *transport
	endpoint    *url.URL // nil for a static token, which cannot be renewed
	credentials Credentials

	current  atomic.Pointer[token]
	renewals singleflight.Group
	// denied is kept, because wrong passwords that are repeated lock an account.
	denied atomic.Pointer[Error]
}

func newSession(t *transport, authBase *url.URL, credentials Credentials) *session {
	s := &session{transport: t, credentials: credentials}
	if credentials.Token != "" {
		s.current.Store(&token{access: credentials.Token, claims: claimsOf(credentials.Token)})
	} else {
		s.endpoint = authBase.JoinPath(tokenPath)
	}

	return s
}

func (s *session) canRenew() bool { return s.endpoint != nil }

// token returns a usable token other than rejected, and authenticates if there is
// none.
func (s *session) token(ctx context.Context, rejected *token) (*token, error) {
	current, key := s.current.Load(), ""
	if current != nil {
		if current != rejected && isBefore(s.transport.now(), current.renewAt) {
			return current, nil
		}

		key = current.access
	}
	// Others may wait for the same renewal, so that it does not end with this caller.
	renewal := s.renewals.DoChan(key, func() (any, error) {
		return nil, s.renew(context.WithoutCancel(ctx), current)
	})
	select {
	case result := <-renewal:
		return s.current.Load(), result.Err
	case <-ctx.Done():
		return nil, s.transport.canceled(request{operation: requestToken, url: s.endpoint}, ctx.Err())
	}
}

// renew replaces the token previous, unless that has been done meanwhile.
func (s *session) renew(ctx context.Context, previous *token) error {
	if s.current.Load() != previous {
		return nil
	}

	renewed, err := s.refresh(ctx, previous)
	if renewed == nil && err == nil {
		renewed, err = s.authenticate(ctx)
	}

	if err != nil {
		return err
	}

	s.current.Store(renewed)

	return nil
}

// refresh trades the refresh token of previous for a new token. It returns
// neither a token nor an error if there is none, or if it is refused.
func (s *session) refresh(ctx context.Context, previous *token) (*token, error) {
	if previous == nil || previous.refresh == "" || !isBefore(s.transport.now(), previous.refreshEnds) {
		return nil, nil
	}

	form := s.credentials.form()
	form.Del("username")
	form.Del("password")
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", previous.refresh)

	renewed, err := s.request(ctx, form)
	if is(err, (*Error).isRefusal) {
		return nil, nil
	}

	if err == nil && (renewed.refresh == "" || renewed.refresh == previous.refresh && renewed.refreshEnds.IsZero()) {
		renewed.refresh, renewed.refreshEnds = previous.refresh, previous.refreshEnds
	}

	return renewed, err
}

// isRefusal reports whether the identity provider understood and said no.
func (e *Error) isRefusal() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != http.StatusTooManyRequests
}

// authenticate gets a token with the credentials.
func (s *session) authenticate(ctx context.Context) (*token, error) {
	if denied := s.denied.Load(); denied != nil {
		return nil, denied
	}

	fresh, err := s.request(ctx, s.credentials.form())
	if e, ok := errors.AsType[*Error](err); ok && (IsInvalidCredentials(e) || IsInvalidClient(e)) {
		e.hint = s.credentials.lineBreakHint()
		s.denied.Store(e)
	}

	return fresh, err
}

// request asks the identity provider for a token.
func (s *session) request(ctx context.Context, form url.Values) (*token, error) {
	var issued *token

	r := request{operation: requestToken, url: s.endpoint, contentType: "application/x-www-form-urlencoded", body: []byte(form.Encode())}
	err := s.transport.retry(ctx, requestToken, func() error {
		r.attempt++
		start := s.transport.now()

		return s.transport.post(ctx, r, func(body io.Reader) error {
			granted, err := decode[tokenBody](body)
			if err != nil {
				return err
			}

			s.transport.secrets.add(granted.AccessToken, granted.RefreshToken)
			issued = granted.token(start)

			return nil
		})
	})

	return issued, err
}

// rejection explains why the API may have refused a token, as far as is known.
func (s *session) rejection(used *token) string {
	if s.canRenew() {
		return "a renewed token was refused too"
	}

	hint := "the given token was refused"
	if expiry := used.claims().expiry(); !expiry.IsZero() && expiry.Before(s.transport.now()) {
		hint += ": it expired at " + expiry.UTC().Format(time.RFC3339)
	}

	return hint
}

// isBefore reports whether end is later than now, or never comes.
func isBefore(now, end time.Time) bool { return end.IsZero() || now.Before(end) }

// tokenBody is the response to a request for a token.
type tokenBody struct {
	AccessToken      string           `json:"access_token"`
	RefreshToken     string           `json:"refresh_token"`
	ExpiresIn        scalar           `json:"expires_in"`
	RefreshExpiresIn scalar           `json:"refresh_expires_in"`
	Error            optional[string] `json:"error"`
}

func (b tokenBody) value() (tokenBody, error) {
	b.AccessToken, b.RefreshToken = strings.TrimSpace(b.AccessToken), strings.TrimSpace(b.RefreshToken)
	switch {
	case b.AccessToken == "":
		return b, errors.New(`no "access_token"`)
	case !isBearer(b.AccessToken):
		return b, errors.New(`an "access_token" that ` + badCharacter)
	case b.Error.value != "":
		return b, errors.New("an error object")
	default:
		return b, nil
	}
}

// token renews before the end of its life, by a margin that short lives can
// afford. The life begins when the token is asked for.
func (b tokenBody) token(start time.Time) *token {
	t := &token{access: b.AccessToken, refresh: b.RefreshToken, claims: claimsOf(b.AccessToken)}
	if life := seconds(b.ExpiresIn); life > 0 {
		t.renewAt = start.Add(life - min(30*time.Second, life/5))
	}

	if life := seconds(b.RefreshExpiresIn); life > 0 {
		t.refreshEnds = start.Add(life)
	}

	return t
}

// seconds returns zero for a life without end, and for what is no life.
func seconds(value scalar) time.Duration {
	life, err := strconv.ParseFloat(string(value), 64)
	if err != nil || !(life > 0) {
		return 0
	}

	return time.Duration(min(life, math.MaxInt32) * float64(time.Second))
}
