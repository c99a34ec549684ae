package provider_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const exclusiveKind = "wallaroo_workspace_users_exclusive"

func wantMembers(t *testing.T, instance *emulatortest.Instance, id int64, want map[string]string) {
	t.Helper()

	if diff := cmp.Diff(want, instance.Members(id)); diff != "" {
		t.Errorf("members of workspace %d (-want +got):\n%s", id, diff)
	}
}

func TestExclusive_lifecycle(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	instance.SetMember(8, anna, emulator.Collaborator)

	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail, "John.Hansarick@wallaroo.ai"}}
	run := start(t, instance)
	planned, diags := run.plan(exclusiveKind, config, nil)
	wantWarning(t, diags, "Present members will be removed", "anna@example.com", "Workspace 8")

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "OWNER"})
	start(t, instance).wantEmptyPlan(config, made)

	// Other names for the same users, and the empty set instead of none, are changes in
	// place that send nothing.
	for _, same := range []values{
		{"workspace_id": 8, "owners": []string{emulator.HummelID, emulator.HansarickEmail}},
		{"workspace_id": 8, "owners": []string{emulator.HummelID, emulator.HansarickEmail}, "collaborators": []string{}},
	} {
		made = applyUnsent(t, instance, same, made)
	}

	next := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{"anna@example.com", emulator.AdminID}}
	run = start(t, instance)
	planned, diags = run.plan(exclusiveKind, next, made)
	wantWarning(t, diags, "Present members will be removed", emulator.HansarickEmail)
	instance.ResetRequests()

	made, diags = run.apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", anna: "COLLABORATOR", emulator.AdminID: "COLLABORATOR"})
	wantRequests(t, instance, map[string]int{"users/query": 1, "workspaces/add_user": 2, "workspaces/remove_user": 1})
	start(t, instance).wantEmptyPlan(next, made)

	wantWarning(t, start(t, instance).planDestroy(made), "Members remain in the workspace", "workspace 8")

	left, diags := start(t, instance).destroy(bg, made)
	wantNone(t, diags)

	if left != nil || len(instance.Members(8)) != 3 {
		t.Errorf("left %v, members %v", left, instance.Members(8))
	}
}

// applyUnsent applies a change in place that neither adds nor removes anybody.
func applyUnsent(t *testing.T, instance *emulatortest.Instance, config values, prior *object) *object {
	t.Helper()

	before := instance.Members(8)
	run := start(t, instance)
	planned, diags := run.plan(exclusiveKind, config, prior)
	wantNone(t, diags)
	wantInPlace(t, planned)
	instance.ResetRequests()

	after, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, before)

	if adds, removes := instance.Count("workspaces/add_user"), instance.Count("workspaces/remove_user"); adds+removes > 0 {
		t.Errorf("%d adds and %d removes", adds, removes)
	}

	start(t, instance).wantEmptyPlan(config, after)

	return after
}

func TestExclusive_callerIsKeptUnlisted(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "owners": []string{emulator.HansarickEmail}}
	run := start(t, instance)
	made := run.create(exclusiveKind, config)

	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "OWNER"})
	start(t, instance).wantEmptyPlan(config, made)
}

func TestExclusive_callerIsDemotedLast(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{OwnersOnly: true}})
	anna := withAnna(instance)
	instance.SetMember(8, anna, emulator.Owner)

	config := values{"workspace_id": 8, "owners": []string{emulator.HansarickEmail}, "collaborators": []string{emulator.HummelEmail}}
	made := start(t, instance).create(exclusiveKind, config)

	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "COLLABORATOR", emulator.HansarickID: "OWNER"})
	start(t, instance).wantEmptyPlan(config, made)
}

func TestExclusive_drift(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}}
	made := start(t, instance).create(exclusiveKind, config)

	instance.SetMember(8, anna, emulator.Owner)
	instance.RemoveMember(8, emulator.HansarickID)

	run := start(t, instance)
	found, diags := run.read(bg, made)
	wantNone(t, diags)
	wantSet(t, run, found, "owners", "anna@example.com", emulator.HummelEmail)
	wantSet(t, run, found, "collaborators")

	planned, diags := run.plan(exclusiveKind, config, found)
	wantWarning(t, diags, "Present members will be removed", "anna@example.com")

	made, diags = run.apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "COLLABORATOR"})
	start(t, instance).wantEmptyPlan(config, made)
}

func wantSet(t *testing.T, run *core, o *object, name string, want ...string) {
	t.Helper()

	var elements []tftypes.Value

	run.must(run.fields(o.value)[name].As(&elements))

	got := map[string]bool{}

	for _, element := range elements {
		var text string

		run.must(element.As(&text))
		got[text] = true
	}

	for _, text := range want {
		if !got[text] {
			t.Errorf("%s lacks %q: %v", name, text, got)
		}
	}

	if len(got) != len(want) {
		t.Errorf("%s = %v, want %v", name, got, want)
	}
}

func TestExclusive_usersThatAreListedTwice(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := start(t, instance)

	twice := values{"workspace_id": 8, "owners": []string{"a@example.com"}, "collaborators": []string{"A@example.com"}}
	wantError(t, run.validate(exclusiveKind, twice), "User is listed twice", "A@example.com")
	wantError(t, run.validate(exclusiveKind, values{"workspace_id": 8, "owners": []string{}}), "No owner is listed", "at least one owner")
	wantNone(t, run.validate(exclusiveKind, values{"workspace_id": unknown, "owners": unknown}))

	_, diags := run.plan(exclusiveKind, values{
		"workspace_id": 8, "owners": []string{emulator.HansarickEmail}, "collaborators": []string{emulator.HansarickID},
	}, nil)
	wantError(t, diags, "User is listed twice", emulator.HansarickEmail, emulator.HansarickID)
}

func TestExclusive_failedAddRemovesNobody(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	anna := withAnna(instance)
	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{"anna@example.com"}}
	made := start(t, instance).create(exclusiveKind, config)

	next := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail, "nobody@example.com"}}
	run := start(t, instance)
	planned, diags := run.plan(exclusiveKind, next, made)
	wantNoError(t, diags)
	wantOne(t, "warning", diags.warnings()[:1], "User does not exist yet", []string{`"nobody@example.com"`})
	wantOne(t, "warning", diags.warnings()[1:], "Members to be removed are not known", []string{"not certain", "anna@example.com"})

	left, diags := run.apply(bg, planned)
	wantError(t, diags, "Unable to set workspace users", "nobody@example.com", "next apply continues")
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "COLLABORATOR", anna: "COLLABORATOR"})
	wantSet(t, run, left, "collaborators", emulator.HansarickEmail, "anna@example.com")

	if left.tainted {
		t.Error("tainted")
	}

	fresh := start(t, instance)
	planned, diags = fresh.plan(exclusiveKind, values{"workspace_id": 9, "owners": []string{"nobody@example.com"}}, nil)
	wantWarning(t, diags, "User does not exist yet")

	left, diags = fresh.apply(bg, planned)
	wantError(t, diags, "Unable to set workspace users", "nobody@example.com")

	if left != nil {
		t.Errorf("a failed create left %s", left.value)
	}
}

func TestExclusive_renamedAccountIsNoDrift(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail, emulator.HansarickEmail}}
	made := start(t, instance).create(exclusiveKind, config)

	instance.SetUserEmail(emulator.HansarickID, "johnny@wallaroo.ai")
	instance.SetUserEmail(emulator.HummelID, "owner@wallaroo.ai")
	start(t, instance).wantEmptyPlan(config, made)
	applyUnsent(t, instance, values{"workspace_id": 8, "owners": []string{"owner@wallaroo.ai", "johnny@wallaroo.ai"}}, made)

	instance.DeleteUser(emulator.HansarickID)
	start(t, instance).wantEmptyPlan(config, made)
}

func TestExclusive_withoutDirectory(t *testing.T) {
	t.Parallel()

	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide, API: emulator.API{UsersQuery: "403"}})
	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}}
	run := start(t, instance)

	planned, diags := run.plan(exclusiveKind, config, nil)
	wantNone(t, diags)

	made, diags := run.apply(bg, planned)
	wantNone(t, diags)
	wantMembers(t, instance, 8, map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "COLLABORATOR"})
	start(t, instance).wantEmptyPlan(config, made)
}

func TestExclusive_imports(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)

	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}}
	byID := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickID}}

	for _, id := range []string{"8", "clip-demo"} {
		run := start(t, instance)
		found, diags := run.importID(exclusiveKind, id)
		wantNone(t, diags)
		run.wantEmptyPlan(config, found)
		applyUnsent(t, instance, byID, found)
	}

	found, diags := start(t, instance).importIdentity(exclusiveKind, values{"workspace_id": 8})
	wantNone(t, diags)
	start(t, instance).wantEmptyPlan(config, found)

	_, diags = start(t, instance).importID(exclusiveKind, "nowhere")
	wantError(t, diags, "Unable to import", `"nowhere"`)
}

// Members move from single resources to the set, and back, in one apply each.
func TestExclusive_moveFromAndToSingleMembers(t *testing.T) {
	t.Parallel()

	single := values{"workspace_id": 8, "email": emulator.HansarickEmail}
	set := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}}
	want := map[string]string{emulator.HummelID: "OWNER", emulator.HansarickID: "COLLABORATOR"}

	for _, createFirst := range []bool{true, false} {
		instance := guide(t)
		member := start(t, instance).create(userKind, single)

		run := start(t, instance)
		planned, diags := run.plan(exclusiveKind, set, nil)
		wantNone(t, diags)

		var all *object

		if createFirst {
			all, diags = run.apply(bg, planned)
			wantNone(t, diags)
			_, diags = run.destroy(bg, member)
			wantWarning(t, diags, "Workspace user was kept")
		} else {
			_, diags = run.destroy(bg, member)
			wantNone(t, diags)
			all, diags = run.apply(bg, planned)
			wantNone(t, diags)
		}

		wantMembers(t, instance, 8, want)
		start(t, instance).wantEmptyPlan(set, all)

		back := start(t, instance)
		member = back.create(userKind, single)
		_, diags = back.destroy(bg, all)
		wantNone(t, diags)
		wantMembers(t, instance, 8, want)
		start(t, instance).wantEmptyPlan(single, member)
	}
}

func TestExclusive_workspaceNotAccessible(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	config := values{"workspace_id": 8, "owners": []string{emulator.HummelEmail}}
	made := start(t, instance).create(exclusiveKind, config)

	absent := start(t, instance)
	planned, diags := absent.plan(exclusiveKind, values{"workspace_id": 4711, "owners": []string{emulator.HummelEmail}}, nil)
	wantWarning(t, diags, "Workspace not accessible", "4711")

	_, diags = absent.apply(bg, planned)
	wantError(t, diags, "Unable to set workspace users", "4711")

	instance.HideWorkspace(8, true)

	run := start(t, instance)
	run.old = true
	found, diags := run.read(bg, made)
	wantWarning(t, diags, "Workspace no longer accessible", "its members")

	if found != nil {
		t.Errorf("found %s", found.value)
	}
}
