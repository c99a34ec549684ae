package examplestest

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const module = "modules/team-workspaces"

func TestModule_mocked(t *testing.T) {
	t.Parallel()

	got := copyExamples(t, nil, module).run(0, "test")
	if !strings.Contains(got.stdout, "Success! 7 passed, 0 failed") {
		t.Errorf("not all runs were made:\n%s", got)
	}
}

func TestModule_emulated(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)

	got := copyExamples(t, instance, module).run(0, "test", "-test-directory=tests/emulator")
	if !strings.Contains(got.stdout, "Success! 2 passed, 0 failed") {
		t.Errorf("not all runs were made:\n%s", got)
	}
	if instance.WorkspaceID("fraud-scoring") == 0 || instance.WorkspaceID("equipe-donnees-ml") == 0 {
		t.Errorf("the runs made no workspaces: %v", instance.Workspaces())
	}
}

func TestModule_twoTeams(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := copyExamples(t, instance, module+"/examples/two-teams")
	example.apply()
	example.wantEmptyPlan()

	ids := map[string]int64{}
	example.output("workspace_ids", &ids)
	want := map[string]int64{
		"Fraud Scoring":       instance.WorkspaceID("fraud-scoring"),
		"Équipe Données & ML": instance.WorkspaceID("equipe-donnees-ml"),
	}
	if !maps.Equal(ids, want) {
		t.Errorf("workspace_ids: got %v, want %v", ids, want)
	}
	for team, members := range map[string]map[string]string{
		"Fraud Scoring":       {emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Collaborator},
		"Équipe Données & ML": {emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner},
	} {
		if got := instance.Members(want[team]); !maps.Equal(got, members) {
			t.Errorf("members of %s: got %v, want %v", team, got, members)
		}
	}
}

// Members move between the two ways to manage them in one apply, and nobody is lost.
func TestModule_exclusiveAndBack(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := copyExamples(t, instance, module)
	teams := func(exclusive string) string {
		return `-var=teams={fraud={owners=["John.Hansarick@wallaroo.ai"],collaborators=["` + eveID + `"],exclusive=` + exclusive + `}}`
	}
	for _, exclusive := range []string{"false", "true", "false"} {
		example.apply(teams(exclusive))
		example.wantEmptyPlan(teams(exclusive))

		got, want := instance.Members(instance.WorkspaceID("fraud")), map[string]string{
			emulator.HummelID: emulator.Owner, emulator.HansarickID: emulator.Owner, eveID: emulator.Collaborator,
		}
		if !maps.Equal(got, want) {
			t.Fatalf("members with exclusive = %s: got %v, want %v", exclusive, got, want)
		}
	}
}

// A team gets another key, as the README tells, and keeps its workspace and its members.
func TestModule_anotherKey(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := copyExamples(t, instance, module)
	team := `{name="fraud-scoring",owners=["` + emulator.HansarickEmail + `"],collaborators=["` + eveEmail + `"]}`
	example.apply(`-var=teams={"Fraud Scoring"=` + team + `}`)
	fraud := instance.WorkspaceID("fraud-scoring")
	members := instance.Members(fraud)
	instance.ResetRequests()

	write(t, filepath.Join(example.dir, "moved.tf"), "moved {\n  from = wallaroo_workspace.team[\"Fraud Scoring\"]\n  to   = wallaroo_workspace.team[\"fraud\"]\n}\n")
	example.apply(`-var=teams={fraud=` + team + `}`)
	example.wantEmptyPlan(`-var=teams={fraud=` + team + `}`)

	if got := instance.Members(fraud); !maps.Equal(got, members) {
		t.Errorf("members: got %v, want %v", got, members)
	}
	if got := instance.Count("workspaces/create"); got != 0 {
		t.Errorf("%d workspaces were made", got)
	}
}

func TestModule_validation(t *testing.T) {
	t.Parallel()

	example := copyExamples(t, newInstance(t), module)

	for name, test := range map[string]struct{ teams, want string }{
		"names collide": {
			`{"Fraud Scoring"={owners=["a@example.com"]},fraud_scoring={owners=["a@example.com"]}}`,
			`Set "name" for one of: "Fraud Scoring" and "fraud_scoring", which both give "fraud-scoring".`,
		},
		"a name collides with a key": {
			`{"Fraud Scoring"={owners=["a@example.com"]},b={owners=["a@example.com"],name="fraud-scoring"}}`,
			`"Fraud Scoring" and "b", which both give "fraud-scoring"`,
		},
		"nothing is left of a key": {
			`{"研究"={owners=["a@example.com"]}}`,
			`Nothing of these keys can be part of a workspace name, so set "name": "研究".`,
		},
		"no owner": {
			`{fraud={owners=[],collaborators=["a@example.com"]}}`,
			`List one for: "fraud".`,
		},
		"listed in two spellings": {
			`{fraud={owners=["A@example.com"],collaborators=["a@example.com"]}}`,
			`List each person once in a team, as an owner or as a collaborator: a@example.com is listed 2 times in "fraud".`,
		},
		"policy": {
			`{fraud={owners=["a@example.com"],deletion_policy="prevent"}}`,
			`"deletion_policy" must be "ABANDON" or "PREVENT", in capital letters: "fraud".`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			variables := filepath.Join(t.TempDir(), "teams.tfvars")
			write(t, variables, "teams = "+test.teams+"\n")

			one := example
			one.t = t

			got := strings.Join(strings.Fields(one.run(1, "plan", "-lock=false", "-var-file="+variables).stderr), " ")
			if !strings.Contains(got, test.want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, test.want)
			}
		})
	}
}
