package examplestest

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// With -update the tests write the reports that they expect, testdata/NAME.md, which are the same for both CLIs. Look at
// the difference before you keep it.
var update = flag.Bool("update", false, "write the expected reports")

const driftExample = "drift-detection"

// drifts are what can happen after an apply of the example, to the instance or to the configuration.
var drifts = []drift{
	{name: "nothing"},
	{name: "member-removed", happen: func(i *emulatortest.Instance, fraud, _ int64) { i.RemoveMember(fraud, bobID) }},
	{name: "member-added", happen: func(i *emulatortest.Instance, fraud, _ int64) { i.SetMember(fraud, carolID, emulator.Collaborator) }},
	{name: "role-changed", happen: func(i *emulatortest.Instance, fraud, _ int64) { i.SetMember(fraud, bobID, emulator.Owner) }},
	{name: "set-changed", happen: func(i *emulatortest.Instance, _, donnees int64) {
		i.SetMember(donnees, carolID, emulator.Owner)
		i.SetMember(donnees, adminID, emulator.Collaborator)
		i.RemoveMember(donnees, bobID)
	}},
	{name: "role-changed-in-set", happen: func(i *emulatortest.Instance, _, donnees int64) { i.SetMember(donnees, bobID, emulator.Owner) }},
	{name: "workspace-gone", happen: func(i *emulatortest.Instance, fraud, _ int64) { i.HideWorkspace(fraud, true) }},
	{name: "workspace-of-set-gone", happen: func(i *emulatortest.Instance, _, donnees int64) { i.HideWorkspace(donnees, true) }},
	{name: "workspace-renamed", happen: func(i *emulatortest.Instance, fraud, donnees int64) {
		i.RenameWorkspace(fraud, "fraud\n::error::")
		i.ArchiveWorkspace(donnees, true)
	}},
	{name: "refresh-only", flags: []string{"-refresh-only"}, happen: func(i *emulatortest.Instance, fraud, donnees int64) {
		i.RemoveMember(fraud, bobID)
		i.SetMember(fraud, carolID, emulator.Collaborator)
		i.SetMember(donnees, carolID, emulator.Owner)
	}},
	{name: "refresh-only-workspace-gone", flags: []string{"-refresh-only"}, happen: func(i *emulatortest.Instance, fraud, _ int64) { i.HideWorkspace(fraud, true) }},
	{name: "teams-changed", teams: `
			"Fraud Scoring" = {
				owners        = ["ann@example.com", "bob@example.com"]
				collaborators = ["` + carolID + `"]
			}
			"Équipe Données & ML" = {
				owners          = ["ann@example.com"]
				collaborators   = ["carol@example.com"]
				exclusive       = true
				deletion_policy = "PREVENT"
			}
			platform = {
				owners         = ["carol@example.com"]
				exclusive      = true
				adopt_existing = true
			}`},
	{name: "workspace-replaced", teams: `
			"Fraud Scoring" = {
				owners = ["ann@example.com"]
				name   = "fraud"
			}`},
	{name: "set-and-back", teams: `
			"Fraud Scoring" = {
				owners        = ["ann@example.com"]
				collaborators = ["bob@example.com"]
				exclusive     = true
			}
			"Équipe Données & ML" = {
				owners        = ["ann@example.com"]
				collaborators = ["bob@example.com"]
			}`},
}

type drift struct {
	name string
	// happen changes the instance, where the example has two workspaces.
	happen func(i *emulatortest.Instance, fraud, donnees int64)
	// teams replace those of the example.
	teams string
	// flags are for the plan.
	flags []string
}

// expect compares the report of a plan with the one of testdata, in which the IDs of workspaces are N.
func (d drift) expect(t *testing.T, got acctest.Result) {
	t.Helper()

	code := 2
	if d.name == "nothing" {
		code = 0
	}

	if err := got.Err(code); err != nil {
		t.Error(err)
	}

	report := regexp.MustCompile(`\b(id|ID) \d+`).ReplaceAllString(got.Output, "$1 N")

	path := filepath.Join("testdata", d.name+".md")
	if *update {
		if err := os.WriteFile(path, []byte(report), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(string(want), report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

// findPython skips a test where the script cannot run.
func findPython(t *testing.T) string {
	t.Helper()

	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH, so the drift report is not tested: install Python 3.7 or later")
	}

	return path
}

// report plans, and reports on the JSON of the plan.
func report(t *testing.T, example *acctest.Folder, flags ...string) acctest.Result {
	t.Helper()
	python := findPython(t)

	example.Run(0, append([]string{"plan", "-out=plan.tfplan"}, flags...)...)
	example.Write("plan.json", example.Run(0, "show", "-json", "plan.tfplan").Stdout)

	return run(t, example.Command(python, "drift_report.py", "plan.json"))
}

func TestDrift(t *testing.T) {
	t.Parallel()

	base := newInstance(t)
	applied := newInitialized(t, base, driftExample)
	applied.Apply()
	applied.ExpectEmptyPlan()

	for _, test := range drifts {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			instance := clone(t, base)

			example := newExample(t, instance, filepath.Dir(applied.Dir), driftExample)
			if test.happen != nil {
				test.happen(instance, instance.WorkspaceID("fraud-scoring"), instance.WorkspaceID("equipe-donnees-ml"))
			}

			if test.teams != "" {
				example.Write("main_override.tf", "module \"teams\" {\n  teams = {"+test.teams+"\n  }\n}\n")
			}

			test.expect(t, report(t, example, test.flags...))
		})
	}
}

// A terminal that knows no accents is no reason to fail.
func TestDrift_oldTerminal(t *testing.T) {
	t.Parallel()

	example := newInitialized(t, newInstance(t), driftExample)

	example.Env = append(example.Env, "PYTHONIOENCODING=ascii", "LC_ALL=C")
	if got := report(t, example); got.Code != 2 || !got.Contains("Équipe") {
		t.Errorf("result is %+v", got)
	}
}

// A plan that failed is incomplete.
func TestDrift_failedRun(t *testing.T) {
	t.Parallel()

	python := findPython(t)
	instance := newInstance(t)
	example := newInitialized(t, instance, driftExample)
	instance.AddWorkspace(emulator.Workspace{Name: "fraud-scoring", Members: map[string]string{annID: emulator.Owner}})
	example.Run(1, "plan", "-out=plan.tfplan")
	example.Write("plan.json", example.Run(0, "show", "-json", "plan.tfplan").Stdout)

	got := run(t, example.Command(python, "drift_report.py", "plan.json"))
	if got.Code != 1 || got.Stdout != "" || !got.Contains("drift_report: plan.json is incomplete because planning failed") {
		t.Errorf("result is %+v", got)
	}
}

// The steps of the workflow, as GitHub runs them.
func TestDrift_workflow(t *testing.T) {
	t.Parallel()

	findPython(t)

	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on PATH, so the workflow's steps are not tested")
	}

	instance := newInstance(t)
	example := newInitialized(t, instance, driftExample)
	example.Apply()

	workflow := example.Read(".github/workflows/drift.yml")
	for _, uses := range regexp.MustCompile(`uses: .*`).FindAllString(workflow, -1) {
		if !regexp.MustCompile(`@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(uses) {
			t.Errorf("not pinned: %s", uses)
		}
	}

	summary := filepath.Join(t.TempDir(), "summary.md")
	example.Env = append(example.Env, "GITHUB_STEP_SUMMARY="+summary)
	steps := "terraform() { '" + example.CLI.Path + "' \"$@\"; }\n" + step(t, workflow, "Plan") + step(t, workflow, "Report")

	fraud := instance.WorkspaceID("fraud-scoring")

	for _, test := range []struct {
		happens func()
		code    int
		want    string
	}{
		{func() {}, 0, ""},
		{func() { instance.RemoveMember(fraud, bobID) }, 2, ""},
		{func() { instance.SetMember(fraud, carolID, emulator.Owner) }, 2, "check.unmanaged_members failed"},
		{func() { instance.SetMember(fraud, bobID, emulator.Collaborator) }, 2, "1 failed check."},
	} {
		test.happens()

		if got := run(t, example.Command(bash, "-e", "-c", steps)); got.Code != test.code || !got.Contains(test.want) {
			t.Errorf("want exit code %d and %q, got %+v", test.code, test.want, got)
		}
	}

	reports, err := os.ReadFile(summary)
	if err != nil {
		t.Fatal(err)
	}

	if want := "No drift, and nothing to do.\n1 change on the instance, 1 thing to do.\n"; !strings.HasPrefix(string(reports), want) {
		t.Errorf("summary:\n%s", reports)
	}
}

// step is the script of a step of a workflow.
func step(t *testing.T, workflow, name string) string {
	t.Helper()

	_, rest, found := strings.Cut(workflow, "- name: "+name+"\n")
	if !found {
		t.Fatalf("the workflow has no step %s", name)
	}

	rest, _, _ = strings.Cut(rest, "\n\n")

	_, run, found := strings.Cut(rest, "        run: ")
	if !found {
		t.Fatalf("the step %s runs nothing", name)
	}

	return strings.ReplaceAll(strings.TrimPrefix(run, "|\n"), "\n          ", "\n") + "\n"
}

// The check warns of members who are not managed, unless they are tolerated.
func TestDrift_check(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := newInitialized(t, instance, driftExample)
	// The account that runs Terraform is listed nowhere.
	example.Write("main_override.tf",
		"module \"teams\" {\n  teams = {\n    \"Fraud Scoring\" = { owners = [\"bob@example.com\"] }\n  }\n}\n")
	example.Apply()

	fraud := instance.WorkspaceID("fraud-scoring")
	instance.SetMember(fraud, carolID, emulator.Owner)
	instance.SetMember(fraud, adminID, emulator.Collaborator)

	for _, test := range []struct {
		tolerated string
		want, not []string
	}{
		{`[]`, []string{"carol@example.com is OWNER of fraud-scoring", "admin is COLLABORATOR of fraud-scoring"}, []string{"ann@", "bob@"}},
		{`["carol@example.com"]`, []string{"admin is COLLABORATOR"}, []string{"carol@"}},
		{`["` + carolID + `", "` + adminID + `"]`, nil, []string{"Check block assertion failed"}},
	} {
		plan := example.Run(0, "plan", "-detailed-exitcode", "-var=tolerated="+test.tolerated)

		_, said, _ := strings.Cut(strings.Join(strings.Fields(plan.Output), " "), "Members that are not managed by Terraform")
		for _, want := range test.want {
			if !strings.Contains(said, want) {
				t.Errorf("tolerated %s: the check does not say %q:\n%s", test.tolerated, want, plan.Output)
			}
		}

		if slices.ContainsFunc(test.not, func(not string) bool { return strings.Contains(said, not) }) {
			t.Errorf("tolerated %s: the check says one of %q:\n%s", test.tolerated, test.not, plan.Output)
		}
	}
}
