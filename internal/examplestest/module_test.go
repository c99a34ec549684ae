package examplestest

import (
	"maps"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const module = "modules/team-workspaces"

func TestModule_mocked(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	newInitialized(t, instance, module).Run(0, "test").Expect("Success! 9 passed, 0 failed")

	if got := instance.Requests(); len(got) > 0 {
		t.Errorf("a mocked provider sent requests: %v", got)
	}
}

func TestModule_emulated(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	newInitialized(t, instance, module).Run(0, "test", "-test-directory=tests/emulator").Expect("Success! 2 passed, 0 failed")

	if instance.WorkspaceID("fraud-scoring") == 0 || instance.WorkspaceID("equipe-donnees-ml") == 0 {
		t.Errorf("the runs created no workspaces: %v", instance.Workspaces())
	}
}

func TestModule_twoTeams(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := newInitialized(t, instance, module+"/examples/two-teams")
	example.Apply()
	example.ExpectEmptyPlan()

	ids := map[string]int64{}
	example.Output("workspace_ids", &ids)

	want := map[string]int64{
		"Fraud Scoring":       instance.WorkspaceID("fraud-scoring"),
		"Équipe Données & ML": instance.WorkspaceID("equipe-donnees-ml"),
	}
	if !maps.Equal(ids, want) {
		t.Errorf("workspace_ids: got %v, want %v", ids, want)
	}

	for team, members := range map[string]map[string]string{
		"Fraud Scoring":       {annID: emulator.Owner, bobID: emulator.Collaborator},
		"Équipe Données & ML": {annID: emulator.Owner, bobID: emulator.Owner},
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
	example := newInitialized(t, instance, module)

	teams := func(exclusive string) string {
		return `-var=teams={fraud={owners=["Bob@example.com"],collaborators=["` + carolID + `"],exclusive=` + exclusive + `}}`
	}
	for _, exclusive := range []string{"false", "true", "false"} {
		example.Apply(teams(exclusive))
		example.ExpectEmptyPlan(teams(exclusive))

		got, want := instance.Members(instance.WorkspaceID("fraud")), map[string]string{
			annID: emulator.Owner, bobID: emulator.Owner, carolID: emulator.Collaborator,
		}
		if !maps.Equal(got, want) {
			t.Fatalf("members with exclusive = %s: got %v, want %v", exclusive, got, want)
		}
	}
}

// A team gets another key, as the README describes, and keeps its workspace and its members.
func TestModule_anotherKey(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := newInitialized(t, instance, module)
	team := `{name="fraud-scoring",owners=["` + bobEmail + `"],collaborators=["carol@example.com"]}`
	example.Apply(`-var=teams={"Fraud Scoring"=` + team + `}`)

	fraud := instance.WorkspaceID("fraud-scoring")
	members := instance.Members(fraud)
	instance.ResetRequests()

	example.Write("moved.tf", "moved {\n  from = wallaroo_workspace.team[\"Fraud Scoring\"]\n  to   = wallaroo_workspace.team[\"fraud\"]\n}\n")
	example.Apply(`-var=teams={fraud=` + team + `}`)
	example.ExpectEmptyPlan(`-var=teams={fraud=` + team + `}`)

	if got := instance.Members(fraud); !maps.Equal(got, members) {
		t.Errorf("members: got %v, want %v", got, members)
	}

	if got := instance.Count("workspaces/create"); got != 0 {
		t.Errorf("%d workspaces were created", got)
	}
}

// A typo in an email is an error before a workspace is created, if the module is asked to look the users up.
func TestModule_requireExistingUsers(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
	example := newInitialized(t, instance, module)
	example.Write("teams.tfvars", `teams = { fraud = { owners = ["ann@example.com"], collaborators = ["bbo@example.com"] } }`+"\n")
	example.Run(1, "apply", "-auto-approve", "-var-file=teams.tfvars", "-var=require_existing_users=true").
		Expect("Unable to find user", `"bbo@example.com"`)

	if got := instance.Count("workspaces/create"); got != 0 {
		t.Errorf("%d workspaces were created", got)
	}
}

func TestModule_validation(t *testing.T) {
	t.Parallel()

	instance := newInstance(t)
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
			`List an owner for: "fraud".`,
		},
		"listed in two spellings": {
			`{fraud={owners=["A@example.com"],collaborators=["a@example.com"]}}`,
			`List each user once in a team, as an owner or as a collaborator: a@example.com is listed 2 times in "fraud".`,
		},
		"ignored without exclusive": {
			`{fraud={owners=["a@example.com"],ignored_users=["b@example.com"]}}`,
			`"ignored_users" needs "exclusive = true": "fraud".`,
		},
		"policy": {
			`{fraud={owners=["a@example.com"],deletion_policy="prevent"}}`,
			`"deletion_policy" must be "ABANDON" or "PREVENT", in capital letters: "fraud".`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			example := newInitialized(t, instance, module)
			example.Write("teams.tfvars", "teams = "+test.teams+"\n")
			example.Run(1, "plan", "-var-file=teams.tfvars").Expect(test.want)
		})
	}
}
