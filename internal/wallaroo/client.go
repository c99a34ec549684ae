package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/go-json-experiment/json"
	"golang.org/x/sync/semaphore"
)

// Client calls the API of one instance. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	transport *transport
	session   *session
	sem       *semaphore.Weighted // of requests in flight
	// writeSem is of the writes among them: one fewer, so that the read that verifies
	// many writes does not wait for one of them to end.
	writeSem *semaphore.Weighted
	// roleCase is the letter case that the instance takes roles in, once known.
	roleCase atomic.Pointer[letterCase]
}

// New returns a client. It sends nothing. Every error is a [*ConfigError].
func New(cfg Config) (*Client, error) {
	if problems := cfg.Validate(); len(problems) > 0 {
		return nil, problems[0]
	}

	cfg = cfg.withDefaults()

	credentials, err := cfg.Credentials.resolve()
	if err != nil {
		return nil, err
	}

	httpClient, err := newHTTPClient(cfg)
	if err != nil {
		return nil, err
	}

	api, auth, _ := cfg.endpoints()
	t := &transport{
		http: httpClient, header: newHeader(cfg), timeout: cfg.RequestTimeout, cancelGrace: cancelGrace,
		maxRetries: cfg.MaxRetries, secrets: newSecrets(credentials, cfg.Headers),
		log: cfg.Log, sleep: cfg.Sleep, random: cfg.Random, now: cfg.Now,
	}
	// With "/", what is joined to the addresses is an absolute path.
	return &Client{
		base: api.JoinPath("/"), transport: t, session: newSession(t, auth.JoinPath("/"), credentials),
		sem:      semaphore.NewWeighted(int64(cfg.MaxConcurrentRequests)),
		writeSem: semaphore.NewWeighted(max(1, int64(cfg.MaxConcurrentRequests)-1)),
	}, nil
}

// call sends in to one operation, and reads the response as B, which yields T.
func call[B responseBody[T], T any](ctx context.Context, c *Client, op operation, in any) (T, error) {
	var result T

	body, err := json.Marshal(in)
	if err != nil {
		return result, fmt.Errorf("the request to %s contains text that is not valid UTF-8", op.path)
	}

	r := request{operation: op, url: c.base.JoinPath(apiSuffix, op.path), contentType: "application/json", body: body}
	err = c.do(ctx, r, func(body io.Reader) (err error) {
		result, err = decode[B](body)
		return err
	})

	return result, err
}

// do sends a request until it has a response of status 2xx or nothing more can be
// tried. A token that the API refuses is renewed once.
func (c *Client) do(ctx context.Context, r request, decode func(io.Reader) error) error {
	var rejected *token

	return c.transport.retry(ctx, r.operation, func() error {
		r.attempt++

		used, err := c.send(ctx, r, rejected, decode)
		if is(err, (*Error).isTokenRejected) && rejected == nil && c.session.canRenew() {
			rejected = used
			r.attempt++
			used, err = c.send(ctx, r, rejected, decode)
		}

		if e, ok := errors.AsType[*Error](err); ok && e.isTokenRejected() {
			e.hint = c.session.rejection(used)
		}

		return err
	})
}

// send makes one attempt, with a token other than rejected.
func (c *Client) send(ctx context.Context, r request, rejected *token, decode func(io.Reader) error) (*token, error) {
	if r.write {
		if err := c.writeSem.Acquire(ctx, 1); err != nil {
			return nil, c.transport.canceled(r, err)
		}
		defer c.writeSem.Release(1)
	}

	if err := c.sem.Acquire(ctx, 1); err != nil {
		return nil, c.transport.canceled(r, err)
	}
	defer c.sem.Release(1)

	used, err := c.session.token(ctx, rejected)
	if err != nil {
		return nil, err
	}

	r.accessToken = used.access

	return used, c.transport.post(ctx, r, decode)
}

// isTokenRejected reports whether the API, or a gateway in front of it, refused the
// access token.
func (e *Error) isTokenRejected() bool {
	return !e.Authentication && e.Status == http.StatusUnauthorized
}
