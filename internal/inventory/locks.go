package inventory

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// locks is one mutex for each key, whose wait ends with a context. The zero value is
// ready.
type locks[K comparable] struct {
	mu    sync.Mutex // guards byKey
	byKey map[K]*semaphore.Weighted
}

// acquire returns the function that releases the lock of key, or the context's error.
func (l *locks[K]) acquire(ctx context.Context, key K) (func(), error) {
	return acquire(ctx, l.of(key), 1)
}

func (l *locks[K]) of(key K) *semaphore.Weighted {
	l.mu.Lock()
	defer l.mu.Unlock()

	if l.byKey == nil {
		l.byKey = map[K]*semaphore.Weighted{}
	}

	if l.byKey[key] == nil {
		l.byKey[key] = semaphore.NewWeighted(1)
	}

	return l.byKey[key]
}

// everything is the weight of a write that must run alone.
const everything = 1 << 30

// writeLock lets writes run side by side, and some of them alone.
type writeLock struct{ sem *semaphore.Weighted }

func newWriteLock() writeLock { return writeLock{semaphore.NewWeighted(everything)} }

// shared waits until no write runs alone.
func (l writeLock) shared(ctx context.Context) (func(), error) { return acquire(ctx, l.sem, 1) }

// alone waits until no other write runs.
func (l writeLock) alone(ctx context.Context) (func(), error) {
	return acquire(ctx, l.sem, everything)
}

func acquire(ctx context.Context, sem *semaphore.Weighted, weight int64) (func(), error) {
	if err := sem.Acquire(ctx, weight); err != nil {
		return nil, err
	}

	return func() { sem.Release(weight) }, nil
}
