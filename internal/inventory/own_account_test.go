package inventory_test

import (
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Where the access token says nothing, the creator of a new workspace is the account
// that has authenticated, by the email that it did so with. An add to find that out
// would demote the only owner for good, where roles are not known.
func TestOwnAccount_ownerOfANewWorkspace(t *testing.T) {
	t.Parallel()

	for name, apply := range map[string]func(*testing.T, *inventory.Inventory, int64) string{
		"member": func(t *testing.T, inv *inventory.Inventory, id int64) string {
			t.Helper()

			got, err := ensure(t.Context(), inv, id, email("Ann"), roleOwner)
			noErr(t, err)

			return got.ID
		},
		"set": func(t *testing.T, inv *inventory.Inventory, id int64) string {
			t.Helper()

			got, err := inv.SetMembers(t.Context(), id, set(owners(named("Ann@example.com"))))
			noErr(t, err)

			return got.IDs[0]
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				guide(f)
				f.caller = wallaroo.CurrentUser{Login: "ann@example.com"}

				created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
				noErr(t, err)

				same(t, "ID", apply(t, inv, created.Workspace.ID), "u-ann")
				same(t, "adds", f.count(addMember), 0)
			})
		})
	}
}

// A name that is no email says nothing about whose an email is.
func TestOwnAccount_nameIsNoEmail(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		guide(f)
		f.caller = wallaroo.CurrentUser{Login: "ann"}

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		_, err = ensure(t.Context(), inv, created.Workspace.ID, email("ann"), roleOwner)
		noErr(t, err)
		same(t, "adds", f.count(addMember), 1)
	})
}

// The creator of an account's default workspace is that account, which no add needs to
// find out.
func TestOwnAccount_defaultWorkspace(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		owner string
		adds  int
	}{
		"member":          {"u-bob", 0},
		"not a member":    {"u-cat", 1}, // who may have had the email before
		"creator unknown": {"", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				guide(f)
				f.addWorkspace(11, "bobs", owner("u-bob"))
				f.addWorkspace(12, "Bob@example.com - Default Workspace", owner("u-bob"))
				f.find(12).CreatedBy = c.owner

				got, err := ensure(t.Context(), inv, 11, email("bob"), roleOwner)
				noErr(t, err)
				same(t, "ID", got.ID, "u-bob")
				same(t, "adds", f.count(addMember), c.adds)
			})
		})
	}
}

// A directory says whose name the account has authenticated with, so that a set knows
// whom it must not remove.
func TestOwnAccount_byDirectory(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"ann@example.com", "ANN"} {
		run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.caller = wallaroo.CurrentUser{Login: name}
			f.join(7, owner("u-cat"))

			id, err := inv.CurrentUserID(t.Context())
			noErr(t, err)
			same(t, "ID", id, "u-ann")

			_, err = inv.SetMembers(t.Context(), 7, set(owners(named("bob@example.com"))))
			noErr(t, err)
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleOwner})
		})
	}
}

// Where nothing says that the email is the only owner's, and roles are ignored, the
// add cannot be undone. The error says so.
func TestNoDirectory_ownerDemotedForGood(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		guide(f)
		f.keepsRoles = false
		f.addWorkspace(11, "bobs", owner("u-bob"))

		_, err := ensure(t.Context(), inv, 11, email("bob"), roleOwner)
		isErr(t, err, inventory.ErrOwnerDemoted)
	})
}
