package inventory

import (
	"context"
	"time"
)

const (
	// gatherQuiet is how long a read that many callers can share waits for the next
	// of them: longer than Terraform takes from one resource to the next.
	gatherQuiet = 50 * time.Millisecond
	// gatherSlow is the pace of callers from which on each is taken to come alone.
	gatherSlow = 200 * time.Millisecond
	// gatherSize is the number of callers that are enough for a shared read, unless
	// more are expected. It is below Terraform's default parallelism of ten.
	gatherSize = 9
	// gatherMost bounds how often that wait is made for callers that are expected: in
	// all, a second.
	gatherMost = 20
)

// pace records how callers come to the gathered reads of a cache. Such a read waits until
// enough callers share it, or until none has come for a while that depends on the pace:
// on a busy machine Terraform takes longer from one resource to the next.
type pace struct {
	// expected is the number of callers that have announced themselves.
	expected int
	// joined is when the last caller came, and interval how long after the one before.
	joined   time.Time
	interval time.Duration
	// wasFull is true if enough callers shared the last read, so that the next of them
	// are about to come back.
	wasFull bool
}

// join records a caller.
func (p *pace) join(now time.Time) {
	p.joined, p.interval = now, min(now.Sub(p.joined), gatherSlow)
}

// isEnough reports whether a read need not wait for more callers.
func (p *pace) isEnough(waiters int) bool { return waiters >= max(gatherSize, p.expected) }

// quiet returns how long a read waits for the next caller.
func (p *pace) quiet(isFirstWait bool) time.Duration {
	switch {
	case isFirstWait && p.wasFull:
		return gatherSlow
	case p.interval < gatherSlow:
		return max(gatherQuiet, 2*p.interval)
	default:
		return gatherQuiet
	}
}

// expect announces a caller of getGathered until it calls done: what it does before
// ends with such a read, and what it does after is followed by another caller.
func (c *cache[T]) expect() (done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.pace.expected++

	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()

		c.pace.expected--
		c.endGathering()
	}
}

// endGathering ends it when enough callers wait. The caller must hold mu.
func (c *cache[T]) endGathering() {
	if c.call != nil && c.pace.isEnough(c.call.waiters) {
		c.call.full()
	}
}

// awaitQuiet returns when no caller has joined for a while, or enough have.
func (c *cache[T]) awaitQuiet(ctx context.Context, call *fetchCall[T]) {
	for before, waits := 0, 0; ; waits++ {
		c.mu.Lock()

		isQuiet := call.waiters == before && call.waiters >= c.pace.expected
		if isQuiet || ctx.Err() != nil || waits == gatherMost {
			c.pace.wasFull = call.waiters >= gatherSize
			c.begin(call)
			c.mu.Unlock()

			return
		}

		before = call.waiters
		quiet := c.pace.quiet(waits == 0)

		c.mu.Unlock()

		// An ended wait is seen by the loop.
		_ = c.clock.Sleep(ctx, quiet)
	}
}
