package inventory_test

import (
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

// A directory that lists IDs and names, but no emails, says no more about an email
// than none: the member list tells whom an add has added.
func TestDirectory_withoutEmails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.opaque()
		f.withoutEmails = true

		got, err := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
		noErr(t, err)
		same(t, "account", got.Account, inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true})

		_, err = inv.UserByEmail(t.Context(), "gus@example.com")
		isErr(t, err, inventory.ErrNoDirectory)
	})
}
