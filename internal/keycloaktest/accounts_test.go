//go:build keycloak

package keycloaktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// project is a folder whose configuration has members, and accounts of the stand-in, on an instance with the accounts of a
// Keycloak. Each has people at a domain of its own, of whom lead is the one that the provider authenticates as, and beside
// is nobody's business: a member who is added makes the provider read the accounts before others change.
type project struct {
	*acctest.Folder
	t        *testing.T
	k        *server
	instance *emulatortest.Instance
	domain   string
	// lead and beside are user IDs.
	lead, beside string
}

func newProject(t *testing.T, k *server, name string) *project {
	t.Helper()
	p := &project{t: t, k: k, domain: name + ".example.com", instance: startEmulator(t, k, emulator.Options{})}
	p.lead, p.beside = k.addPerson(t, "lead@"+p.domain), k.addPerson(t, "beside@"+p.domain)
	p.Folder = acctest.NewFolder(t, append(access(k, p.instance.URL, "lead@"+p.domain), standInURL+"="+k.url)...)
	writeCLIConfig(t, p.Folder)

	return p
}

// startEmulator starts an instance with the accounts of a Keycloak.
func startEmulator(t *testing.T, k *server, opts emulator.Options) *emulatortest.Instance {
	t.Helper()

	issuer, err := keycloak.Connect(t.Context(), keycloak.IssuerConfig{
		URL: k.url + realmPath, ClientID: emulator.APIClientID, ClientSecret: emulator.APIClientSecret,
	})
	if err != nil {
		t.Fatal(err)
	}

	opts.Issuer = issuer

	return emulatortest.Start(t, opts)
}

// access returns the variables with which the provider authenticates as a user.
func access(k *server, url, username string) []string {
	return []string{"WALLAROO_URL=" + url, "WALLAROO_AUTH_URL=" + k.url, "WALLAROO_USER=" + username, "WALLAROO_PASSWORD=" + password}
}

// configure writes the configuration. In it @ stands for @ and the domain.
func (p *project) configure(blocks string) {
	p.t.Helper()
	p.Write("main.tf", `
		terraform {
		  required_providers {
		    wallaroo = { source = "`+acctest.Source+`" }
		    keycloak = { source = "`+standInSource+`" }
		  }
		}
		`+strings.ReplaceAll(blocks, `@"`, "@"+p.domain+`"`))
}

// attributes returns the attributes of the resources in state, by address.
func (p *project) attributes() map[string]map[string]any {
	p.t.Helper()

	out := map[string]map[string]any{}
	for _, r := range p.State().Values.RootModule.Resources {
		out[r.Address] = r.AttributeValues
	}

	return out
}

// wantUser checks which user a member in state is.
func (p *project) wantUser(member map[string]any, name string, userID any) {
	p.t.Helper()

	got := [2]any{member["email"], member["user_id"]}
	if want := [2]any{name + "@" + p.domain, userID}; got != want {
		p.t.Errorf("the member is %v in state, want %v", got, want)
	}
}

// wantMembers checks who the members of a workspace are, beside lead, who owns it.
func (p *project) wantMembers(workspace string, others ...any) {
	p.t.Helper()

	want := map[string]string{p.lead: emulator.Owner}
	for _, id := range others {
		want[fmt.Sprint(id)] = emulator.Collaborator
	}

	if diff := cmp.Diff(want, p.instance.Members(p.instance.WorkspaceID(workspace))); diff != "" {
		p.t.Errorf("members of %s (-want +got):\n%s", workspace, diff)
	}
}

// wantSent counts the requests that changed members since the last call.
func (p *project) wantSent(adds, removals int) {
	p.t.Helper()

	got := [2]int{p.instance.Count("workspaces/add_user"), p.instance.Count("workspaces/remove_user")}
	if want := [2]int{adds, removals}; got != want {
		p.t.Errorf("%d adds and %d removals, want %v", got[0], got[1], want)
	}

	p.instance.ResetRequests()
}

// wantWarnings counts the warnings of a command, beside that of the CLI about development overrides.
func wantWarnings(t *testing.T, outcome acctest.Outcome, want int) {
	t.Helper()

	if got := strings.Count(outcome.Output, "Warning:") - 1; got != want {
		t.Errorf("%d warnings, want %d:\n%s", got, want, outcome.Output)
	}
}

// testCreated has members whose accounts are created in the same apply.
func testCreated(t *testing.T, k *server) {
	p := newProject(t, k, "created")
	p.configure(`
		resource "keycloak_user" "new" {
		  for_each = toset(["ann", "bob", "cat"])
		  username = each.key
		  email    = "${each.key}@"
		}
		resource "wallaroo_workspace" "single" { name = "single" }
		resource "wallaroo_workspace" "set" { name = "set" }
		resource "wallaroo_workspace_user" "beside" {
		  workspace_id = wallaroo_workspace.single.id
		  email        = "beside@"
		}
		resource "wallaroo_workspace_user" "by_id" {
		  workspace_id = wallaroo_workspace.single.id
		  user_id      = keycloak_user.new["ann"].id
		}
		resource "wallaroo_workspace_user" "by_email" {
		  for_each     = toset(["bob", "cat"])
		  workspace_id = wallaroo_workspace.single.id
		  email        = keycloak_user.new[each.key].email
		}
		resource "wallaroo_workspace_users_exclusive" "set" {
		  workspace_id  = wallaroo_workspace.set.id
		  owners        = ["lead@"]
		  collaborators = [keycloak_user.new["ann"].email, keycloak_user.new["bob"].email]
		}
		data "wallaroo_user" "ann" {
		  email      = "ann@"
		  depends_on = [keycloak_user.new]
		}
		output "ann" { value = data.wallaroo_user.ann.id }
	`)
	p.Run(0, "plan", "-target=wallaroo_workspace_users_exclusive.set").
		Expect("User does not exist yet", `"ann@`+p.domain+`", "bob@`+p.domain+`"`)
	planned := p.Run(0, "plan", "-out=plan")
	planned.Expect("User does not exist yet")
	wantWarnings(t, planned, 1)
	wantWarnings(t, p.Run(0, "apply", "plan"), 0)
	state := p.attributes()
	id := func(name string) any { return state[`keycloak_user.new["`+name+`"]`]["id"] }
	p.wantUser(state["wallaroo_workspace_user.by_id"], "ann", id("ann"))
	p.wantUser(state[`wallaroo_workspace_user.by_email["bob"]`], "bob", id("bob"))
	p.wantUser(state["data.wallaroo_user.ann"], "ann", nil)
	p.wantMembers("single", p.beside, id("ann"), id("bob"), id("cat"))
	p.wantMembers("set", id("ann"), id("bob"))
	p.ExpectEmptyPlan()
}

// testRenamed has the emails of accounts change, of which one goes to another account in the same apply.
func testRenamed(t *testing.T, k *server) {
	p := newProject(t, k, "renamed")

	const blocks = `
		resource "keycloak_user" "ann" {
		  username = "renamed-ann"
		  email    = "EMAIL@"
		}
		resource "wallaroo_workspace" "single" { name = "follows" }
		resource "wallaroo_workspace" "by_id" { name = "follows-by-id" }
		resource "wallaroo_workspace" "set" { name = "set-follows" }
		resource "wallaroo_workspace_user" "ann" {
		  workspace_id = wallaroo_workspace.single.id
		  email        = keycloak_user.ann.email
		}
		resource "wallaroo_workspace_user" "by_id" {
		  workspace_id = wallaroo_workspace.by_id.id
		  user_id      = keycloak_user.ann.id
		}
		resource "wallaroo_workspace_users_exclusive" "set" {
		  workspace_id  = wallaroo_workspace.set.id
		  owners        = ["lead@"]
		  collaborators = [keycloak_user.ann.email]
		}
	`
	p.configure(strings.Replace(blocks, "EMAIL", "ann", 1))
	p.Apply()
	p.wantSent(3, 0)
	ann := p.attributes()["keycloak_user.ann"]["id"]

	const more = `
		resource "keycloak_user" "second" {
		  username   = "renamed-second"
		  email      = "ann@"
		  depends_on = [keycloak_user.ann]
		}
		resource "wallaroo_workspace_user" "second" {
		  workspace_id = wallaroo_workspace.single.id
		  email        = keycloak_user.second.email
		}
		resource "wallaroo_workspace_user" "beside" {
		  workspace_id = wallaroo_workspace.by_id.id
		  email        = "beside@"
		}
	`
	p.configure(strings.Replace(blocks, "EMAIL", "ann.smith", 1) + more)
	p.Apply()
	p.wantSent(2, 0)
	state := p.attributes()
	second := state["keycloak_user.second"]["id"]
	p.wantUser(state["wallaroo_workspace_user.ann"], "ann.smith", ann)
	p.wantUser(state["wallaroo_workspace_user.second"], "ann", second)
	p.wantMembers("follows", ann, second)
	p.wantMembers("follows-by-id", p.beside, ann)
	p.wantMembers("set-follows", ann)
	p.ExpectEmptyPlan()
	p.Run(0, "apply", "-refresh-only", "-auto-approve")
	p.wantUser(p.attributes()["wallaroo_workspace_user.by_id"], "ann.smith", ann)

	// Keycloak refuses an email that another account has, and nothing happens to the members.
	p.configure(strings.Replace(blocks, "EMAIL", "beside", 1) + more)
	p.Run(1, "apply", "-auto-approve").Expect("Keycloak refuses", "User exists with same email")
	p.wantSent(0, 0)
	p.wantMembers("set-follows", ann)
}

// testOwnAccount has the provider authenticate as an account that the apply creates.
func testOwnAccount(t *testing.T, k *server) {
	p := newProject(t, k, "own")
	p.Env = append(p.Env, "WALLAROO_USER=", "WALLAROO_PASSWORD=")
	p.configure(`
		resource "keycloak_user" "robot" {
		  username = "robot@"
		  email    = "robot@"
		}
		provider "wallaroo" {
		  username = keycloak_user.robot.username
		  password = "` + password + `"
		}
		resource "wallaroo_workspace" "single" { name = "of-robot" }
		resource "wallaroo_workspace" "set" { name = "set-of-robot" }
		resource "wallaroo_workspace_user" "beside" {
		  workspace_id = wallaroo_workspace.single.id
		  email        = "beside@"
		}
		resource "wallaroo_workspace_users_exclusive" "set" {
		  workspace_id  = wallaroo_workspace.set.id
		  owners        = [keycloak_user.robot.email]
		  collaborators = ["beside@"]
		}
	`)
	p.Run(0, "plan", "-out=plan").Expect("User was not checked")
	p.Run(0, "apply", "plan")
	p.ExpectEmptyPlan()
}
