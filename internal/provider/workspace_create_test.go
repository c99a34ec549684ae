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

func TestWorkspace_canceled(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	p.mustImport("a", workspaceKind, "8")

	run := p.start()
	planned, diags := run.plan(workspaceKind, values{"name": "team-c"}, nil)
	wantNone(t, diags)

	ctx, cancel := context.WithCancel(bg)
	cancel()

	made, diags := run.apply(ctx, planned)
	wantError(t, diags, "Unable to create workspace", `"team-c"`, "Run the command again when ready")
	wantGone(t, made)
	p.wantWrites()

	_, diags = p.start().read(ctx, p.state["a"])
	wantError(t, diags, "Unable to read workspace", "Run the command again when ready")
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

// The workspace is hidden after the last plan.
func TestWorkspace_adoptionFails(t *testing.T) {
	t.Parallel()

	p := newProject(t, emulator.API{})
	id := p.instance.AddWorkspace(emulator.Workspace{Name: "Team A", Members: map[string]string{annID: own}})
	planned, diags := p.start().plan(workspaceKind, values{"name": "Team A", "adopt_existing": true}, nil)
	wantWarning(t, diags, summaryAdopt, fmt.Sprint(id))
	p.instance.HideWorkspace(id, true)

	made, diags := p.start().apply(bg, planned)
	wantError(t, diags, "No workspace to adopt", `"Team A"`)
	wantGone(t, made)
	p.wantWrites()
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
