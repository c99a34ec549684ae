package livetest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/livetest"
)

// facts are what the instance answers, by point. The workspace is left as it was but for the member.
func facts(t *testing.T, instance *emulatortest.Instance, sandbox *livetest.Sandbox, workspace emulator.Workspace) map[string]string {
	t.Helper()

	id := instance.AddWorkspace(workspace)

	found, err := sandbox.Facts(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}

	answers := map[string]string{}
	for _, fact := range found {
		answers[fact.Point] = fact.Observed
		for _, secret := range []string{emulator.HummelEmail, emulator.HansarickEmail, emulator.HummelID, emulator.HansarickID, instance.URL} {
			if strings.Contains(fact.Observed, secret) {
				t.Errorf("%s names somebody: %s", fact.Point, fact.Observed)
			}
		}
	}

	want := map[string]string{emulator.HummelID: emulator.Owner, annID: emulator.Collaborator}
	if got := instance.Members(id); !maps.Equal(got, want) {
		t.Errorf("members are %v, want %v", got, want)
	}

	return answers
}

func wantFacts(t *testing.T, got, want map[string]string) {
	t.Helper()

	for point, answer := range want {
		if got[point] != answer {
			t.Errorf("%s: got %q, want %q", point, got[point], answer)
		}
	}
}

func TestFacts_recent(t *testing.T) {
	t.Parallel()
	instance := instanceWithAnn(t, emulator.Options{})
	got := facts(t, instance, open(t, instance, nil), ours())
	wantFacts(t, got, map[string]string{
		"email in the access token":                      "yes",
		"users/query":                                    "lists 4 users",
		"created_by":                                     "the user's email",
		"workspaces/list with user_ids":                  "ignored",
		"list_users of an unknown workspace":             "a list of 0",
		"add_user with an unknown email":                 "refused: 400 User with email nobody@wallaroo.invalid does not exist",
		"add_user of a member, other role":               "the role changes",
		"remove_user of a member says it had an effect":  "yes",
		"remove_user of no member says it had an effect": "no",
	})

	if len(got) != 9 {
		t.Errorf("%d facts: %v", len(got), got)
	}
}

func TestFacts_otherVersions(t *testing.T) {
	t.Parallel()
	instance := instanceWithAnn(t, emulator.Options{
		API: emulator.API{
			CreatedBy: emulator.CreatedByID, ListFilter: emulator.ListFilterUserIDs, Roles: emulator.RolesSticky,
			NullUserType: true, UsersQuery: "403",
		},
	})
	workspace := ours()
	workspace.CreatedBy = emulator.HummelID
	sandbox := open(t, instance, map[string]string{"WALLAROO_LIVE_MEMBER_ID": emulator.HansarickID})
	wantFacts(t, facts(t, instance, sandbox, workspace), map[string]string{
		"users/query":                      "refused: 403 the users of this instance cannot be queried",
		"created_by":                       "the user's ID",
		"workspaces/list with user_ids":    "honored",
		"add_user of a member, other role": "the role stays",
	})
}

func TestFacts_missingWorkspace(t *testing.T) {
	t.Parallel()

	instance := instanceWithAnn(t, emulator.Options{})
	if _, err := open(t, instance, nil).Facts(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "does not exist yet") {
		t.Errorf("error is %v", err)
	}

	wantNoWrite(t, instance)
}
