package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const (
	workspaceKind = "wallaroo_workspace"

	// summaryRemains is the warning of a destroy, at plan time and at apply.
	summaryRemains      = "Workspace remains on the instance"
	summaryNameInUse    = "Workspace name already in use"
	summaryAdopt        = "Existing workspace will be adopted"
	summaryRename       = "Changing the name forces replacement"
	summaryReconciled   = "Workspace was created although the response was lost"
	summaryUnread       = "Workspace was created but could not be read"
	summaryGone         = "Workspace no longer accessible"
	summaryUnconfigured = "Provider configuration not known until apply"

	defaultWorkspace = emulator.HummelEmail + " - Default Workspace"
)

var bg = context.Background()

// replan is what core does with a change before it applies it: it plans again, with
// the values that meanwhile are known, and wants the known ones to stay.
func (c *core) replan(p *change, config values) (*change, diagnostics) {
	c.t.Helper()

	prior := p.prior
	if p.replace {
		prior = nil
	}

	again, diags := c.planOnce(p.kind, c.value(c.typeOf(p.kind), config), prior)
	if diags.failed() {
		return nil, diags
	}

	c.checkKept("the second plan", p.planned, again.planned)

	again.prior, again.replace = p.prior, p.replace

	return again, diags
}

// planReplace is a plan with -replace. A tainted object is planned in the second of
// its calls alone.
func (c *core) planReplace(kind string, config values, prior *object) (*change, diagnostics) {
	c.t.Helper()

	value := c.value(c.typeOf(kind), config)

	_, diags := c.planOnce(kind, value, prior)
	wantNoError(c.t, diags)

	create, again := c.planOnce(kind, value, nil)
	if again.failed() {
		return nil, append(diags, again...)
	}

	create.prior, create.replace = prior, true

	return create, diags
}

func (c *core) isNull(o *object, name string) bool {
	c.t.Helper()

	return c.fields(o.value)[name].IsNull()
}

// imported is the workspace of that id as an import of another run left it.
func imported(t testing.TB, instance *emulatortest.Instance, id string) *object {
	t.Helper()

	found, diags := start(t, instance).importID(workspaceKind, id)
	wantNone(t, diags)
	instance.ResetRequests()

	return found
}

func wantNoRequests(t testing.TB, instance *emulatortest.Instance) {
	t.Helper()
	wantRequests(t, instance, map[string]int{})
}

func wantID(t testing.TB, run *core, o *object, id int64) {
	t.Helper()

	if o == nil {
		t.Fatalf("no object, want id %d", id)
	}

	if got := run.number(o, "id"); got != id {
		t.Errorf("id = %d, want %d", got, id)
	}

	if o.tainted {
		t.Error("the object is tainted")
	}
}

func wantGone(t testing.TB, o *object) {
	t.Helper()

	if o != nil {
		t.Errorf("in the state: %s", o.value)
	}
}

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

func TestWorkspace_destroyRemovesFromState(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	way := []string{`"clip-demo"`, "ID 8", "not deleted", "no API to delete", "models", "pipelines", "last owner", "name stays in use", "adopt_existing = true", "import ID 8"}

	run := start(t, instance)
	wantWarning(t, run.planDestroy(prior), summaryRemains, append(way, "models (2)", "pipelines (1)")...)
	wantWarning(t, run.planDestroy(prior), summaryRemains)
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})

	// An instance that fails is no reason not to remove it from state.
	remove := instance.Inject(emulator.Fault{Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})
	wantWarning(t, start(t, instance).planDestroy(prior), summaryRemains, way...)
	remove()
	instance.ResetRequests()

	left, diags := start(t, instance).destroy(bg, prior)
	wantWarning(t, diags, summaryRemains, append(way, "was removed from state", "not repeated")...)
	wantGone(t, left)
	wantNoRequests(t, instance)

	again := start(t, instance)
	wantID(t, again, again.create(workspaceKind, values{"name": "clip-demo", "adopt_existing": true}), 8)
}

func TestWorkspace_preventStopsDestroy(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(workspaceKind, values{"name": "team-a", "deletion_policy": "PREVENT"})
	words := []string{`"team-a"`, "ID 10", "PREVENT", `deletion_policy = "ABANDON"`, "removed {", "destroy = false"}

	wantError(t, start(t, instance).planDestroy(made), "Workspace is protected from being destroyed", words...)

	// Delete comes after `removed { lifecycle { destroy = false } }` never, and after
	// a replacement that the plan allowed: it must not fail.
	left, diags := start(t, instance).destroy(bg, made)
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)

	for _, config := range []values{{"name": "team-a", "deletion_policy": "ABANDON"}, {"name": "team-a"}} {
		run := start(t, instance)
		planned, diags := run.plan(workspaceKind, config, made)
		wantNone(t, diags)

		freed, diags := run.apply(bg, planned)
		wantNone(t, diags)
		wantWarning(t, start(t, instance).planDestroy(freed), summaryRemains)
	}
}

func TestWorkspace_deletionPolicyIsOneOfTwo(t *testing.T) {
	t.Parallel()

	wantError(t, newCore(t).validate(workspaceKind, values{"name": "team-a", "deletion_policy": "DELETE"}),
		"Invalid Attribute Value Match", "ABANDON", "PREVENT", "DELETE")
	wantNone(t, newCore(t).validate(workspaceKind, values{"name": "team-a", "deletion_policy": unknown}))
}

func TestWorkspace_renameReplaces(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(workspaceKind, values{"name": "team-a"})
	instance.AddModel(10, 77)
	instance.ResetRequests()

	run := start(t, instance)
	before, diags := run.read(bg, made)
	wantNone(t, diags)

	config := values{"name": "team-b"}
	planned, diags := run.plan(workspaceKind, config, before)
	wantWarning(t, diags, summaryRename,
		"cannot rename", `"team-b" will be another workspace`, `"team-a"`, "ID 10", "models (1)", "pipelines (0)", "Members", "adopt_existing = true", "import ID 10")

	if !planned.replace {
		t.Fatal("a rename does not replace")
	}

	after, diags := run.apply(bg, planned)
	wantWarning(t, diags, summaryRemains, `"team-a"`, "ID 10")
	wantID(t, run, after, 12)
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 2, "workspaces/create": 1})

	if id := instance.WorkspaceID("team-a"); id != 10 {
		t.Errorf("the old workspace has the id %d", id)
	}

	start(t, instance).wantEmptyPlan(config, after)
}

// Somebody renamed the workspace on the instance.
func TestWorkspace_renamedOutsideTerraform(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	made := start(t, instance).create(workspaceKind, values{"name": "team-a"})
	instance.RenameWorkspace(10, "team-z")

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantNone(t, diags)

	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, found)
	wantWarning(t, diags, summaryRename, `"team-z" (ID 10)`, `"team-a" will be`)

	if !planned.replace {
		t.Error("want a replacement")
	}
}

func TestWorkspace_renameToAnUnknownName(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	planned, diags := start(t, instance).plan(workspaceKind, values{"name": unknown}, prior)
	wantWarning(t, diags, summaryRename, `"clip-demo"`, "known after apply", "the workspace is kept")

	if !planned.replace {
		t.Error("want a replacement")
	}
}

func TestWorkspace_renameToANameInUse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")

	_, diags := start(t, instance).plan(workspaceKind, values{"name": "onnx-tutorial"}, prior)
	wantError(t, diags, summaryNameInUse, `"onnx-tutorial"`, "ID 9")

	run := start(t, instance)
	planned, diags := run.plan(workspaceKind, values{"name": "onnx-tutorial", "adopt_existing": true}, prior)
	wantNoError(t, diags)
	wantOne(t, "warning", diags.warnings()[:1], summaryRename, []string{`"onnx-tutorial" will be another workspace`, `"clip-demo" (ID 8)`})
	wantOne(t, "warning", diags.warnings()[1:], summaryAdopt, []string{`"onnx-tutorial"`, "ID 9"})

	after, diags := run.apply(bg, planned)
	wantNoError(t, diags)
	wantID(t, run, after, 9)
}

// The policy that is planned decides, so that one apply can change both.
func TestWorkspace_preventStopsRename(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	setUp := start(t, instance)
	free := setUp.create(workspaceKind, values{"name": "team-a"})
	held := setUp.create(workspaceKind, values{"name": "team-b", "deletion_policy": "PREVENT"})
	run := start(t, instance)

	for _, name := range []any{"team-c", unknown} {
		_, diags := run.plan(workspaceKind, values{"name": name, "deletion_policy": "PREVENT"}, free)
		wantError(t, diags, "Workspace is protected from being replaced", "cannot rename", `"team-a" (ID 10)`, "PREVENT", `back to "team-a"`, `deletion_policy = "ABANDON"`)
	}

	for _, config := range []values{{"name": "team-c"}, {"name": "team-c", "deletion_policy": "ABANDON"}} {
		_, diags := run.plan(workspaceKind, config, held)
		wantWarning(t, diags, summaryRename, `"team-b"`)
	}
}

// A replacement in place would need the name twice.
func TestWorkspace_replaceOfAnExistingOne(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")

	_, diags := start(t, instance).planReplace(workspaceKind, values{"name": "clip-demo"}, prior)
	wantError(t, diags, summaryNameInUse, "ID 8", "terraform untaint", "-replace")

	prior.tainted = true
	_, diags = start(t, instance).plan(workspaceKind, values{"name": "clip-demo"}, prior)
	wantError(t, diags, summaryNameInUse, "ID 8", "terraform untaint")

	instance.ResetRequests()

	config := values{"name": "clip-demo", "adopt_existing": true}
	run := start(t, instance)
	planned, diags := run.planReplace(workspaceKind, config, prior)
	wantNone(t, diags)

	again, diags := run.apply(bg, planned)
	wantWarning(t, diags, summaryRemains)
	wantID(t, run, again, 8)
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
	start(t, instance).wantEmptyPlan(config, again)
}

func TestWorkspace_updateSendsNothing(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	state := imported(t, instance, "8")

	for _, config := range []values{
		{"name": "clip-demo", "adopt_existing": true},
		{"name": "clip-demo", "adopt_existing": false, "deletion_policy": "PREVENT"},
		{"name": "clip-demo", "deletion_policy": "ABANDON"},
		{"name": "clip-demo"},
	} {
		for _, old := range []bool{false, true} {
			run := start(t, instance)
			run.old = old

			planned, diags := run.plan(workspaceKind, config, state)
			wantNone(t, diags)

			if planned.replace || !old && planned.isEmpty() {
				t.Fatalf("replace %v, empty %v; want an update in place", planned.replace, planned.isEmpty())
			}

			state, diags = run.apply(bg, planned)
			wantNone(t, diags)
		}
	}

	wantNoRequests(t, instance)
}

func TestWorkspace_remarksOnTheNameOfANewOne(t *testing.T) {
	t.Parallel()

	const summary = "Workspace name may not work everywhere"

	instance := guide(t)
	run := start(t, instance)

	_, diags := run.plan(workspaceKind, values{"name": "team-A"}, nil)
	wantWarning(t, diags, summary, `"team-A"`, "Character 6, 'A'", "upper case")

	_, diags = run.plan(workspaceKind, values{"name": "2nd-team"}, nil)
	wantWarning(t, diags, summary, `"2nd-team"`, "Character 1, '2'", "Python SDK")

	planned, diags := run.plan(workspaceKind, values{"name": "2ND-team"}, nil)
	wantWarning(t, diags, summary, "Character 2, 'N'", "Character 1, '2'")

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)

	// Not on what exists: nor when it is read, changed, adopted or imported.
	for _, config := range []values{{"name": "2ND-team"}, {"name": "2ND-team", "deletion_policy": "PREVENT"}} {
		_, diags = start(t, instance).plan(workspaceKind, config, made)
		wantNone(t, diags)
	}

	_, diags = start(t, instance).plan(workspaceKind, values{"name": "2ND-team", "adopt_existing": true}, nil)
	wantWarning(t, diags, summaryAdopt)
	imported(t, instance, "2ND-team")
}

func TestWorkspace_unknownName(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, values{"name": unknown, "adopt_existing": unknown, "deletion_policy": unknown}, nil)
	wantNone(t, diags)
	wantNoRequests(t, instance)

	known, diags := run.replan(planned, values{"name": "team-a", "adopt_existing": false, "deletion_policy": "PREVENT"})
	wantNone(t, diags)

	made, diags := run.apply(bg, known)
	wantNone(t, diags)
	wantID(t, run, made, 10)

	_, diags = run.replan(planned, values{"name": "clip-demo"})
	wantError(t, diags, summaryNameInUse, "ID 8")
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

// A setting of the provider depends on values that are not known until apply.
func TestWorkspace_unknownProviderSettings(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	block := signedIn(instance)
	block["password"] = unknown

	run := newCore(t)
	wantNone(t, run.configure(block))

	for _, config := range []values{
		{"name": "team-a"}, {"name": "clip-demo"}, {"name": "clip-demo", "adopt_existing": true}, {"name": "Team A", "adopt_existing": true},
	} {
		planned, diags := run.plan(workspaceKind, config, nil)
		wantNone(t, diags)

		_, diags = run.apply(bg, planned)
		wantError(t, diags, summaryUnconfigured, "not known until apply")
	}

	for _, old := range []bool{false, true} {
		run.old = old

		found, diags := run.read(bg, prior)
		wantWarning(t, diags, "Refresh skipped", "not known until apply")

		if found == nil || !found.value.Equal(prior.value) {
			t.Errorf("read %+v", found)
		}
	}

	run.old = false
	_, diags := run.plan(workspaceKind, values{"name": "team-b"}, prior)
	wantWarning(t, diags, summaryRename)
	wantWarning(t, run.planDestroy(prior), summaryRemains)

	_, diags = run.importID(workspaceKind, "8")
	wantError(t, diags, summaryUnconfigured, "-target")

	_, diags = run.importIdentity(workspaceKind, values{"id": 8})
	wantError(t, diags, summaryUnconfigured)

	_, diags = run.readData("wallaroo_workspaces", values{})
	wantError(t, diags, summaryUnconfigured, "-target")
	wantNoRequests(t, instance)
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

func TestWorkspace_listFailsAtPlan(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	remove := instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`})
	run := start(t, instance)

	planned, diags := run.plan(workspaceKind, values{"name": "clip-demo"}, nil)
	wantWarning(t, diags, "Workspace name was not checked", `"clip-demo"`, "500", "oops", "again when the plan is applied")

	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", `"clip-demo"`, "oops")
	wantGone(t, made)

	remove()

	made, diags = run.apply(bg, planned)
	wantError(t, diags, summaryNameInUse, "ID 8")
	wantGone(t, made)

	if n := instance.Count("workspaces/create"); n != 0 {
		t.Errorf("%d creates", n)
	}
}

// A list that cannot be read never means that a workspace is gone.
func TestWorkspace_readKeepsTheStateWhenTheListIsBad(t *testing.T) {
	t.Parallel()

	answer := func(status int, body string) emulator.Fault { return emulator.Fault{Status: status, Body: body} }
	record := `{"id":8,"name":"clip-demo","created_at":"","created_by":"","archived":false,"models":[],"pipelines":[]}`

	cases := map[string]struct {
		fault emulator.Fault
		lists int
		words []string
	}{
		"401":            {answer(401, `{"msg":"who are you","code":401}`), 2, []string{"401 Unauthorized", "who are you", "renewed token was refused"}},
		"403":            {answer(403, `{"msg":"not yours","code":403}`), 1, []string{"403 Forbidden", "not yours", "no permission"}},
		"404":            {answer(404, `{"msg":"no such path","code":404}`), 1, []string{"404 Not Found", "no such path", "WALLAROO_URL"}},
		"500":            {answer(500, `{"msg":"oops","code":500}`), 1, []string{"500 Internal Server Error", "oops"}},
		"502":            {answer(502, `<html>bad gateway</html>`), 5, []string{"502 Bad Gateway", "proxy", "busy or restarting", "WALLAROO_MAX_RETRIES"}},
		"503":            {answer(503, `{"msg":"starting","code":503}`), 5, []string{"503 Service Unavailable", "starting", "later"}},
		"cut":            {emulator.Fault{Cut: true}, 5, []string{"no answer", "EOF", "WALLAROO_URL"}},
		"truncated":      {emulator.Fault{Truncate: true}, 5, []string{"no answer", "unexpected EOF"}},
		"HTML":           {answer(200, `<!doctype html><title>Sign in</title>`), 1, []string{"a proxy or login page answered 200 OK"}},
		"HTML by header": {emulator.Fault{Body: "sign in", Header: http.Header{"Content-Type": {"text/html"}}}, 1, []string{"login page"}},
		"redirect": {
			emulator.Fault{Status: 302, Header: http.Header{"Location": {"https://sso.example.com/canary"}}},
			1, []string{"302 Found", "sso.example.com", "not followed"},
		},
		"null":            {answer(200, `null`), 1, []string{"null", "unexpected response"}},
		"no list":         {answer(200, `{}`), 1, []string{`no "workspaces"`}},
		"null list":       {answer(200, `{"workspaces":null}`), 1, []string{`no "workspaces"`}},
		"empty":           {answer(200, ``), 1, []string{"an empty body"}},
		"bare list":       {answer(200, `[]`), 1, []string{"a list"}},
		"cut JSON":        {answer(200, `{"workspaces":[`), 1, []string{"not valid JSON"}},
		"trailing":        {answer(200, `{"workspaces":[`+record+`]}{}`), 1, []string{"not valid JSON"}},
		"word as ID":      {answer(200, `{"workspaces":[{"id":"eight","name":"clip-demo"}]}`), 1, []string{`no valid "id"`}},
		"object as list":  {answer(200, `{"workspaces":{}}`), 1, []string{"an object", "/workspaces"}},
		"no id":           {answer(200, `{"workspaces":[{"name":"clip-demo"}]}`), 1, []string{`no valid "id"`}},
		"twice":           {answer(200, `{"workspaces":[`+record+`,`+record+`]}`), 1, []string{"workspace 8 twice"}},
		"error as answer": {answer(200, `{"msg":"soft failure","code":500}`), 1, []string{"an error object", "soft failure"}},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			prior := imported(t, instance, "8")
			one.fault.Operation = "workspaces/list"
			instance.Inject(one.fault)

			run := start(t, instance)
			_, diags := run.read(bg, prior)
			wantError(t, diags, "Unable to read workspace", append(one.words, "workspace 8", "state was kept", "/v1/api/workspaces/list")...)

			if len(diags) != 1 {
				t.Errorf("%d diagnostics, want one: %s", len(diags), diags)
			}

			if n := instance.Count("workspaces/list"); n != one.lists {
				t.Errorf("%d lists, want %d", n, one.lists)
			}
		})
	}
}

// Every account has a default workspace, so an empty list tells of another account
// or another instance, and not of a deleted workspace.
func TestWorkspace_emptyListIsNeverGone(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: `{"workspaces":[]}`})

	for _, old := range []bool{false, true} {
		run := start(t, instance)
		run.old = old
		_, diags := run.read(bg, prior)
		wantError(t, diags, "No workspaces accessible", "workspace 8", "kept", "-refresh=false", "state rm", "endpoint")
	}

	_, diags := start(t, instance).importID(workspaceKind, "8")
	wantError(t, diags, "Unable to import", "ID 8", "returned no workspaces")
}

func TestWorkspace_gone(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	instance.HideWorkspace(8, true)

	for _, old := range []bool{false, true} {
		run := start(t, instance)
		run.old = old

		found, diags := run.read(bg, prior)
		wantWarning(t, diags, summaryGone, "Workspace 8 is not among", `"clip-demo" (ID 8)`, "gone", "lost access", "Import ID 8")
		wantGone(t, found)
	}
}

func TestWorkspace_readOfAnOldCLI(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)
	run.old = true

	config := values{"name": "team-a"}
	made := run.create(workspaceKind, config)

	again := start(t, instance)
	again.old = true
	again.wantEmptyPlan(config, made)

	left, diags := again.destroy(bg, made)
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)
}

// What changes without Terraform is no drift.
func TestWorkspace_noDriftFromUse(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"name": "clip-demo"}
	prior := imported(t, instance, "8")

	instance.SetCreatedBy(8, emulator.HummelEmail)
	instance.AddModel(8, 99)
	instance.AddPipeline(8, 99)
	instance.ArchiveWorkspace(8, true)
	instance.SetMember(8, emulator.HansarickID, emulator.Owner)

	run := start(t, instance)
	run.wantEmptyPlan(config, prior)

	found, diags := run.read(bg, prior)
	wantNone(t, diags)

	// Instances write the creator in another form later: the first one is kept.
	if by := run.text(found, "created_by"); by != emulator.HummelID {
		t.Errorf("created_by = %q", by)
	}
}

func TestWorkspace_imports(t *testing.T) {
	t.Parallel()

	instance := guide(t)

	for _, id := range []string{"8", "clip-demo"} {
		run := start(t, instance)
		found, diags := run.importID(workspaceKind, id)
		wantNone(t, diags)
		wantID(t, run, found, 8)

		if !run.isNull(found, "adopt_existing") || !run.isNull(found, "deletion_policy") {
			t.Errorf("imported %s", found.value)
		}

		run.wantEmptyPlan(values{"name": "clip-demo"}, found)
	}

	found, diags := start(t, instance).importIdentity(workspaceKind, values{"id": 8})
	wantNone(t, diags)
	start(t, instance).wantEmptyPlan(values{"name": "clip-demo"}, found)

	for _, id := range []string{"1", defaultWorkspace} {
		found, diags := start(t, instance).importID(workspaceKind, id)
		wantNone(t, diags)
		start(t, instance).wantEmptyPlan(values{"name": defaultWorkspace, "adopt_existing": true}, found)
	}
}

func TestWorkspace_importsThatMiss(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.HideWorkspace(9, true)

	for id, word := range map[string]string{
		"4711":          "with the ID 4711",
		"9":             "with the ID 9",
		"0":             "with the ID 0",
		"-8":            "with the ID -8",
		"nowhere":       `with the name "nowhere"`,
		"Clip-Demo":     `with the name "Clip-Demo"`,
		"8.0":           `with the name "8.0"`,
		"onnx-tutorial": `with the name "onnx-tutorial"`,
		" ":             `with the name " "`,
	} {
		_, diags := start(t, instance).importID(workspaceKind, id)
		wantError(t, diags, "Unable to import", word, "No workspace", "is accessible", "exact name")
	}

	_, diags := start(t, instance).importIdentity(workspaceKind, values{"id": 4711})
	wantError(t, diags, "Unable to import", "with the ID 4711")

	instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusForbidden, Body: `{"msg":"not yours","code":403}`})

	for id, word := range map[string]string{"8": "with the ID 8", "clip-demo": `with the name "clip-demo"`} {
		_, diags := start(t, instance).importID(workspaceKind, id)
		wantError(t, diags, "Unable to import", word, "403", "not yours")
	}
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

// States that version 0 of the schemas has written.
func TestUpgradeResourceState_version0(t *testing.T) {
	t.Parallel()

	recorded := map[string]struct {
		state string
		want  values
	}{
		workspaceKind: {
			state: `{"adopt_existing":null,"archived":false,"created_at":"2023-11-20T18:57:53.667873+00:00",` +
				`"created_by":"12ea09d1-0f49-405e-bed1-27eb6d10fde4","deletion_policy":"PREVENT","id":8,"name":"clip-demo"}`,
			want: values{
				"archived": false, "created_at": "2023-11-20T18:57:53.667873+00:00", "created_by": emulator.HummelID,
				"deletion_policy": "PREVENT", "id": 8, "name": "clip-demo",
			},
		},
		userKind: {
			state: `{"email":"John.Hansarick@wallaroo.ai","user_id":"57d61aed-3058-4327-9e65-a5d39a9718c0","user_type":"COLLABORATOR","workspace_id":8}`,
			want: values{
				"email": "John.Hansarick@wallaroo.ai", "user_id": emulator.HansarickID, "user_type": "COLLABORATOR", "workspace_id": 8,
			},
		},
	}
	for kind, one := range recorded {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			run := newCore(t)

			resp, err := run.server.UpgradeResourceState(bg, &tfprotov6.UpgradeResourceStateRequest{
				TypeName: kind, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(one.state)},
			})
			if err != nil {
				t.Fatal(err)
			}

			wantNone(t, resp.Diagnostics)

			if got, want := run.decode(run.typeOf(kind), resp.UpgradedState), run.value(run.typeOf(kind), one.want); !got.Equal(want) {
				t.Errorf("upgraded to %s, want %s", got, want)
			}
		})
	}
}
