package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// claimants are the ways in which a run says that it wants Bob in workspace 7.
var claimants = map[string]func(context.Context, *inventory.Inventory) error{
	"by email": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := ensure(ctx, inv, 7, email("bob"), roleCollaborator)

		return err
	},
	"by ID": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := ensure(ctx, inv, 7, byID("u-bob"), roleCollaborator)

		return err
	},
	"as owner": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := ensure(ctx, inv, 7, email("bob"), roleOwner)

		return err
	},
	"in a set": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := inv.SetMembers(ctx, 7, set(owners(email("ann")), collaborators(email("bob"))))

		return err
	},
}

// runClaims tests each claimant, with a directory, with an old one and without.
func runClaims(t *testing.T, test func(t *testing.T, f *fake, inv *inventory.Inventory, claim func(context.Context, *inventory.Inventory) error)) {
	t.Helper()

	for name, claim := range claimants {
		for _, directory := range []string{"", " with an old directory", " without a directory"} {
			runCase(t, name+directory, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				switch directory {
				case " with an old directory":
					_, err := inv.Users(t.Context())
					noErr(t, err)
					time.Sleep(time.Second)
				case " without a directory":
					f.noDirectory()
				}

				test(t, f, inv, claim)

				if _, ok := f.membersOf(7)["u-bob"]; !ok {
					t.Error("the member is lost")
				}
			})
		}
	}
}

func TestClaims_createFirst(t *testing.T) {
	t.Parallel()
	runClaims(t, func(t *testing.T, f *fake, inv *inventory.Inventory, claim func(context.Context, *inventory.Inventory) error) {
		noErr(t, claim(t.Context(), inv))
		removes(t, inv, 7, byID("u-bob"), inventory.KeptClaimed)
		same(t, "removals", f.count(removeMember), 0)
	})
}

func TestClaims_deleteFirst(t *testing.T) {
	t.Parallel()
	runClaims(t, func(t *testing.T, _ *fake, inv *inventory.Inventory, claim func(context.Context, *inventory.Inventory) error) {
		removes(t, inv, 7, byID("u-bob"), inventory.Removed)
		noErr(t, claim(t.Context(), inv))
	})
}

// Create and delete of one pair at the same time, each holding the other up.
func TestClaims_besideEachOther(t *testing.T) {
	t.Parallel()
	runClaims(t, func(t *testing.T, f *fake, inv *inventory.Inventory, claim func(context.Context, *inventory.Inventory) error) {
		f.latency = 20 * time.Millisecond
		deleted := start(func() (inventory.Removal, error) { return inv.RemoveMember(t.Context(), 7, byID("u-bob")) })
		created := start(func() (any, error) { return nil, claim(t.Context(), inv) })

		noErr(t, (<-deleted).err)
		noErr(t, (<-created).err)
	})
}

func TestClaims_deleteIsHeld(t *testing.T) {
	t.Parallel()
	runClaims(t, func(t *testing.T, f *fake, inv *inventory.Inventory, claim func(context.Context, *inventory.Inventory) error) {
		gate := make(chan struct{})
		f.setBefore(removeMember, hold(gate))

		deleted := start(func() (inventory.Removal, error) { return inv.RemoveMember(t.Context(), 7, byID("u-bob")) })

		settle()

		created := start(func() (any, error) { return nil, claim(t.Context(), inv) })

		settle()
		same(t, "adds beside the removal", f.count(addMember), 0)
		close(gate)
		noErr(t, (<-deleted).err)
		noErr(t, (<-created).err)
	})
}

// A claim is about one workspace and one user.
func TestClaims_othersMayGo(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "two", owner("u-ann"), collaborator("u-bob"), collaborator("u-cat"))

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleCollaborator)
		noErr(t, err)

		_, err = ensure(t.Context(), inv, 11, email("cat"), roleCollaborator)
		noErr(t, err)
		removes(t, inv, 11, byID("u-bob"), inventory.Removed)
		same(t, "members", f.membersOf(11), team{"u-ann": roleOwner, "u-cat": roleCollaborator})
	})
}

// A claim counts also where the claimant failed: the delete must not make it worse.
func TestClaims_failed(t *testing.T) {
	t.Parallel()

	refused := answered(http.StatusForbidden, "no")
	refuses := func(f *fake) { f.setBefore(addMember, fail(refused)) }
	keeps := func(f *fake) { f.keepsRoles = true }
	list := func(f *fake) { f.noDirectory(); f.keepsRoles = true; f.listsEmails = false }

	for name, c := range map[string]struct {
		setup func(*fake)
		claim func(context.Context, *inventory.Inventory) error
	}{
		"role kept":               {keeps, claimants["as owner"]},
		"refused":                 {refuses, claimants["as owner"]},
		"role kept, no directory": {list, claimants["as owner"]},
		"set": {refuses, func(ctx context.Context, inv *inventory.Inventory) error {
			_, err := inv.SetMembers(ctx, 7, set(owners(email("bob"))))

			return err
		}},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			c.setup(f)
			f.setUser("u-ann", "ann")

			if name == "role kept, no directory" {
				// Only one collaborator can be meant.
				f.setBefore(addMember, nil)
				f.find(7).members = []wallaroo.Member{owner("u-ann"), collaborator("u-bob")}
				f.setAfter(addMember, once(func() { f.leave(7, "u-bob"); f.join(7, wallaroo.Member{UserID: "u-bob", Role: "READER"}) }))
			}

			err := c.claim(t.Context(), inv)
			same(t, "fails", err != nil, true)
			removes(t, inv, 7, byID("u-bob"), inventory.KeptClaimFailed)

			// One claimant who succeeds is enough.
			f.setBefore(addMember, nil)
			f.setAfter(addMember, nil)
			f.find(7).members[1].Role = roleCollaborator

			_, err = inv.CurrentMembers(t.Context(), 7)
			noErr(t, err)
			noErr(t, claimants["by ID"](t.Context(), inv))
			removes(t, inv, 7, byID("u-bob"), inventory.KeptClaimed)
		})
	}
}

// Two resources that want one user with two roles: whichever comes second fails.
func TestClaims_roleConflict(t *testing.T) {
	t.Parallel()

	wanted := func(bySet bool, role, prior wallaroo.Role) func(context.Context, *inventory.Inventory) error {
		return func(ctx context.Context, inv *inventory.Inventory) error {
			spec := inventory.MemberSpec{Ref: email("bob"), Role: role, Prior: prior}

			if bySet {
				_, err := inv.SetMembers(ctx, 7, inventory.MemberSet{Members: append(owners(email("ann")), spec)})

				return err
			}

			_, err := inv.EnsureMember(ctx, 7, spec)

			return err
		}
	}

	for name, c := range map[string]struct {
		first, second func(context.Context, *inventory.Inventory) error
		conflict      bool
	}{
		"same role":             {wanted(false, roleCollaborator, ""), wanted(false, roleCollaborator, ""), false},
		"two roles":             {wanted(false, roleOwner, ""), wanted(false, roleCollaborator, ""), true},
		"other two roles":       {wanted(false, roleCollaborator, ""), wanted(false, roleOwner, ""), true},
		"an update":             {wanted(false, roleCollaborator, ""), wanted(false, roleOwner, roleCollaborator), false},
		"set and member":        {wanted(true, roleOwner, ""), wanted(false, roleCollaborator, ""), true},
		"member and set":        {wanted(false, roleOwner, ""), wanted(true, roleCollaborator, ""), true},
		"set again":             {wanted(true, roleOwner, ""), wanted(true, roleCollaborator, ""), false},
		"set and member, again": {wanted(true, roleOwner, ""), wanted(false, roleOwner, ""), false},
	} {
		for _, noDirectory := range []bool{false, true} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				if noDirectory {
					f.noDirectory()
					f.leave(7, "u-bob")
				}

				noErr(t, c.first(t.Context(), inv))

				before, writes := f.membersOf(7), f.writes()
				err := c.second(t.Context(), inv)

				if !c.conflict {
					noErr(t, err)

					return
				}

				conflict := as[*inventory.RoleConflictError](t, err)
				same(t, "user", conflict.UserID, "u-bob")
				same(t, "roles", conflict.Roles, []wallaroo.Role{before["u-bob"], map[bool]wallaroo.Role{true: roleCollaborator, false: roleOwner}[before["u-bob"] == roleOwner]})
				same(t, "members", f.membersOf(7), before)
				same(t, "writes", f.writes(), writes)
			})
		}
	}
}

// The conflict counts also where the user is no member any more.
func TestClaims_conflictOfAbsent(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := ensure(t.Context(), inv, 7, email("cat"), roleOwner)
		noErr(t, err)
		f.leave(7, "u-cat")

		_, err = inv.CurrentMembers(t.Context(), 7)
		noErr(t, err)

		_, err = ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
		same(t, "user", as[*inventory.RoleConflictError](t, err).UserID, "u-cat")
		same(t, "writes", len(f.writes()), 1)
	})
}

// A conflict with a claim that failed is none: its role is nobody's.
func TestClaims_conflictWithFailed(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setBefore(addMember, inTurn(answered(http.StatusForbidden, "no")))

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
		same(t, "fails", err != nil, true)

		_, err = ensure(t.Context(), inv, 7, email("bob"), roleCollaborator)
		noErr(t, err)
	})
}

// The email is another user's by the time it is added: the claim on the user whom it
// meant before is withdrawn, and no other claim with it.
func TestClaims_withdrawn(t *testing.T) {
	t.Parallel()

	for name, claimed := range map[string]bool{"own": false, "another resource's too": true} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.addWorkspace(11, "two", owner("u-ann"))

			_, err := inv.Users(t.Context())
			noErr(t, err)
			time.Sleep(time.Second)

			if claimed {
				_, err = ensure(t.Context(), inv, 11, byID("u-cat"), roleCollaborator)
				noErr(t, err)
				f.leave(11, "u-cat")

				_, err = inv.CurrentMembers(t.Context(), 11)
				noErr(t, err)
			}

			f.setUser("u-cat", "kitty")
			f.setUser("u-new", "cat")

			got, err := ensure(t.Context(), inv, 11, email("cat"), roleCollaborator)
			noErr(t, err)
			same(t, "account", got.Account, inventory.Account{ID: "u-new", Email: "cat@example.com", Verified: true})
			f.join(11, collaborator("u-cat"))

			_, err = inv.CurrentMembers(t.Context(), 11)
			noErr(t, err)
			removes(t, inv, 11, byID("u-cat"), map[bool]inventory.Removal{true: inventory.KeptClaimed, false: inventory.Removed}[claimed])
			removes(t, inv, 11, byID("u-new"), inventory.KeptClaimed)
		})
	}
}

// kept makes an instance on which the run could not remove Bob from workspace 11,
// whose last owner is Bob.
func kept(t *testing.T, f *fake, inv *inventory.Inventory) {
	t.Helper()
	f.addWorkspace(11, "bobs", owner("u-bob"), collaborator("u-cat"))
	removes(t, inv, 11, byID("u-bob"), inventory.KeptLastOwner)
}

func TestDeferredRemoval(t *testing.T) {
	t.Parallel()

	for name, newOwner := range map[string]inventory.UserRef{"new": email("dan"), "promoted": email("cat")} {
		for _, noDirectory := range []bool{false, true} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				kept(t, f, inv)

				if noDirectory {
					f.noDirectory()
				}

				got, err := ensure(t.Context(), inv, 11, newOwner, roleOwner)
				noErr(t, err)
				noErr(t, got.RemovalErr)

				if _, ok := f.membersOf(11)["u-bob"]; ok {
					t.Error("the kept owner is still a member")
				}

				same(t, "known members", known(t, inv, 11), f.membersOf(11))

				// It is removed once.
				_, err = ensure(t.Context(), inv, 11, email("ann"), roleOwner)
				noErr(t, err)
				same(t, "removals", f.count(removeMember), 1)
			})
		}
	}
}

func TestDeferredRemoval_stays(t *testing.T) {
	t.Parallel()

	for name, do := range map[string]func(*testing.T, *fake, *inventory.Inventory) error{
		"no owner came": func(t *testing.T, _ *fake, inv *inventory.Inventory) error {
			_, err := ensure(t.Context(), inv, 11, email("dan"), roleCollaborator)

			return err
		},
		"owner of another workspace": func(t *testing.T, _ *fake, inv *inventory.Inventory) error {
			_, err := ensure(t.Context(), inv, 7, email("dan"), roleOwner)

			return err
		},
		"claimed meanwhile": func(t *testing.T, _ *fake, inv *inventory.Inventory) error {
			_, first := ensure(t.Context(), inv, 11, email("bob"), roleOwner)
			_, second := ensure(t.Context(), inv, 11, email("dan"), roleOwner)

			return errors.Join(first, second)
		},
		"roles are ignored": func(t *testing.T, f *fake, inv *inventory.Inventory) error {
			f.ignoresRoles = true
			_, err := ensure(t.Context(), inv, 11, email("dan"), roleOwner)
			isErr(t, err, inventory.ErrRolesIgnored)

			return nil
		},
		"new owner has no account": func(t *testing.T, _ *fake, inv *inventory.Inventory) error {
			_, err := ensure(t.Context(), inv, 11, byID("u-zoe"), roleOwner)

			return err
		},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			kept(t, f, inv)
			noErr(t, do(t, f, inv))
			same(t, "role", f.membersOf(11)["u-bob"], roleOwner)

			if name != "claimed meanwhile" {
				// It goes with the next owner.
				f.ignoresRoles = false

				_, err := inv.EnsureMember(t.Context(), 11, inventory.MemberSpec{Ref: email("dan"), Role: roleOwner, Prior: roleCollaborator})
				noErr(t, err)
				same(t, "role", f.membersOf(11)["u-bob"], "")
			}
		})
	}
}

func TestDeferredRemoval_fails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		kept(t, f, inv)

		refused := answered(http.StatusForbidden, "no")
		f.setBefore(removeMember, fail(refused))

		got, err := ensure(t.Context(), inv, 11, email("dan"), roleOwner)
		noErr(t, err)
		isErr(t, got.RemovalErr, refused)
		same(t, "account", got.Account, inventory.Account{ID: "u-dan", Email: "dan@example.com", Verified: true})
	})
}

// Others are writing when the new owner comes.
func TestDeferredRemoval_canceled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		kept(t, f, inv)

		gate := make(chan struct{})
		f.setBefore(addMember, holdNth(1, gate))

		first := start(func() (inventory.EnsuredMember, error) {
			return ensure(t.Context(), inv, 11, byID("u-zoe"), roleCollaborator)
		})

		settle()

		ctx, cancel := context.WithCancel(t.Context())
		second := start(func() (inventory.EnsuredMember, error) { return ensure(ctx, inv, 11, email("dan"), roleOwner) })

		settle()
		settle()
		cancel()

		got := <-second
		noErr(t, got.err)
		isErr(t, got.value.RemovalErr, context.Canceled)
		close(gate)
		noErr(t, (<-first).err)
		same(t, "members", f.membersOf(11), team{"u-bob": roleOwner, "u-cat": roleCollaborator, "u-dan": roleOwner, "u-zoe": roleCollaborator})
	})
}

// The other order of a swap: the new owner comes first.
func TestDeferredRemoval_swapInOrder(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "bobs", owner("u-bob"))

		_, err := ensure(t.Context(), inv, 11, email("dan"), roleOwner)
		noErr(t, err)
		removes(t, inv, 11, byID("u-bob"), inventory.Removed)
		same(t, "members", f.membersOf(11), team{"u-dan": roleOwner})
	})
}
