package wallaroo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	firstBackoff = 500 * time.Millisecond
	longestWait  = 30 * time.Second
)

// retryInfo decides whether a failed attempt may be retried.
type retryInfo struct {
	// sent is true once a connection stood: the request may be on its way.
	sent bool
	// permanent marks a failure that another attempt cannot mend.
	permanent bool
	// retryAfter is the wait that the response asked for, nil when it asked none.
	retryAfter *time.Duration
	// hint is a remark of this client that ends the error's text.
	hint string
}

// retry makes an attempt, and more of them while the operation allows that. Once a
// request has exhausted its retries, no other one is retried until one succeeds: a
// thousand calls to an instance that is down would wait for hours. One that is busy
// and says so is not down.
func (t *transport) retry(ctx context.Context, op operation, attempt func() error) error {
	for n := 0; ; n++ {
		err := attempt()
		if err == nil {
			t.retriesExhausted.Store(false)
			return nil
		}

		e, ok := errors.AsType[*Error](err)
		switch {
		case !ok || !op.shouldRetry(e):
			return err
		case n >= t.maxRetries:
			if !e.isThrottled() {
				t.retriesExhausted.Store(true)
			}

			return err
		case t.retriesExhausted.Load() && !e.isThrottled():
			e.hint = "not retried, as another request has exhausted its retries"
			return err
		}

		if err := t.sleep(ctx, t.delay(n, e)); err != nil {
			e.Err, e.hint = err, fmt.Sprintf("not retried: %v", err)
			return e
		}
	}
}

// shouldRetry reports whether a failed attempt may be retried: a write only if it
// cannot have been processed.
func (op operation) shouldRetry(e *Error) bool {
	switch {
	case e.Authentication && !op.authentication:
		return false // it was retried where it failed
	case op.write && e.isUncertain():
		return false
	default:
		return e.isRetryable()
	}
}

// isRetryable reports whether the failure may pass.
func (e *Error) isRetryable() bool {
	return !e.permanent && (e.Kind == KindTransport || e.isUnavailable())
}

// isUncertain reports whether the failed request may have been processed.
func (e *Error) isUncertain() bool {
	switch e.Status {
	case 0:
		return e.sent
	case http.StatusServiceUnavailable:
		return e.retryAfter == nil
	default:
		return e.Status < 300 || e.Status >= 500
	}
}

// isThrottled reports whether the server is there and wants fewer requests.
func (e *Error) isThrottled() bool {
	return e.Status == http.StatusTooManyRequests || e.retryAfter != nil
}

// delay is the wait before attempt n+2: what the response asked for, else a random
// part of a time that doubles, so that clients which failed together part.
func (t *transport) delay(n int, e *Error) time.Duration {
	if e.retryAfter != nil {
		return *e.retryAfter
	}

	limit := min(longestWait, firstBackoff<<min(n, 6))

	return time.Duration(t.random() * float64(limit))
}

// parseRetryAfter reads a Retry-After header: seconds or a date. It returns nil
// for what is neither.
func parseRetryAfter(value string, now time.Time) *time.Duration {
	value = strings.TrimSpace(value)

	wait := longestWait
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		wait = time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = min(wait, max(0, date.Sub(now)))
	} else {
		return nil
	}

	return &wait
}

// Sleep waits for d, or until ctx ends, which is its error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
