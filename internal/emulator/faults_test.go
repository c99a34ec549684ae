package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const createBody = `{"workspace_name":"w"}`

func TestFaultAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	remove := f.Inject(emulator.Fault{
		Operation: "workspaces/create",
		Status:    503,
		Header:    http.Header{"Retry-After": {"1"}, "Content-Type": {"text/html"}},
		Body:      "<html>",
	})
	f.ok("workspaces/list", `{}`)

	for range 2 {
		got := f.post("workspaces/create", createBody)
		if got.Status != 503 || got.Body != "<html>" || got.Header.Get("Retry-After") != "1" ||
			got.Header.Get("Content-Type") != "text/html" || got.Header.Get("X-Request-Id") == "" {
			t.Errorf("got %+v", got)
		}
	}

	if f.WorkspaceID("w") != 0 {
		t.Error("the work was done")
	}

	if got := f.Requests()[1].Status; got != 503 {
		t.Errorf("recorded status is %d", got)
	}

	remove()
	remove()
	f.create("w")
}

func TestFaultSkipAndTimes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.Inject(emulator.Fault{Operation: "workspaces/list", Skip: 1, Times: 2, Body: `{"fault":"first"}`})
	f.Inject(emulator.Fault{Times: 3, Body: `{"fault":"second"}`})

	for _, step := range []struct{ operation, want string }{
		{"workspaces/list", "second"}, {"users/query", "second"}, {"workspaces/list", "first"}, {"workspaces/list", "first"},
		{"workspaces/list", "second"}, {"workspaces/list", "workspaces"},
	} {
		if got := f.ok(step.operation, `{}`); !strings.Contains(got, step.want) {
			t.Errorf("%s: got %s, want %s", step.operation, got, step.want)
		}
	}
}

func TestFaultBeforeOrAfterWork(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]emulator.Fault{
		"status": {Status: 504}, "status after work": {Status: 504, AfterWork: true}, "cut": {Cut: true}, "cut after work": {Cut: true, AfterWork: true},
	} {
		f := newFixture(t, emulator.Options{})
		f.Inject(fault)

		got, err := f.try("workspaces/create", createBody)
		if got.Status != fault.Status || got.Body != "" || (err != nil) != fault.Cut {
			t.Errorf("%s: %+v, %v", name, got, err)
		}

		if done := f.WorkspaceID("w") != 0; done != fault.AfterWork {
			t.Errorf("%s: work done %v", name, done)
		}

		if got := f.Requests()[0].Status; got != fault.Status || f.Count("workspaces/create") != 1 {
			t.Errorf("%s: recorded status is %d", name, got)
		}
	}
}

func TestFaultTruncate(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.Inject(emulator.Fault{Operation: "workspaces/create", Truncate: true})

	got, err := f.try("workspaces/create", createBody)
	if err == nil || got.Status != 200 || got.Body != `{"workspa` || got.Header.Get("Content-Length") != "18" {
		t.Errorf("got %+v, %v", got, err)
	}

	if f.WorkspaceID("w") == 0 {
		t.Error("the work was not done")
	}
}

func TestFaultHold(t *testing.T) {
	t.Parallel()

	for _, after := range []bool{false, true} {
		f := newFixture(t, emulator.Options{})
		gate := make(chan struct{})
		f.Inject(emulator.Fault{Operation: "workspaces/create", Hold: gate, AfterWork: after})

		arrived := make(chan struct{})

		f.SetOnRequest(func(emulator.Request) { close(arrived) })

		done := make(chan response)

		go func() {
			got, _ := f.try("workspaces/create", createBody)
			done <- got
		}()

		<-arrived

		select {
		case got := <-done:
			t.Errorf("answered too early: %+v", got)
		case <-time.After(20 * time.Millisecond):
		}

		if !after && f.WorkspaceID("w") != 0 {
			t.Error("the work was done too early")
		}

		close(gate)

		if got := <-done; got.Status != 200 || f.WorkspaceID("w") == 0 {
			t.Errorf("got %+v", got)
		}
	}
}

func TestFaultHoldEndsWithTheClient(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.Inject(emulator.Fault{Operation: "config", Hold: make(chan struct{})})

	// Close waits for requests in flight, so it would hang if the hold went on.
	web := httptest.NewServer(f.Server)
	defer web.Close()

	client := &http.Client{Timeout: 30 * time.Millisecond}
	if got, err := emulatortest.Send(t, client, http.MethodGet, web.URL+"/v1/api/config", ""); err == nil {
		t.Errorf("the held request was answered: %v", got)
	}
}

func TestFaultDelayAndSlowBody(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.Options{})
	for name, fault := range map[string]emulator.Fault{
		"delay": {Delay: 30 * time.Millisecond},
		"slow":  {SlowBody: 5 * time.Millisecond}, // of a body of more than 100 bytes
	} {
		remove := f.Inject(fault)
		start := time.Now()

		if got := f.list(`{}`); len(got) != 1 {
			t.Errorf("%s: %v", name, got)
		}

		if time.Since(start) < 30*time.Millisecond {
			t.Errorf("%s: too fast", name)
		}

		remove()
	}
}

func TestFaultBodyBytes(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})

	const size = 3<<20 + 17
	f.Inject(emulator.Fault{Operation: "workspaces/list", BodyBytes: size})

	got := f.ok("workspaces/list", `{}`)
	if len(got) != size || len(emulatortest.Parse[map[string]any](t, got)) != 0 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestFaultAddsHeaderToTheTrueAnswer(t *testing.T) {
	t.Parallel()
	f := newFixture(t, emulator.Options{})
	f.Inject(emulator.Fault{Header: http.Header{"x-extra": {"yes"}}})

	got := f.post("workspaces/list", `{}`)
	if got.Header.Get("X-Extra") != "yes" || !strings.HasPrefix(got.Body, `{"workspaces":`) {
		t.Errorf("got %+v", got)
	}
}
