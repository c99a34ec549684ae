package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestWorkspace_createIsReadBackOnce(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "team-a"}
	run := start(t, instance)

	made := run.create(workspaceKind, config)
	wantID(t, run, made, 10)

	if by := run.text(made, "created_by"); by != emulator.HummelEmail {
		t.Errorf("created_by = %q", by)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 2, "workspaces/create": 1})
	start(t, instance).wantEmptyPlan(config, made)
}

// However many workspaces a run creates, it lists once for all plans, and once
// after each create.
func TestWorkspace_manyCreatesShareTheList(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	var planned []*change

	for i := range 5 {
		one, diags := run.plan(workspaceKind, values{"name": fmt.Sprintf("team-%d", i)}, nil)
		wantNone(t, diags)

		planned = append(planned, one)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})

	for i, one := range planned {
		again, diags := run.replan(one, values{"name": fmt.Sprintf("team-%d", i)})
		wantNone(t, diags)

		_, diags = run.apply(bg, again)
		wantNone(t, diags)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 6, "workspaces/create": 5})
}

func TestWorkspace_lostCreate(t *testing.T) {
	t.Parallel()

	for name, fault := range lostAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			fault.Operation, fault.AfterWork = "workspaces/create", true
			instance.Inject(fault)

			config := values{"name": "team-a"}
			run := start(t, instance)
			planned, diags := run.plan(workspaceKind, config, nil)
			wantNone(t, diags)

			made, diags := run.apply(bg, planned)
			wantWarning(t, diags, summaryReconciled, "ID 10")
			wantID(t, run, made, 10)

			if n := len(instance.Workspaces()); n != 7 {
				t.Errorf("%d workspaces, want 7", n)
			}

			start(t, instance).wantEmptyPlan(config, made)
		})
	}
}

// lostAnswers are answers that do not tell whether a write was done.
func lostAnswers() map[string]emulator.Fault {
	return map[string]emulator.Fault{
		"cut":       {Cut: true},
		"500":       {Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`},
		"502":       {Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"},
		"504":       {Status: http.StatusGatewayTimeout},
		"truncated": {Truncate: true},
		"null":      {Status: http.StatusOK, Body: "null"},
		"no id":     {Status: http.StatusOK, Body: "{}"},
	}
}

func TestWorkspace_lostCreateThatCreatedNothing(t *testing.T) {
	t.Parallel()

	for name, fault := range lostAnswers() {
		if fault.Truncate {
			continue // a part of the true answer comes after the work only
		}

		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			fault.Operation, fault.Times = "workspaces/create", 1
			instance.Inject(fault)

			run := start(t, instance)
			planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
			wantNone(t, diags)

			made, diags := run.apply(bg, planned)
			wantError(t, diags, "Unable to create workspace", `"team-a"`, "lists no workspace", "nothing was added to state", "safe to apply again")
			wantGone(t, made)

			if n := instance.Count("workspaces/create"); n != 1 {
				t.Errorf("%d creates", n)
			}

			again := start(t, instance)
			wantID(t, again, again.create(workspaceKind, values{"name": "team-a"}), 10)
		})
	}
}

// The response is lost, and then the instance cannot be listed.
func TestWorkspace_lostCreateThatCannotBeChecked(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.Inject(emulator.Fault{Operation: "workspaces/create", AfterWork: true, Cut: true})

	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantNone(t, diags)

	remove := instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})
	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", "could not check whether", "look at the instance", "import")
	wantGone(t, made)

	remove()

	_, diags = start(t, instance).plan(workspaceKind, values{"name": "team-a"}, nil)
	wantError(t, diags, summaryNameInUse, "ID 10", `id = "10"`)
}

// The response is lost, and somebody else created what appeared meanwhile.
func TestWorkspace_lostCreateBesideSomebodyElses(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.Inject(emulator.Fault{Operation: "workspaces/create", Cut: true})
	instance.SetOnRequest(func(request emulator.Request) {
		if request.Operation == "workspaces/create" {
			instance.AddWorkspace(emulator.Workspace{
				Name: "team-a", CreatedBy: emulator.HansarickEmail, Members: map[string]string{emulator.HummelID: emulator.Collaborator},
			})
		}
	})

	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantNone(t, diags)

	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", "workspace 10 appeared", "cannot be determined", "import it by its ID")
	wantGone(t, made)
}

// A refusal is no reason to look for the outcome.
func TestWorkspace_refusedCreate(t *testing.T) {
	t.Parallel()

	for status, words := range map[int][]string{
		http.StatusBadRequest:          {"400", "bad name", "Correct what the instance reports"},
		http.StatusForbidden:           {"403", "bad name", "no permission"},
		http.StatusUnprocessableEntity: {"422", "bad name"},
	} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			instance.Inject(emulator.Fault{Operation: "workspaces/create", Status: status, Body: `{"msg":"bad name","code":400}`})

			run := start(t, instance)
			planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
			wantNone(t, diags)

			made, diags := run.apply(bg, planned)
			wantError(t, diags, "Unable to create workspace", append(words, `"team-a"`)...)
			wantGone(t, made)

			if n := instance.Count("workspaces/create"); n != 1 {
				t.Errorf("%d creates", n)
			}
		})
	}
}

// The run is cancelled while its create is in flight: the outcome is in state all the
// same.
func TestWorkspace_cancelledCreate(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	arrived, hold := make(chan struct{}), make(chan struct{})
	instance.Inject(emulator.Fault{Operation: "workspaces/create", Hold: hold})
	instance.SetOnRequest(func(request emulator.Request) {
		if request.Operation == "workspaces/create" {
			close(arrived)
		}
	})

	config := values{"name": "team-a"}
	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, config, nil)
	wantNone(t, diags)

	ctx, cancel := context.WithCancel(bg)

	go func() {
		<-arrived
		cancel()
		close(hold)
	}()

	made, diags := run.apply(ctx, planned)
	wantWarning(t, diags, summaryUnread, `"team-a"`, "ID 10", "next refresh")
	wantID(t, run, made, 10)

	if n := instance.Count("workspaces/create"); n != 1 {
		t.Errorf("%d creates", n)
	}

	start(t, instance).wantEmptyPlan(config, made)
}

// The same, and the response is lost.
func TestWorkspace_cancelledLostCreate(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	ctx, cancel := context.WithCancel(bg)

	instance.Inject(emulator.Fault{Operation: "workspaces/create", AfterWork: true, Cut: true})
	instance.SetOnRequest(func(request emulator.Request) {
		if request.Operation == "workspaces/create" {
			cancel()
		}
	})

	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantNone(t, diags)

	made, diags := run.apply(ctx, planned)
	wantWarning(t, diags, summaryReconciled, "ID 10")
	wantID(t, run, made, 10)
}

func TestWorkspace_cancelledBeforehand(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantNone(t, diags)

	ctx, cancel := context.WithCancel(bg)
	cancel()

	made, diags := run.apply(ctx, planned)
	wantError(t, diags, "Unable to create workspace", `"team-a"`, "cancelled")
	wantGone(t, made)

	if n := instance.Count("workspaces/create"); n != 0 {
		t.Errorf("%d creates", n)
	}

	_, diags = start(t, instance).read(ctx, prior)
	wantError(t, diags, "Unable to read workspace", "cancelled")
}

// An error after the create would taint the workspace, and the next apply would
// make a second one.
func TestWorkspace_failingReadBack(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "team-a", "deletion_policy": "PREVENT"}
	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, config, nil)
	wantNone(t, diags)

	remove := instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})
	made, diags := run.apply(bg, planned)
	wantWarning(t, diags, summaryUnread, `"team-a"`, "ID 10", "500", "oops", "next refresh")
	wantID(t, run, made, 10)

	for _, name := range []string{"created_at", "created_by", "archived"} {
		if !run.isNull(made, name) {
			t.Errorf("%s is not null in %s", name, made.value)
		}
	}

	remove()

	unread, diags := start(t, instance).plan(workspaceKind, config, made)
	wantNone(t, diags)

	if !unread.isEmpty() {
		t.Errorf("without a refresh, the plan is not empty: %s", unread.planned)
	}

	start(t, instance).wantEmptyPlan(config, made)
}

// The instance is late to list what it created.
func TestWorkspace_lateReadBack(t *testing.T) {
	t.Parallel()

	stale := `{"workspaces":[{"id":8,"name":"clip-demo","created_at":"","created_by":"","archived":false,"models":[],"pipelines":[]}]}`

	for name, one := range map[string]struct {
		times   int
		created string
	}{
		"a little": {2, emulator.HummelEmail},
		"for good": {0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			run := start(t, instance)
			planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
			wantNone(t, diags)

			instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: stale, Times: one.times})

			made, diags := run.apply(bg, planned)
			wantID(t, run, made, 10)

			if by := run.text(made, "created_by"); by != one.created {
				t.Errorf("created_by = %q, want %q", by, one.created)
			}

			if one.times == 0 {
				wantWarning(t, diags, summaryUnread, "ID 10", "does not list it yet")
			} else {
				wantNone(t, diags)
			}
		})
	}
}
