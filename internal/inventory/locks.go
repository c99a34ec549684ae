package inventory

import (
	"context"
	"sync"
)

// lock is a mutex whose wait ends with a context.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

// take returns the function that gives the lock back, or the context's error.
func (l lock) take(ctx context.Context) (func(), error) {
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// locks is one lock for each key. The zero value is ready.
type locks[K comparable] struct {
	mu    sync.Mutex // guards byKey
	byKey map[K]lock
}

func (l *locks[K]) take(ctx context.Context, key K) (func(), error) {
	return l.of(key).take(ctx)
}

func (l *locks[K]) of(key K) lock {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.byKey == nil {
		l.byKey = map[K]lock{}
	}

	if l.byKey[key] == nil {
		l.byKey[key] = newLock()
	}

	return l.byKey[key]
}
