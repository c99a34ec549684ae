package provider_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const workspaceKind = "wallaroo_workspace"

var bg = context.Background()

func TestWorkspace_createIsReadBackOnce(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "team-a"}
	run := start(t, instance)

	made := run.create(workspaceKind, config)
	if id := run.number(made, "id"); id != 10 {
		t.Errorf("id = %d, want 10", id)
	}

	if by := run.text(made, "created_by"); by != emulator.HummelEmail {
		t.Errorf("created_by = %q", by)
	}

	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 2, "workspaces/create": 1})
	start(t, instance).wantEmptyPlan(config, made)
}

func TestWorkspace_takenNameFailsAtPlan(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	_, diags := run.plan(workspaceKind, values{"name": "clip-demo"}, nil)
	wantError(t, diags, "Workspace name is taken", `"clip-demo"`, "id is 8", "import {", `id = "8"`, "adopt_existing = true", "moved", "untaint", "-refresh=false")
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
}

func TestWorkspace_adopts(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "clip-demo", "adopt_existing": true}
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, config, nil)
	wantWarning(t, diags, "Existing workspace will be taken over", "id 8")

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)

	if id := run.number(made, "id"); id != 8 {
		t.Errorf("id = %d, want 8", id)
	}

	if n := instance.Count("workspaces/create"); n != 0 {
		t.Errorf("%d creates", n)
	}

	start(t, instance).wantEmptyPlan(config, made)
}

func TestWorkspace_lostCreate(t *testing.T) {
	t.Parallel()

	faults := map[string]emulator.Fault{
		"cut":       {Cut: true},
		"500":       {Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`},
		"502":       {Status: http.StatusBadGateway, Body: "<html>bad gateway</html>"},
		"504":       {Status: http.StatusGatewayTimeout},
		"truncated": {Truncate: true},
		"null":      {Status: http.StatusOK, Body: "null"},
		"no id":     {Status: http.StatusOK, Body: "{}"},
	}
	for name, fault := range faults {
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
			wantWarning(t, diags, "Workspace was created although its answer was lost", "id 10")

			if made == nil || made.tainted {
				t.Fatalf("made = %+v", made)
			}

			if n := len(instance.Workspaces()); n != 7 {
				t.Errorf("%d workspaces, want 7", n)
			}

			start(t, instance).wantEmptyPlan(config, made)
		})
	}
}
