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
				f.caller = wallaroo.Caller{Username: "ann@example.com"}

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
		f.caller = wallaroo.Caller{Username: "ann"}

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		_, err = ensure(t.Context(), inv, created.Workspace.ID, email("ann"), roleOwner)
		noErr(t, err)
		same(t, "adds", f.count(addMember), 1)
	})
}
