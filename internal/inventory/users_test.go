package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// refusals are what an instance without a user directory for the account answers.
func refusals() map[string]*wallaroo.Error {
	return map[string]*wallaroo.Error{
		"401":               answered(http.StatusUnauthorized, "no"),
		"403":               answered(http.StatusForbidden, "no"),
		"404":               answered(http.StatusNotFound, "no such endpoint"),
		"404 without words": answered(http.StatusNotFound, ""),
	}
}

// closeDirectory refuses the user directory.
func closeDirectory(f *fake) { f.setBefore(queryUsers, fail(answered(http.StatusForbidden, "no"))) }

func TestUsers(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	users, err := inv.Users(t.Context())
	noErr(t, err)
	same(t, "users", users, f.users)

	user, err := inv.UserByID(t.Context(), "u-cat")
	noErr(t, err)
	same(t, "user", user, f.users["u-cat"])

	for _, id := range []string{"u-eve", "cat", ""} {
		_, err = inv.UserByID(t.Context(), id)
		isErr(t, err, inventory.ErrNoSuchUser)
	}

	same(t, "requests", f.count(queryUsers), 1)
}

func TestUserByEmail(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.user(wallaroo.User{ID: "u-eve", Username: "Eve@Example.com", Email: "e.v@example.com"})
	f.user(wallaroo.User{ID: "u-fay", Username: "cat@example.com", Email: "Fay@Example.com"})
	f.user(wallaroo.User{ID: "u-gil-2", Username: "gil2", Email: "gil@example.com"})
	f.user(wallaroo.User{ID: "u-gil-1", Username: "gil1", Email: "GIL@example.com"})
	f.user(wallaroo.User{ID: "u-gil-0", Username: "gil@example.com"})
	f.user(wallaroo.User{ID: "u-none"})
	inv := newInventory(f)

	for email, want := range map[string]string{
		"bob@example.com": "u-bob",
		"BOB@Example.COM": "u-bob",
		"fay@example.com": "u-fay",
		"cat@example.com": "u-cat", // an e-mail goes before a user name
		"eve@example.com": "u-eve", // by user name
		"ROOT":            "u-root",
	} {
		user, err := inv.UserByEmail(t.Context(), email)
		noErr(t, err)
		same(t, email, user.ID, want)
	}

	for _, email := range []string{"nobody@example.com", ""} {
		_, err := inv.UserByEmail(t.Context(), email)
		isErr(t, err, inventory.ErrNoSuchUser)
	}

	_, err := inv.UserByEmail(t.Context(), "Gil@example.com")
	several := as[*inventory.SeveralUsersError](t, err)
	same(t, "several", *several, inventory.SeveralUsersError{Email: "Gil@example.com", IDs: []string{"u-gil-1", "u-gil-2"}})
}

func TestDirectory_refused(t *testing.T) {
	t.Parallel()

	for name, refused := range refusals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(queryUsers, inTurn(refused))
			inv := newInventory(f)

			_, err := inv.Users(t.Context())
			isErr(t, err, inventory.ErrNoDirectory)
			isErr(t, err, refused)

			_, err = inv.UserByID(t.Context(), "u-bob")
			isErr(t, err, inventory.ErrNoDirectory)

			_, err = inv.UserByEmail(t.Context(), "bob@example.com")
			isErr(t, err, inventory.ErrNoDirectory)
			same(t, "requests", f.count(queryUsers), 1)
		})
	}
}

// These say nothing about the directory.
func TestDirectory_failing(t *testing.T) {
	t.Parallel()

	signIn := answered(http.StatusUnauthorized, "wrong password")
	signIn.Authentication = true

	for name, failed := range map[string]error{
		"500":     answered(http.StatusInternalServerError, "no"),
		"502":     answered(http.StatusBadGateway, ""),
		"429":     answered(http.StatusTooManyRequests, ""),
		"sign-in": signIn,
		"cut":     stopped(errors.New("EOF")),
		"other":   errors.New("odd"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.setBefore(queryUsers, inTurn(failed, failed, failed, failed))
			inv := newInventory(f)

			_, users := inv.Users(t.Context())
			_, user := inv.UserByEmail(t.Context(), "bob@example.com")
			_, member := inv.EnsureMember(t.Context(), 7, email("cat"), collaborator)
			_, byID := inv.EnsureMember(t.Context(), 7, byID("u-cat"), collaborator)

			for _, err := range []error{users, user, member, byID} {
				isErr(t, err, failed)

				if errors.Is(err, inventory.ErrNoDirectory) {
					t.Errorf("a failing directory counts as none: %v", err)
				}
			}

			same(t, "writes", len(f.writes()), 0)

			_, err := inv.EnsureMember(t.Context(), 7, email("cat"), collaborator)
			noErr(t, err)
		})
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()

	both := func(id, name string) inventory.UserRef {
		return inventory.UserRef{UserID: id, Email: name + "@example.com"}
	}

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		closed bool
		want   string
		fails  error
	}{
		"e-mail":                     {email("bob"), false, "u-bob", nil},
		"unknown e-mail":             {email("eve"), false, "", inventory.ErrNoSuchUser},
		"id":                         {byID("u-bob"), false, "u-bob", nil},
		"unknown id":                 {byID("u-eve"), false, "u-eve", nil},
		"both":                       {both("u-bob", "BOB"), false, "u-bob", nil},
		"e-mail of nobody":           {both("u-bob", "robert"), false, "u-bob", nil},
		"e-mail, no directory":       {email("bob"), true, "", inventory.ErrNoDirectory},
		"id, no directory":           {byID("u-bob"), true, "u-bob", nil},
		"both, no directory":         {both("u-bob", "cat"), true, "u-bob", nil},
		"own e-mail, no directory":   {email("ANN"), true, "u-ann", nil},
		"another's id for own, none": {both("u-bob", "ann"), true, "", &inventory.UserMismatchError{Ref: both("u-bob", "ann"), Owner: "u-ann"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			if c.closed {
				closeDirectory(f)
			}

			id, err := newInventory(f).Resolve(t.Context(), c.ref)
			same(t, "id", id, c.want)

			if c.ref.Email == "" {
				same(t, "requests for an id alone", f.count(queryUsers), 0)
			}

			if mismatch, ok := errors.AsType[*inventory.UserMismatchError](c.fails); ok {
				same(t, "error", *as[*inventory.UserMismatchError](t, err), *mismatch)
			} else {
				isErr(t, err, c.fails)
			}
		})
	}
}

func TestResolve_mismatch(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)
	ref := inventory.UserRef{UserID: "u-bob", Email: "cat@example.com"}

	_, err := inv.EnsureMember(t.Context(), 7, ref, owner)
	same(t, "error", *as[*inventory.UserMismatchError](t, err), inventory.UserMismatchError{Ref: ref, Owner: "u-cat"})
	same(t, "writes", len(f.writes()), 0)
}

func TestResolve_several(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.user(wallaroo.User{ID: "u-bob-2", Username: "bob2", Email: "bob@example.com"})
	inv := newInventory(f)

	for _, ref := range []inventory.UserRef{email("bob"), {UserID: "u-bob", Email: "bob@example.com"}} {
		_, err := inv.EnsureMember(t.Context(), 7, ref, owner)
		same(t, "ids", as[*inventory.SeveralUsersError](t, err).IDs, []string{"u-bob", "u-bob-2"})
	}

	same(t, "writes", len(f.writes()), 0)
}

// An add names the user as the instance's directory has it.
func TestEnsureMember_naming(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		closed bool
		want   string
	}{
		"in another case":        {email("CAT"), false, "add 7 cat@example.com"},
		"by user name":           {email("eve"), false, "add 7 e.v@example.com"},
		"renamed since":          {inventory.UserRef{UserID: "u-cat", Email: "kat@example.com"}, false, "add 7 cat@example.com"},
		"by id":                  {byID("u-cat"), false, "add 7 cat@example.com"},
		"without e-mail":         {byID("u-root"), false, "add 7 u-root"},
		"not in the directory":   {byID("u-zoe"), false, "add 7 u-zoe"},
		"no directory":           {byID("u-cat"), true, "add 7 u-cat"},
		"no directory, both":     {inventory.UserRef{UserID: "u-cat", Email: "CAT@example.com"}, true, "add 7 CAT@example.com"},
		"no directory, only one": {email("ANN"), true, "add 7 ANN@example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.user(wallaroo.User{ID: "u-eve", Username: "eve@example.com", Email: "e.v@example.com"})
			f.leave(7, "u-ann")

			if c.closed {
				closeDirectory(f)
			}

			_, err := newInventory(f).EnsureMember(t.Context(), 7, c.ref, collaborator)
			noErr(t, err)
			same(t, "writes", f.writes(), []string{c.want})
		})
	}
}

// The user may be made in the same run, after the directory was read.
func TestEnsureMember_unknownEmail(t *testing.T) {
	t.Parallel()

	t.Run("nobody's", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		_, err := newInventory(f).EnsureMember(t.Context(), 7, email("eve"), collaborator)
		same(t, "error", err, error(answered(http.StatusBadRequest, "no such user")))
		same(t, "writes", f.writes(), []string{"add 7 eve@example.com COLLABORATOR"})
	})
	t.Run("new", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)
		_, err := inv.Users(t.Context())
		noErr(t, err)
		f.user(wallaroo.User{ID: "u-eve", Username: "eve", Email: "eve@example.com"})

		got, err := inv.EnsureMember(t.Context(), 7, email("eve"), collaborator)
		noErr(t, err)
		same(t, "member", got.Member, wallaroo.Member{UserID: "u-eve", Role: collaborator})

		// From then on the run knows her.
		got, err = inv.EnsureMember(t.Context(), 7, email("Eve"), collaborator)
		noErr(t, err)
		same(t, "member", got.Member, wallaroo.Member{UserID: "u-eve", Role: collaborator})
		same(t, "writes", f.writes(), []string{"add 7 eve@example.com COLLABORATOR"})
	})
}

func TestNoDirectory_add(t *testing.T) {
	t.Parallel()

	for name, refused := range refusals() {
		for _, role := range []wallaroo.Role{owner, collaborator} {
			t.Run(name+" "+string(role), func(t *testing.T) {
				t.Parallel()

				f := newFake()
				f.setBefore(queryUsers, fail(refused))
				inv := newInventory(f)

				got, err := inv.EnsureMember(t.Context(), 7, email("Cat"), role)
				noErr(t, err)
				noErr(t, got.Unretired)
				same(t, "member", got.Member, wallaroo.Member{UserID: "u-cat", Role: role})
				same(t, "writes", f.writes(), []string{"add 7 Cat@example.com " + string(role)})
				same(t, "lists", f.count(listMembers), 2)

				// The run has met the e-mail.
				user, err := inv.UserByEmail(t.Context(), "cat@EXAMPLE.com")
				noErr(t, err)
				same(t, "user", user, wallaroo.User{ID: "u-cat", Email: "cat@EXAMPLE.com", Enabled: true})

				_, err = inv.EnsureMember(t.Context(), 7, email("cat"), role)
				noErr(t, err)
				same(t, "writes", len(f.writes()), 1)
				same(t, "requests", f.count(queryUsers), 1)
			})
		}
	}
}

func TestNoDirectory_caller(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	inv := newInventory(f)

	user, err := inv.UserByEmail(t.Context(), "Ann@Example.com")
	noErr(t, err)
	same(t, "user", user, wallaroo.User{ID: "u-ann", Username: "ann", Email: "ann@example.com", Enabled: true})

	_, err = inv.EnsureMember(t.Context(), 7, email("ann"), owner)
	noErr(t, err)
	same(t, "writes", len(f.writes()), 0)
}

func TestNoDirectory_callerUnknown(t *testing.T) {
	t.Parallel()

	for name, caller := range map[string]wallaroo.Caller{"nothing": {}, "no id": {Email: "bob@example.com"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.caller = caller
			closeDirectory(f)
			inv := newInventory(f)

			for _, email := range []string{"bob@example.com", ""} {
				_, err := inv.UserByEmail(t.Context(), email)
				isErr(t, err, inventory.ErrNoDirectory)
			}
		})
	}
}

func TestNoDirectory_callerFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	refused := answered(http.StatusUnauthorized, "no")
	f.setBefore(askCaller, fail(refused))
	inv := newInventory(f)

	_, err := inv.UserByEmail(t.Context(), "bob@example.com")
	isErr(t, err, refused)

	_, err = inv.Caller(t.Context())
	isErr(t, err, refused)
}

func TestNoDirectory_roleDifference(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	inv := newInventory(f)

	got, err := inv.EnsureMember(t.Context(), 7, email("bob"), owner)
	noErr(t, err)
	same(t, "member", got.Member, wallaroo.Member{UserID: "u-bob", Role: owner})
	same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-bob": owner})
}

func TestNoDirectory_unclear(t *testing.T) {
	t.Parallel()

	for name, meanwhile := range map[string]func(*fake){
		"no difference": func(*fake) {},
		"several":       func(f *fake) { f.join(7, "u-cat"); f.join(7, "u-dan") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			closeDirectory(f)
			f.setAfter(addMember, func(context.Context, int) error {
				meanwhile(f)

				return nil
			})
			inv := newInventory(f)

			_, err := inv.EnsureMember(t.Context(), 7, email("bob"), collaborator)
			isErr(t, err, inventory.ErrUserUnclear)
			same(t, "writes", f.writes(), []string{"add 7 bob@example.com COLLABORATOR"})

			_, err = inv.UserByEmail(t.Context(), "bob@example.com")
			isErr(t, err, inventory.ErrNoDirectory)
		})
	}
}

func TestNoDirectory_roleKept(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	f.ignoresRoles = true
	inv := newInventory(f)

	_, err := inv.EnsureMember(t.Context(), 7, email("cat"), owner)
	isErr(t, err, inventory.ErrRoleKept)

	// Who it is was learned all the same, and the pair is claimed.
	user, err := inv.UserByEmail(t.Context(), "cat@example.com")
	noErr(t, err)
	same(t, "id", user.ID, "u-cat")

	got, err := inv.RemoveMember(t.Context(), 7, "u-cat")
	noErr(t, err)
	same(t, "removal", got, inventory.KeptClaimed)
}

// The add is the only way to learn whose e-mail it is; it must not cost the
// workspace its last owner.
func TestNoDirectory_lastOwnerIsRestored(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		restore hook
		writes  int
		role    wallaroo.Role
		fails   error
	}{
		"at once":      {nil, 2, owner, nil},
		"after a cut":  {inTurn(nil, cut()), 3, owner, nil},
		"in vain":      {inTurn(nil, answered(http.StatusForbidden, "no")), 2, collaborator, answered(http.StatusForbidden, "no")},
		"not repeated": {inTurn(nil, unsure(answered(500, "no"))), 2, collaborator, answered(500, "no")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			closeDirectory(f)
			f.setBefore(addMember, c.restore)
			f.place(11, "bobs", boss("u-bob"), mate("u-cat"))
			inv := newInventory(f)

			_, err := inv.EnsureMember(t.Context(), 11, email("bob"), collaborator)
			isErr(t, err, inventory.ErrLastOwner)

			if c.fails != nil && !strings.Contains(err.Error(), c.fails.Error()) {
				t.Errorf("error %v, want %v in it", err, c.fails)
			}

			same(t, "members", f.membersOf(11), team{"u-bob": c.role, "u-cat": collaborator})
			same(t, "writes", len(f.writes()), c.writes)
			same(t, "last write", f.writes()[c.writes-1], "add 11 bob@example.com OWNER")

			members, err := inv.Members(t.Context(), 11)
			noErr(t, err)
			same(t, "known members", roles(members), f.membersOf(11))
		})
	}
}

// The restoring write is lost but made: a look finds out, and it is not repeated.
func TestNoDirectory_lastOwnerRestoredUnseen(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	f.setAfter(addMember, inTurn(nil, cut()))
	f.place(11, "bobs", boss("u-bob"))

	_, err := newInventory(f).EnsureMember(t.Context(), 11, email("bob"), collaborator)
	isErr(t, err, inventory.ErrLastOwner)
	same(t, "members", f.membersOf(11), team{"u-bob": owner})
	same(t, "writes", len(f.writes()), 2)
}

func TestNoDirectory_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	f.place(11, "nobodys", mate("u-cat"))

	got, err := newInventory(f).EnsureMember(t.Context(), 11, email("bob"), collaborator)
	noErr(t, err)
	same(t, "member", got.Member, wallaroo.Member{UserID: "u-bob", Role: collaborator})
	same(t, "writes", len(f.writes()), 1)
}

func TestNoDirectory_demote(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	f.place(11, "two", boss("u-bob"), boss("u-cat"))

	got, err := newInventory(f).EnsureMember(t.Context(), 11, email("bob"), collaborator)
	noErr(t, err)
	same(t, "member", got.Member, wallaroo.Member{UserID: "u-bob", Role: collaborator})
	same(t, "members", f.membersOf(11), team{"u-bob": collaborator, "u-cat": owner})
}

func TestNoDirectory_keptOwnerRetires(t *testing.T) {
	t.Parallel()

	f, inv := kept(t)
	closeDirectory(f)

	got, err := inv.EnsureMember(t.Context(), 11, email("dan"), owner)
	noErr(t, err)
	noErr(t, got.Unretired)
	same(t, "members", f.membersOf(11), team{"u-cat": collaborator, "u-dan": owner})
}

func TestNoDirectory_ambiguous(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		before, after hook
		writes        int
	}{
		"done":     {nil, inTurn(cut()), 1},
		"not done": {inTurn(cut()), nil, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			closeDirectory(f)
			f.setBefore(addMember, c.before)
			f.setAfter(addMember, c.after)

			got, err := newInventory(f).EnsureMember(t.Context(), 7, email("cat"), collaborator)
			noErr(t, err)
			same(t, "member", got.Member, wallaroo.Member{UserID: "u-cat", Role: collaborator})
			same(t, "writes", len(f.writes()), c.writes)
		})
	}
}

func TestNoDirectory_failures(t *testing.T) {
	t.Parallel()

	weather := answered(http.StatusBadGateway, "")

	for name, c := range map[string]struct {
		setup  func(*fake)
		text   string
		writes int
	}{
		"first list":  {func(f *fake) { f.setBefore(listMembers, inTurn(weather)) }, weather.Error(), 0},
		"add":         {func(f *fake) { f.setBefore(addMember, fail(weather)) }, weather.Error(), 1},
		"second list": {func(f *fake) { f.setBefore(listMembers, inTurn(nil, weather)) }, "the add was accepted, but looking for the new member failed: " + weather.Error(), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			closeDirectory(f)
			c.setup(f)

			_, err := newInventory(f).EnsureMember(t.Context(), 7, email("cat"), collaborator)
			isErr(t, err, weather)
			same(t, "text", err.Error(), c.text)
			same(t, "writes", len(f.writes()), c.writes)
		})
	}
}
