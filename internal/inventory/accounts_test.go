package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// beside runs in an apply that has read the directory early, for another member, and
// in which change then changes accounts.
func beside(t *testing.T, change func(f *fake), test func(t *testing.T, f *fake, inv *inventory.Inventory)) {
	t.Helper()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := ensure(t.Context(), inv, 9, email("bob"), roleCollaborator)
		noErr(t, err)
		time.Sleep(time.Second)
		change(f)
		test(t, f, inv)
	})
}

// Accounts that other providers change while the run goes on: whom a member means is
// told by a look that began after the member's turn came.
func TestAccounts(t *testing.T) {
	t.Parallel()

	account := func(id, name string) inventory.Account {
		return inventory.Account{ID: id, Email: name + "@example.com", Verified: true}
	}

	for name, c := range map[string]struct {
		change func(*fake)
		ref    inventory.UserRef
		want   inventory.Account
		writes []string
	}{
		"created, by ID":    {func(f *fake) { f.setUser("u-new", "new") }, byID("u-new"), account("u-new", "new"), []string{"add 7 new@example.com"}},
		"created, by email": {func(f *fake) { f.setUser("u-new", "new") }, email("new"), account("u-new", "new"), []string{"add 7 new@example.com"}},
		"re-created under the same email": {func(f *fake) { f.deleteUser("u-cat"); f.setUser("u-new", "cat") },
			email("cat"), account("u-new", "cat"), []string{"add 7 cat@example.com"}},
		"re-created, by name": {func(f *fake) { f.deleteUser("u-cat"); f.setUser("u-new", "cat") },
			named("cat@example.com"), account("u-new", "cat"), []string{"add 7 cat@example.com"}},
		"re-created, by both": {func(f *fake) { f.deleteUser("u-cat"); f.setUser("u-new", "cat") },
			inventory.UserRef{UserID: "u-new", Email: "cat@example.com"}, account("u-new", "cat"), []string{"add 7 cat@example.com"}},
		"a member is re-created": {func(f *fake) { f.deleteUser("u-bob"); f.setUser("u-new", "bob") },
			email("bob"), account("u-new", "bob"), []string{"add 7 bob@example.com"}},
		"a member is renamed":         {func(f *fake) { f.setUser("u-bob", "bobby") }, email("bobby"), account("u-bob", "bobby"), nil},
		"a member is renamed, by ID":  {func(f *fake) { f.setUser("u-bob", "bobby") }, byID("u-bob"), account("u-bob", "bobby"), nil},
		"renamed, by ID":              {func(f *fake) { f.setUser("u-cat", "kat") }, byID("u-cat"), account("u-cat", "kat"), []string{"add 7 kat@example.com"}},
		"crossed: the old email":      {func(f *fake) { f.setUser("u-cat", "kat"); f.setUser("u-new", "cat") }, email("cat"), account("u-new", "cat"), []string{"add 7 cat@example.com"}},
		"crossed: the new email":      {func(f *fake) { f.setUser("u-cat", "kat"); f.setUser("u-new", "cat") }, email("kat"), account("u-cat", "kat"), []string{"add 7 kat@example.com"}},
		"an email goes to a member":   {func(f *fake) { f.deleteUser("u-cat"); f.setUser("u-bob", "cat") }, email("cat"), account("u-bob", "cat"), []string{"add 7 cat@example.com"}},
		"a username becomes an email": {func(f *fake) { f.users["u-new"] = wallaroo.User{ID: "u-new", Email: "root"} }, inventory.UserRef{Email: "root"}, inventory.Account{ID: "u-new", Email: "root", Verified: true}, []string{"add 7 root"}},
	} {
		for _, role := range []wallaroo.Role{roleCollaborator, roleOwner} {
			t.Run(name+" "+string(role), func(t *testing.T) {
				t.Parallel()
				beside(t, c.change, func(t *testing.T, f *fake, inv *inventory.Inventory) {
					got, err := ensure(t.Context(), inv, 7, c.ref, role)
					noErr(t, err)
					same(t, "account", got.Account, c.want)
					same(t, "role", f.membersOf(7)[c.want.ID], role)
					same(t, "known members", known(t, inv, 7), f.membersOf(7))

					if role == roleCollaborator {
						same(t, "writes", f.writes()[1:], c.writes)
					}
				})
			})
		}
	}
}

// An account that turns out to be gone.
func TestAccounts_deleted(t *testing.T) {
	t.Parallel()

	for name, ref := range map[string]inventory.UserRef{"by email": email("cat"), "by name": named("cat@example.com")} {
		for _, role := range []wallaroo.Role{roleCollaborator, roleOwner} {
			t.Run(name+" "+string(role), func(t *testing.T) {
				t.Parallel()
				beside(t, func(f *fake) { f.deleteUser("u-cat") }, func(t *testing.T, f *fake, inv *inventory.Inventory) {
					_, err := ensure(t.Context(), inv, 7, ref, role)
					same(t, "error", err, error(answered(400, "no such user")))
					same(t, "members", len(f.membersOf(7)), 2)
				})
			})
		}
	}
}

// A set follows accounts as members do.
func TestAccounts_set(t *testing.T) {
	t.Parallel()
	beside(t, func(f *fake) {
		f.deleteUser("u-bob")
		f.setUser("u-new", "bob")
		f.setUser("u-cat", "kat")
	}, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.join(7, collaborator("u-cat"))

		got, err := inv.SetMembers(t.Context(), 7, set(owners(named("ann@example.com")), collaborators(named("bob@example.com"), named("kat@example.com"))))
		noErr(t, err)
		same(t, "IDs", got.IDs, []string{"u-ann", "u-new", "u-cat"})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-new": roleCollaborator, "u-cat": roleCollaborator})
	})
}

// An email that changes hands while it is added: whoever the instance has added is the
// member, and the last owner is not lost by it.
func TestAccounts_changeDuringAdd(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		holder string // who has the email by then
		before []wallaroo.Member
		want   team
		fails  error
	}{
		"nobody yet":         {"u-dan", []wallaroo.Member{owner("u-ann")}, team{"u-ann": roleOwner, "u-dan": roleCollaborator}, nil},
		"a member":           {"u-dan", []wallaroo.Member{owner("u-ann"), collaborator("u-dan")}, team{"u-ann": roleOwner, "u-dan": roleCollaborator}, nil},
		"one of two owners":  {"u-dan", []wallaroo.Member{owner("u-ann"), owner("u-dan")}, team{"u-ann": roleOwner, "u-dan": roleCollaborator}, nil},
		"the last owner":     {"u-dan", []wallaroo.Member{collaborator("u-ann"), owner("u-dan")}, team{"u-ann": roleCollaborator, "u-dan": roleOwner}, inventory.ErrLastOwner},
		"the owner, no more": {"u-dan", []wallaroo.Member{collaborator("u-ann")}, team{"u-ann": roleCollaborator, "u-dan": roleCollaborator}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			beside(t, func(f *fake) {
				f.addWorkspace(11, "team", c.before...)
				f.deleteUser("u-cat")
				f.setUser(c.holder, "cat")
			}, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				got, err := ensure(t.Context(), inv, 11, email("cat"), roleCollaborator)
				isErr(t, err, c.fails)
				same(t, "members", f.membersOf(11), c.want)
				same(t, "known members", known(t, inv, 11), c.want)

				if c.fails == nil {
					same(t, "ID", got.ID, "u-dan")
					removes(t, inv, 11, byID("u-dan"), inventory.KeptClaimed)
				}
			})
		})
	}
}

// The directory cannot be read when an add is to be verified: the members tell it.
func TestAccounts_directoryFailsDuringAdd(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for name, c := range map[string]struct {
		users hook
		lists hook
		holds bool // the email is still the user's
		text  string
	}{
		"the same user":           {fail(failed), nil, true, ""},
		"somebody else":           {fail(failed), nil, false, "the user was added, but could not be looked up: " + failed.Error()},
		"members cannot be read":  {fail(failed), failFrom(3, failed), true, "the add was accepted, but the members could not be read: " + failed.Error()},
		"for a moment, no member": {inTurn(nil, failed, failed), inTurn(nil, nil, failed), true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			beside(t, func(f *fake) { f.setBefore(queryUsers, c.users) }, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				if !c.holds {
					f.deleteUser("u-cat")
					f.setUser("u-dan", "cat")
				}

				f.setBefore(listMembers, c.lists)

				got, err := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
				same(t, "failed", err != nil, c.text != "")

				if err != nil {
					same(t, "error", err.Error(), c.text)
					isErr(t, err, failed)

					return
				}

				same(t, "account", got.Account, inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true})
				removes(t, inv, 7, byID("u-cat"), inventory.KeptClaimed)
			})
		})
	}
}

// An ID and an email that are two users' by now.
func TestAccounts_mismatch(t *testing.T) {
	t.Parallel()

	for _, role := range []wallaroo.Role{roleCollaborator, roleOwner} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			beside(t, func(f *fake) { f.setUser("u-cat", "kat"); f.setUser("u-new", "cat") }, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				ref := inventory.UserRef{UserID: "u-cat", Email: "cat@example.com"}

				_, err := ensure(t.Context(), inv, 7, ref, role)
				same(t, "error", *as[*inventory.UserMismatchError](t, err), inventory.UserMismatchError{Ref: ref, UserID: "u-new"})
				same(t, "writes", len(f.writes()), 1)
			})
		})
	}
}

// What cannot be read before an add ends it.
func TestAccounts_readsFailBeforeAdd(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for name, c := range map[string]struct {
		ref   inventory.UserRef
		fails op
	}{
		"directory, unknown email": {email("new"), queryUsers},
		"directory, known email":   {named("cat@example.com"), queryUsers},
		"directory, ID":            {byID("u-cat"), queryUsers},
		"members":                  {email("cat"), listMembers},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			beside(t, func(f *fake) { f.setBefore(c.fails, fail(failed)) }, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				_, err := ensure(t.Context(), inv, 7, c.ref, roleCollaborator)
				same(t, "error", err, error(failed))
				same(t, "writes", len(f.writes()), 1)
			})
		})
	}
}

// The crossing of two emails while both users are added.
func TestAccounts_crossedEachOther(t *testing.T) {
	t.Parallel()
	beside(t, func(f *fake) {
		f.setUser("u-cat", "dan")
		f.setUser("u-dan", "cat")
	}, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		cat := start(func() (inventory.EnsuredMember, error) {
			return ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
		})
		dan := start(func() (inventory.EnsuredMember, error) {
			return ensure(t.Context(), inv, 7, email("dan"), roleCollaborator)
		})

		for id, done := range map[string]<-chan outcome[inventory.EnsuredMember]{"u-dan": cat, "u-cat": dan} {
			got := <-done
			noErr(t, got.err)
			same(t, "ID", got.value.ID, id)
		}

		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator, "u-dan": roleCollaborator})
	})
}

// A gap that is left between the look and the add is closed before the member is
// removed: two claims, and a canceled wait for the lock.
func TestAccounts_waitForUserIsCanceled(t *testing.T) {
	t.Parallel()

	for name, ref := range map[string]inventory.UserRef{"by email": email("cat"), "by ID": byID("u-cat")} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			gate := make(chan struct{})
			f.setBefore(addMember, hold(gate))

			first := start(func() (inventory.EnsuredMember, error) { return ensure(t.Context(), inv, 7, ref, roleCollaborator) })

			settle()

			ctx, cancel := context.WithCancel(t.Context())
			second := start(func() (inventory.EnsuredMember, error) { return ensure(ctx, inv, 7, ref, roleCollaborator) })

			settle()
			settle()
			cancel()
			isErr(t, (<-second).err, context.Canceled)
			close(gate)
			noErr(t, (<-first).err)
			same(t, "adds", f.count(addMember), 1)
		})
	}
}
