package wallaroo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// DefaultMaxRetries is the number of retries that callers should use when
	// nothing else is asked for.
	DefaultMaxRetries = 4

	firstBackoff = 500 * time.Millisecond
	longestWait  = 30 * time.Second
)

// retry makes an attempt, and repeats it while again allows that. Once a call has
// been repeated in vain, no other one is repeated until one succeeds: a thousand
// calls to an instance that is down would wait for hours. One that is busy and says
// so is not down.
func retry[T any](ctx context.Context, w *wire, again func(*Error) bool, attempt func() (T, *Error)) (T, *Error) {
	for n := 0; ; n++ {
		result, failure := attempt()
		switch {
		case failure == nil:
			w.inVain.Store(false)
			return result, nil
		case !again(failure):
			return result, failure
		case n >= w.maxRetries:
			if !failure.asksToWait() {
				w.inVain.Store(true)
			}
			return result, failure
		case w.inVain.Load() && !failure.asksToWait():
			failure.facts.note = "not tried again, for other requests were tried again in vain"
			return result, failure
		}
		if err := w.sleep(ctx, w.delay(n, failure)); err != nil {
			failure.Err = err
			failure.facts.note = fmt.Sprintf("not tried again: %v", err)
			return result, failure
		}
	}
}

// repeatRead reports whether a request that changes nothing may be repeated.
func repeatRead(e *Error) bool {
	switch {
	case e.facts.final:
		return false
	case e.Kind == KindTransport:
		return true
	default:
		return e.Status == http.StatusTooManyRequests || e.Status == http.StatusBadGateway ||
			e.Status == http.StatusServiceUnavailable || e.Status == http.StatusGatewayTimeout
	}
}

// repeatWrite reports whether a write may be repeated: only if it cannot have
// been processed.
func repeatWrite(e *Error) bool { return repeatRead(e) && !e.uncertain() }

// asksToWait reports whether the server is there and wants fewer requests.
func (e *Error) asksToWait() bool {
	return e.Status == http.StatusTooManyRequests || e.facts.retryAfter != nil
}

// delay is the wait before attempt n+2: what the answer asked for, else a random
// part of a time that doubles, so that clients which failed together part.
func (w *wire) delay(n int, failure *Error) time.Duration {
	if wait := failure.facts.retryAfter; wait != nil {
		return *wait
	}
	limit := longestWait
	if n < 6 {
		limit = min(limit, firstBackoff<<n)
	}
	return time.Duration(w.random() * float64(limit))
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
