package provider_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// oops is what a failing instance answers.
func oops(operation string) emulator.Fault {
	return emulator.Fault{Operation: operation, Status: http.StatusInternalServerError, Body: `{"msg":"oops","code":500}`}
}

// teamC is a workspace that does not exist yet. The emulator gives it the ID 11.
func teamC() block { return workspaceBlock("team", values{"name": "team-c"}) }

// The response is lost, and what the list says then does not tell the outcome.
func TestWorkspace_unknownOutcome(t *testing.T) {
	t.Parallel()

	t.Run("no list", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.instance.Inject(emulator.Fault{Operation: "workspaces/create", AfterWork: true, Cut: true})
		p.instance.SetOnRequest(func(request emulator.Request) {
			if request.Operation == "workspaces/create" {
				p.instance.Inject(oops("workspaces/list"))
			}
		})

		out := p.apply(teamC())
		wantError(t, out.all(), "Unable to create workspace", "could not check whether", "look at the instance", "import")
		p.wantAbsent("team")
	})

	t.Run("somebody else's", func(t *testing.T) {
		t.Parallel()

		p := newProject(t, emulator.API{})
		p.instance.Inject(emulator.Fault{Operation: "workspaces/create", Cut: true})
		p.instance.SetOnRequest(func(request emulator.Request) {
			if request.Operation == "workspaces/create" {
				p.instance.AddWorkspace(emulator.Workspace{Name: "team-c", CreatedBy: benMail, Members: map[string]string{annID: col}})
			}
		})

		out := p.apply(teamC())
		wantError(t, out.all(), "Unable to create workspace", "workspace 11 appeared", "cannot be determined", "import it by its ID")
		p.wantAbsent("team")
	})
}

// An error after the create would taint the workspace, and the next apply would
// make a second one.
func TestWorkspace_failingReadBack(t *testing.T) {
	t.Parallel()

	stale := emulator.Fault{Operation: "workspaces/list", Body: `{"workspaces":[{"id":8,"name":"team-a"}]}`}

	for name, one := range map[string]struct {
		fault emulator.Fault
		words []string
	}{"error": {oops("workspaces/list"), []string{"500", "oops"}}, "late": {stale, []string{"does not list it yet"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			team := workspaceBlock("team", values{"name": "team-c", "deletion_policy": "PREVENT"})
			one.fault.Skip = 2 // the plan, and the plan at apply
			remove := p.instance.Inject(one.fault)

			out := p.apply(team)
			wantWarning(t, out.all(), "Workspace was created but could not be read", append(one.words, `"team-c"`, "ID 11", "next refresh")...)
			p.wantState("team", values{"id": 11, "created_at": nil, "created_by": nil, "archived": nil})
			remove()

			unread, diags := p.start().plan(workspaceKind, team.config, p.state["team"])
			wantNone(t, diags)

			if unread.action() != "no-op" || p.state["team"].tainted {
				t.Errorf("without a refresh: %s, tainted %v", unread.action(), p.state["team"].tainted)
			}

			wantNone(t, p.plan(team).all())
			p.wantState("team", values{"id": 11, "created_by": annMail, "archived": false})
			p.wantEmpty(team)
		})
	}
}

func TestWorkspace_cancelled(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("a", workspaceKind, "8")

	run := p.start()
	planned, diags := run.plan(workspaceKind, values{"name": "team-c"}, nil)
	wantNone(t, diags)

	ctx, cancel := context.WithCancel(bg)
	cancel()

	made, diags := run.apply(ctx, planned)
	wantError(t, diags, "Unable to create workspace", `"team-c"`, "canceled")
	wantGone(t, made)
	p.wantWrites()

	_, diags = p.start().read(ctx, p.state["a"])
	wantError(t, diags, "Unable to read workspace", "canceled")
}

// A name that breaks the rule is never created, whenever that comes to light.
func TestWorkspace_nothingToAdopt(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		name     any
		isHidden bool // once it was planned to be adopted
	}{"known": {"Team A", false}, "late": {late{"Team A"}, false}, "hidden meanwhile": {"Team A", true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			team := workspaceBlock("team", values{"name": one.name, "adopt_existing": true})

			if one.isHidden {
				id := p.instance.AddWorkspace(emulator.Workspace{Name: "Team A", Members: map[string]string{annID: own}})
				team = team.after(func(*core) { p.instance.HideWorkspace(id, true) })
			}

			diags := p.apply(team).all()
			wantError(t, diags, "No workspace to adopt", `"Team A"`, "adopt_existing", "Character 5, ' '", `"Team-A"`)
			p.wantAbsent("team")
			p.wantWrites()
		})
	}
}

// Whether an existing workspace is adopted is known only at apply.
func TestWorkspace_lateAdoption(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"team-a", defaultWorkspace} {
		p := newProject(t, emulator.API{})
		block := func(adopts bool) block {
			return workspaceBlock("team", values{"name": name, "adopt_existing": late{adopts}})
		}
		wantError(t, p.apply(block(false)).applied, summaryNameInUse, fmt.Sprintf("%q", name))
		wantWarning(t, p.mustApply(block(true)).all(), summaryAdopt)
		p.wantState("team", values{"name": name})
		p.wantWrites()
	}
}

// What is planned to be adopted cannot be planned as a new workspace while that is
// applied.
func TestWorkspace_listFailsBeforeAdoption(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	team := workspaceBlock("team", values{"name": "team-a", "adopt_existing": true})
	out := p.apply(
		memberBlock("ben", values{"workspace_id": 10, "email": benMail}), // after which the list is read again
		team.after(func(*core) { p.instance.Inject(oops("workspaces/list")) }),
	)
	wantError(t, out.all(), "Workspace name was not checked", `"team-a"`, "oops", "Run the command again")
	p.wantAbsent("team")
}

// One workspace goes to one resource of a run.
func TestWorkspace_twoOfOneName(t *testing.T) {
	t.Parallel()

	for name, one := range map[string]struct {
		config values
		id     int
		sent   []string
	}{
		"create":              {values{"name": "team-c"}, 11, []string{"create team-c"}},
		"create or adopt":     {values{"name": "team-c", "adopt_existing": true}, 11, []string{"create team-c"}},
		"adopt":               {values{"name": "team-a", "adopt_existing": true}, 8, nil},
		"adopt a default one": {values{"name": defaultWorkspace, "adopt_existing": true}, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			p := newProject(t, emulator.API{})
			out := p.apply(workspaceBlock("one", one.config), workspaceBlock("other", one.config))
			wantError(t, out.all(), summaryNameInUse, "another resource of this configuration", fmt.Sprintf("(ID %d)", one.id), "another name")
			p.wantState("one", values{"id": one.id})
			p.wantAbsent("other")
			p.wantWrites(one.sent...)
		})
	}
}

func TestWorkspace_severalOfOneName(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{DuplicateNames: true})
	p.instance.AddWorkspace(emulator.Workspace{Name: "team-a", Members: map[string]string{annID: own}})

	for _, adopts := range []bool{false, true} {
		out := p.plan(workspaceBlock("team", values{"name": "team-a", "adopt_existing": adopts}))
		wantError(t, out.planned, summaryNameInUse, "2 workspaces", `"team-a"`, "8, 11", "Import the right one", `id = "8"`)
	}

	_, diags := p.start().importID(workspaceKind, "team-a")
	wantError(t, diags, "Unable to import", "2 workspaces", "8, 11", "Use the ID")

	// Both can be managed: by ID.
	p.mustImport("one", workspaceKind, "8")
	p.mustImport("other", workspaceKind, "11")
	p.wantEmpty(workspaceBlock("one", values{"name": "team-a"}), workspaceBlock("other", values{"name": "team-a"}))
}

func TestWorkspace_listFailsAtPlan(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	remove := p.instance.Inject(oops("workspaces/list"))
	run := p.start()
	planned, diags := run.plan(workspaceKind, values{"name": "team-a"}, nil)
	wantWarning(t, diags, "Workspace name was not checked", `"team-a"`, "500", "oops", "again when the plan is applied")

	made, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to create workspace", `"team-a"`, "oops")
	wantGone(t, made)
	remove()

	made, diags = run.apply(bg, planned)
	wantError(t, diags, summaryNameInUse, "ID 8")
	wantGone(t, made)
	p.wantWrites()
}

func TestWorkspace_remarksOnTheNameOfANewOne(t *testing.T) {
	t.Parallel()

	const summary = "Workspace name may not work everywhere"

	p := newProject(t, emulator.API{})
	named := func(name string) block { return workspaceBlock("team", values{"name": name}) }
	wantWarning(t, p.plan(named("team-A")).all(), summary, `"team-A"`, "Character 6, 'A'", "upper case")
	wantWarning(t, p.plan(named("2nd-team")).all(), summary, `"2nd-team"`, "Character 1, '2'", "Python SDK")
	wantSays(t, p.apply(named("2ND-team")).planned, summary, "Character 2, 'N'", "Character 1, '2'")

	// Not on what exists: nor when it is read, changed, adopted or imported.
	wantNone(t, p.plan(named("2ND-team")).all())
	wantNone(t, p.plan(workspaceBlock("team", values{"name": "2ND-team", "deletion_policy": "PREVENT"})).all())
	p.put("team", nil)
	wantWarning(t, p.plan(workspaceBlock("team", values{"name": "2ND-team", "adopt_existing": true})).all(), summaryAdopt)
}

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
