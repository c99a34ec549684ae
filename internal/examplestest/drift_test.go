package examplestest

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

var record = flag.Bool("record", false, "keep the plans of the drift tests in testdata")

// drifts are what can happen to the instance, or to the configuration, after an apply of the example. The ids of
// workspaces are N in reports.
var drifts = []struct {
	name   string
	happen func(instance *emulatortest.Instance, fraud, donnees int64)
	// teams replace those of the example, and flags are for the plan.
	teams  string
	flags  []string
	report string
}{
	{name: "nothing"},
	{
		name: "member removed",
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.RemoveMember(fraud, emulator.HansarickID)
		},
	},
	{
		name: "member added",
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.SetMember(fraud, eveID, emulator.Collaborator)
		},
	},
	{
		name: "role changed",
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.SetMember(fraud, emulator.HansarickID, emulator.Owner)
		},
	},
	{
		name: "set changed",
		happen: func(instance *emulatortest.Instance, _, donnees int64) {
			instance.SetMember(donnees, eveID, emulator.Owner)
			instance.SetMember(donnees, emulator.AdminID, emulator.Collaborator)
			instance.RemoveMember(donnees, emulator.HansarickID)
		},
	},
	{
		name: "role changed in a set",
		happen: func(instance *emulatortest.Instance, _, donnees int64) {
			instance.SetMember(donnees, emulator.HansarickID, emulator.Owner)
		},
	},
	{
		name: "workspace gone",
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.HideWorkspace(fraud, true)
		},
	},
	{
		name: "workspace of a set gone",
		happen: func(instance *emulatortest.Instance, _, donnees int64) {
			instance.HideWorkspace(donnees, true)
		},
	},
	{
		name: "workspace renamed and archived",
		happen: func(instance *emulatortest.Instance, fraud, donnees int64) {
			instance.RenameWorkspace(fraud, "fraud-2024\n::error::x")
			instance.ArchiveWorkspace(donnees, true)
		},
	},
	{
		name: "several at once",
		happen: func(instance *emulatortest.Instance, fraud, donnees int64) {
			instance.SetMember(fraud, eveID, emulator.Collaborator)
			instance.RemoveMember(fraud, emulator.HansarickID)
			instance.RemoveMember(donnees, emulator.HansarickID)
		},
	},
	{
		name:  "refresh only",
		flags: []string{"-refresh-only"},
		happen: func(instance *emulatortest.Instance, fraud, donnees int64) {
			instance.RemoveMember(fraud, emulator.HansarickID)
			instance.SetMember(donnees, eveID, emulator.Owner)
		},
	},
	{
		name:  "refresh only, a workspace gone",
		flags: []string{"-refresh-only"},
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.HideWorkspace(fraud, true)
		},
	},
	{
		name:  "refresh only, a stranger and more",
		flags: []string{"-refresh-only"},
		happen: func(instance *emulatortest.Instance, fraud, _ int64) {
			instance.RemoveMember(fraud, emulator.HansarickID)
			instance.SetMember(fraud, eveID, emulator.Owner)
		},
	},
	{
		name: "teams changed",
		teams: `    "Fraud Scoring" = {
      owners        = ["john.hummel@wallaroo.ai", "john.hansarick@wallaroo.ai"]
      collaborators = ["` + eveID + `"]
    }
    "Équipe Données & ML" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["eve@example.com"]
      exclusive     = true
      deletion_policy = "PREVENT"
    }
    platform = {
      owners = ["eve@example.com"]
      exclusive = true
      adopt_existing = true
    }
`,
	},
	{
		name: "workspace replaced",
		teams: `    "Fraud Scoring" = {
      name = "fraud"
      owners        = ["john.hummel@wallaroo.ai"]
    }
`,
	},
	{
		name: "set and back",
		teams: `    "Fraud Scoring" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["john.hansarick@wallaroo.ai"]
      exclusive = true
    }
    "Équipe Données & ML" = {
      owners        = ["john.hummel@wallaroo.ai"]
      collaborators = ["john.hansarick@wallaroo.ai"]
    }
`,
	},
}

// normal makes reports of several runs comparable.
func normal(report string) string {
	return strings.TrimSpace(regexp.MustCompile(`\bid \d+`).ReplaceAllString(report, "id N"))
}

func findPython(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on PATH: the drift report is not tested; install Python 3.8 or later")
	}
	return path
}

func TestDrift(t *testing.T) {
	t.Parallel()

	python := findPython(t)
	base := newInstance(t)
	applied := copyExamples(t, base, "drift-detection")
	applied.apply()
	applied.wantEmptyPlan()

	for _, test := range drifts {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			root := filepath.Join(t.TempDir(), "examples")
			copyTree(t, root, applied.root)
			if err := os.CopyFS(filepath.Join(root, "drift-detection", ".terraform"), os.DirFS(filepath.Join(applied.dir, ".terraform"))); err != nil {
				t.Fatal(err)
			}
			instance := clone(t, base)
			example := enter(t, applied.cli, instance, root, "drift-detection")
			if test.happen != nil {
				test.happen(instance, instance.WorkspaceID("fraud-scoring"), instance.WorkspaceID("equipe-donnees-ml"))
			}
			if test.teams != "" {
				write(t, filepath.Join(example.dir, "main_override.tf"), "module \"teams\" {\n  teams = {\n"+test.teams+"  }\n}\n")
			}
			example.run(0, append([]string{"plan", "-out=plan.tfplan"}, test.flags...)...)
			shown := example.run(0, "show", "-json", "plan.tfplan").stdout
			write(t, filepath.Join(example.dir, "plan.json"), shown)
			if *record {
				keep(t, filepath.Join("testdata", example.cli.name, strings.ReplaceAll(test.name, " ", "-")+".json"), shown)
			}
			got := example.start(python, "drift_report.py", "plan.json")
			t.Logf("%d\n%s", got.status, got)
			_ = emulator.Owner
		})
	}
}

// keep writes what the report needs of a plan.
func keep(t *testing.T, path, shown string) {
	t.Helper()
	var plan map[string]any
	if err := json.Unmarshal([]byte(shown), &plan); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"configuration", "relevant_attributes", "timestamp"} {
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
