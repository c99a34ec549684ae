package provider_test

import (
	"context"
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
