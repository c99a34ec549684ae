package inventory_test

import (
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// A member who is listed late is not mistaken for the only one whose email nothing says.
func TestNoDirectory_listedLate(t *testing.T) {
	t.Parallel()

	for role, late := range map[wallaroo.Role]int{roleOwner: 3, roleCollaborator: 4} {
		runCase(t, string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.opaque()
			f.noDirectory()
			f.addWorkspace(11, "bobs", wallaroo.Member{UserID: "u-bob", Role: role})
			f.lateMembers = late

			got, err := ensure(t.Context(), inv, 11, email("cat"), role)
			noErr(t, err)
			same(t, "ID", got.ID, "u-cat")
		})
	}
}

// Nobody can tell a present member from one who is listed late: that costs some seconds.
func TestNoDirectory_presentWaits(t *testing.T) {
	t.Parallel()

	for role, waits := range map[wallaroo.Role]time.Duration{roleOwner: 3500 * time.Millisecond, roleCollaborator: 2 * time.Second} {
		runCase(t, string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.opaque()
			f.noDirectory()
			f.addWorkspace(11, "bobs", wallaroo.Member{UserID: "u-bob", Role: role})

			began := time.Now()

			got, err := ensure(t.Context(), inv, 11, email("bob"), role)
			noErr(t, err)
			same(t, "ID", got.ID, "u-bob")
			same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), waits)
		})
	}
}
