package examplestest

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// With -record the live tests write what the others read: testdata/CLI/NAME.json are plans, and testdata/NAME.md is the
// report of them, which is the same for both CLIs. Look at the difference before you keep it.
var record = flag.Bool("record", false, "write plans and reports to testdata")

const driftExample = "drift-detection"

// drifts are what can happen after an apply of the example, to the instance or to the configuration.
var drifts = []drift{
	{name: "nothing", says: "No drift, and nothing to do."},
	{
		name: "member-removed", says: `- john.hansarick@wallaroo.ai is no longer a member of workspace "fraud-scoring" (id N), was COLLABORATOR`,
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.RemoveMember(fraud, emulator.HansarickID)
		},
	},
	{
		name: "member-added", says: "- check.unmanaged_members failed: Members that nobody manages: eve@example.com is COLLABORATOR of fraud-scoring.",
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.SetMember(fraud, eveID, emulator.Collaborator)
		},
	},
	{
		name: "role-changed", says: `- john.hansarick@wallaroo.ai is OWNER of workspace "fraud-scoring" (id N) now, was COLLABORATOR`,
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.SetMember(fraud, emulator.HansarickID, emulator.Owner)
		},
	},
	{
		name: "set-changed", says: `- eve@example.com was made OWNER of workspace "equipe-donnees-ml" (id N)`,
		happen: func(instance *emulatortest.Instance, _, donnees int64) {
			instance.SetMember(donnees, eveID, emulator.Owner)
			instance.SetMember(donnees, emulator.AdminID, emulator.Collaborator)
			instance.RemoveMember(donnees, emulator.HansarickID)
		},
	},
	{
		name: "role-changed-in-set", says: `- john.hansarick@wallaroo.ai is OWNER of workspace "equipe-donnees-ml" (id N) now, was COLLABORATOR`,
		happen: func(instance *emulatortest.Instance, _, donnees int64) {
			instance.SetMember(donnees, emulator.HansarickID, emulator.Owner)
		},
	},
	{
		name: "workspace-gone", says: `- workspace "fraud-scoring" (id N) is gone, or this account has lost its access, and with it these members: john.h`,
		happen: func(instance *emulatortest.Instance, fraud, _ int64) { instance.HideWorkspace(fraud, true) },
	},
	{
		name: "workspace-of-set-gone", says: `- workspace "equipe-donnees-ml" (id N) is gone, or this account has lost its access, and with it these members: john.h`,
		happen: func(instance *emulatortest.Instance, _, donnees int64) { instance.HideWorkspace(donnees, true) },
	},
	{
		name: "workspace-renamed", says: `- workspace "fraud-scoring" (id N) changed: name was "fraud-scoring", is "fraud\n::error::"`,
		happen: func(instance *emulatortest.Instance, fraud, donnees int64) {
			instance.RenameWorkspace(fraud, "fraud\n::error::")
			instance.ArchiveWorkspace(donnees, true)
		},
	},
	{
		name: "refresh-only", says: "2 changes on the instance, 1 failed check.", flags: []string{"-refresh-only"},
		happen: func(instance *emulatortest.Instance, fraud, donnees int64) {
			instance.RemoveMember(fraud, emulator.HansarickID)
			instance.SetMember(fraud, eveID, emulator.Collaborator)
			instance.SetMember(donnees, eveID, emulator.Owner)
		},
	},
	{
		name: "refresh-only-workspace-gone", says: "1 change on the instance.", flags: []string{"-refresh-only"},
		happen: func(instance *emulatortest.Instance, fraud, _ int64) { instance.HideWorkspace(fraud, true) },
	},
	{
		name: "teams-changed", says: `- make john.hansarick@wallaroo.ai OWNER of workspace "fraud-scoring" (id N), is COLLABORATOR`,
		teams: `
			"Fraud Scoring" = {
				owners        = ["john.hummel@wallaroo.ai", "john.hansarick@wallaroo.ai"]
				collaborators = ["` + eveID + `"]
			}
			"Équipe Données & ML" = {
				owners          = ["john.hummel@wallaroo.ai"]
				collaborators   = ["eve@example.com"]
				exclusive       = true
				deletion_policy = "PREVENT"
			}
			platform = {
				owners         = ["eve@example.com"]
				exclusive      = true
				adopt_existing = true
			}`,
	},
	{
		name: "workspace-replaced", says: `- let go of workspace "fraud-scoring" (id N), which stays on the instance`,
		teams: `
			"Fraud Scoring" = {
				owners = ["john.hummel@wallaroo.ai"]
				name   = "fraud"
			}`,
	},
	{
		name: "set-and-back", says: `- leave john.hansarick@wallaroo.ai of workspace "fraud-scoring" (id N) to another resource`,
		teams: `
			"Fraud Scoring" = {
				owners        = ["john.hummel@wallaroo.ai"]
				collaborators = ["john.hansarick@wallaroo.ai"]
				exclusive     = true
			}
			"Équipe Données & ML" = {
				owners        = ["john.hummel@wallaroo.ai"]
				collaborators = ["john.hansarick@wallaroo.ai"]
			}`,
	},
}

type drift struct {
	name string
	// happen changes the instance, where the example has two workspaces.
	happen func(instance *emulatortest.Instance, fraud, donnees int64)
	// teams replace those of the example.
	teams string
	// flags are for the plan.
	flags []string
	// says is what the report is about. The ids of workspaces are N.
	says string
}

func (d drift) recorded(cli string) string { return filepath.Join("testdata", cli, d.name+".json") }
func (d drift) reported() string           { return filepath.Join("testdata", d.name+".md") }

// check compares what the script said of a plan.
func (d drift) check(t *testing.T, got result) {
	t.Helper()
	want := 2
	if d.name == "nothing" {
		want = 0
	}
	if got.status != want || got.stderr != "" {
		t.Errorf("exit status %d, want %d; standard error: %s", got.status, want, got.stderr)
	}
	report := regexp.MustCompile(`\bid \d+`).ReplaceAllString(got.stdout, "id N")
	if !strings.Contains(report, d.says) {
		t.Errorf("the report does not say %q:\n%s", d.says, report)
	}
	if *record {
		write(t, d.reported(), report)
	}
	golden, err := os.ReadFile(d.reported())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), report); diff != "" {
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

func TestDrift_live(t *testing.T) {
	t.Parallel()

	python := findPython(t)
	base := newInstance(t)
	applied := copyExamples(t, base, driftExample)
	applied.apply()
	applied.wantEmptyPlan()

	for _, test := range drifts {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			instance := clone(t, base)
			example := applied.again(t, instance)
			if test.happen != nil {
				test.happen(instance, instance.WorkspaceID("fraud-scoring"), instance.WorkspaceID("equipe-donnees-ml"))
			}
			if test.teams != "" {
				write(t, filepath.Join(example.dir, "main_override.tf"), "module \"teams\" {\n  teams = {"+test.teams+"\n  }\n}\n")
			}

			example.run(0, append([]string{"plan", "-out=plan.tfplan"}, test.flags...)...)
			shown := example.run(0, "show", "-json", "plan.tfplan").stdout
			write(t, filepath.Join(example.dir, "plan.json"), shown)
			if *record {
				keep(t, test.recorded(example.cli.name), shown)
			}
			test.check(t, example.start(python, "drift_report.py", "plan.json"))
		})
	}
}

func TestDrift_recorded(t *testing.T) {
	t.Parallel()

	python := findPython(t)
	for _, cli := range []string{"terraform", "tofu"} {
		for _, test := range drifts {
			t.Run(cli+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				test.check(t, here(t).start(python, script, test.recorded(cli)))
			})
		}
	}
}

// The plan of a run that failed is no whole plan.
func TestDrift_failedRun(t *testing.T) {
	t.Parallel()

	python := findPython(t)
	example := copyExamples(t, newInstance(t), driftExample)
	example.run(0, "get")
	example.instance.AddWorkspace(emulator.Workspace{Name: "fraud-scoring", Members: map[string]string{emulator.HummelID: emulator.Owner}})
	example.run(1, "plan", "-out=plan.tfplan")
	write(t, filepath.Join(example.dir, "plan.json"), example.run(0, "show", "-json", "plan.tfplan").stdout)

	got := example.start(python, "drift_report.py", "plan.json")
	if want := "drift_report: plan.json is the plan of a run that failed"; got.status != 1 || got.stdout != "" || !strings.HasPrefix(got.stderr, want) {
		t.Errorf("exit status %d: %s", got.status, got)
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
	example := copyExamples(t, instance, driftExample)
	example.apply()

	content, err := os.ReadFile(filepath.Join(example.dir, ".github", "workflows", "drift.yml"))
	if err != nil {
		t.Fatal(err)
	}
	workflow := string(content)
	for _, uses := range regexp.MustCompile(`uses: .*`).FindAllString(workflow, -1) {
		if !regexp.MustCompile(`@[0-9a-f]{40} # v\d+\.\d+\.\d+$`).MatchString(uses) {
			t.Errorf("not pinned: %s", uses)
		}
	}
	summary := filepath.Join(t.TempDir(), "summary.md")
	example.env = append(example.env, "GITHUB_STEP_SUMMARY="+summary)
	steps := "terraform() { '" + example.cli.path + "' \"$@\"; }\n" + step(t, workflow, "Plan") + step(t, workflow, "Report")

	if got := example.start(bash, "-e", "-c", steps); got.status != 0 {
		t.Errorf("nothing has changed, but the exit status is %d:\n%s", got.status, got)
	}
	instance.RemoveMember(instance.WorkspaceID("fraud-scoring"), emulator.HansarickID)
	if got := example.start(bash, "-e", "-c", steps); got.status != 2 {
		t.Errorf("a member is gone, but the exit status is %d:\n%s", got.status, got)
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

// The check warns of a member whom nobody manages, unless he is tolerated.
func TestDrift_check(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := copyExamples(t, instance, driftExample)
	// The account that runs Terraform is listed nowhere.
	write(t, filepath.Join(example.dir, "main_override.tf"),
		"module \"teams\" {\n  teams = {\n    \"Fraud Scoring\" = { owners = [\"john.hansarick@wallaroo.ai\"] }\n  }\n}\n")
	example.apply()
	fraud := instance.WorkspaceID("fraud-scoring")
	instance.SetMember(fraud, eveID, emulator.Owner)
	instance.SetMember(fraud, emulator.AdminID, emulator.Collaborator)

	for _, test := range []struct {
		tolerated string
		want, not []string
	}{
		{`[]`, []string{"eve@example.com is OWNER of fraud-scoring", "admin is COLLABORATOR of fraud-scoring"}, []string{"john."}},
		{`["eve@example.com"]`, []string{"admin is COLLABORATOR"}, []string{"eve@"}},
		{`["` + eveID + `", "` + emulator.AdminID + `"]`, nil, []string{"Check block assertion failed"}},
	} {
		plan := example.run(0, "plan", "-detailed-exitcode", "-var=tolerated="+test.tolerated)
		_, said, _ := strings.Cut(strings.Join(strings.Fields(plan.String()), " "), "Members that nobody manages")
		for _, want := range test.want {
			if !strings.Contains(said, want) {
				t.Errorf("tolerated %s: the check does not say %q:\n%s", test.tolerated, want, plan)
			}
		}
		if slices.ContainsFunc(test.not, func(not string) bool { return strings.Contains(said, not) }) {
			t.Errorf("tolerated %s: the check says one of %q:\n%s", test.tolerated, test.not, plan)
		}
	}
}

// keep writes what the report needs of a plan.
func keep(t *testing.T, path, shown string) {
	t.Helper()
	var plan map[string]any
	if err := json.Unmarshal([]byte(shown), &plan); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"configuration", "relevant_attributes", "timestamp", "variables"} {
		delete(plan, name)
	}
	plan["planned_values"] = map[string]any{}
	content, err := json.MarshalIndent(plan, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, path, string(content)+"\n")
}
