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
func facts(t *testing.T, instance *emulatortest.Instance, ground *livetest.Ground, workspace emulator.Workspace) map[string]string {
	t.Helper()
	id := instance.AddWorkspace(workspace)
	found, err := ground.Facts(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string]string{}
	for _, fact := range found {
		answers[fact.Point] = fact.Answer
		for _, secret := range []string{emulator.HummelEmail, emulator.HansarickEmail, emulator.HummelID, emulator.HansarickID, instance.URL} {
			if strings.Contains(fact.Answer, secret) {
				t.Errorf("%s names somebody: %s", fact.Point, fact.Answer)
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
		"account":                            "a user",
		"login server":                       "the address of the API",
		"v1/api/config, without a token":     "200",
		"e-mail in the access token":         "yes",
		"users/query":                        "answers 4 users",
		"created_by":                         "the user's e-mail",
		"workspaces/list with user_ids":      "ignored",
		"workspaces/list with user_id":       "ignored",
		"list_users of an unknown workspace": "a list of 0",
		"add_user with an unknown e-mail":    "refused: 400 User with email nobody@wallaroo.invalid does not exist",
		"add_user of a member, other role":   "the role changes",
		"add_user of an owner, no role":      "then collaborator",
		"user_type in list_users":            `"COLLABORATOR", "OWNER"`,
		"remove_user of a member":            "rows affected: yes",
		"remove_user of no member":           "rows affected: no",
	})
	if len(got) != 15 {
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
	ground := open(t, instance, map[string]string{"WALLAROO_LIVE_MEMBER_ID": emulator.HansarickID})
	wantFacts(t, facts(t, instance, ground, workspace), map[string]string{
		"users/query":                      "refused: 403 the users of this instance cannot be queried",
		"created_by":                       "the user's id",
		"workspaces/list with user_ids":    "honoured",
		"workspaces/list with user_id":     "ignored",
		"add_user of a member, other role": "the role stays",
		"add_user of an owner, no role":    "not tried, as roles stay",
		"user_type in list_users":          `"OWNER", null`,
	})
}

func TestFacts_overTLS(t *testing.T) {
	t.Parallel()
	instance := emulatortest.StartTLS(t, emulator.Options{API: emulator.API{ListFilter: emulator.ListFilterUserID}})
	instance.AddUser(emulator.User{ID: annID, Email: "ann@example.com"})
	ground := open(t, instance, map[string]string{"WALLAROO_CA_CERTIFICATE": instance.CACertificate, "WALLAROO_AUTH_URL": instance.URL + "/auth"})
	wantFacts(t, facts(t, instance, ground, ours()), map[string]string{
		"v1/api/config, without a token": "200",
		"workspaces/list with user_id":   "honoured",
		"user_type in list_users":        `"COLLABORATOR", "OWNER"`,
	})
}

func TestFacts_workspaceIsNotMade(t *testing.T) {
	t.Parallel()
	instance := instanceWithAnn(t, emulator.Options{})
	if _, err := open(t, instance, nil).Facts(t.Context(), 1); err == nil || !strings.Contains(err.Error(), "not made yet") {
		t.Errorf("error is %v", err)
	}
	wantNoWrite(t, instance)
}
