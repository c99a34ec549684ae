package inventory_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// team is what a workspace's members should be, by user id.
type team = map[string]wallaroo.Role

func TestMembers_workspaceUnseen(t *testing.T) {
	t.Parallel()

	refused := func(status int) error { return answered(status, "no access") }
	weather := answered(http.StatusBadGateway, "")
	alone := func(f *fake) { f.places = f.places[2:] }
	noList := func(f *fake) { f.setBefore(listWorkspaces, fail(weather)) }
	listed := func(f *fake) { f.setBefore(listMembers, fail(f.stranger)); f.places[2].hidden = false }
	empty := func(f *fake) { f.places[2].hidden, f.places[2].members = false, nil }

	for name, c := range map[string]struct {
		stranger error
		setup    func(*fake)
		want     error
		lists    int
	}{
		"empty list":                   {nil, nil, inventory.ErrNotVisible, 1},
		"400":                          {refused(400), nil, inventory.ErrNotVisible, 1},
		"403":                          {refused(403), nil, inventory.ErrNotVisible, 1},
		"404":                          {refused(404), nil, inventory.ErrNotVisible, 1},
		"500":                          {refused(500), nil, inventory.ErrNotVisible, 1},
		"401":                          {refused(401), nil, refused(401), 0},
		"404 that is not the API's":    {answered(404, ""), nil, answered(404, ""), 0},
		"502":                          {weather, nil, weather, 0},
		"empty list, nothing visible":  {nil, alone, inventory.ErrNothingVisible, 1},
		"403, nothing visible":         {refused(403), alone, refused(403), 1},
		"empty list, list failing":     {nil, noList, weather, 1},
		"403, list failing":            {refused(403), noList, refused(403), 1},
		"500 for a visible one":        {refused(500), listed, refused(500), 1},
		"empty list for a visible one": {nil, empty, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.stranger = c.stranger
			f.place(11, "secret", boss("u-bob")).hidden = true

			if c.setup != nil {
				c.setup(f)
			}

			inv := newInventory(f)

			members, err := inv.Members(t.Context(), 11)
			same(t, "error", err, c.want)
			same(t, "members", len(members), 0)
			same(t, "lists of workspaces", f.count(listWorkspaces), c.lists)

			// Neither does a write go on without the members.
			if c.want == nil {
				return
			}

			_, err = inv.EnsureMember(t.Context(), 11, email("cat"), collaborator)
			same(t, "error of an add", err, c.want)
			same(t, "writes", len(f.writes()), 0)
		})
	}
}

func TestEnsureMember(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		role   wallaroo.Role
		writes []string
		want   team
		// lists are all looks at the members, waits those between them.
		lists int
	}{
		"add collaborator":  {email("cat"), collaborator, []string{"add 7 cat@example.com"}, team{"u-ann": owner, "u-bob": collaborator, "u-cat": collaborator}, 1},
		"add owner":         {email("cat"), owner, []string{"add 7 cat@example.com OWNER"}, team{"u-ann": owner, "u-bob": collaborator, "u-cat": owner}, 2},
		"by id":             {byID("u-cat"), collaborator, []string{"add 7 cat@example.com"}, team{"u-ann": owner, "u-bob": collaborator, "u-cat": collaborator}, 1},
		"same collaborator": {email("bob"), collaborator, nil, team{"u-ann": owner, "u-bob": collaborator}, 1},
		"same owner":        {byID("u-ann"), owner, nil, team{"u-ann": owner, "u-bob": collaborator}, 1},
		"promote":           {email("bob"), owner, []string{"add 7 bob@example.com OWNER"}, team{"u-ann": owner, "u-bob": owner}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()

			var naps sleeper

			inv := inventory.New(f, naps.sleep)

			got, err := inv.EnsureMember(t.Context(), 7, c.ref, c.role)
			noErr(t, err)
			noErr(t, got.Unretired)
			same(t, "role", got.Member.Role, c.role)
			same(t, "writes", f.writes(), c.writes)
			same(t, "members", f.membersOf(7), c.want)
			same(t, "lists", f.count(listMembers), c.lists)
			same(t, "waits", len(naps.all()), 0)

			members, err := inv.Members(t.Context(), 7)
			noErr(t, err)
			same(t, "known members", roles(members), c.want)
			same(t, "lists", f.count(listMembers), c.lists)
		})
	}
}

func TestEnsureMember_demote(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "two", boss("u-ann"), boss("u-bob"))
	inv := newInventory(f)

	// An update says the role also where it is the default.
	got, err := inv.EnsureMember(t.Context(), 11, email("bob"), collaborator)
	noErr(t, err)
	same(t, "member", got.Member, wallaroo.Member{UserID: "u-bob", Role: collaborator})
	same(t, "writes", f.writes(), []string{"add 11 bob@example.com COLLABORATOR"})
	same(t, "members", f.membersOf(11), team{"u-ann": owner, "u-bob": collaborator})
	same(t, "lists", f.count(listMembers), 2)

	_, err = inv.EnsureMember(t.Context(), 11, email("ann"), collaborator)
	isErr(t, err, inventory.ErrLastOwner)
	same(t, "writes", len(f.writes()), 1)
}

func TestEnsureMember_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "nobodys", mate("u-cat"))

	_, err := newInventory(f).EnsureMember(t.Context(), 11, email("cat"), owner)
	noErr(t, err)
	same(t, "members", f.membersOf(11), team{"u-cat": owner})
}

func TestEnsureMember_roleKept(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref  inventory.UserRef
		want team
	}{
		"change": {email("bob"), team{"u-ann": owner, "u-bob": collaborator}},
		"add":    {email("cat"), team{"u-ann": owner, "u-bob": collaborator, "u-cat": collaborator}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.keepsRoles, f.ignoresRoles = true, true
			inv := newInventory(f)

			_, err := inv.EnsureMember(t.Context(), 7, c.ref, owner)
			isErr(t, err, inventory.ErrRoleKept)
			same(t, "writes", len(f.writes()), 1)

			members, err := inv.Members(t.Context(), 7)
			noErr(t, err)
			same(t, "known members", roles(members), c.want)
		})
	}
}

// The instance is late to list an owner that it took.
func TestEnsureMember_late(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		late  int
		waits []time.Duration
		fails error
	}{
		"once":    {1, polls()[:1], nil},
		"at last": {4, polls(), nil},
		"never":   {99, polls(), inventory.ErrNotListed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.lateMembers = c.late

			var naps sleeper

			inv := inventory.New(f, naps.sleep)

			_, err := inv.EnsureMember(t.Context(), 7, email("cat"), owner)
			isErr(t, err, c.fails)
			same(t, "waits", naps.all(), c.waits)
			same(t, "writes", len(f.writes()), 1)
		})
	}
}

func TestEnsureMember_lookFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	weather := answered(http.StatusBadGateway, "")
	f.setBefore(listMembers, inTurn(nil, weather))

	_, err := newInventory(f).EnsureMember(t.Context(), 7, email("bob"), owner)
	isErr(t, err, weather)

	if err == nil || err.Error() != "the change was accepted, but looking at its outcome failed: "+weather.Error() {
		t.Errorf("error %v", err)
	}
}

func TestEnsureMember_cancelled(t *testing.T) {
	t.Parallel()

	t.Run("before", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)
		_, err := inv.Members(t.Context(), 7)
		noErr(t, err)

		_, err = inv.Users(t.Context())
		noErr(t, err)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()

		_, err = inv.EnsureMember(ctx, 7, email("cat"), collaborator)
		isErr(t, err, context.Canceled)
		same(t, "writes", len(f.writes()), 0)
	})
	t.Run("after the write", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)
		ctx, cancel := context.WithCancel(t.Context())
		f.setAfter(addMember, func(context.Context, int) error {
			cancel()

			return nil
		})

		ensured, err := inv.EnsureMember(ctx, 7, email("cat"), owner)
		noErr(t, err)
		same(t, "member", ensured.Member.UserID, "u-cat")
		same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-bob": collaborator, "u-cat": owner})
		members, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		same(t, "known members", roles(members), f.membersOf(7))
	})
	t.Run("after a lost answer", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)
		ctx, cancel := context.WithCancel(t.Context())
		f.setAfter(addMember, func(context.Context, int) error {
			cancel()

			return cut()
		})

		got, err := inv.EnsureMember(ctx, 7, email("cat"), collaborator)
		noErr(t, err)
		same(t, "member", got.Member, wallaroo.Member{UserID: "u-cat", Role: collaborator})
	})
	t.Run("after a lost request", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		failed := cut()
		ctx, cancel := context.WithCancel(t.Context())
		f.setBefore(addMember, func(context.Context, int) error {
			cancel()

			return failed
		})

		_, err := newInventory(f).EnsureMember(ctx, 7, email("cat"), collaborator)
		isErr(t, err, failed)
		same(t, "writes", len(f.writes()), 1)
		same(t, "lists", f.count(listMembers), 2)
	})
}

// An add is set-like: whatever became of the first, a second does no harm.
func TestEnsureMember_ambiguous(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		for _, role := range []wallaroo.Role{owner, collaborator} {
			final := isWorded(failed)
			after := team{"u-ann": owner, "u-bob": collaborator, "u-cat": role}

			t.Run(name+" done "+string(role), func(t *testing.T) {
				t.Parallel()

				f := newFake()
				f.setAfter(addMember, fail(failed))
				inv := newInventory(f)

				got, err := inv.EnsureMember(t.Context(), 7, email("cat"), role)
				noErr(t, err)
				same(t, "member", got.Member, wallaroo.Member{UserID: "u-cat", Role: role})
				same(t, "writes", len(f.writes()), 1)

				members, err := inv.Members(t.Context(), 7)
				noErr(t, err)
				same(t, "known members", roles(members), after)
			})
			t.Run(name+" not done "+string(role), func(t *testing.T) {
				t.Parallel()

				f := newFake()
				f.setBefore(addMember, inTurn(failed, failed))

				var naps sleeper

				_, err := inventory.New(f, naps.sleep).EnsureMember(t.Context(), 7, email("cat"), role)

				if final {
					isErr(t, err, failed)
					same(t, "writes", len(f.writes()), 1)
					same(t, "lists", f.count(listMembers), 2)

					return
				}

				noErr(t, err)
				same(t, "writes", len(f.writes()), 3)
				same(t, "waits", naps.all(), polls()[:2])
				same(t, "members", f.membersOf(7), after)
			})
			t.Run(name+" never done "+string(role), func(t *testing.T) {
				t.Parallel()

				f := newFake()
				f.setBefore(addMember, fail(failed))

				_, err := newInventory(f).EnsureMember(t.Context(), 7, email("cat"), role)
				isErr(t, err, failed)

				want := 5
				if final {
					want = 1
				}

				same(t, "writes", len(f.writes()), want)
			})
		}
	}
}

// A role change that was not made leaves a member with the old role, who is no sign
// that it was.
func TestEnsureMember_ambiguousChange(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.setBefore(addMember, inTurn(cut()))

	_, err := newInventory(f).EnsureMember(t.Context(), 7, email("bob"), owner)
	noErr(t, err)
	same(t, "writes", f.writes(), []string{"add 7 bob@example.com OWNER", "add 7 bob@example.com OWNER"})
	same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-bob": owner})
}

func TestEnsureMember_refused(t *testing.T) {
	t.Parallel()

	f := newFake()
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(addMember, fail(refused))
	inv := newInventory(f)

	_, err := inv.EnsureMember(t.Context(), 7, email("cat"), collaborator)
	isErr(t, err, refused)
	same(t, "writes", len(f.writes()), 1)
	same(t, "lists", f.count(listMembers), 1)

	members, err := inv.Members(t.Context(), 7)
	noErr(t, err)
	same(t, "known members", len(members), 2)
}

func TestRemoveMember(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.Removed)
	same(t, "writes", f.writes(), []string{"remove 7 u-bob"})
	same(t, "members", f.membersOf(7), team{"u-ann": owner})

	members, err := inv.Members(t.Context(), 7)
	noErr(t, err)
	same(t, "known members", roles(members), team{"u-ann": owner})
	same(t, "lists", f.count(listMembers), 1)
}

func TestRemoveMember_owner(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "two", boss("u-bob"), boss("u-cat"))
	inv := newInventory(f)

	for _, c := range []struct {
		user string
		want inventory.Removal
	}{{"u-bob", inventory.Removed}, {"u-cat", inventory.KeptLastOwner}, {"u-cat", inventory.KeptLastOwner}} {
		got, err := inv.RemoveMember(t.Context(), 11, c.user)
		noErr(t, err)
		same(t, "removal of "+c.user, got, c.want)
	}

	same(t, "members", f.membersOf(11), team{"u-cat": owner})
	same(t, "writes", f.writes(), []string{"remove 11 u-bob"})
}

func TestRemoveMember_caller(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "two", mate("u-ann"), boss("u-bob"))
	inv := newInventory(f)

	for _, id := range []int64{9, 11} {
		got, err := inv.RemoveMember(t.Context(), id, "u-ann")
		noErr(t, err)
		same(t, "removal", got, inventory.KeptCaller)
	}

	same(t, "writes", len(f.writes()), 0)
}

func TestRemoveMember_absent(t *testing.T) {
	t.Parallel()

	t.Run("no member", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		got, err := newInventory(f).RemoveMember(t.Context(), 7, "u-cat")
		noErr(t, err)
		same(t, "removal", got, inventory.Removed)
		same(t, "writes", len(f.writes()), 0)
	})
	t.Run("no member any more", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)
		_, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		f.leave(7, "u-bob") // the instance will say: 0 rows affected

		got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
		noErr(t, err)
		same(t, "removal", got, inventory.Removed)
		same(t, "writes", len(f.writes()), 1)
	})

	for name, stranger := range map[string]error{"workspace gone": nil, "workspace gone, in words": answered(http.StatusNotFound, "no such workspace")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.stranger = stranger
			got, err := newInventory(f).RemoveMember(t.Context(), 8, "u-bob")
			noErr(t, err)
			same(t, "removal", got, inventory.Removed)
			same(t, "writes", len(f.writes()), 0)
		})
	}

	// This says nothing about one workspace.
	t.Run("nothing visible", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		f.places = nil
		_, err := newInventory(f).RemoveMember(t.Context(), 7, "u-bob")
		isErr(t, err, inventory.ErrNothingVisible)
	})
}

func TestRemoveMember_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listMembers, askCaller, removeMember} {
		t.Run(string(o), func(t *testing.T) {
			t.Parallel()

			f := newFake()
			refused := answered(http.StatusUnauthorized, "no")
			f.setBefore(o, fail(refused))

			_, err := newInventory(f).RemoveMember(t.Context(), 7, "u-bob")
			isErr(t, err, refused)
			same(t, "members", len(f.membersOf(7)), 2)

			if o != removeMember {
				same(t, "writes", len(f.writes()), 0)
			}
		})
	}
}

func TestRemoveMember_ambiguous(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		final := isWorded(failed)

		t.Run(name+" done", func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setAfter(removeMember, fail(failed))
			got, err := newInventory(f).RemoveMember(t.Context(), 7, "u-bob")
			noErr(t, err)
			same(t, "removal", got, inventory.Removed)
			same(t, "writes", len(f.writes()), 1)
		})
		t.Run(name+" not done", func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(removeMember, inTurn(failed))
			inv := newInventory(f)
			_, err := inv.RemoveMember(t.Context(), 7, "u-bob")

			if final {
				isErr(t, err, failed)
				same(t, "writes", len(f.writes()), 1)

				return
			}

			noErr(t, err)
			same(t, "writes", len(f.writes()), 2)
			same(t, "members", f.membersOf(7), team{"u-ann": owner})

			members, err := inv.Members(t.Context(), 7)
			noErr(t, err)
			same(t, "known members", roles(members), team{"u-ann": owner})
		})
		t.Run(name+" cannot be looked at", func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setAfter(removeMember, inTurn(failed))
			f.setBefore(listMembers, inTurn(nil, answered(http.StatusBadGateway, "")))
			_, err := newInventory(f).RemoveMember(t.Context(), 7, "u-bob")

			if final {
				isErr(t, err, failed)
			} else {
				noErr(t, err)
				same(t, "writes", len(f.writes()), 2)
			}
		})
	}
}

// Time is virtual, and the look after the lost answer never ends on its own.
func TestRemoveMember_lookBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		failed := unsure(answered(http.StatusInternalServerError, "database gone"))
		f.setAfter(removeMember, fail(failed))
		f.setBefore(listMembers, holdNth(2, make(chan struct{})))

		started := time.Now()
		_, err := newInventory(f).RemoveMember(t.Context(), 7, "u-bob")
		isErr(t, err, failed)
		same(t, "time", time.Since(started), 30*time.Second)
	})
}
