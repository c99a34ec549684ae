package wallaroo

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestReadCanceled(t *testing.T) {
	t.Parallel()

	eachCall(t, reads, func(t *testing.T, op apiCall) {
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		f := newFake(t, func(http.ResponseWriter, *http.Request, int) {
			cancel()
			<-release
		})
		err := op.call(ctx, mustNew(t, testConfig(f.URL)))

		close(release)

		if failure := asError(t, err); !errors.Is(err, context.Canceled) || failure.Kind != KindTransport {
			t.Error(err)
		}

		f.wantCalls(t, 1)
	})
}

func TestWriteCanceled(t *testing.T) {
	t.Parallel()
	eachCall(t, writes, func(t *testing.T, op apiCall) {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(t, func(w http.ResponseWriter, r *http.Request, n int) {
			cancel()
			respond(200, op.good)(w, r, n)
		})

		c := mustNew(t, testConfig(f.URL))
		if err := op.call(ctx, c); err != nil {
			t.Errorf("canceled in flight: %v", err)
		}

		err := op.call(ctx, c)
		if failure := asError(t, err); !errors.Is(err, context.Canceled) || failure.OutcomeUnknown {
			t.Errorf("canceled before: %v", err)
		}

		f.wantCalls(t, 1)
	})
}

func TestWriteCanceled_withoutAnswer(t *testing.T) {
	t.Parallel()
	eachCall(t, writes, func(t *testing.T, op apiCall) {
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		f := newFake(t, func(http.ResponseWriter, *http.Request, int) {
			cancel()
			<-release
		})
		c := mustNew(t, testConfig(f.URL))
		c.transport.cancelGrace = time.Millisecond
		err := op.call(ctx, c)

		close(release)

		failure := asError(t, err)
		if !errors.Is(err, context.Canceled) || !failure.OutcomeUnknown || !strings.Contains(err.Error(), "canceled, and no answer came") {
			t.Errorf("%#v", failure)
		}

		f.wantCalls(t, 1)
	})
}

func TestTimeout(t *testing.T) {
	t.Parallel()

	hang := func(_ http.ResponseWriter, r *http.Request, _ int) { <-r.Context().Done() }

	stall := func(w http.ResponseWriter, r *http.Request, _ int) {
		w.Header().Set("Content-Length", "99")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()

		<-r.Context().Done()
	}
	for name, fault := range map[string]handler{"hang": hang, "stall": stall} {
		for _, op := range operations {
			t.Run(name+" "+op.name, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, fault)
				cfg := testConfig(f.URL)
				cfg.RequestTimeout, cfg.MaxRetries = 50*time.Millisecond, 1
				err := op.call(t.Context(), mustNew(t, cfg))

				failure := asError(t, err)
				if failure.Kind != KindTransport || failure.OutcomeUnknown != op.write || errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%#v", failure)
				}

				if !strings.Contains(err.Error(), "timed out after 0.05 s") {
					t.Errorf("error %q", err)
				}
			})
		}
	}

	t.Run("caller's deadline", func(t *testing.T) {
		t.Parallel()
		f := newFake(t, hang)

		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()

		_, err := mustNew(t, testConfig(f.URL)).ListWorkspaces(ctx)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
