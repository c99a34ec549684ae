package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// failures are the users and causes of a failed set, as texts.
func failures(t *testing.T, err error) map[string]string {
	t.Helper()

	failed := map[string]string{}
	for _, f := range as[*inventory.MemberSetError](t, err).Failed {
		failed[f.Ref.Email+f.Ref.Name+f.Ref.UserID] = f.Err.Error()
	}

	return failed
}

func TestSetMembers_order(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-bob"), owner("u-ann"), collaborator("u-cat"), owner("u-root"))

		// Ann, who authenticates, is demoted; Bob leaves; Cat is promoted; Root stays.
		wanted := set(collaborators(email("ann"), email("dan")), owners(email("cat"), byID("u-root")))
		want := []string{"add 11 cat@example.com OWNER", "add 11 dan@example.com", "remove 11 u-bob", "add 11 ann@example.com COLLABORATOR"}

		// The second time nothing is left to do.
		for range 2 {
			got, err := inv.SetMembers(t.Context(), 11, wanted)
			noErr(t, err)
			same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-ann", "u-dan", "u-cat", "u-root"}})
			same(t, "writes", f.writes(), want)
			same(t, "members", f.membersOf(11), team{"u-ann": roleCollaborator, "u-cat": roleOwner, "u-dan": roleCollaborator, "u-root": roleOwner})
			same(t, "known members", known(t, inv, 11), f.membersOf(11))
		}

		same(t, "applying", inv.IsApplying(), true)
	})
}

// All role changes of one sort share one look, however many they are.
func TestSetMembers_counts(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.SetMembers(t.Context(), 7, set(owners(email("ann"), email("bob"), email("cat")), collaborators(email("dan"), byID("u-root"))))
		noErr(t, err)
		same(t, "writes", len(f.writes()), 4)
		same(t, "lists", f.count(listMembers), 2)
		same(t, "directory", f.count(queryUsers), 1)
	})
}

func TestSetMembers_callerStays(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		got, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat"))))
		noErr(t, err)
		same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-cat"}})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-cat": roleOwner})
	})
}

func TestSetMembers_claimedStay(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-ann"), owner("u-bob"), collaborator("u-cat"), collaborator("u-dan"))

		for id, role := range map[string]wallaroo.Role{"u-bob": roleOwner, "u-dan": roleCollaborator} {
			_, err := ensure(t.Context(), inv, 11, byID(id), role)
			noErr(t, err)
		}

		got, err := inv.SetMembers(t.Context(), 11, set(owners(email("ann"))))
		noErr(t, err)
		same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-ann"}, Kept: []string{"u-bob", "u-dan"}})
		same(t, "writes", f.writes(), []string{"remove 11 u-cat"})
	})
}

// Ignored users are neither added nor removed, whatever their role.
func TestSetMembers_ignored(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-ann"), owner("u-bob"), collaborator("u-cat"), collaborator("u-gus"))

		_, err := inv.SetMembers(t.Context(), 11, inventory.MemberSet{
			Members: owners(email("ann")),
			Ignored: []inventory.UserRef{named("bob@example.com"), named("dan@example.com"), named("nobody@example.com"), named("u-gus")},
		})
		noErr(t, err)
		same(t, "writes", f.writes(), []string{"remove 11 u-cat"})
	})
}

// Without a directory an ignored email may be anybody's: nobody may be removed then.
func TestSetMembers_ignoredUnknown(t *testing.T) {
	t.Parallel()

	for name, ignored := range map[string]inventory.UserRef{"name": named("dan@example.com"), "email": email("dan")} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()

			wanted := inventory.MemberSet{Members: owners(email("ann")), Ignored: []inventory.UserRef{ignored}}

			_, err := inv.SetMembers(t.Context(), 7, wanted)
			same(t, "error", *as[*inventory.UnidentifiedUserError](t, err), inventory.UnidentifiedUserError{Email: "dan@example.com", Candidates: []string{"u-bob"}})
			same(t, "writes", len(f.writes()), 0)

			// If nobody leaves it does not matter.
			wanted.Members = append(wanted.Members, collaborators(byID("u-bob"))...)

			_, err = inv.SetMembers(t.Context(), 7, wanted)
			noErr(t, err)
		})
	}
}

// The last owner is replaced: the set needs nobody to remove the old one.
func TestSetMembers_deferredOwnerGoes(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		kept(t, f, inv)

		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("dan"))))
		noErr(t, err)
		same(t, "members", f.membersOf(11), team{"u-dan": roleOwner})
	})
}

func TestSetMembers_addFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		refused := answered(http.StatusForbidden, "no")
		f.setBefore(addMember, inTurn(refused))

		got, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat")), collaborators(email("dan"), email("ann"))))
		same(t, "failures", failures(t, err), map[string]string{"cat@example.com": refused.Error()})
		isErr(t, err, refused)
		same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-cat", "u-dan", "u-ann"}})
		// Dan comes all the same; Bob stays, and so does Ann's role.
		same(t, "writes", f.writes(), []string{"add 7 cat@example.com OWNER", "add 7 dan@example.com"})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-dan": roleCollaborator})
	})
}

// The others leave all the same, but the caller's own role waits for the next apply.
func TestSetMembers_removalFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-ann"), owner("u-bob"), collaborator("u-cat"))
		f.latency = 0

		refused := answered(http.StatusForbidden, "no")

		f.setBefore(removeMember, func(_ context.Context, n int) error {
			if slices.Contains(f.writes()[n:n+1], "remove 11 u-bob") {
				return refused
			}

			return nil
		})

		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("dan")), collaborators(email("ann"))))
		same(t, "failures", failures(t, err), map[string]string{"u-bob": refused.Error()})
		same(t, "members", f.membersOf(11), team{"u-ann": roleOwner, "u-bob": roleOwner, "u-dan": roleOwner})
	})
}

func TestSetMembers_lastOwner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "bobs", owner("u-bob"), collaborator("u-cat"))

		refused := answered(http.StatusForbidden, "no")
		f.setBefore(addMember, inTurn(refused))

		// Without the new owner, the old one must not be demoted.
		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("dan")), collaborators(email("bob"))))
		same(t, "failures", failures(t, err), map[string]string{
			"dan@example.com": refused.Error(),
			"bob@example.com": inventory.ErrLastOwner.Error(),
		})
		isErr(t, err, inventory.ErrLastOwner)
		same(t, "order", as[*inventory.MemberSetError](t, err).Failed[0].Ref, email("bob"))
		same(t, "members", f.membersOf(11), team{"u-bob": roleOwner, "u-cat": roleCollaborator})
	})
}

// Two owners become collaborators, but the new owner could not come: the second one
// is the last by then.
func TestSetMembers_becomesLastOwner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-bob"), owner("u-cat"))

		refused := answered(http.StatusForbidden, "no")
		f.setBefore(addMember, inTurn(refused))

		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("dan")), collaborators(email("bob"), email("cat"))))
		same(t, "failures", failures(t, err), map[string]string{
			"dan@example.com": refused.Error(),
			"cat@example.com": inventory.ErrLastOwner.Error(),
		})
		same(t, "members", f.membersOf(11), team{"u-bob": roleCollaborator, "u-cat": roleOwner})
	})
}

// An owner who leaves must leave an owner who has an account.
func TestSetMembers_removesNoLastOwner(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		wanted []inventory.MemberSpec
		fails  error
	}{
		"collaborators only":    {collaborators(email("cat")), inventory.ErrLastOwner},
		"owner without account": {owners(byID("u-zoe")), inventory.ErrLastOwner},
		"owner with an account": {owners(byID("u-cat")), nil},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.addWorkspace(11, "bobs", owner("u-bob"))

			_, err := inv.SetMembers(t.Context(), 11, set(c.wanted))

			if c.fails == nil {
				noErr(t, err)

				return
			}

			same(t, "failures", failures(t, err), map[string]string{"u-bob": c.fails.Error()})
			same(t, "role", f.membersOf(11)["u-bob"], roleOwner)
		})
	}
}

// It cannot be told whether the remaining owner has an account.
func TestSetMembers_remainingOwnerUnknown(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "bobs", owner("u-bob"), owner("u-dan"))

		_, err := ensure(t.Context(), inv, 11, email("dan"), roleOwner)
		noErr(t, err)
		time.Sleep(time.Second)

		failed := unavailable()
		f.setBefore(queryUsers, failFrom(3, failed))

		_, err = inv.SetMembers(t.Context(), 11, set(collaborators(email("cat"))))
		same(t, "failures", failures(t, err), map[string]string{"u-bob": failed.Error()})
		same(t, "removals", f.count(removeMember), 0)
	})
}

func TestSetMembers_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "nobodys", collaborator("u-cat"), collaborator("u-bob"))

		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("cat"), email("dan")), collaborators(email("bob"))))
		noErr(t, err)
		same(t, "members", f.membersOf(11), team{"u-bob": roleCollaborator, "u-cat": roleOwner, "u-dan": roleOwner})
	})
}

func TestSetMembers_rolesNotSet(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.keepsRoles, f.ignoresRoles = true, true
		f.addWorkspace(11, "team", owner("u-ann"), collaborator("u-bob"), owner("u-cat"))

		_, err := inv.SetMembers(t.Context(), 11, set(owners(email("ann"), email("bob"), email("dan")), collaborators(email("cat"))))
		same(t, "failures", failures(t, err), map[string]string{
			"bob@example.com": inventory.ErrRoleKept.Error(),
			"cat@example.com": inventory.ErrRoleKept.Error(),
			"dan@example.com": inventory.ErrRolesIgnored.Error(),
		})
		same(t, "members", f.membersOf(11), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleOwner})
	})
}

// An owner that the instance is late to list is no refusal.
func TestSetMembers_late(t *testing.T) {
	t.Parallel()

	for name, late := range map[string]int{"late": 2, "never": 99} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.lateMembers = late

			_, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat"), email("dan"))))
			same(t, "adds", f.count(addMember), 2)

			if name == "never" {
				isErr(t, err, inventory.ErrNotListed)
				same(t, "removals", f.count(removeMember), 0)

				return
			}

			noErr(t, err)
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-cat": roleOwner, "u-dan": roleOwner})
		})
	}
}

func TestSetMembers_lookFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		failed := unavailable()
		f.setBefore(listMembers, failFrom(2, failed))

		_, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat"), email("dan"))))
		isErr(t, err, failed)

		want := "the change was accepted, but its outcome could not be read: " + failed.Error()
		same(t, "failures", failures(t, err), map[string]string{"cat@example.com": want, "dan@example.com": want})
		same(t, "removals", f.count(removeMember), 0)
	})
}

func TestSetMembers_ambiguous(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setBefore(addMember, inTurn(nil, cut()))
		f.setAfter(removeMember, inTurn(cut()))

		_, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat")), collaborators(email("dan"))))
		noErr(t, err)
		same(t, "writes", f.writes(), []string{
			"add 7 cat@example.com OWNER", "add 7 dan@example.com", "add 7 dan@example.com", "remove 7 u-bob",
		})
	})
}

// Somebody who joined behind the inventory's back is a present member.
func TestSetMembers_alreadyMember(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.refusesPresent = answered(http.StatusConflict, "conflict")

		_, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		f.join(7, collaborator("u-cat"))

		_, err = inv.SetMembers(t.Context(), 7, set(owners(email("ann")), collaborators(email("bob"), email("cat"))))
		noErr(t, err)
		same(t, "writes", f.writes(), []string{"add 7 cat@example.com"})
	})
}

func TestSetMembers_noDirectory(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		wanted := set(owners(email("cat"), email("ann")), collaborators(email("dan")))

		// Who was learned needs no add to be told.
		for range 2 {
			got, err := inv.SetMembers(t.Context(), 7, wanted)
			noErr(t, err)
			same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-cat", "u-ann", "u-dan"}})
			same(t, "writes", f.writes(), []string{"add 7 cat@example.com OWNER", "add 7 dan@example.com", "remove 7 u-bob"})
		}

		removes(t, inv, 7, byID("u-cat"), inventory.KeptClaimed)
	})
}

// Who cannot be told might be anybody: nobody may be removed.
func TestSetMembers_unidentified(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.addWorkspace(11, "team", owner("u-ann"), collaborator("u-bob"), collaborator("u-cat"))

		got, err := inv.SetMembers(t.Context(), 11, set(owners(email("ann")), collaborators(email("bob"))))
		same(t, "candidates", as[*inventory.UnidentifiedUserError](t, err).Candidates, []string{"u-bob", "u-cat"})
		same(t, "set", got, inventory.MemberSetResult{IDs: []string{"u-ann", ""}})
		same(t, "removals", f.count(removeMember), 0)
	})
}

// The last user of an entry counts where nothing else says whom it means: as a member,
// or else whoever is added.
func TestSetMembers_unverified(t *testing.T) {
	t.Parallel()

	for name, last := range map[string]string{"member": "u-bob", "no member": "u-cat"} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()

			ref := inventory.UserRef{Name: "cat@example.com", LastID: last}

			got, err := inv.SetMembers(t.Context(), 7, set(owners(byID("u-ann")), collaborators(ref)))
			noErr(t, err)
			same(t, "IDs", got.IDs, []string{"u-ann", last})
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, last: roleCollaborator})
		})
	}
}

// An unlisted owner may be the account itself, if the token does not say who it is.
func TestSetMembers_callerUnknown(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.opaque()

		_, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat"))))
		same(t, "failures", failures(t, err), map[string]string{"u-ann": inventory.ErrCurrentUserUnknown.Error()})
		isErr(t, err, inventory.ErrCurrentUserUnknown)
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleOwner})

		// A collaborator may leave, and an owner who is listed may be demoted.
		_, err = inv.SetMembers(t.Context(), 7, set(owners(email("cat")), collaborators(email("ann"))))
		noErr(t, err)
		same(t, "members", f.membersOf(7), team{"u-ann": roleCollaborator, "u-cat": roleOwner})
	})
}

func TestSetMembers_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listMembers, askCurrentUser, queryUsers} {
		runCase(t, string(o), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			failed := unavailable()
			f.setBefore(o, fail(failed))

			got, err := inv.SetMembers(t.Context(), 7, set(owners(email("cat"))))
			isErr(t, err, failed)
			same(t, "set", got, inventory.MemberSetResult{})
			same(t, "writes", len(f.writes()), 0)

			if failed, ok := errors.AsType[*inventory.MemberSetError](err); ok {
				t.Errorf("a set that was not begun failed for %v", failed.Failed)
			}
		})
	}
}

func TestSetMembers_canceled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setBefore(addMember, hold(gate))

		first := start(func() (any, error) { return inv.SetMembers(t.Context(), 7, set(owners(email("cat")))) })

		settle()

		ctx, cancel := context.WithCancel(t.Context())
		second := start(func() (any, error) { return inv.SetMembers(ctx, 7, set(owners(email("dan")))) })

		settle()
		cancel()
		isErr(t, (<-second).err, context.Canceled)
		close(gate)
		noErr(t, (<-first).err)
	})
}

// Nobody is claimed by a set that cannot be.
func TestSetMembers_impossible(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := ensure(t.Context(), inv, 7, email("dan"), roleCollaborator)
		noErr(t, err)

		_, err = inv.SetMembers(t.Context(), 7, set(owners(email("Cat")), collaborators(byID("u-cat"), email("bob"))))
		same(t, "error", *as[*inventory.SameUserError](t, err), inventory.SameUserError{One: email("Cat"), Other: byID("u-cat"), UserID: "u-cat"})

		_, err = inv.SetMembers(t.Context(), 7, set(collaborators(email("nobody"), email("bob")), owners(email("dan"))))
		same(t, "error", *as[*inventory.RoleConflictError](t, err), inventory.RoleConflictError{
			Ref: email("dan"), UserID: "u-dan", Roles: []wallaroo.Role{roleCollaborator, roleOwner},
		})
		same(t, "writes", len(f.writes()), 1)
		removes(t, inv, 7, byID("u-bob"), inventory.Removed)
		removes(t, inv, 7, byID("u-dan"), inventory.KeptClaimed)
	})
}

// A large set is written side by side, one group after the other.
func TestSetMembers_sideBySide(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		large(f, 60)
		f.slots = nil

		var wanted inventory.MemberSet

		for i := range 60 {
			ref := byID("u-" + string(rune('0'+i/10)) + string(rune('0'+i%10)))
			f.setUser(ref.UserID, ref.UserID)

			switch {
			case i < 20:
				wanted.Members = append(wanted.Members, owners(ref)...)
			case i < 40:
				wanted.Members = append(wanted.Members, collaborators(ref)...)
			default:
				f.join(7, collaborator(ref.UserID))
			}
		}

		began := time.Now()

		_, err := inv.SetMembers(t.Context(), 7, wanted)
		noErr(t, err)
		same(t, "members", len(f.membersOf(7)), 41)
		same(t, "writes at the same time", f.mostInFlight(), 21)

		if took := time.Since(began); took > 500*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}
