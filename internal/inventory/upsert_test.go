package inventory_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func TestEnsureMember(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		role   wallaroo.Role
		writes []string
		want   team
		lists  int
	}{
		"add collaborator":  {email("cat"), roleCollaborator, []string{"add 7 cat@example.com"}, team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator}, 1},
		"add owner":         {email("cat"), roleOwner, []string{"add 7 cat@example.com OWNER"}, team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleOwner}, 2},
		"by ID":             {byID("u-cat"), roleCollaborator, []string{"add 7 cat@example.com"}, team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator}, 1},
		"by name":           {named("cat@example.com"), roleCollaborator, []string{"add 7 cat@example.com"}, team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator}, 1},
		"same collaborator": {email("bob"), roleCollaborator, nil, team{"u-ann": roleOwner, "u-bob": roleCollaborator}, 1},
		"same owner":        {byID("u-ann"), roleOwner, nil, team{"u-ann": roleOwner, "u-bob": roleCollaborator}, 1},
		"promote":           {email("bob"), roleOwner, []string{"add 7 bob@example.com OWNER"}, team{"u-ann": roleOwner, "u-bob": roleOwner}, 2},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			began := time.Now()

			got, err := ensure(t.Context(), inv, 7, c.ref, c.role)
			noErr(t, err)
			noErr(t, got.RemovalErr)
			same(t, "writes", f.writes(), c.writes)
			same(t, "members", f.membersOf(7), c.want)
			same(t, "known members", known(t, inv, 7), c.want)
			same(t, "lists", f.count(listMembers), c.lists)
			same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), 0)
			same(t, "applying", inv.IsApplying(), true)
		})
	}
}

// A change says the role also where it is the default.
func TestEnsureMember_demote(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "two", owner("u-ann"), owner("u-bob"))

		got, err := ensure(t.Context(), inv, 11, email("bob"), roleCollaborator)
		noErr(t, err)
		same(t, "account", got.Account, inventory.Account{ID: "u-bob", Email: "bob@example.com", Verified: true})
		same(t, "writes", f.writes(), []string{"add 11 bob@example.com COLLABORATOR"})
		same(t, "members", f.membersOf(11), team{"u-ann": roleOwner, "u-bob": roleCollaborator})
		same(t, "lists", f.count(listMembers), 2)

		_, err = ensure(t.Context(), inv, 11, email("ann"), roleCollaborator)
		isErr(t, err, inventory.ErrLastOwner)
		same(t, "writes", len(f.writes()), 1)
	})
}

func TestEnsureMember_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(11, "nobodys", collaborator("u-cat"))

		_, err := ensure(t.Context(), inv, 11, email("cat"), roleOwner)
		noErr(t, err)
		same(t, "members", f.membersOf(11), team{"u-cat": roleOwner})
	})
}

// An instance that keeps roles is found out; one that gives new members another role
// than asked for is left as it was.
func TestEnsureMember_rolesNotSet(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		fails  error
		writes []string
	}{
		"change": {email("bob"), inventory.ErrRoleKept, []string{"add 7 bob@example.com OWNER"}},
		"add":    {email("cat"), inventory.ErrRolesIgnored, []string{"add 7 cat@example.com OWNER", "remove 7 u-cat"}},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.keepsRoles, f.ignoresRoles = true, true

			_, err := ensure(t.Context(), inv, 7, c.ref, roleOwner)
			isErr(t, err, c.fails)
			same(t, "writes", f.writes(), c.writes)
			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator})
			same(t, "known members", known(t, inv, 7), f.membersOf(7))
		})
	}
}

// Nothing is left behind when the apply is canceled meanwhile, and what cannot be
// removed again is said.
func TestEnsureMember_rolesIgnoredAndMore(t *testing.T) {
	t.Parallel()

	refused := answered(http.StatusForbidden, "no")

	for name, c := range map[string]struct {
		remove hook
		want   int
		fails  error
	}{"canceled": {nil, 2, nil}, "not removed": {fail(refused), 3, refused}} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.ignoresRoles = true
			ctx, cancel := context.WithCancel(t.Context())
			f.setAfter(addMember, once(cancel))
			f.setBefore(removeMember, c.remove)

			_, err := ensure(ctx, inv, 7, email("cat"), roleOwner)
			isErr(t, err, inventory.ErrRolesIgnored)
			same(t, "members", len(f.membersOf(7)), c.want)

			if c.fails != nil {
				isErr(t, err, c.fails)
			}
		})
	}
}

// The instance is late to list an owner that it accepted.
func TestEnsureMember_late(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		late  int
		waits time.Duration
		fails error
	}{
		"not":     {0, 0, nil},
		"once":    {1, 500 * time.Millisecond, nil},
		"at last": {3, 3500 * time.Millisecond, nil},
		"never":   {4, 3500 * time.Millisecond, inventory.ErrNotListed},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.lateMembers = c.late
			began := time.Now()

			_, err := ensure(t.Context(), inv, 7, email("cat"), roleOwner)
			isErr(t, err, c.fails)
			same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), c.waits)
			same(t, "writes", len(f.writes()), 1)
		})
	}
}

func TestEnsureMember_lookFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		failed := unavailable()
		f.setBefore(listMembers, inTurn(nil, failed))

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
		isErr(t, err, failed)
		same(t, "error", err.Error(), "the change was accepted, but its outcome could not be read: "+failed.Error())
	})
}

func TestEnsureMember_canceled(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		before, after error
		role          wallaroo.Role
		known         bool
		fails         bool
		writes        int
	}{
		"after the write":                {nil, nil, roleOwner, false, false, 1},
		"after the plain write":          {nil, nil, roleCollaborator, false, false, 1},
		"after a lost answer":            {nil, cut(), roleOwner, false, false, 1},
		"after a lost answer, plain":     {nil, cut(), roleCollaborator, false, false, 1},
		"after a lost request":           {cut(), nil, roleOwner, false, true, 1},
		"while the email is verified":    {nil, nil, roleCollaborator, true, false, 1},
		"while verified, request lost":   {cut(), nil, roleCollaborator, true, true, 1},
		"before, when all is known well": {nil, nil, "", true, true, 0},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			if c.known {
				_, err := inv.Users(t.Context())
				noErr(t, err)
				time.Sleep(time.Second)
			}

			ctx, cancel := context.WithCancel(t.Context())
			cancelAnd := func(err error) hook {
				return func(context.Context, int) error {
					cancel()

					return err
				}
			}

			if c.before != nil {
				f.setBefore(addMember, cancelAnd(c.before))
			}

			f.setAfter(addMember, cancelAnd(c.after))

			role := c.role
			if role == "" {
				cancel()

				role = roleOwner
			}

			got, err := ensure(ctx, inv, 7, email("cat"), role)
			same(t, "fails", err != nil, c.fails)
			same(t, "writes", len(f.writes()), c.writes)
			same(t, "known members", known(t, inv, 7), f.membersOf(7))

			if !c.fails {
				same(t, "account", got.Account, inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true})
				same(t, "role", f.membersOf(7)["u-cat"], role)
			}
		})
	}
}

// An add is like a set: whatever became of the first, a second does no harm.
func TestEnsureMember_ambiguous(t *testing.T) {
	t.Parallel()

	for name, failed := range lost() {
		for _, role := range []wallaroo.Role{roleOwner, roleCollaborator} {
			after := team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": role}

			runCase(t, name+" done "+string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.setAfter(addMember, fail(failed))

				_, err := ensure(t.Context(), inv, 7, email("cat"), role)
				noErr(t, err)
				same(t, "writes", len(f.writes()), 1)
				same(t, "known members", known(t, inv, 7), after)
			})
			runCase(t, name+" not done "+string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.setBefore(addMember, inTurn(failed, failed))

				began := time.Now()

				_, err := ensure(t.Context(), inv, 7, email("cat"), role)

				if isWorded(failed) {
					isErr(t, err, failed)
					same(t, "writes", len(f.writes()), 1)
					same(t, "lists", f.count(listMembers), 2)

					return
				}

				noErr(t, err)
				same(t, "writes", len(f.writes()), 3)
				same(t, "waits", time.Since(began).Truncate(500*time.Millisecond), waits(3))
				same(t, "members", f.membersOf(7), after)
			})
			runCase(t, name+" never done "+string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.setBefore(addMember, fail(failed))

				_, err := ensure(t.Context(), inv, 7, email("cat"), role)
				isErr(t, err, failed)
				same(t, "writes", len(f.writes()), map[bool]int{true: 1, false: 5}[isWorded(failed)])
			})
		}
	}
}

// A role change that was not made leaves a member with the old role, who is no sign
// that it was.
func TestEnsureMember_ambiguousChange(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setBefore(addMember, inTurn(cut()))

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
		noErr(t, err)
		same(t, "writes", f.writes(), []string{"add 7 bob@example.com OWNER", "add 7 bob@example.com OWNER"})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleOwner})
	})
}

func TestEnsureMember_refused(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		refused := answered(http.StatusForbidden, "no")
		f.setBefore(addMember, fail(refused))

		_, err := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
		isErr(t, err, refused)
		same(t, "writes", len(f.writes()), 1)
		same(t, "known members", len(known(t, inv, 7)), 2)
		same(t, "lists", f.count(listMembers), 1)
	})
}

// A user who joined behind the inventory's back is a present member.
func TestEnsureMember_alreadyMember(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]*wallaroo.Error{
		"409": answered(http.StatusConflict, "conflict"),
		"400": answered(http.StatusBadRequest, "User is already a member"),
	} {
		for title, c := range map[string]struct {
			joined []wallaroo.Member
			role   wallaroo.Role
			fails  error
			writes int
		}{
			"same role":              {[]wallaroo.Member{collaborator("u-cat")}, roleCollaborator, nil, 1},
			"same role, owner":       {[]wallaroo.Member{owner("u-cat")}, roleOwner, nil, 1},
			"another role":           {[]wallaroo.Member{collaborator("u-cat")}, roleOwner, inventory.ErrRoleKept, 2},
			"role of who is present": {nil, roleOwner, inventory.ErrRoleKept, 1},
		} {
			runCase(t, name+" "+title, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.refusesPresent = answer

				_, err := inv.Members(t.Context(), 7)
				noErr(t, err)
				f.join(7, c.joined...)

				name := "cat"
				if c.joined == nil {
					name = "bob"
				}

				_, err = ensure(t.Context(), inv, 7, email(name), c.role)
				isErr(t, err, c.fails)
				same(t, "writes", len(f.writes()), c.writes)
				same(t, "members", len(f.membersOf(7)), 2+len(c.joined))
			})
		}
	}
}

// An instance may say so of somebody whom it never lists.
func TestEnsureMember_alreadyMemberNotListed(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		answer := answered(http.StatusConflict, "conflict")
		f.setBefore(addMember, fail(answer))

		_, err := ensure(t.Context(), inv, 7, email("cat"), roleOwner)
		isErr(t, err, answer)
		same(t, "error", err.Error(), "the user already is a member: "+answer.Error())
		same(t, "writes", len(f.writes()), 2)
	})
}

// An add names the user as the directory has it, and as given where there is none.
func TestEnsureMember_naming(t *testing.T) {
	t.Parallel()

	both := inventory.UserRef{UserID: "u-cat", Email: "CAT@example.com"}

	for name, c := range map[string]struct {
		ref    inventory.UserRef
		closed bool
		write  string
		want   inventory.Account
	}{
		"in another case":      {email("CAT"), false, "add 7 cat@example.com", inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true}},
		"by username":          {email("eve"), false, "add 7 e.v@example.com", inventory.Account{ID: "u-eve", Email: "e.v@example.com", Verified: true}},
		"both":                 {both, false, "add 7 cat@example.com", inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true}},
		"by ID":                {byID("u-cat"), false, "add 7 cat@example.com", inventory.Account{ID: "u-cat", Email: "cat@example.com", Verified: true}},
		"without email":        {byID("u-root"), false, "add 7 u-root", inventory.Account{ID: "u-root", Verified: true}},
		"not in the directory": {byID("u-zoe"), false, "add 7 u-zoe", inventory.Account{ID: "u-zoe", Verified: true}},
		"no directory":         {byID("u-cat"), true, "add 7 u-cat", inventory.Account{ID: "u-cat", Verified: true}},
		"no directory, both":   {both, true, "add 7 CAT@example.com", inventory.Account{ID: "u-cat", Email: "CAT@example.com", Verified: true}},
		"own, no directory":    {email("ANN"), true, "add 7 ANN@example.com", inventory.Account{ID: "u-ann", Email: "ANN@example.com", Verified: true}},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.users["u-eve"] = wallaroo.User{ID: "u-eve", Username: "eve@example.com", Email: "e.v@example.com"}
			f.find(7).members = []wallaroo.Member{owner("u-bob")}

			if c.closed {
				f.noDirectory()
			}

			got, err := ensure(t.Context(), inv, 7, c.ref, roleCollaborator)
			noErr(t, err)
			same(t, "writes", f.writes(), []string{c.write})
			same(t, "account", got.Account, c.want)
		})
	}
}

// Before a user is added, nothing may be wrong with whom the configuration names.
func TestEnsureMember_mismatch(t *testing.T) {
	t.Parallel()

	for _, role := range []wallaroo.Role{roleOwner, roleCollaborator} {
		runCase(t, string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.users["u-bob-2"] = wallaroo.User{ID: "u-bob-2", Username: "bob2", Email: "bob@example.com"}
			ref := inventory.UserRef{UserID: "u-dan", Email: "cat@example.com"}

			_, err := ensure(t.Context(), inv, 7, ref, role)
			same(t, "error", *as[*inventory.UserMismatchError](t, err), inventory.UserMismatchError{Ref: ref, UserID: "u-cat"})

			for _, ref := range []inventory.UserRef{email("bob"), {UserID: "u-bob", Email: "bob@example.com"}, named("bob@example.com")} {
				_, err := ensure(t.Context(), inv, 7, ref, role)
				same(t, "IDs", as[*inventory.AmbiguousUserError](t, err).IDs, []string{"u-bob", "u-bob-2"})
			}

			same(t, "writes", len(f.writes()), 0)
		})
	}
}

// Whom the account is cannot be told: nothing is changed.
func TestEnsureMember_callerFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		refused := answered(http.StatusUnauthorized, "no")
		f.setBefore(askCurrentUser, fail(refused))

		_, err := ensure(t.Context(), inv, 7, byID("u-cat"), roleOwner)
		isErr(t, err, refused)
		same(t, "writes", len(f.writes()), 0)
	})
}

// Somebody who was just listed late is not removed again, if that is the account itself
// or whom another resource wants.
func TestEnsureMember_presentButLate(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		user    string
		claimed bool
		caller  error
		want    error
		stays   bool
	}{
		"nobody's":         {"cat", false, nil, inventory.ErrRolesIgnored, false},
		"caller":           {"ann", false, nil, inventory.ErrRoleKept, true},
		"wanted by others": {"cat", true, nil, inventory.ErrRoleKept, true},
		"caller unknown":   {"cat", false, answered(http.StatusUnauthorized, "no"), inventory.ErrRoleKept, true},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.keepsRoles = true
			f.addWorkspace(11, "team", owner("u-bob"), collaborator("u-ann"), collaborator("u-cat"))

			if c.claimed {
				_, err := ensure(t.Context(), inv, 11, byID("u-"+c.user), roleCollaborator)
				noErr(t, err)
				time.Sleep(time.Second)
			}

			f.find(11).coming["u-"+c.user] = 1
			f.setAfter(addMember, once(func() { f.setBefore(askCurrentUser, fail(c.caller)) }))

			_, err := inv.CurrentMembers(t.Context(), 11)
			noErr(t, err)

			_, err = inv.EnsureMember(t.Context(), 11, inventory.MemberSpec{Ref: byID("u-" + c.user), Role: roleOwner, Prior: roleCollaborator})
			isErr(t, err, c.want)
			same(t, "stays", hasMember(f, 11, "u-"+c.user), c.stays)
		})
	}
}

func hasMember(f *fake, workspaceID int64, id string) bool {
	_, ok := f.membersOf(workspaceID)[id]

	return ok
}

// A workspace without a valid ID is not accessible, like any other.
func TestMembers_workspaceZero(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, _ *fake, inv *inventory.Inventory) {
		_, read := inv.Members(t.Context(), 0)
		_, current := inv.CurrentMembers(t.Context(), 0)
		_, add := ensure(t.Context(), inv, 0, email("cat"), roleCollaborator)
		_, set := inv.SetMembers(t.Context(), 0, set(owners(email("cat"))))

		for _, err := range []error{read, current, add, set} {
			isErr(t, err, inventory.ErrNotAccessible)
		}

		removal, err := inv.RemoveMember(t.Context(), 0, byID("u-cat"))
		noErr(t, err)
		same(t, "removal", removal, inventory.NotAccessible)
	})
}

// All that lessens the owners, and the caller's own change, runs alone; all else runs
// side by side.
func TestWrites_sideBySide(t *testing.T) {
	t.Parallel()

	upsert := func(ref inventory.UserRef, role wallaroo.Role) func(context.Context, *inventory.Inventory) error {
		return func(ctx context.Context, inv *inventory.Inventory) error {
			_, err := ensure(ctx, inv, 11, ref, role)

			return err
		}
	}
	remove := func(id string) func(context.Context, *inventory.Inventory) error {
		return func(ctx context.Context, inv *inventory.Inventory) error {
			_, err := inv.RemoveMember(ctx, 11, byID(id))

			return err
		}
	}

	for name, c := range map[string]struct {
		write func(context.Context, *inventory.Inventory) error
		most  int
	}{
		"add":                     {upsert(email("dan"), roleCollaborator), 2},
		"add owner":               {upsert(email("dan"), roleOwner), 2},
		"promote":                 {upsert(byID("u-zoe"), roleOwner), 2},
		"remove":                  {remove("u-zoe"), 2},
		"demote":                  {upsert(email("bob"), roleCollaborator), 1},
		"remove owner":            {remove("u-bob"), 1},
		"own change":              {upsert(email("ann"), roleOwner), 1},
		"user whose ID is nobody": {upsert(email("new"), roleCollaborator), 1},
		"set": {func(ctx context.Context, inv *inventory.Inventory) error {
			_, err := inv.SetMembers(ctx, 11, set(owners(email("bob")), collaborators(byID("u-zoe"), email("dan"))))

			return err
		}, 1},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.addWorkspace(11, "two", owner("u-bob"), collaborator("u-ann"), collaborator("u-zoe"), owner("u-root"))
			f.addWorkspace(12, "three", owner("u-ann"))

			f.setUser("u-new", "new")
			f.withoutUsers = []string{"u-new"}

			gate := make(chan struct{})
			f.setBefore(addMember, holdNth(1, gate))

			first := start(func() (inventory.EnsuredMember, error) {
				return ensure(t.Context(), inv, 11, email("cat"), roleOwner)
			})

			settle()

			ctx, cancel := context.WithCancel(t.Context())
			second := start(func() (any, error) { return nil, c.write(t.Context(), inv) })
			third := start(func() (any, error) { return nil, c.write(ctx, inv) })

			settle()
			settle() // a check waits for the first, which is held
			same(t, "writes in flight at the same time", f.mostInFlight(), c.most)

			// Reads and other workspaces are not held up.
			same(t, "known members", len(known(t, inv, 11)) >= 3, true)

			_, err := ensure(t.Context(), inv, 12, byID("u-cat"), roleCollaborator)
			noErr(t, err)
			cancel()

			if err := (<-third).err; c.most == 1 {
				isErr(t, err, context.Canceled)
			}

			if c.most == 2 {
				noErr(t, (<-second).err)
				close(gate)
				noErr(t, (<-first).err)
			} else {
				close(gate)
				noErr(t, (<-first).err)
				noErr(t, (<-second).err)
			}
		})
	}
}
