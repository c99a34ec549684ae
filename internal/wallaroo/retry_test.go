package wallaroo

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRetries(t *testing.T) {
	t.Parallel()

	const message = `{"msg":"so","code":0}`

	faults := map[string]struct {
		fault handler
		// reads and writes say whether that sort of call is repeated.
		reads, writes bool
		ambiguous     bool
		kind          Kind
	}{
		"400":                    {respond(400, message), false, false, false, KindStatus},
		"403":                    {respond(403, message), false, false, false, KindStatus},
		"404":                    {respond(404, message), false, false, false, KindStatus},
		"409":                    {respond(409, message), false, false, false, KindStatus},
		"429":                    {respond(429, message), true, true, false, KindStatus},
		"429 with Retry-After":   {respond(429, message, "Retry-After: 3"), true, true, false, KindStatus},
		"500":                    {respond(500, message), false, false, true, KindStatus},
		"501":                    {respond(501, message), false, false, true, KindStatus},
		"502":                    {respond(502, message), true, false, true, KindStatus},
		"502 page":               {respond(502, "<html>", "Content-Type: text/html"), true, false, true, KindHTML},
		"503":                    {respond(503, message), true, false, true, KindStatus},
		"503 with Retry-After":   {respond(503, message, "Retry-After: 3"), true, true, false, KindStatus},
		"503 with garbage":       {respond(503, message, "Retry-After: soon"), true, false, true, KindStatus},
		"504":                    {respond(504, message, "Retry-After: 3"), true, false, true, KindStatus},
		"302":                    {respond(302, "", "Location: https://login.example.com/x?secret=1"), false, false, false, KindRedirect},
		"200 page":               {respond(200, "<html>", "Content-Type: text/html"), false, false, true, KindHTML},
		"200 unmarked page":      {respond(200, " \n<!doctype html>"), false, false, true, KindHTML},
		"200 malformed":          {respond(200, `{"workspaces":`), false, false, true, KindMalformed},
		"204 empty":              {respond(204, ``), false, false, true, KindMalformed},
		"cut":                    {cut, true, false, true, KindTransport},
		"cut in the body":        {respond(200, `{`, "Content-Length: 99"), true, false, true, KindTransport},
		"cut in an error's body": {respond(400, `{`, "Content-Length: 99"), false, false, false, KindStatus},
	}
	for name, fault := range faults {
		for _, op := range operations {
			t.Run(name+" "+op.name, func(t *testing.T) {
				t.Parallel()
				f := newFake(t, fault.fault)

				failure := asError(t, op.call(t.Context(), mustNew(t, testConfig(f.URL))))
				if failure.Kind != fault.kind {
					t.Errorf("kind %v, want %v (%v)", failure.Kind, fault.kind, failure)
				}

				if want := fault.ambiguous && op.write; failure.OutcomeUnknown != want {
					t.Errorf("ambiguous = %v, want %v", failure.OutcomeUnknown, want)
				}

				if failure.Method != "POST" || failure.Path != op.path || failure.Authentication {
					t.Errorf("call is %s %s, sign-in %v", failure.Method, failure.Path, failure.Authentication)
				}

				repeated := op.write && fault.writes || !op.write && fault.reads
				if repeated {
					f.wantCalls(t, 3)
				} else {
					f.wantCalls(t, 1)
				}

				g := newFake(t, fault.fault, respond(200, op.good))
				if err := op.call(t.Context(), mustNew(t, testConfig(g.URL))); (err == nil) != repeated {
					t.Errorf("after one fault: %v", err)
				}
			})
		}
	}
}

// closedAddress is one that refuses connections.
func closedAddress(t *testing.T) string {
	t.Helper()

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = listener.Close() }()

	return listener.Addr().String()
}

func TestRetries_refusedConnection(t *testing.T) {
	t.Parallel()

	eachCall(t, operations, func(t *testing.T, op apiCall) {
		waits := new(sleeper)
		address := closedAddress(t)
		cfg := testConfig("http://" + address)
		cfg.Sleep = waits.sleep
		err := op.call(t.Context(), mustNew(t, cfg))

		failure := asError(t, err)
		if failure.Kind != KindTransport || failure.OutcomeUnknown || failure.Host != address {
			t.Errorf("%#v", failure)
		}

		want := "no answer from " + address + " to POST " + op.path
		if !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "refused") {
			t.Errorf("error %q", err)
		}

		if len(waits.waits) != 2 {
			t.Errorf("waits %v, want 2", waits.waits)
		}
	})
}

func TestDelays(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		headers []string
		want    []time.Duration
	}{
		"backoff": {nil, []time.Duration{
			250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second,
			4 * time.Second, 8 * time.Second, 15 * time.Second, 15 * time.Second,
		}},
		"asked":          {[]string{"Retry-After: 2"}, slices.Repeat([]time.Duration{2 * time.Second}, 8)},
		"asked too much": {[]string{"Retry-After: 86400"}, slices.Repeat([]time.Duration{longestWait}, 8)},
		"a date":         {[]string{"Retry-After: " + newClock().now.Add(7*time.Second).Format(http.TimeFormat)}, slices.Repeat([]time.Duration{7 * time.Second}, 8)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, respond(503, "", test.headers...))
			waits := new(sleeper)
			cfg := testConfig(f.URL)

			cfg.MaxRetries, cfg.Sleep, cfg.Now = 8, waits.sleep, newClock().Now
			if _, err := mustNew(t, cfg).ListWorkspaces(t.Context()); err == nil {
				t.Fatal("no error")
			}

			if diff := cmp.Diff(test.want, waits.waits); diff != "" {
				t.Errorf("waits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()

	now := newClock().now
	for value, want := range map[string]time.Duration{
		"0": 0, " 5 ": 5 * time.Second, "30": 30 * time.Second, "31": longestWait, "18446744073709551615": longestWait,
		now.Add(time.Hour).Format(http.TimeFormat):  longestWait,
		now.Add(-time.Hour).Format(http.TimeFormat): 0,
		now.Add(time.Second).Format(time.RFC850):    time.Second,
	} {
		if got := parseRetryAfter(value, now); got == nil || *got != want {
			t.Errorf("parseRetryAfter(%q) = %v, want %v", value, got, want)
		}
	}

	for _, value := range []string{"", "-1", "+1", "1.5", "soon", "1e3", "99999999999999999999999", "2026-01-02"} {
		if got := parseRetryAfter(value, now); got != nil {
			t.Errorf("parseRetryAfter(%q) = %v, want nil", value, *got)
		}
	}
}

func TestRetryWait_endsWithContext(t *testing.T) {
	t.Parallel()

	eachCall(t, operations, func(t *testing.T, op apiCall) {
		f := newFake(t, respond(429, `{"msg":"slow down"}`))
		ctx, cancel := context.WithCancel(t.Context())
		cfg := testConfig(f.URL)
		cfg.Sleep = func(ctx context.Context, d time.Duration) error {
			cancel()
			return Sleep(ctx, time.Hour)
		}
		err := op.call(ctx, mustNew(t, cfg))

		failure := asError(t, err)
		if !errors.Is(err, context.Canceled) || failure.OutcomeUnknown || failure.Status != 429 {
			t.Errorf("%#v", failure)
		}

		if !strings.Contains(err.Error(), "slow down") || !strings.Contains(err.Error(), "not retried") {
			t.Error(err)
		}
	})
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		if err := Sleep(t.Context(), time.Minute); err != nil || time.Since(started) != time.Minute {
			t.Errorf("slept %v: %v", time.Since(started), err)
		}

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		if err := Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, seed := range []string{"0", "120", "-1", "", "Fri, 02 Jan 2026 03:04:09 GMT", "Friday, 02-Jan-26 03:04:09 GMT", "1e9", "\x00"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, value string) {
		if wait := parseRetryAfter(value, newClock().now); wait != nil && (*wait < 0 || *wait > longestWait) {
			t.Errorf("parseRetryAfter(%q) = %v", value, *wait)
		}
	})
}

// A list that ends in the middle is no answer, and nothing of it is kept.
func TestRetries_cutList(t *testing.T) {
	t.Parallel()

	const whole = `{"workspaces":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}`

	cutAfter := func(n int) handler {
		return func(w http.ResponseWriter, _ *http.Request, _ int) {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
			_, _ = w.Write([]byte(whole[:n]))
		}
	}
	for _, n := range []int{0, 1, 20, 34, len(whole) - 1} {
		f := newFake(t, cutAfter(n), respond(200, whole))

		got, err := mustNew(t, testConfig(f.URL)).ListWorkspaces(t.Context())
		if calls, _ := f.counts(); err != nil || calls != 2 || len(got) != 2 {
			t.Errorf("cut after %d bytes: %d calls, %v, %v", n, calls, got, err)
		}
	}
}

// A thousand calls to an instance that is down must not each be repeated.
func TestRetries_inVain(t *testing.T) {
	t.Parallel()
	f := newFake(t, respond(503, `{"msg":"down"}`))
	c := mustNew(t, testConfig(f.URL))
	call := func(wantCalls int) error {
		t.Helper()

		before, _ := f.counts()

		_, err := c.ListWorkspaces(t.Context())
		if after, _ := f.counts(); after-before != wantCalls {
			t.Errorf("%d requests, want %d", after-before, wantCalls)
		}

		return err
	}
	first := call(3)

	second := call(1)
	if note := "has exhausted its retries"; strings.Contains(first.Error(), note) || !strings.Contains(second.Error(), note) {
		t.Errorf("%v\n%v", first, second)
	}

	f.api = respond(400, `{"msg":"no"}`)
	_ = call(1)
	f.api = respond(503, `{"msg":"down"}`)
	_ = call(1) // a refusal shows nothing
	f.api = respond(200, `{"workspaces":[]}`)

	if err := call(1); err != nil {
		t.Fatal(err)
	}

	f.api = respond(503, `{"msg":"down"}`)
	_ = call(3)
}

// An instance that limits its requests is not down: a call that was unlucky must not cost the others their attempts.
func TestRetries_busyIsNotInVain(t *testing.T) {
	t.Parallel()

	for name, busy := range map[string]handler{
		"429":                  respond(429, `{"msg":"slower"}`),
		"503 with Retry-After": respond(503, `{"msg":"soon"}`, "Retry-After: 1"),
	} {
		f := newFake(t, busy)

		c := mustNew(t, testConfig(f.URL))
		for n := range 3 {
			_, _ = c.ListWorkspaces(t.Context())
			if calls, _ := f.counts(); calls != 3*(n+1) {
				t.Errorf("%s: %d requests for %d calls, want 3 for each", name, calls, n+1)
			}
		}

		c.transport.retriesExhausted.Store(true)

		_, _ = c.ListWorkspaces(t.Context())
		f.wantCalls(t, 12)
	}
}

// Calls that are being repeated give up when one of them has.
func TestRetries_inVainTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig("http://127.0.0.1:1")
		cfg.MaxRetries = 9
		cfg.Sleep = Sleep
		c := mustNew(t, cfg)
		c.transport.http.Transport = refusing{}
		patient := make(chan time.Duration)
		start := time.Now()

		go func() {
			_, _ = c.ListWorkspaces(t.Context())

			patient <- time.Since(start)
		}()

		synctest.Wait()
		c.transport.retriesExhausted.Store(true)

		if waited := <-patient; waited > firstBackoff {
			t.Errorf("went on for %v", waited)
		}
	})
}

// refusing is a network on which nobody answers.
type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
}
