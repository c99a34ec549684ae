package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// claims are the ways in which a run says that it wants Bob in workspace 7.
var claims = map[string]func(context.Context, *inventory.Inventory) error{
	"by e-mail": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := inv.EnsureMember(ctx, 7, email("bob"), collaborator)

		return err
	},
	"by id": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := inv.EnsureMember(ctx, 7, byID("u-bob"), collaborator)

		return err
	},
	"as owner": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := inv.EnsureMember(ctx, 7, email("bob"), owner)

		return err
	},
	"in a set": func(ctx context.Context, inv *inventory.Inventory) error {
		_, err := inv.SetMembers(ctx, 7, []inventory.Wanted{{Ref: email("ann"), Role: owner}, {Ref: email("bob"), Role: collaborator}})

		return err
	},
}

func TestClaims(t *testing.T) {
	t.Parallel()

	for name, claim := range claims {
		for _, noDirectory := range []bool{false, true} {
			title := name
			if noDirectory {
				title += " without a directory"
			}

			t.Run(title+", create first", func(t *testing.T) {
				t.Parallel()

				f := newFake()
				inv := newInventory(f)

				if noDirectory {
					f.setBefore(queryUsers, fail(answered(http.StatusForbidden, "no")))
					f.leave(7, "u-bob")
				}

				noErr(t, claim(t.Context(), inv))

				got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
				noErr(t, err)
				same(t, "removal", got, inventory.KeptClaimed)
				same(t, "removals", f.count(removeMember), 0)

				if _, ok := f.membersOf(7)["u-bob"]; !ok {
					t.Error("the member is lost")
				}
			})
			t.Run(title+", delete first", func(t *testing.T) {
				t.Parallel()

				f := newFake()
				inv := newInventory(f)

				if noDirectory {
					f.setBefore(queryUsers, fail(answered(http.StatusForbidden, "no")))
				}

				got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
				noErr(t, err)
				same(t, "removal", got, inventory.Removed)
				noErr(t, claim(t.Context(), inv))

				if _, ok := f.membersOf(7)["u-bob"]; !ok {
					t.Error("the member is lost")
				}
			})
		}
	}
}

// Create and delete of one pair at the same time, each holding the other up.
func TestClaims_sideBySide(t *testing.T) {
	t.Parallel()

	for name, claim := range claims {
		t.Run(name+", create holds the lock", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(queryUsers, hold(gate)) // before the pair can be claimed

				created := in(func() (any, error) { return nil, claim(t.Context(), inv) })

				synctest.Wait()

				deleted := in(func() (inventory.Removal, error) { return inv.RemoveMember(t.Context(), 7, "u-bob") })

				synctest.Wait()
				close(gate)
				noErr(t, (<-created).err)

				got := <-deleted
				noErr(t, got.err)
				same(t, "removal", got.value, inventory.KeptClaimed)
				same(t, "removals", f.count(removeMember), 0)
			})
		})
		t.Run(name+", delete holds the lock", func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(removeMember, hold(gate))

				deleted := in(func() (inventory.Removal, error) { return inv.RemoveMember(t.Context(), 7, "u-bob") })

				synctest.Wait()

				created := in(func() (any, error) { return nil, claim(t.Context(), inv) })

				synctest.Wait()
				same(t, "adds beside the removal", f.count(addMember), 0)
				close(gate)
				noErr(t, (<-deleted).err)
				noErr(t, (<-created).err)

				if _, ok := f.membersOf(7)["u-bob"]; !ok {
					t.Error("the member is lost")
				}
			})
		})
	}
}

// A claim is about one workspace and one user.
func TestClaims_othersMayGo(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "two", boss("u-ann"), mate("u-bob"), mate("u-cat"))
	inv := newInventory(f)

	_, err := inv.EnsureMember(t.Context(), 7, email("bob"), collaborator)
	noErr(t, err)

	_, err = inv.EnsureMember(t.Context(), 11, email("cat"), collaborator)
	noErr(t, err)

	got, err := inv.RemoveMember(t.Context(), 11, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.Removed)
	same(t, "members", f.membersOf(11), team{"u-ann": owner, "u-cat": collaborator})
}

// A claim counts also where the claimant failed: the delete must not make it worse.
func TestClaims_failedClaim(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.keepsRoles = true
	inv := newInventory(f)

	_, err := inv.EnsureMember(t.Context(), 7, email("bob"), owner)
	isErr(t, err, inventory.ErrRoleKept)

	got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.KeptClaimed)
}

// writers are all writes to the members of a workspace.
var writers = map[string]func(context.Context, *inventory.Inventory, int64) error{
	"ensure": func(ctx context.Context, inv *inventory.Inventory, id int64) error {
		_, err := inv.EnsureMember(ctx, id, email("dan"), collaborator)

		return err
	},
	"remove": func(ctx context.Context, inv *inventory.Inventory, id int64) error {
		_, err := inv.RemoveMember(ctx, id, "u-bob")

		return err
	},
	"set": func(ctx context.Context, inv *inventory.Inventory, id int64) error {
		_, err := inv.SetMembers(ctx, id, []inventory.Wanted{{Ref: email("ann"), Role: owner}, {Ref: email("dan"), Role: collaborator}})

		return err
	},
}

func TestWrites_serial(t *testing.T) {
	t.Parallel()

	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.place(11, "two", boss("u-ann"), mate("u-bob"))
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(addMember, holdNth(1, gate))

				first := in(func() (any, error) {
					return inv.EnsureMember(t.Context(), 7, email("cat"), collaborator)
				})

				synctest.Wait()

				second := in(func() (any, error) { return nil, write(t.Context(), inv, 7) })

				ctx, cancel := context.WithCancel(t.Context())
				third := in(func() (any, error) { return nil, write(ctx, inv, 7) })

				synctest.Wait()
				same(t, "writes", f.writes(), []string{"add 7 cat@example.com"})

				// Another workspace is not held up.
				noErr(t, write(t.Context(), inv, 11))

				cancel()
				isErr(t, (<-third).err, context.Canceled)
				close(gate)
				noErr(t, (<-first).err)
				noErr(t, (<-second).err)
			})
		})
	}
}

// Reads need not wait for a write.
func TestWrites_doNotHoldReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setBefore(addMember, hold(gate))

		write := in(func() (inventory.Ensured, error) {
			return inv.EnsureMember(t.Context(), 7, email("cat"), collaborator)
		})

		synctest.Wait()

		members, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		same(t, "members", len(members), 2)
		close(gate)
		noErr(t, (<-write).err)
	})
}

// kept is an instance on which the run could not remove Bob from workspace 11, whose
// last owner he is.
func kept(t *testing.T) (*fake, *inventory.Inventory) {
	t.Helper()

	f := newFake()
	f.place(11, "bobs", boss("u-bob"), mate("u-cat"))
	inv := newInventory(f)

	got, err := inv.RemoveMember(t.Context(), 11, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.KeptLastOwner)

	return f, inv
}

func TestKeptOwner_retires(t *testing.T) {
	t.Parallel()

	for name, newcomer := range map[string]inventory.UserRef{"new": email("dan"), "promoted": email("cat")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f, inv := kept(t)

			got, err := inv.EnsureMember(t.Context(), 11, newcomer, owner)
			noErr(t, err)
			noErr(t, got.Unretired)

			if _, ok := f.membersOf(11)["u-bob"]; ok {
				t.Error("the kept owner is still a member")
			}

			members, err := inv.Members(t.Context(), 11)
			noErr(t, err)
			same(t, "known members", roles(members), f.membersOf(11))

			// It is removed once.
			_, err = inv.EnsureMember(t.Context(), 11, email("ann"), owner)
			noErr(t, err)
			same(t, "removals", f.count(removeMember), 1)
		})
	}
}

func TestKeptOwner_stays(t *testing.T) {
	t.Parallel()

	for name, ensure := range map[string]func(*testing.T, *inventory.Inventory) error{
		"no owner came": func(t *testing.T, inv *inventory.Inventory) error {
			_, err := inv.EnsureMember(t.Context(), 11, email("dan"), collaborator)

			return err
		},
		"owner of another workspace": func(t *testing.T, inv *inventory.Inventory) error {
			_, err := inv.EnsureMember(t.Context(), 7, email("dan"), owner)

			return err
		},
		"claimed meanwhile": func(t *testing.T, inv *inventory.Inventory) error {
			_, first := inv.EnsureMember(t.Context(), 11, email("bob"), owner)
			_, second := inv.EnsureMember(t.Context(), 11, email("dan"), owner)

			return errors.Join(first, second)
		},
		"newcomer's role was kept": func(t *testing.T, inv *inventory.Inventory) error {
			_, err := inv.EnsureMember(t.Context(), 11, email("eve"), owner)
			isErr(t, err, inventory.ErrRoleKept)

			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f, inv := kept(t)
			f.ignoresRoles = name == "newcomer's role was kept"
			f.user(wallaroo.User{ID: "u-eve", Username: "eve", Email: "eve@example.com"})
			noErr(t, ensure(t, inv))
			same(t, "removals", f.count(removeMember), 0)
			same(t, "role", f.membersOf(11)["u-bob"], owner)
		})
	}
}

func TestKeptOwner_cannotBeRemoved(t *testing.T) {
	t.Parallel()

	f, inv := kept(t)
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(removeMember, fail(refused))

	got, err := inv.EnsureMember(t.Context(), 11, email("dan"), owner)
	noErr(t, err)
	isErr(t, got.Unretired, refused)
	same(t, "member", got.Member, wallaroo.Member{UserID: "u-dan", Role: owner})
}

// The other order of a swap: the new owner comes first.
func TestKeptOwner_swapInOrder(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "bobs", boss("u-bob"))
	inv := newInventory(f)

	_, err := inv.EnsureMember(t.Context(), 11, email("dan"), owner)
	noErr(t, err)

	got, err := inv.RemoveMember(t.Context(), 11, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.Removed)
	same(t, "members", f.membersOf(11), team{"u-dan": owner})
}
