package inventory

import (
	"context"
	"sync"
)

// snapshot holds one value that many askers share. Whoever asks first fetches;
// who asks meanwhile waits for the same answer. Errors are not kept.
//
// Values are immutable for those who got them: a change makes a new one.
type snapshot[T any] struct {
	fetch func(context.Context) (T, error)

	mu      sync.Mutex // guards what follows
	gen     uint64     // moves with each write, so that older fetches are not kept
	value   T
	fetched bool // value was fetched once
	current bool // value is what the instance would answer
	flight  *flight[T]
}

// flight is one fetch under way.
type flight[T any] struct {
	gen     uint64
	waiters int
	cancel  context.CancelFunc
	done    chan struct{} // closed when value and err are set
	value   T
	err     error
}

func newSnapshot[T any](fetch func(context.Context) (T, error)) *snapshot[T] {
	return &snapshot[T]{fetch: fetch}
}

// get returns the current value and fetches it if need be.
func (s *snapshot[T]) get(ctx context.Context) (T, error) {
	s.mu.Lock()
	if s.current {
		defer s.mu.Unlock()

		return s.value, nil
	}

	return s.join(ctx)
}

// known returns the last value with all own writes in it, even if parts of what
// they wrote are not known yet. It fetches only if nothing was ever fetched.
func (s *snapshot[T]) known(ctx context.Context) (T, error) {
	s.mu.Lock()
	if s.fetched {
		defer s.mu.Unlock()

		return s.value, nil
	}

	return s.join(ctx)
}

// join waits for a fetch that began after the last write. It is called with the
// lock held and gives it back.
func (s *snapshot[T]) join(ctx context.Context) (T, error) {
	var zero T

	if err := ctx.Err(); err != nil {
		s.mu.Unlock()

		return zero, err
	}

	f := s.flight
	if f == nil || f.gen != s.gen {
		f = s.start(ctx)
	}

	f.waiters++
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		s.leave(f)

		return zero, ctx.Err()
	}
}

// start fetches apart from the asker's cancellation: others may join.
func (s *snapshot[T]) start(ctx context.Context) *flight[T] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[T]{gen: s.gen, cancel: cancel, done: make(chan struct{})}
	s.flight = f

	go func() {
		defer cancel()

		value, err := s.fetch(ctx)
		s.land(f, value, err)
	}()

	return f
}

func (s *snapshot[T]) land(f *flight[T], value T, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()

	f.value, f.err = value, err
	if s.flight == f {
		s.flight = nil
	}

	if err == nil && f.gen == s.gen {
		s.value, s.fetched, s.current = value, true, true
	}

	close(f.done)
}

// leave gives up waiting. A fetch that nobody waits for is stopped.
func (s *snapshot[T]) leave(f *flight[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()

	f.waiters--
	if f.waiters > 0 {
		return
	}

	f.cancel()

	if s.flight == f {
		s.flight = nil
	}
}

// change applies an own write whose outcome is wholly known.
func (s *snapshot[T]) change(apply func(T) T) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.gen++
	if s.fetched {
		s.value = apply(s.value)
	}
}

// outdate applies what is known of an own write and makes the next get fetch the
// rest. A nil apply means that nothing is known.
func (s *snapshot[T]) outdate(apply func(T) T) {
	s.mu.Lock()
	defer s.mu.Unlock()

	s.gen++
	s.current = false

	if s.fetched && apply != nil {
		s.value = apply(s.value)
	}
}
