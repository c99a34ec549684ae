package inventory_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// removes fails the test unless the removal of a user comes out as want.
func removes(t *testing.T, inv *inventory.Inventory, workspaceID int64, ref inventory.UserRef, want inventory.Removal) {
	t.Helper()

	got, err := inv.RemoveMember(t.Context(), workspaceID, ref)
	noErr(t, err)
	same(t, "removal", got, want)
}

func TestRemoveMember(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		removes(t, inv, 7, inventory.UserRef{UserID: "u-bob", Email: "bob@example.com"}, inventory.Removed)
		same(t, "writes", f.writes(), []string{"remove 7 u-bob"})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner})
		same(t, "known members", known(t, inv, 7), f.membersOf(7))
		same(t, "lists", f.count(listMembers), 1)
		same(t, "reads of the directory", f.count(queryUsers), 0)
		same(t, "applying", inv.IsApplying(), true)
	})
}

func TestRemoveMember_owner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "two", owner("u-bob"), owner("u-cat"))

		removes(t, inv, 11, byID("u-bob"), inventory.Removed)
		removes(t, inv, 11, byID("u-cat"), inventory.KeptLastOwner)
		removes(t, inv, 11, byID("u-cat"), inventory.KeptLastOwner)
		same(t, "members", f.membersOf(11), team{"u-cat": roleOwner})
		same(t, "writes", f.writes(), []string{"remove 11 u-bob"})
	})
}

// An owner whose account is gone lets nobody in, and does not count.
func TestRemoveMember_otherOwnerWithoutAccount(t *testing.T) {
	t.Parallel()

	refused := unavailable()

	for name, c := range map[string]struct {
		setup func(*fake)
		want  inventory.Removal
		fails error
	}{
		"has an account":       {func(*fake) {}, inventory.Removed, nil},
		"account is gone":      {func(f *fake) { f.deleteUser("u-dan") }, inventory.KeptLastOwner, nil},
		"no directory":         {func(f *fake) { f.deleteUser("u-dan"); f.noDirectory() }, inventory.Removed, nil},
		"directory is failing": {func(f *fake) { f.setBefore(queryUsers, fail(refused)) }, 0, refused},
		"is the caller":        {func(f *fake) { f.caller.UserID = "u-dan"; f.setBefore(queryUsers, fail(refused)) }, inventory.Removed, nil},
	} {
		for _, stale := range []bool{false, true} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.addWorkspace(11, "two", owner("u-bob"), owner("u-dan"), collaborator("u-ann"))

				if stale {
					_, err := inv.Users(t.Context())
					noErr(t, err)
					time.Sleep(time.Second)
				}

				c.setup(f)

				got, err := inv.RemoveMember(t.Context(), 11, byID("u-bob"))
				same(t, "removal", got, c.want)
				isErr(t, err, c.fails)

				if c.want == inventory.KeptLastOwner {
					_, err = ensure(t.Context(), inv, 11, email("bob"), roleCollaborator)
					isErr(t, err, inventory.ErrLastOwner)
				}
			})
		}
	}
}

func TestOtherOwners(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "team", owner("u-ann"), owner("u-bob"), owner("u-gus"), collaborator("u-cat"))

		others, err := inv.OtherOwners(t.Context(), 11, "u-ann")
		noErr(t, err)
		same(t, "others", others, []string{"u-bob"})

		_, err = inv.OtherOwners(t.Context(), 12, "u-ann")
		isErr(t, err, inventory.ErrNotAccessible)
	})
}

func TestRemoveMember_caller(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "two", collaborator("u-ann"), owner("u-bob"))

		for _, id := range []int64{9, 11} {
			removes(t, inv, id, byID("u-ann"), inventory.KeptCurrentUser)
		}

		same(t, "writes", len(f.writes()), 0)
	})
}

// The creator of a workspace of this run is the account of an opaque token.
func TestRemoveMember_creator(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.opaque()

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		_, err = ensure(t.Context(), inv, created.Workspace.ID, email("bob"), roleOwner)
		noErr(t, err)
		removes(t, inv, created.Workspace.ID, byID("u-ann"), inventory.KeptCurrentUser)
		removes(t, inv, 7, byID("u-ann"), inventory.KeptCurrentUser)
	})
}

func TestRemoveMember_absent(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		setup  func(*fake, *inventory.Inventory)
		want   inventory.Removal
		writes int
	}{
		"no member": {func(f *fake, _ *inventory.Inventory) { f.leave(7, "u-bob") }, inventory.Removed, 0},
		"no member any more": {func(f *fake, inv *inventory.Inventory) {
			_, _ = inv.Members(context.Background(), 7)

			f.leave(7, "u-bob") // the instance will say: 0 rows affected
		}, inventory.Removed, 1},
		"workspace gone": {func(f *fake, _ *inventory.Inventory) { f.workspaces = f.workspaces[1:] }, inventory.NotAccessible, 0},
		"workspace gone, in words": {func(f *fake, _ *inventory.Inventory) {
			f.workspaces, f.hiddenMembers = f.workspaces[1:], answered(404, "no")
		}, inventory.NotAccessible, 0},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			c.setup(f, inv)
			removes(t, inv, 7, byID("u-bob"), c.want)
			same(t, "writes", len(f.writes()), c.writes)
		})
	}
}

// This says nothing about one workspace, and a destroy must not fail for it.
func TestRemoveMember_noWorkspaces(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.workspaces = nil

		removes(t, inv, 7, byID("u-bob"), inventory.NotAccessible)
		same(t, "writes", len(f.writes()), 0)
	})
}

func TestRemoveMember_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listMembers, askCurrentUser, removeMember} {
		runCase(t, string(o), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			refused := answered(http.StatusUnauthorized, "no")
			f.setBefore(o, fail(refused))

			_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))
			isErr(t, err, refused)
			same(t, "members", len(f.membersOf(7)), 2)
			same(t, "writes", len(f.writes()), map[bool]int{true: 1}[o == removeMember])
		})
	}
}

func TestRemoveMember_canceled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setBefore(removeMember, hold(gate))

		first := start(func() (inventory.Removal, error) { return inv.RemoveMember(t.Context(), 7, byID("u-bob")) })

		settle()

		ctx, cancel := context.WithCancel(t.Context())
		second := start(func() (inventory.Removal, error) { return inv.RemoveMember(ctx, 7, byID("u-bob")) })

		settle()
		cancel()
		isErr(t, (<-second).err, context.Canceled)
		close(gate)
		noErr(t, (<-first).err)
	})
}

func TestRemoveMember_ambiguous(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		final := isWorded(failed)

		runCase(t, name+" done", func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setAfter(removeMember, fail(failed))
			removes(t, inv, 7, byID("u-bob"), inventory.Removed)
			same(t, "writes", len(f.writes()), 1)
		})
		runCase(t, name+" not done", func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(removeMember, inTurn(failed))

			_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))

			if final {
				isErr(t, err, failed)
				same(t, "writes", len(f.writes()), 1)

				return
			}

			noErr(t, err)
			same(t, "writes", len(f.writes()), 2)
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner})
			same(t, "known members", known(t, inv, 7), team{"u-ann": roleOwner})
		})
		runCase(t, name+" cannot be looked at", func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setAfter(removeMember, inTurn(failed))
			f.setBefore(listMembers, inTurn(nil, unavailable()))

			_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))

			if final {
				isErr(t, err, failed)
			} else {
				noErr(t, err)
				same(t, "writes", len(f.writes()), 2)
			}
		})
	}
}

// The look after a lost answer never ends on its own.
func TestRemoveMember_lookBudget(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.latency = 0
		failed := outcomeUnknown(answered(http.StatusInternalServerError, "database gone"))
		f.setAfter(removeMember, fail(failed))
		f.setBefore(listMembers, holdNth(2, make(chan struct{})))

		began := time.Now()
		_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))
		isErr(t, err, failed)
		same(t, "time", time.Since(began), 30*time.Second)
	})
}

// An instance that does not say whether a removal changed something is looked at,
// twice if it is late.
func TestRemoveMember_noAffectedRows(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for name, c := range map[string]struct {
		late  int
		list  hook
		lists int
		fails error
		text  string
	}{
		"at once": {0, nil, 2, nil, ""},
		"late":    {1, nil, 3, nil, ""},
		"never":   {9, nil, 5, inventory.ErrStillMember, inventory.ErrStillMember.Error()},
		"failing": {0, failFrom(2, failed), 2, failed, "the removal was accepted, but its outcome could not be read: " + failed.Error()},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noAffectedRows = true
			f.lateRemovals = c.late
			f.setBefore(listMembers, c.list)

			_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))
			isErr(t, err, c.fails)
			same(t, "lists", f.count(listMembers), c.lists)

			if err != nil {
				same(t, "error", err.Error(), c.text)
			}
		})
	}
}

// An instance that takes no IDs is given the email, if it is still the user's.
func TestRemoveMember_byEmail(t *testing.T) {
	t.Parallel()

	refused := answered(http.StatusBadRequest, "email is required")
	mine := inventory.UserRef{UserID: "u-bob", Email: "bob@example.com"}

	for name, c := range map[string]struct {
		refused *wallaroo.Error
		setup   func(*fake)
		ref     inventory.UserRef
		by      string
		fails   error
	}{
		"by the directory":         {refused, func(*fake) {}, byID("u-bob"), "bob@example.com", nil},
		"renamed":                  {refused, func(f *fake) { f.setUser("u-bob", "bobby") }, mine, "bobby@example.com", nil},
		"email is another's":       {refused, func(f *fake) { f.deleteUser("u-bob"); f.setUser("u-new", "bob") }, mine, "", refused},
		"no account":               {refused, func(f *fake) { f.withoutUsers = []string{"u-bob"} }, mine, "bob@example.com", nil},
		"no account, no email":     {refused, func(f *fake) { f.withoutUsers = []string{"u-bob"} }, byID("u-bob"), "", refused},
		"no directory":             {refused, (*fake).noDirectory, mine, "bob@example.com", nil},
		"no directory, no email":   {refused, (*fake).noDirectory, byID("u-bob"), "", refused},
		"by the list":              {refused, func(f *fake) { f.noDirectory(); f.listsEmails = true }, byID("u-bob"), "bob@example.com", nil},
		"directory is failing":     {refused, func(f *fake) { f.setBefore(queryUsers, fail(unavailable())) }, mine, "", refused},
		"refused for another case": {answered(http.StatusForbidden, "no"), func(*fake) {}, mine, "", answered(http.StatusForbidden, "no")},
	} {
		for _, stale := range []bool{false, true} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.removesByEmail = c.refused

				if stale && name != "no directory" && name != "no directory, no email" && name != "by the list" {
					_, err := inv.Users(t.Context())
					noErr(t, err)
					time.Sleep(time.Second)
				}

				c.setup(f)

				writes := []string{"remove 7 u-bob"}
				if c.by != "" {
					writes = append(writes, "remove 7 "+c.by)
				}

				_, err := inv.RemoveMember(t.Context(), 7, c.ref)
				same(t, "error", err, c.fails)
				same(t, "writes", f.writes(), writes)
				same(t, "known members", known(t, inv, 7), f.membersOf(7))
			})
		}
	}
}

// An email that does not help either.
func TestRemoveMember_byEmailFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		refused := answered(http.StatusBadRequest, "no")
		f.setBefore(removeMember, fail(refused))

		_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))
		isErr(t, err, refused)
		same(t, "writes", len(f.writes()), 2)
	})
}

// An instance that accepts an ID, but removes by email.
func TestRemoveMember_idIgnored(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setBefore(removeMember, once(func() { f.find(7).members[1].UserID = "u-other" }))
		f.setAfter(removeMember, once(func() { f.change(func() { f.find(7).members[1].UserID = "u-bob" }) }))
		removes(t, inv, 7, byID("u-bob"), inventory.Removed)
		same(t, "writes", f.writes(), []string{"remove 7 u-bob", "remove 7 bob@example.com"})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner})
	})
}
