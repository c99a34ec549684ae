package provider_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// testInterrupt stops an apply while its create is in flight.
func testInterrupt(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, team("team-a", ""))
	arrived, release := make(chan struct{}), make(chan struct{})

	instance.SetOnRequest(func(r emulator.Request) {
		if r.Operation == "workspaces/create" {
			close(arrived)
		}
	})
	instance.Inject(emulator.Fault{Operation: "workspaces/create", AfterWork: true, Hold: release})

	apply := f.Start("apply", "-auto-approve")

	<-arrived

	if err := apply.Cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}

	if _, err := apply.Await(t.Context(), regexp.MustCompile("Interrupt received")); err != nil {
		t.Fatal(err)
	}

	// The CLI stops the provider right after it has informed the user, which the test
	// cannot see.
	time.Sleep(time.Second)
	close(release)

	done := f.Wait(apply)
	if done.Code != 1 {
		t.Errorf("exit code %d, want 1\n%s", done.Code, done.Output)
	}

	// The read after the create was stopped, so the interrupt did reach the provider.
	done.Expect("Creation complete", "Warning: Workspace was created but could not be read", "context canceled")

	state := f.State()
	if resources := state.Values.RootModule.Resources; len(resources) != 1 || resources[0].Tainted || resources[0].AttributeValues["id"] != 10.0 {
		t.Errorf("state after the interrupt: %+v\n%s", resources, done.Output)
	}

	f.ExpectEmptyPlan()
	accWantCount(t, instance, "workspaces/create", 1)
}

// testTwoApplies lets two runs create one name at the same time.
func testTwoApplies(t *testing.T) {
	instance := startWithUsers(t, emulator.Options{})
	release, arrived := make(chan struct{}), make(chan struct{}, 2)

	instance.SetOnRequest(func(r emulator.Request) {
		if r.Operation == "workspaces/create" {
			arrived <- struct{}{}
		}
	})
	instance.Inject(emulator.Fault{Operation: "workspaces/create", Hold: release})

	one := newFolder(t, instance, team("team-a", ""))
	other := newFolder(t, instance, team("team-a", ""))
	first, second := one.Start("apply", "-auto-approve"), other.Start("apply", "-auto-approve")

	<-arrived
	<-arrived
	close(release)

	outcomes := []acctest.Outcome{one.Wait(first), other.Wait(second)}
	slices.SortFunc(outcomes, func(a, b acctest.Outcome) int { return a.Code - b.Code })

	if outcomes[0].Code != 0 || outcomes[1].Code != 1 {
		t.Fatalf("exit codes %d and %d, want 0 and 1\n%s\n%s", outcomes[0].Code, outcomes[1].Code, outcomes[0].Output, outcomes[1].Output)
	}

	outcomes[1].Expect("Error: Workspace name already in use", `Workspace "team-a" (ID 10) already exists`, "import {")

	if n := len(instance.Workspaces()); n != 7 {
		t.Errorf("%d workspaces, want 7", n)
	}

	codes := []int{one.Wait(one.Start("plan", "-detailed-exitcode")).Code, other.Wait(other.Start("plan", "-detailed-exitcode")).Code}
	if slices.Sort(codes); !slices.Equal(codes, []int{0, 1}) {
		t.Errorf("exit codes of the plans after it: %v, want 0 and 1", codes)
	}
}

// renamedKey keeps one member under a for_each key that changes.
func renamedKey(key string) string {
	return `
		resource "wallaroo_workspace_user" "members" {
		  for_each     = { ` + key + ` = "bob@example.com" }
		  workspace_id = 8
		  email        = each.value
		}
	`
}

// renamedLabel keeps one member under a label that changes, and delays the end of the
// old one: what depends on it has to go first.
func renamedLabel(label string) string {
	return `
		resource "wallaroo_workspace_user" "` + label + `" {
		  workspace_id = 8
		  email        = "bob@example.com"
		}

		resource "terraform_data" "last" {
		  for_each   = { ` + label + ` = "" }
		  depends_on = [wallaroo_workspace_user.` + label + `]

		  provisioner "local-exec" {
		    when    = destroy
		    command = "sleep 1"
		  }
		}
	`
}

// testRenamedKey gives the same member another address, so that one run creates and
// deletes it: in either order, and in the order that comes by chance.
func testRenamedKey(t *testing.T) {
	slowCreate := emulator.Fault{Operation: "users/query", Delay: time.Second}
	members := map[string]string{emulator.HummelID: "OWNER", bobID: "COLLABORATOR"}

	for name, order := range map[string]struct {
		config   func(string) string
		fault    emulator.Fault
		flags    []string
		removals []int
	}{
		"create first":  {config: renamedLabel, removals: []int{0}},
		"delete first":  {config: renamedKey, fault: slowCreate, removals: []int{1}},
		"one at a time": {config: renamedKey, flags: []string{"-parallelism=1"}, removals: []int{0, 1}},
		"together":      {config: renamedKey, removals: []int{0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := startWithUsers(t, emulator.Options{})
			f := newFolder(t, instance, order.config("first"))
			f.Apply()

			if order.fault.Operation != "" {
				instance.Inject(order.fault)
			}

			for _, key := range []string{"second", "third"} {
				instance.ResetRequests()
				f.Write("main.tf", order.config(key))

				done := f.Apply(append(order.flags, "-refresh=false")...)

				accWantMembers(t, instance, 8, members)

				removals := instance.Count("workspaces/remove_user")
				if !slices.Contains(order.removals, removals) {
					t.Errorf("%d removals, want one of %v\n%s", removals, order.removals, done.Output)
				}

				if kept := done.Contains("Warning: Workspace user was kept"); kept != (removals == 0) {
					t.Errorf("%d removals, and warning of a kept member: %v\n%s", removals, kept, done.Output)
				}
			}

			f.ExpectEmptyPlan()
		})
	}
}

// testSwappedKeys lets two keys change their users and keep their roles.
func testSwappedKeys(t *testing.T) {
	config := func(owner, collaborator string) string {
		return `
			resource "wallaroo_workspace_user" "members" {
			  for_each = {
			    lead   = { email = "` + owner + `", role = "OWNER" }
			    deputy = { email = "` + collaborator + `", role = "COLLABORATOR" }
			  }
			  workspace_id = 8
			  email        = each.value.email
			  user_type    = each.value.role
			}
		`
	}

	instance := startWithUsers(t, emulator.Options{})
	f := newFolder(t, instance, config(annaEmail, bobEmail))
	f.Apply()

	emails := []string{annaEmail, bobEmail}
	ids := map[string]string{annaEmail: annaID, bobEmail: bobID}

	for range 4 {
		slices.Reverse(emails)
		f.Write("main.tf", config(emails[0], emails[1]))
		f.Apply().Expect("0 added, 2 changed, 0 destroyed")
		accWantMembers(t, instance, 8, map[string]string{
			emulator.HummelID: "OWNER", ids[emails[0]]: "OWNER", ids[emails[1]]: "COLLABORATOR",
		})
		f.ExpectEmptyPlan()
	}
}
