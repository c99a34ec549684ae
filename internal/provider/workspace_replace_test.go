package provider_test

import (
	"testing"
)

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
