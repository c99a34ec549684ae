//go:build keycloak

package keycloaktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const lifecycle = acctest.Requirements + `
resource "wallaroo_workspace" "shared" { name = "real-shared" }

resource "wallaroo_workspace" "closed" { name = "real-closed" }

resource "wallaroo_workspace_user" "member" {
  workspace_id = wallaroo_workspace.shared.id
  email        = "MEMBER@Cli.Example.com"
}

resource "wallaroo_workspace_user" "silent" {
  workspace_id = wallaroo_workspace.shared.id
  user_id      = %[1]q
  user_type    = "OWNER"
}

resource "wallaroo_workspace_users_exclusive" "closed" {
  workspace_id  = wallaroo_workspace.closed.id
  owners        = ["LEAD@cli.example.com"]
  collaborators = ["third@CLI.example.com", %[1]q]
}

data "wallaroo_current_user" "me" {}

data "wallaroo_users" "all" {}

data "wallaroo_user" "third" { email = "Third@Cli.example.com" }

data "wallaroo_user" "silent" { id = %[1]q }

output "seen" {
  value = {
    me         = data.wallaroo_current_user.me
    services   = [for user in data.wallaroo_users.all.users : user.username if startswith(user.username, "service-account-")]
    third      = data.wallaroo_user.third.id
    silent     = data.wallaroo_user.silent.username
    no_email   = data.wallaroo_user.silent.email == null
    created_by = wallaroo_workspace.shared.created_by
    member     = wallaroo_workspace_user.member.user_id
    kept_case  = wallaroo_workspace_user.member.email
  }
}
`

// testLifecycle has a workspace and its members from the first apply to the end. The instance is so slow that an apply
// outlives its token.
func testLifecycle(t *testing.T, k *server) {
	lead, member := k.addPerson(t, "lead@cli.example.com"), k.addPerson(t, "member@cli.example.com")
	third, extra := k.addPerson(t, "third@cli.example.com"), k.addPerson(t, "extra@cli.example.com")
	silent := k.addUser(t, emulator.User{Username: "silent"})
	instance := startEmulator(t, k, emulator.Options{Latency: 900 * time.Millisecond})
	f := acctest.NewFolder(t, append(access(k, instance.URL, "Lead@cli.example.com"), "WALLAROO_CLIENT_ID="+briefClient)...)
	f.Write("main.tf", fmt.Sprintf(lifecycle, silent))
	f.Apply()

	want, seen := object{
		"me":       map[string]any{"id": lead, "email": "lead@cli.example.com", "username": "lead@cli.example.com"},
		"services": []any{}, "third": third, "silent": "silent", "no_email": true,
		"created_by": "lead@cli.example.com", "member": member, "kept_case": "MEMBER@Cli.Example.com",
	}, object{}
	if f.Output("seen", &seen); !cmp.Equal(want, seen) {
		t.Errorf("outputs (-want +got):\n%s", cmp.Diff(want, seen))
	}

	shared, closed := instance.WorkspaceID("real-shared"), instance.WorkspaceID("real-closed")
	wantRoles := func(id int64, want map[string]string) {
		t.Helper()

		if diff := cmp.Diff(want, instance.Members(id)); diff != "" {
			t.Errorf("members of %d (-want +got):\n%s", id, diff)
		}
	}

	const owner, collaborator = emulator.Owner, emulator.Collaborator
	wantRoles(shared, map[string]string{lead: owner, member: collaborator, silent: owner})
	wantRoles(closed, map[string]string{lead: owner, third: collaborator, silent: collaborator})
	f.ExpectEmptyPlan()

	instance.RemoveMember(shared, member)
	instance.SetMember(closed, extra, collaborator)
	instance.SetMember(closed, third, owner)
	f.Apply().Expect("wallaroo_workspace_user.member will be created", "wallaroo_workspace_users_exclusive.closed will be updated in-place",
		"the apply removes them: \"extra@cli.example.com\"", "1 added, 1 changed, 0 destroyed")
	wantRoles(shared, map[string]string{lead: owner, member: collaborator, silent: owner})
	wantRoles(closed, map[string]string{lead: owner, third: collaborator, silent: collaborator})

	f.Run(0, "destroy", "-auto-approve").Expect("Destroy complete!", "Workspace remains on the instance")
	wantRoles(shared, map[string]string{lead: owner})
	wantRoles(closed, map[string]string{lead: owner, third: collaborator, silent: collaborator})
	f.Run(1, "plan").Expect("Workspace name already in use", fmt.Sprint(shared))

	events := k.events(t, lead)
	if events["REFRESH_TOKEN"] == 0 || events["LOGIN_ERROR"]+events["REFRESH_TOKEN_ERROR"] != 0 {
		t.Errorf("events are %v, want refreshed tokens and no errors", events)
	}
}

// startProgram starts wallaroo-emulator -issuer.
func startProgram(t *testing.T, k *server) string {
	t.Helper()

	return acctest.ServeEmulator(t, "-issuer", k.url+realmPath, "-issuer-client-secret", emulator.APIClientSecret).URL
}

// testClientCredentials has a workspace of a client, whose account has no email.
func testClientCredentials(t *testing.T, k *server) {
	f := acctest.NewFolder(t, "WALLAROO_URL="+startProgram(t, k), "WALLAROO_AUTH_URL="+k.url,
		"WALLAROO_CLIENT_ID="+emulator.APIClientID, "WALLAROO_CLIENT_SECRET="+emulator.APIClientSecret)
	member := k.addPerson(t, "member@client.example.com")

	f.Write("main.tf", acctest.Requirements+`
		resource "wallaroo_workspace" "mine" { name = "of-client" }
		resource "wallaroo_workspace_user" "member" {
		  workspace_id = wallaroo_workspace.mine.id
		  email        = "member@client.example.com"
		}
		data "wallaroo_current_user" "me" {}
		output "seen" {
		  value = { email = data.wallaroo_current_user.me.email, name = data.wallaroo_current_user.me.username, member = wallaroo_workspace_user.member.user_id }
		}
	`)
	f.Apply()

	want, seen := object{"email": nil, "name": "service-account-api-client", "member": member}, object{}
	if f.Output("seen", &seen); !cmp.Equal(want, seen) {
		t.Errorf("outputs (-want +got):\n%s", cmp.Diff(want, seen))
	}

	f.ExpectEmptyPlan()
}

// testRefused shows what a user reads when Keycloak refuses to authenticate, and that it is asked once: asking again can lock
// an account.
func testRefused(t *testing.T, k *server) {
	url := startProgram(t, k)
	known := k.addPerson(t, "shut@cli.example.com")
	off := k.addUser(t, emulator.User{Username: "shut-off@cli.example.com", Disabled: true})
	k.addUser(t, emulator.User{Username: "shut-todo@cli.example.com", RequiredActions: []string{"UPDATE_PASSWORD"}})

	const (
		account = "Check `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), and that the account is enabled and set up."
		client  = "Check `client_id` (WALLAROO_CLIENT_ID) and `client_secret` (WALLAROO_CLIENT_SECRET)"
	)
	for name, c := range map[string]struct {
		user, userID string // With a user ID, the refusal is an event of the user.
		env          string
		words, step  string
	}{
		"wrong password":  {"shut@cli.example.com", known, "WALLAROO_PASSWORD=wrong", `invalid_grant: "Invalid user credentials"`, account},
		"disabled user":   {"shut-off@cli.example.com", off, "", `invalid_grant: "Account disabled"`, account},
		"required action": {"shut-todo@cli.example.com", "", "", `invalid_grant: "Account is not fully set up"`, account},
		"unknown client":  {"shut@cli.example.com", "", "WALLAROO_CLIENT_ID=nope", `invalid_client: "Invalid client or Invalid client credentials"`, client},
		"wrong secret":    {"shut@cli.example.com", "", "WALLAROO_CLIENT_SECRET=wrong", `unauthorized_client: "Invalid client or Invalid client credentials"`, client},
		"no Keycloak there": {"shut@cli.example.com", "", "WALLAROO_AUTH_URL=" + url, "set WALLAROO_AUTH_URL (auth_endpoint) to " + k.url,
			"Check that `auth_endpoint` (WALLAROO_AUTH_URL)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := acctest.NewFolder(t, append(access(k, url, c.user), strings.Fields(c.env)...)...)
			f.Write("main.tf", acctest.Requirements+`data "wallaroo_workspaces" "all" {}`)
			f.Run(1, "plan").Expect("Error: Unable to", "the identity provider answered 40", c.words, c.step)

			if got := k.events(t, c.userID)["LOGIN_ERROR"]; c.userID != "" && got != 1 {
				t.Errorf("Keycloak refused %d times, want once", got)
			}
		})
	}
}
