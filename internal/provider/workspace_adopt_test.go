package provider_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestWorkspace_nameInUseFailsAtPlan(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	_, diags := run.plan(workspaceKind, values{"name": "clip-demo"}, nil)
	wantError(t, diags, summaryNameInUse, `"clip-demo"`, "ID 8", "import {", `id = "8"`, "adopt_existing = true", "moved", "untaint", "-refresh=false")
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
}

func TestWorkspace_adopts(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "clip-demo", "adopt_existing": true}
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, config, nil)
	wantWarning(t, diags, summaryAdopt, "ID 8")

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantID(t, run, made, 8)
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
	start(t, instance).wantEmptyPlan(config, made)
}

func TestWorkspace_adoptsNothingAndCreates(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a", "adopt_existing": true}, nil)
	wantNone(t, diags)

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantID(t, run, made, 10)
}

func TestWorkspace_adoptsADefaultWorkspace(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": defaultWorkspace, "adopt_existing": true}

	_, diags := newCore(t).plan(workspaceKind, values{"name": defaultWorkspace}, nil)
	wantError(t, diags, "Invalid workspace name", "adopt_existing = true")

	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, config, nil)
	wantWarning(t, diags, summaryAdopt, "ID 1", "Default Workspace")

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantID(t, run, made, 1)
	start(t, instance).wantEmptyPlan(config, made)
}

// A name that breaks the rule is never created, whenever that comes to light.
func TestWorkspace_nothingToAdopt(t *testing.T) {
	t.Parallel()

	const summary = "No workspace to adopt"

	instance := guide(t)
	config := values{"name": "Team A", "adopt_existing": true}
	words := []string{`"Team A"`, "adopt_existing", "Character 5, ' '", `"Team-A"`}

	run := start(t, instance)
	_, diags := run.plan(workspaceKind, config, nil)
	wantError(t, diags, summary, words...)

	// The name depends on values that are not known until apply.
	planned, diags := run.plan(workspaceKind, values{"name": unknown, "adopt_existing": true}, nil)
	wantNone(t, diags)

	_, diags = run.replan(planned, config)
	wantError(t, diags, summary, words...)

	// The workspace was there when the plan was made.
	id := instance.AddWorkspace(emulator.Workspace{Name: "Team A", Members: map[string]string{emulator.HummelID: emulator.Owner}})
	planned, diags = start(t, instance).plan(workspaceKind, config, nil)
	wantWarning(t, diags, summaryAdopt)
	instance.HideWorkspace(id, true)

	made, diags := start(t, instance).apply(bg, planned)
	wantError(t, diags, summary, words...)
	wantGone(t, made)

	if n := instance.Count("workspaces/create"); n != 0 {
		t.Errorf("%d creates", n)
	}
}

// One workspace goes to one resource of a run.
func TestWorkspace_twoOfOneName(t *testing.T) {
	t.Parallel()

	cases := map[string]struct {
		config values
		wantID int64
		creates,
		warnings int
	}{
		"create":              {values{"name": "team-a"}, 10, 1, 0},
		"create or adopt":     {values{"name": "team-a", "adopt_existing": true}, 10, 1, 0},
		"adopt":               {values{"name": "clip-demo", "adopt_existing": true}, 8, 0, 1},
		"adopt a default one": {values{"name": defaultWorkspace, "adopt_existing": true}, 1, 0, 1},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			run := start(t, instance)

			first, diags := run.plan(workspaceKind, one.config, nil)
			wantNoError(t, diags)

			second, diags := run.plan(workspaceKind, one.config, nil)
			wantNoError(t, diags)

			if n := len(diags.warnings()); n != one.warnings {
				t.Errorf("%d warnings, want %d", n, one.warnings)
			}

			made, diags := run.apply(bg, first)
			wantNone(t, diags)
			wantID(t, run, made, one.wantID)

			words := []string{"another resource of this configuration", fmt.Sprintf("(ID %d)", one.wantID), "another name"}
			_, diags = run.replan(second, one.config)
			wantError(t, diags, summaryNameInUse, words...)

			made, diags = run.apply(bg, second)
			wantError(t, diags, summaryNameInUse, words...)
			wantGone(t, made)

			if n := instance.Count("workspaces/create"); n != one.creates {
				t.Errorf("%d creates, want %d", n, one.creates)
			}
		})
	}
}

func TestWorkspace_twoOfOneNameAtTheSameTime(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	outcomes := make(chan bool, 4)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a", "adopt_existing": true}, nil)
	wantNone(t, diags)

	for range cap(outcomes) {
		go func() {
			made, diags := run.apply(bg, planned)
			outcomes <- made != nil && !diags.failed()
		}()
	}

	won := 0

	for range cap(outcomes) {
		if <-outcomes {
			won++
		}
	}

	if won != 1 || instance.Count("workspaces/create") != 1 {
		t.Errorf("%d resources got it with %d creates, want one", won, instance.Count("workspaces/create"))
	}
}

func TestWorkspace_severalOfOneName(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNames: true}})
	instance.AddWorkspace(emulator.Workspace{Name: "clip-demo", Members: map[string]string{emulator.HummelID: emulator.Owner}})

	for _, adopt := range []bool{false, true} {
		_, diags := start(t, instance).plan(workspaceKind, values{"name": "clip-demo", "adopt_existing": adopt}, nil)
		wantError(t, diags, summaryNameInUse, "2 workspaces", `"clip-demo"`, "8, 10", `id = "8"`)
	}

	_, diags := start(t, instance).importID(workspaceKind, "clip-demo")
	wantError(t, diags, "Unable to import", "2 workspaces", "8, 10", "Use the ID")

	// Both can be managed: by ID.
	for _, id := range []string{"8", "10"} {
		start(t, instance).wantEmptyPlan(values{"name": "clip-demo"}, imported(t, instance, id))
	}
}

// The name belongs to a workspace that is not accessible to the account.
func TestWorkspace_nameOfAHiddenWorkspace(t *testing.T) {
	t.Parallel()

	for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError} {
		for _, adopt := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d, adopt %v", status, adopt), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNameStatus: status}})
				instance.HideWorkspace(8, true)

				run := start(t, instance)
				planned, diags := run.plan(workspaceKind, values{"name": "clip-demo", "adopt_existing": adopt}, nil)
				wantNone(t, diags)

				made, diags := run.apply(bg, planned)
				wantError(t, diags, summaryNameInUse,
					`"clip-demo"`, fmt.Sprint(status), "Uniqueness violation", "workspace_name_key", "request ID", "No workspace of this name is accessible", "another name", "import it")
				wantGone(t, made)

				if n := instance.Count("workspaces/create"); n != 1 {
					t.Errorf("%d creates", n)
				}
			})
		}
	}
}

// Somebody else uses the name between plan and apply: before the apply lists, or
// between its list and its create.
func TestWorkspace_nameInUseMeanwhile(t *testing.T) {
	t.Parallel()

	for name, moment := range map[string]string{"before the list": "workspaces/list", "after the list": "workspaces/create"} {
		for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError} {
			t.Run(fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				t.Parallel()

				instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{DuplicateNameStatus: status}})
				planned, diags := start(t, instance).plan(workspaceKind, values{"name": "team-a"}, nil)
				wantNone(t, diags)

				instance.SetOnRequest(func(request emulator.Request) {
					if request.Operation == moment && instance.WorkspaceID("team-a") == 0 {
						instance.AddWorkspace(emulator.Workspace{Name: "team-a", Members: map[string]string{emulator.HummelID: emulator.Owner}})
					}
				})

				made, diags := start(t, instance).apply(bg, planned)
				wantError(t, diags, summaryNameInUse, `"team-a"`, "ID 10", "import {", "adopt_existing")
				wantGone(t, made)

				if n := instance.Count("workspaces/create"); n > 1 {
					t.Errorf("%d creates", n)
				}
			})
		}
	}
}

// Whether an existing workspace is adopted is known only at apply.
func TestWorkspace_unknownAdoption(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	for _, name := range []string{"clip-demo", defaultWorkspace} {
		run := start(t, instance)
		planned, diags := run.plan(workspaceKind, values{"name": name, "adopt_existing": unknown}, nil)
		wantNone(t, diags)

		_, diags = run.replan(planned, values{"name": name, "adopt_existing": true})
		wantWarning(t, diags, summaryAdopt)

		_, diags = run.replan(planned, values{"name": name, "adopt_existing": false})
		wantError(t, diags, summaryNameInUse)
	}
}

// What is planned to be adopted cannot be planned as a new workspace while that is
// applied.
func TestWorkspace_listFailsBeforeAdoption(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	member := start(t, instance).create(userKind, values{"workspace_id": 9, "email": emulator.HansarickEmail})
	config := values{"name": "clip-demo", "adopt_existing": true}

	planned, diags := start(t, instance).plan(workspaceKind, config, nil)
	wantWarning(t, diags, summaryAdopt)

	applying := start(t, instance)
	_, diags = applying.destroy(bg, member)
	wantNone(t, diags)

	instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})

	_, diags = applying.replan(planned, config)
	wantError(t, diags, "Workspace name was not checked", `"clip-demo"`, "oops", "Run the command again")
}
