package livetest_test

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

func TestFacts(t *testing.T) {
	t.Parallel()

	byID := ours()
	byID.CreatedBy = emulator.HummelID

	for name, test := range map[string]struct {
		api       emulator.API
		workspace emulator.Workspace
		want      map[string]string
	}{
		"recent": {emulator.API{}, ours(), map[string]string{
			"email in the access token":                      "yes",
			"users/query":                                    "lists 4 users",
			"created_by":                                     "the user's email",
			"workspaces/list with user_ids":                  "ignored",
			"list_users of an unknown workspace":             "a list of 0",
			"add_user with an unknown email":                 "refused: 400 User with email nobody@wallaroo.invalid does not exist",
			"add_user of a member, other role":               "the role changes",
			"remove_user of a member says it had an effect":  "yes",
			"remove_user of no member says it had an effect": "no",
		}},
		"other versions": {
			emulator.API{
				CreatedBy: emulator.CreatedByID, ListFilter: emulator.ListFilterUserIDs, Roles: emulator.RolesSticky,
				NullUserType: true, UsersQuery: "403",
			}, byID, map[string]string{
				"users/query":                      "refused: 403 the users of this instance cannot be queried",
				"created_by":                       "the user's ID",
				"workspaces/list with user_ids":    "honored",
				"add_user of a member, other role": "the role stays",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, test.api)
			id := f.AddWorkspace(test.workspace)

			found, err := f.open(t, map[string]string{"WALLAROO_LIVE_MEMBER_ID": emulator.HansarickID}).Facts(t.Context(), 1)
			if err != nil || len(found) != 9 {
				t.Fatalf("%d facts: %v", len(found), err)
			}

			for _, fact := range found {
				if want, ok := test.want[fact.Point]; ok && fact.Observed != want {
					t.Errorf("%s: got %q, want %q", fact.Point, fact.Observed, want)
				}

				delete(test.want, fact.Point)

				for _, secret := range []string{emulator.HummelEmail, emulator.HansarickEmail, emulator.HummelID, emulator.HansarickID, f.URL} {
					if strings.Contains(fact.Observed, secret) {
						t.Errorf("%s names somebody: %s", fact.Point, fact.Observed)
					}
				}
			}

			if len(test.want) > 0 {
				t.Errorf("facts are missing: %v", test.want)
			}

			f.wantMembers(t, id, map[string]string{emulator.HummelID: emulator.Owner, annID: emulator.Collaborator})
		})
	}
}

func TestFacts_missingWorkspace(t *testing.T) {
	t.Parallel()

	f := newFixture(t, emulator.API{})
	if _, err := f.open(t, nil).Facts(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "does not exist yet") {
		t.Errorf("error is %v", err)
	}

	f.wantNoWrite(t)
}
