package provider_test

import (
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestWorkspace_imports(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	team := workspaceBlock("team", values{"name": "team-a"})

	for _, id := range []string{"8", "team-a"} {
		p.mustImport("team", workspaceKind, id)
		p.wantState("team", values{"id": 8, "adopt_existing": nil, "deletion_policy": nil})
		p.wantEmpty(team)
	}

	found, diags := p.start().importIdentity(workspaceKind, values{"id": 8})
	wantNone(t, diags)
	p.put("team", found)
	p.wantEmpty(team)

	// A name that could not be created comes with the setting that allows it.
	p.mustImport("team", workspaceKind, "1")
	p.wantEmpty(workspaceBlock("team", values{"name": defaultWorkspace, "adopt_existing": true}))
	p.instance.HideWorkspace(10, true)

	for id, word := range map[string]string{
		"4711": "with the ID 4711", "10": "with the ID 10", "0": "with the ID 0", "-8": "with the ID -8",
		"nowhere": `with the name "nowhere"`, "Team-A": `with the name "Team-A"`, "8.0": `with the name "8.0"`, " ": `with the name " "`,
	} {
		_, diags := p.start().importID(workspaceKind, id)
		wantError(t, diags, "Unable to import", word, "No workspace", "is accessible", "exact name")
	}

	_, diags = p.start().importIdentity(workspaceKind, values{"id": 4711})
	wantError(t, diags, "Unable to import", "with the ID 4711")

	remove := p.instance.Inject(emulator.Fault{Operation: "workspaces/list", Body: `{"workspaces":[]}`})
	_, diags = p.start().importID(workspaceKind, "8")
	wantError(t, diags, "Unable to import", "ID 8", "returned no workspaces")
	remove()

	p.instance.Inject(emulator.Fault{Operation: "workspaces/list", Status: http.StatusForbidden, Body: `{"msg":"not yours","code":403}`})
	_, diags = p.start().importID(workspaceKind, "team-a")
	wantError(t, diags, "Unable to import", `with the name "team-a"`, "403", "not yours")
}

// The ID may come from a variable that is not set.
func TestImport_emptyID(t *testing.T) {
	t.Parallel()

	run := newProject(t, emulator.API{}).start()
	for _, kind := range []string{workspaceKind, userKind, exclusiveKind} {
		_, diags := run.importID(kind, "")
		wantError(t, diags, "Unable to import", "The import ID is empty", "check that the variable is set")
	}
}

// Messages name a workspace by its name and ID, and each way out.
func TestWorkspace_destroyWarnings(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")
	p.instance.AddModel(8, 3)

	words := []string{`"team-a"`, "ID 8", "not deleted", "no API to delete", "last owner", "name stays in use", "adopt_existing = true", "import ID 8"}
	wantWarning(t, p.plan().planned, summaryRemains, append(words, "models (1)", "pipelines (0)")...)

	// An instance that fails is no reason not to remove it from state.
	p.instance.Inject(oops(""))

	run := p.start()
	wantWarning(t, run.planDestroy(p.state["team"]), summaryRemains, words...)

	left, diags := run.destroy(bg, p.state["team"])
	wantWarning(t, diags, summaryRemains, append(words, "was removed from state", "not repeated")...)
	wantGone(t, left)
}

// PREVENT stops a destroy by the policy of the state, and a rename by the planned one,
// so that one apply can change both.
func TestWorkspace_prevent(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	team := func(name, policy any) block {
		return workspaceBlock("team", values{"name": name, "deletion_policy": policy})
	}

	p.mustApply(team("team-c", "PREVENT"))
	wantError(t, p.plan().planned, "Workspace is protected from being destroyed",
		`"team-c"`, "ID 11", "PREVENT", `deletion_policy = "ABANDON"`, "removed {", "destroy = false")

	for _, name := range []any{"team-d", unknown} {
		wantError(t, p.plan(team(name, "PREVENT")).planned, "Workspace is protected from being replaced",
			"cannot rename", `"team-c" (ID 11)`, "PREVENT", `back to "team-c"`, `deletion_policy = "ABANDON"`)
	}

	for _, policy := range []any{nil, "ABANDON"} {
		wantWarning(t, p.plan(team("team-d", policy)).planned, summaryRename, `"team-c"`)
	}

	// Delete comes only after a plan that allowed it: it must not fail.
	left, diags := p.start().destroy(bg, p.state["team"])
	wantWarning(t, diags, summaryRemains)
	wantGone(t, left)

	p.mustApply(team("team-c", nil))
	wantWarning(t, p.plan().planned, summaryRemains)

	wantError(t, p.start().validate(workspaceKind, values{"name": "team-a", "deletion_policy": "DELETE"}),
		"Invalid Attribute Value Match", "ABANDON", "PREVENT", "DELETE")
}

func TestWorkspace_rename(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")

	out := p.plan(workspaceBlock("team", values{"name": unknown}))
	wantWarning(t, out.planned, summaryRename, `"team-a"`, "known after apply", "the workspace is kept")

	out = p.plan(workspaceBlock("team", values{"name": "team-c"}))
	wantWarning(t, out.planned, summaryRename, "cannot rename", `"team-c" will be another workspace`, `"team-a" (ID 8)`, "Members", "adopt_existing = true", "import ID 8")

	wantError(t, p.plan(workspaceBlock("team", values{"name": "team-b"})).planned, summaryNameInUse, `"team-b"`, "ID 10")

	adopted := workspaceBlock("team", values{"name": "team-b", "adopt_existing": true})
	out = p.apply(adopted)
	wantNoError(t, out.all())
	wantSays(t, out.planned, summaryRename, `"team-b" will be another workspace`)
	wantSays(t, out.planned, summaryAdopt, `"team-b"`, "ID 10")
	p.wantState("team", values{"id": 10})
	p.wantWrites()

	p.instance.RenameWorkspace(10, "team-z")
	out = p.plan(adopted)
	wantSays(t, out.planned, summaryRename, `"team-z" (ID 10)`, `"team-b" will be`)

	if out.changes["team"].action() != "replace" {
		t.Errorf("planned %v", out.actions())
	}
}

// A setting of the provider depends on values that are not known until apply.
func TestWorkspace_unknownProviderSettings(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("team", workspaceKind, "8")
	p.instance.ResetRequests()
	p.provider = with(p.provider, values{"password": unknown})

	run, prior := p.start(), p.state["team"]

	for _, config := range []values{
		{"name": "team-c"}, {"name": "team-a"}, {"name": "team-a", "adopt_existing": true}, {"name": "Team A", "adopt_existing": true},
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
	wantNoRequests(t, p.instance)
}
