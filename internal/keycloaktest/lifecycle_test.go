//go:build keycloak

package keycloaktest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// checkCLI runs the CLI with the provider on an emulator that takes the tokens and the users of a Keycloak.
func checkCLI(t *testing.T, k *server, p *programs) {
	t.Run("lifecycle", func(t *testing.T) { t.Parallel(); checkLifecycle(t, k, p) })
	t.Run("of a client", func(t *testing.T) { t.Parallel(); checkOfClient(t, k, p) })
	t.Run("renewal", func(t *testing.T) { t.Parallel(); checkRenewalInApply(t, k, p) })
	t.Run("refusals", func(t *testing.T) { t.Parallel(); checkRefusedCLI(t, k, p) })
}

func asUser(name string, more ...string) []string {
	return append([]string{"WALLAROO_USER=" + name, "WALLAROO_PASSWORD=" + password}, more...)
}

const lifecycleConfig = `
resource "wallaroo_workspace" "shared" {
  name = "real-shared"
}

resource "wallaroo_workspace" "closed" {
  name = "real-closed"
}

resource "wallaroo_workspace_user" "member" {
  workspace_id = wallaroo_workspace.shared.id
  email        = "MEMBER@Cli.Example"
}

resource "wallaroo_workspace_user" "silent" {
  workspace_id = wallaroo_workspace.shared.id
  user_id      = %[1]q
  user_type    = "OWNER"
}

resource "wallaroo_workspace_users_exclusive" "closed" {
  workspace_id  = wallaroo_workspace.closed.id
  owners        = ["LEAD@cli.example"]
  collaborators = ["third@CLI.example", %[1]q]
}

data "wallaroo_current_user" "me" {}

data "wallaroo_users" "all" {}

data "wallaroo_users" "team" {
  emails   = ["Member@cli.example", "THIRD@cli.example"]
  user_ids = [%[1]q]
}

data "wallaroo_user" "third" {
  email = "Third@Cli.example"
}

data "wallaroo_user" "silent" {
  id = %[1]q
}

output "seen" {
  value = {
    me         = data.wallaroo_current_user.me
    team       = { for user in data.wallaroo_users.team.users : user.username => user.id }
    listed     = contains(data.wallaroo_users.all.users[*].username, "silent")
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

func checkLifecycle(t *testing.T, k *server, p *programs) {
	person := func(name string) string {
		return k.addUser(t, emulator.User{Username: name + "@cli.example", Email: name + "@cli.example"})
	}
	lead, member, third, extra := person("lead"), person("member"), person("third"), person("extra")
	silent := k.addUser(t, emulator.User{Username: "silent"})
	s := newStage(t, k, p)
	f := s.folder(t, fmt.Sprintf(lifecycleConfig, silent), asUser("Lead@cli.example")...)
	f.plan(t, exitChanges)
	f.apply(t)
	want := object{
		"me":     map[string]any{"id": lead, "email": "lead@cli.example", "username": "lead@cli.example"},
		"team":   map[string]any{"member@cli.example": member, "third@cli.example": third, "silent": silent},
		"listed": true, "services": []any{}, "third": third, "silent": "silent", "no_email": true,
		"created_by": "lead@cli.example", "member": member, "kept_case": "MEMBER@Cli.Example",
	}
	if diff := cmp.Diff(want, f.outputs(t)); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	instance := s.as(t, "lead@cli.example")
	ids := instance.workspaces(t)
	shared, closed := ids["real-shared"], ids["real-closed"]
	inShared := map[string]string{lead: "OWNER", member: "COLLABORATOR", silent: "OWNER"}
	inClosed := map[string]string{lead: "OWNER", third: "COLLABORATOR", silent: "COLLABORATOR"}
	checkRoles := func(when string) {
		t.Helper()
		for id, want := range map[int64]map[string]string{shared: inShared, closed: inClosed} {
			if diff := cmp.Diff(want, instance.roles(t, id)); diff != "" {
				t.Errorf("%s, members of %d (-want +got):\n%s", when, id, diff)
			}
		}
	}
	checkRoles("after the apply")
	f.plan(t, 0)
	// Somebody else changes both, and an administrator gives an account another e-mail.
	instance.call(t, "workspaces/remove_user", object{"workspace_id": shared, "user_id": member})
	instance.call(t, "workspaces/add_user", object{"workspace_id": closed, "email": "Extra@CLI.example"})
	instance.call(t, "workspaces/add_user", object{"workspace_id": closed, "user_id": third, "user_type": "owner"})
	if roles := instance.roles(t, closed); roles[extra] != "COLLABORATOR" || roles[third] != "OWNER" {
		t.Errorf("after the drift: %v", roles)
	}
	wantParts(t, f.plan(t, exitChanges), "wallaroo_workspace_user.member will be created",
		"wallaroo_workspace_users_exclusive.closed will be updated in-place", "1 to add, 1 to change, 0 to destroy")
	f.apply(t)
	checkRoles("after the drift was mended")
	f.plan(t, 0)
	out := f.run(t, 0, "destroy", "-auto-approve")
	wantParts(t, out, "Destroy complete!", "Workspace stays on the instance")
	delete(inShared, member)
	delete(inShared, silent)
	checkRoles("after the destroy")
	// The names are taken now, and the plan tells by what.
	wantParts(t, f.run(t, 1, "plan"), "Workspace name is taken", fmt.Sprint("id = \"", shared, "\""))
}

// checkOfClient has a client own a workspace, which has an account of its own and no e-mail.
func checkOfClient(t *testing.T, k *server, p *programs) {
	s := newStage(t, k, p)
	f := s.folder(t, `
resource "wallaroo_workspace" "mine" {
  name = "real-of-client"
}

data "wallaroo_current_user" "me" {}

output "seen" {
  value = { me = data.wallaroo_current_user.me, id = wallaroo_workspace.mine.id }
}
`, "WALLAROO_CLIENT_ID="+otherClient, "WALLAROO_CLIENT_SECRET="+otherSecret)
	f.plan(t, exitChanges)
	f.apply(t)
	id := k.serviceAccount(t, otherClient)
	seen := f.outputs(t)
	want := map[string]any{"id": id, "email": nil, "username": "service-account-" + otherClient}
	if diff := cmp.Diff(want, seen["me"]); diff != "" {
		t.Errorf("current user (-want +got):\n%s", diff)
	}
	f.plan(t, 0)
	k.addUser(t, emulator.User{Username: "other@cli.example", Email: "other@cli.example"})
	if others := s.as(t, "other@cli.example").workspaces(t); len(others) != 0 {
		t.Errorf("somebody else sees %v", others)
	}
	if all := s.as(t, adminName).workspaces(t); all["real-of-client"] == 0 {
		t.Errorf("the administrator sees %v", all)
	}
}

// checkRenewalInApply has one apply outlive several tokens.
func checkRenewalInApply(t *testing.T, k *server, p *programs) {
	k.addUser(t, emulator.User{Username: "slow@cli.example", Email: "slow@cli.example"})
	s := newStage(t, k, p, "-latency", "600ms")
	f := s.folder(t, `
resource "wallaroo_workspace" "slow" {
  count = 8
  name  = "real-slow-${count.index}"
}
`, asUser("slow@cli.example", "WALLAROO_CLIENT_ID="+briefClient)...)
	f.plan(t, exitChanges)
	s.signIns()
	started := time.Now()
	f.run(t, 0, "apply", "-parallelism=1", "plan")
	took := time.Since(started)
	grants := s.signIns()
	t.Logf("%d tokens in an apply of %s", len(grants), took)
	if took < 3*briefLife || len(grants) < 4 {
		t.Fatalf("only %d tokens in an apply of %s: %v", len(grants), took, grants)
	}
	for i, grant := range grants {
		if want := "refresh_token 200"; i > 0 && grant != want {
			t.Errorf("token %d: %s, want %s", i+1, grant, want)
		}
	}
	if grants[0] != "password 200" {
		t.Errorf("first token: %s", grants[0])
	}
	f.plan(t, 0)
}

// checkRefusedCLI shows what a user reads when a sign-in is refused: Keycloak's words, and what to do.
func checkRefusedCLI(t *testing.T, k *server, p *programs) {
	k.addUser(t, emulator.User{Username: "shut@cli.example", Email: "shut@cli.example"})
	k.addUser(t, emulator.User{Username: "shut-off@cli.example", Disabled: true})
	k.addUser(t, emulator.User{Username: "shut-todo@cli.example", RequiredActions: []string{"UPDATE_PASSWORD"}})
	s := newStage(t, k, p)
	account := "Check `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), and that the account is enabled and set up."
	through := "Check `client_id` (WALLAROO_CLIENT_ID) and `client_secret` (WALLAROO_CLIENT_SECRET)"
	for name, c := range map[string]struct {
		env   []string
		words string
		step  string
	}{
		"wrong password":  {[]string{"WALLAROO_USER=shut@cli.example", "WALLAROO_PASSWORD=wrong"}, `invalid_grant: "Invalid user credentials"`, account},
		"disabled user":   {asUser("shut-off@cli.example"), `invalid_grant: "Account disabled"`, account},
		"required action": {asUser("shut-todo@cli.example"), `invalid_grant: "Account is not fully set up"`, account},
		"wrong secret": {[]string{"WALLAROO_CLIENT_ID=" + apiClient, "WALLAROO_CLIENT_SECRET=wrong"},
			`unauthorized_client: "Invalid client or Invalid client credentials"`, through},
		"unknown client": {asUser("shut@cli.example", "WALLAROO_CLIENT_ID=nope"),
			`invalid_client: "Invalid client or Invalid client credentials"`, through},
		"no login server here": {asUser("shut@cli.example", "WALLAROO_AUTH_URL="+s.url),
			"set WALLAROO_AUTH_URL (auth_endpoint) to " + s.login.URL, "Check that `auth_endpoint` (WALLAROO_AUTH_URL)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := s.folder(t, "data \"wallaroo_workspaces\" \"all\" {}\n", c.env...)
			wantParts(t, f.run(t, 1, "plan"), "Error: Unable to", "the identity provider answered 40", c.words, c.step)
		})
	}
}
