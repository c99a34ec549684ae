package inventory

import (
	"context"
	"sync"
	"time"
)

// cache holds one value that many callers share. The first caller fetches it, and
// the others wait for the same response. At most one fetch is in flight: callers that
// need a later one share the next. Errors are not kept.
//
// Values are immutable for those who got them: a change makes a new one.
type cache[T any] struct {
	fetch func(context.Context) (T, error)
	clock Clock

	mu      sync.Mutex // guards what follows
	version uint64     // moves with each own write, so that older responses are not kept
	value   T
	began   time.Time // when the fetch of value began
	fetched bool      // value was fetched once
	current bool      // no own write has outdated value
	call    *fetchCall[T]
	pace    pace // of the callers of gathered reads
}

// fetchCall is one fetch in flight, or one that still gathers callers.
type fetchCall[T any] struct {
	gathering bool
	version   uint64
	began     time.Time
	waiters   int
	full      context.CancelFunc // ends the gathering
	cancel    context.CancelFunc
	done      chan struct{} // closed when value and err are set
	value     T
	err       error
}

func newCache[T any](clock Clock, fetch func(context.Context) (T, error)) *cache[T] {
	return &cache[T]{fetch: fetch, clock: clock}
}

// get returns the current value and fetches it if need be.
func (c *cache[T]) get(ctx context.Context) (T, error) {
	return c.load(ctx, time.Time{}, false)
}

// getSince returns a value whose fetch did not begin before since.
func (c *cache[T]) getSince(ctx context.Context, since time.Time) (T, error) {
	return c.load(ctx, since, false)
}

// getGathered is getSince for one of many callers at about the same time: a fetch
// waits a moment for the others, and longer for those that are expected.
func (c *cache[T]) getGathered(ctx context.Context, since time.Time) (T, error) {
	return c.load(ctx, since, true)
}

// lastValue returns the last value with all own writes in it, even if parts of what
// they wrote are not known yet. It fetches only if nothing was ever fetched.
func (c *cache[T]) lastValue(ctx context.Context) (T, error) {
	if value, ok := c.peek(); ok {
		return value, nil
	}

	return c.get(ctx)
}

// peek returns what lastValue does, and false if nothing was ever fetched.
func (c *cache[T]) peek() (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()

	return c.value, c.fetched
}

// load waits for a value whose fetch began neither before since nor before the last
// own write.
func (c *cache[T]) load(ctx context.Context, since time.Time, gather bool) (T, error) {
	var zero T

	c.mu.Lock()

	for needed := c.version; ; c.mu.Lock() {
		if c.current && !c.began.Before(since) {
			defer c.mu.Unlock()

			return c.value, nil
		}

		if err := ctx.Err(); err != nil {
			c.mu.Unlock()

			return zero, err
		}

		call, serves := c.join(ctx, needed, since, gather)
		c.mu.Unlock()

		select {
		case <-call.done:
			if serves {
				return call.value, call.err
			}
		case <-ctx.Done():
			if serves {
				c.leave(call)
			}

			return zero, ctx.Err()
		}
	}
}

// join returns the call in flight, or starts one, and whether its response is late
// enough. The caller must hold mu.
func (c *cache[T]) join(ctx context.Context, version uint64, since time.Time, gather bool) (*fetchCall[T], bool) {
	if c.call == nil {
		c.start(ctx, gather)
	}

	call := c.call
	if !call.gathering && (call.version < version || call.began.Before(since)) {
		return call, false
	}

	call.waiters++

	if gather {
		c.pace.join(c.clock.Now())
	} else {
		call.full()
	}

	c.endGathering()

	return call, true
}

// start begins a call apart from the caller's cancellation: others may join. The
// caller must hold mu.
func (c *cache[T]) start(ctx context.Context, gather bool) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	gathering, full := context.WithCancel(ctx)
	call := &fetchCall[T]{full: full, cancel: cancel, done: make(chan struct{}), gathering: true}
	c.call = call

	if !gather {
		c.begin(call)
	}

	go func() {
		defer cancel()

		if gather {
			c.awaitQuiet(gathering, call)
		}

		value, err := c.fetch(ctx)
		c.finish(call, value, err)
	}()
}

// begin fixes what the response of a call will be good for. The caller must hold mu.
func (c *cache[T]) begin(call *fetchCall[T]) {
	call.gathering, call.version, call.began = false, c.version, c.clock.Now()
}

func (c *cache[T]) finish(call *fetchCall[T], value T, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()

	call.value, call.err = value, err
	if c.call == call {
		c.call = nil
	}

	if err == nil && call.version == c.version && !call.began.Before(c.began) {
		c.value, c.began, c.fetched, c.current = value, call.began, true, true
	}

	close(call.done)
}

// leave gives up waiting. A call that nobody waits for is stopped.
func (c *cache[T]) leave(call *fetchCall[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()

	call.waiters--
	if call.waiters > 0 {
		return
	}

	call.cancel()

	if c.call == call {
		c.call = nil
	}
}

// change applies an own write whose outcome is wholly known.
func (c *cache[T]) change(apply func(T) T) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.version++
	if c.fetched {
		c.value = apply(c.value)
	}
}

// invalidate applies what is known of an own write and makes the next get fetch the
// rest. A nil apply means that nothing is known.
func (c *cache[T]) invalidate(apply func(T) T) {
	c.mu.Lock()
	defer c.mu.Unlock()

	c.version++
	c.current = false

	if c.fetched && apply != nil {
		c.value = apply(c.value)
	}
}
