package wallaroo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	defaultTimeout     = 45 * time.Second
	defaultConcurrency = 10
	defaultUserAgent   = "terraform-provider-wallaroo"
)

// Config says how to reach an instance. Endpoint and one way of Credentials are
// needed; the zero value of the rest means its default.
type Config struct {
	// Endpoint is the base address of the instance; see [ParseEndpoint].
	Endpoint string
	// AuthEndpoint is the base address of the login server. Empty means Endpoint.
	AuthEndpoint string
	// AllowPlainHTTP permits http to other machines.
	AllowPlainHTTP bool
	// Credentials say how to sign in.
	Credentials Credentials
	// CACertificate is PEM of authorities to trust beside the system's.
	CACertificate []byte
	// ClientCertificate and ClientKey are PEM for mutual TLS: both or neither.
	ClientCertificate, ClientKey []byte
	// InsecureSkipVerify turns the check of server certificates off.
	InsecureSkipVerify bool
	// Headers go with every request, to the login server too.
	Headers map[string]string
	// RequestTimeout bounds one attempt, the reading of its answer included.
	// Zero means 45 s.
	RequestTimeout time.Duration
	// MaxRetries is how often a failed attempt may be repeated; zero means never.
	MaxRetries int
	// MaxConcurrentRequests bounds the requests in flight. Zero means 10.
	MaxConcurrentRequests int
	// UserAgent is the User-Agent header.
	UserAgent string
	// Log gets one message an attempt, without secrets or e-mails. Nil is silent.
	Log func(ctx context.Context, message string, fields map[string]any)
	// Sleep waits between attempts. Nil means real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Random yields numbers in [0, 1) for the waits. Nil means real randomness.
	Random func() float64
	// Now is the clock. Nil means the real one.
	Now func() time.Time
}

// Credentials is one way to sign in: a ready token; a user with a password,
// through a public client or one with a secret; or a client with a secret.
type Credentials struct {
	Token                  string
	Username, Password     string
	ClientID, ClientSecret string
}

// Client calls the API of one instance. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	wire    *wire
	session *session
	slots   chan struct{}
	// roleCase is the letter case that the instance takes roles in, once known.
	roleCase atomic.Pointer[letterCase]
}

// New returns a client. It checks cfg and sends nothing. An error names the
// setting and holds no secret.
func New(cfg Config) (*Client, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	base, err := ParseEndpoint(cfg.Endpoint, cfg.AllowPlainHTTP)
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	authBase := base
	if cfg.AuthEndpoint != "" {
		authBase, err = ParseAuthEndpoint(cfg.AuthEndpoint, cfg.AllowPlainHTTP)
		if err != nil {
			return nil, fmt.Errorf("auth_endpoint: %w", err)
		}
	}
	httpClient, err := newHTTPClient(cfg)
	if err != nil {
		return nil, err
	}
	header, err := newHeader(cfg)
	if err != nil {
		return nil, err
	}
	w := &wire{
		http: httpClient, header: header, timeout: cfg.RequestTimeout, grace: writeGrace, maxRetries: cfg.MaxRetries,
		secrets: newSecrets(cfg.Credentials, cfg.Headers),
		log:     cfg.Log, sleep: cfg.Sleep, random: cfg.Random, now: cfg.Now,
	}
	s, err := newSession(w, authBase, cfg.Credentials)
	if err != nil {
		return nil, err
	}
	return &Client{base: base, wire: w, session: s, slots: make(chan struct{}, cfg.MaxConcurrentRequests)}, nil
}

// complete checks the numbers and fills in defaults.
func (cfg *Config) complete() error {
	switch {
	case cfg.RequestTimeout < 0:
		return errors.New("request_timeout: must not be negative")
	case cfg.MaxRetries < 0:
		return errors.New("max_retries: must not be negative")
	case cfg.MaxConcurrentRequests < 0:
		return errors.New("max_concurrent_requests: must not be negative")
	}
	if cfg.RequestTimeout == 0 {
		cfg.RequestTimeout = defaultTimeout
	}
	if cfg.MaxConcurrentRequests == 0 {
		cfg.MaxConcurrentRequests = defaultConcurrency
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = defaultUserAgent
	}
	if cfg.Log == nil {
		cfg.Log = func(context.Context, string, map[string]any) {}
	}
	if cfg.Sleep == nil {
		cfg.Sleep = Sleep
	}
	if cfg.Random == nil {
		cfg.Random = rand.Float64
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return nil
}

// call is one operation: in is sent, and the answer read as D, which yields R.
func call[D document[R], R any](ctx context.Context, c *Client, op operation, in any) (R, error) {
	var none R
	body, err := json.Marshal(in)
	if err != nil {
		return none, fmt.Errorf("the request to %s cannot be written as JSON, as a text in it is not valid UTF-8", op.path)
	}
	got, failure := c.do(ctx, op, body)
	if failure != nil {
		return none, failure
	}
	result, err := decode[D](got.body)
	if err != nil {
		failure := c.wire.failed(op, got.response)
		failure.Kind, failure.Message = KindMalformed, c.wire.secrets.clean(err.Error())
		failure.Ambiguous = op.write
		return none, failure
	}
	return result, nil
}

// do sends a request until it has an answer of status 2xx or nothing more can be
// tried. A token that the API refuses is renewed once.
func (c *Client) do(ctx context.Context, op operation, body []byte) (answer, *Error) {
	var refused *token
	attempts := 0
	return retry(ctx, c.wire, op.again, func() (answer, *Error) {
		for {
			attempts++
			used, got, failure := c.send(ctx, op, body, refused, attempts)
			if failure == nil || failure.Authentication || failure.Status != http.StatusUnauthorized {
				return got, failure
			}
			if refused != nil || !c.session.canRenew() {
				failure.facts.note = c.session.refusal(used)
				return got, failure
			}
			refused = used
		}
	})
}

// send makes one attempt, with a token other than refused.
func (c *Client) send(ctx context.Context, op operation, body []byte, refused *token, attempt int) (*token, answer, *Error) {
	target := c.base.JoinPath(apiSuffix, op.path)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, answer{}, &Error{Kind: KindTransport, Message: "not a valid request", Err: err, facts: facts{final: true}}
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		return nil, answer{}, c.wire.noAnswer(req, op, ctx.Err(), false)
	}
	used, failure := c.session.token(ctx, refused)
	if failure != nil {
		return nil, answer{}, failure
	}
	if ctx.Err() != nil {
		return used, answer{}, c.wire.noAnswer(req, op, ctx.Err(), false)
	}
	bounded, cancel := c.wire.attemptContext(ctx, op)
	defer cancel()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+used.access)
	got, failure := c.wire.exchange(req.WithContext(bounded), op, attempt)
	return used, got, failure
}
