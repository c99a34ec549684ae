package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// guide makes the instance one that is exactly the API guide: an opaque token, no
// directory, and no roles.
func guide(f *fake) {
	f.opaque()
	f.noDirectory()
	f.keepsRoles, f.ignoresRoles = true, true
}

// The README's first example: a workspace, its creator and a collaborator, by email.
func TestGuide_firstApply(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]error{
		"200": nil, "409": answered(http.StatusConflict, "conflict"), "400": answered(http.StatusBadRequest, "already a member"),
	} {
		for _, creatorFirst := range []bool{true, false} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				guide(f)
				f.refusesPresent = answer

				created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
				noErr(t, err)

				steps := []inventory.MemberSpec{{Ref: email("ann"), Role: roleOwner}, {Ref: email("bob"), Role: roleCollaborator}}
				if !creatorFirst {
					steps[0], steps[1] = steps[1], steps[0]
				}

				for _, step := range steps {
					got, err := inv.EnsureMember(t.Context(), created.Workspace.ID, step)
					noErr(t, err)
					same(t, "account", got.Account, inventory.Account{ID: "u-" + step.Ref.Email[:3], Email: step.Ref.Email, Verified: true})
				}

				same(t, "members", f.membersOf(created.Workspace.ID), team{"u-ann": roleOwner, "u-bob": roleCollaborator})
			})
		}
	}
}

// The same as a set, applied twice.
func TestGuide_set(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		guide(f)

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		wanted := set(owners(named("ann@example.com")), collaborators(named("bob@example.com"), named("cat@example.com")))

		for range 2 {
			got, err := inv.SetMembers(t.Context(), created.Workspace.ID, wanted)
			noErr(t, err)
			same(t, "IDs", got.IDs, []string{"u-ann", "u-bob", "u-cat"})
		}

		same(t, "adds", f.count(addMember), 3)
		same(t, "members", f.membersOf(created.Workspace.ID), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator})
	})
}

// An email whose user nothing says is added alone, and told by the difference.
func TestNoDirectory_add(t *testing.T) {
	t.Parallel()

	for role, write := range map[wallaroo.Role]string{roleOwner: "add 7 Cat@example.com OWNER", roleCollaborator: "add 7 Cat@example.com"} {
		runCase(t, string(role), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()

			got, err := ensure(t.Context(), inv, 7, email("Cat"), role)
			noErr(t, err)
			same(t, "account", got.Account, inventory.Account{ID: "u-cat", Email: "Cat@example.com", Verified: true})
			same(t, "writes", f.writes(), []string{write})
			same(t, "lists", f.count(listMembers), 2)

			// The run has learned the email.
			user, err := inv.UserByEmail(t.Context(), "cat@EXAMPLE.com")
			noErr(t, err)
			same(t, "user", user, wallaroo.User{ID: "u-cat", Email: "cat@EXAMPLE.com", Enabled: true})

			_, err = ensure(t.Context(), inv, 7, email("cat"), role)
			noErr(t, err)
			same(t, "writes", len(f.writes()), 1)
			same(t, "requests", f.count(queryUsers), 1)
		})
	}
}

// A present member is told by the change of role, or by elimination: the only one who is
// not known to be somebody else, or the only one of those with the wanted role.
func TestNoDirectory_present(t *testing.T) {
	t.Parallel()

	plain := []string{"add 11 bob@example.com", "add 11 bob@example.com COLLABORATOR"}
	bobAndCat := []wallaroo.Member{collaborator("u-bob"), collaborator("u-cat")}

	for name, c := range map[string]struct {
		members []wallaroo.Member
		setup   func(*fake, *inventory.Inventory)
		role    wallaroo.Role
		unclear []string
		writes  []string
	}{
		"the only one": {bobAndCat[:1], nil, roleCollaborator, nil, plain},
		"promoted":     {bobAndCat, nil, roleOwner, nil, []string{"add 11 bob@example.com OWNER"}},
		"one of two":   {bobAndCat, nil, roleCollaborator, []string{"u-bob", "u-cat"}, plain},
		"the other is claimed by ID": {bobAndCat, func(_ *fake, inv *inventory.Inventory) {
			_, _ = ensure(context.Background(), inv, 11, byID("u-cat"), roleCollaborator)
		}, roleCollaborator, []string{"u-bob", "u-cat"}, plain},
		"the other is the caller": {[]wallaroo.Member{collaborator("u-bob"), owner("u-ann")}, nil, roleCollaborator, nil, plain},
		"the caller's email is not known": {[]wallaroo.Member{collaborator("u-bob"), owner("u-ann")}, func(f *fake, _ *inventory.Inventory) {
			f.caller.Email = ""
		}, roleCollaborator, nil, plain},
		"the other is learned": {bobAndCat, func(_ *fake, inv *inventory.Inventory) {
			inv.LearnUser("bob@example.com.org", "u-cat")
		}, roleCollaborator, nil, plain},
		"the other has another role": {[]wallaroo.Member{collaborator("u-bob"), owner("u-cat")}, nil, roleCollaborator, nil, plain},
		"two have the role":          {append(bobAndCat[:2:2], owner("u-dan")), nil, roleCollaborator, []string{"u-bob", "u-cat", "u-dan"}, plain},
		"the directory knows the other": {bobAndCat, func(f *fake, inv *inventory.Inventory) {
			f.setBefore(queryUsers, nil)
			f.withoutUsers = []string{"u-bob"}
			_, _ = inv.Users(context.Background())
		}, roleCollaborator, nil, plain},
		"nobody is left": {[]wallaroo.Member{owner("u-ann")}, func(f *fake, _ *inventory.Inventory) {
			f.setAfter(addMember, func(context.Context, int) error { f.leave(11, "u-bob"); return nil })
		}, roleCollaborator, []string{}, plain},
		"several joined": {bobAndCat[:1], func(f *fake, _ *inventory.Inventory) {
			f.setAfter(addMember, once(func() { f.join(11, collaborator("u-cat"), collaborator("u-dan")) }))
		}, roleCollaborator, []string{"u-cat", "u-dan"}, plain[:1]},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.addWorkspace(11, "team", slices.Clone(c.members)...)

			if c.setup != nil {
				c.setup(f, inv)
			}

			got, err := ensure(t.Context(), inv, 11, email("bob"), c.role)
			same(t, "writes", f.writes(), c.writes)

			if c.unclear != nil {
				same(t, "error", *as[*inventory.UnidentifiedUserError](t, err), inventory.UnidentifiedUserError{Email: "bob@example.com", Candidates: c.unclear})

				return
			}

			noErr(t, err)
			same(t, "account", got.Account, inventory.Account{ID: "u-bob", Email: "bob@example.com", Verified: true})
			same(t, "role", f.membersOf(11)["u-bob"], c.role)
		})
	}
}

// Of a member who is identified, it is known that the role was kept.
func TestGuide_presentWithAnotherRole(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		guide(f)

		f.caller = wallaroo.CurrentUser{UserID: "u-ann", Email: "ann@example.com"}

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
		isErr(t, err, inventory.ErrRoleKept)
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator})
	})
}

// Two resources that name one user by email, at the same time: the second knows by then
// who that is.
func TestNoDirectory_identifiedMeanwhile(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		ref   inventory.UserRef
		role  wallaroo.Role
		fails bool
	}{
		"same role":    {email("Cat"), roleCollaborator, false},
		"another role": {email("cat"), roleOwner, true},
		"same ID":      {inventory.UserRef{UserID: "u-cat", Email: "cat@example.com"}, roleCollaborator, false},
		"another ID":   {inventory.UserRef{UserID: "u-dan", Email: "cat@example.com"}, roleCollaborator, true},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()

			gate := make(chan struct{})
			f.setBefore(addMember, holdNth(1, gate))

			first := start(func() (any, error) { return ensure(t.Context(), inv, 7, email("cat"), roleCollaborator) })

			settle()

			second := start(func() (inventory.EnsuredMember, error) { return ensure(t.Context(), inv, 7, c.ref, c.role) })

			settle()
			close(gate)
			noErr(t, (<-first).err)

			got := <-second
			same(t, "fails", got.err != nil, c.fails)
			same(t, "ID", got.value.ID, map[bool]string{false: "u-cat"}[c.fails])
			same(t, "adds", f.count(addMember), 1)
			removes(t, inv, 7, byID("u-cat"), inventory.KeptClaimed)
		})
	}
}

// A member whose listed email is another one is somebody else.
func TestNoDirectory_presentWithEmails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.listsEmails = true
		f.users["u-eve"] = wallaroo.User{ID: "u-eve"}
		f.join(7, collaborator("u-eve"))
		f.setBefore(addMember, fail(answered(http.StatusConflict, "already a member")))

		got, err := ensure(t.Context(), inv, 7, email("eve"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-eve")
	})
}

// What others have changed long before an add is not its outcome.
func TestNoDirectory_listIsCurrent(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		_, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		f.join(7, collaborator("u-dan"))
		time.Sleep(time.Second + 1)

		_, err = ensure(t.Context(), inv, 7, email("bob"), roleCollaborator)
		same(t, "candidates", as[*inventory.UnidentifiedUserError](t, err).Candidates, []string{"u-bob", "u-dan"})
	})
}

// One add after the other needs one list each.
func TestNoDirectory_counts(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		for _, name := range []string{"cat", "dan"} {
			_, err := ensure(t.Context(), inv, 7, email(name), roleCollaborator)
			noErr(t, err)
		}

		same(t, "lists", f.count(listMembers), 3)
	})
}

// An instance that refuses roles, or ignores them, leaves nobody behind.
func TestNoDirectory_rolesNotSet(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		setup func(*fake)
		user  string
		fails error
		want  team
	}{
		"ignored":         {func(f *fake) { f.ignoresRoles = true }, "cat", inventory.ErrRolesIgnored, team{"u-ann": roleOwner, "u-bob": roleCollaborator}},
		"refused":         {func(f *fake) { f.refusesRoles = true }, "cat", inventory.ErrRolesIgnored, team{"u-ann": roleOwner, "u-bob": roleCollaborator}},
		"refused, nobody": {func(f *fake) { f.refusesRoles = true }, "eve", answered(http.StatusBadRequest, "no such user"), team{"u-ann": roleOwner, "u-bob": roleCollaborator}},
		"forbidden":       {func(f *fake) { f.setBefore(addMember, fail(answered(403, "no"))) }, "cat", answered(403, "no"), team{"u-ann": roleOwner, "u-bob": roleCollaborator}},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			c.setup(f)

			_, err := ensure(t.Context(), inv, 7, email(c.user), roleOwner)

			if _, ok := errors.AsType[*wallaroo.Error](c.fails); ok {
				same(t, "error", err, c.fails)
			} else {
				isErr(t, err, c.fails)
			}

			same(t, "members", f.membersOf(7), c.want)
			same(t, "known members", known(t, inv, 7), c.want)
		})
	}
}

// The creator of a workspace on an instance that refuses roles.
func TestNoDirectory_ownerWhereRolesAreRefused(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.opaque()
		f.refusesRoles, f.keepsRoles = true, true

		got, err := ensure(t.Context(), inv, 9, email("ann"), roleOwner)
		noErr(t, err)
		same(t, "ID", got.ID, "u-ann")
	})
}

// The add is the only way to learn whose email it is; it must not cost the workspace
// its last owner.
func TestNoDirectory_lastOwnerIsRestored(t *testing.T) {
	t.Parallel()

	refused := answered(http.StatusForbidden, "no")

	for name, c := range map[string]struct {
		before, after hook
		writes        int
		role          wallaroo.Role
		fails         error
	}{
		"at once":      {nil, nil, 2, roleOwner, nil},
		"after a cut":  {inTurn(nil, cut()), nil, 3, roleOwner, nil},
		"unseen":       {nil, inTurn(nil, cut()), 2, roleOwner, nil},
		"in vain":      {inTurn(nil, refused), nil, 2, roleCollaborator, refused},
		"not repeated": {inTurn(nil, outcomeUnknown(answered(500, "no"))), nil, 2, roleCollaborator, nil},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.setBefore(addMember, c.before)
			f.setAfter(addMember, c.after)
			f.addWorkspace(11, "bobs", owner("u-bob"), collaborator("u-cat"))

			_, err := ensure(t.Context(), inv, 11, email("bob"), roleCollaborator)
			isErr(t, err, inventory.ErrLastOwner)

			if c.fails != nil {
				isErr(t, err, c.fails)
			}

			same(t, "members", f.membersOf(11), team{"u-bob": c.role, "u-cat": roleCollaborator})
			same(t, "writes", len(f.writes()), c.writes)
			same(t, "last write", f.writes()[c.writes-1], "add 11 bob@example.com OWNER")
			same(t, "known members", known(t, inv, 11), f.membersOf(11))
		})
	}
}

// Nothing of a demotion stays where it turns out that another user was meant, or
// another role.
func TestNoDirectory_addIsUndone(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		user     string
		claimed  bool
		ref      inventory.UserRef
		role     wallaroo.Role
		conflict bool
	}{
		"absent":         {"dan", false, inventory.UserRef{UserID: "u-zoe", Email: "dan@example.com"}, roleCollaborator, false},
		"absent, owner":  {"dan", false, inventory.UserRef{UserID: "u-zoe", Email: "dan@example.com"}, roleOwner, false},
		"demoted":        {"cat", false, inventory.UserRef{UserID: "u-zoe", Email: "cat@example.com"}, roleCollaborator, false},
		"claimed, other": {"cat", true, email("cat"), roleCollaborator, true},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.addWorkspace(11, "team", owner("u-ann"), owner("u-cat"), collaborator("u-bob"))

			if c.claimed {
				_, err := ensure(t.Context(), inv, 11, byID("u-cat"), roleOwner)
				noErr(t, err)
			}

			_, err := ensure(t.Context(), inv, 11, c.ref, c.role)

			if c.conflict {
				same(t, "user", as[*inventory.RoleConflictError](t, err).UserID, "u-cat")
			} else {
				same(t, "error", *as[*inventory.UserMismatchError](t, err), inventory.UserMismatchError{Ref: c.ref, UserID: "u-" + c.user})
			}

			same(t, "members", f.membersOf(11), team{"u-ann": roleOwner, "u-cat": roleOwner, "u-bob": roleCollaborator})
			same(t, "known members", known(t, inv, 11), f.membersOf(11))
		})
	}
}

// An add that changed nothing needs no undoing.
func TestNoDirectory_mismatchOfPresent(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		ref := inventory.UserRef{UserID: "u-zoe", Email: "bob@example.com"}

		_, err := ensure(t.Context(), inv, 7, ref, roleCollaborator)
		same(t, "error", *as[*inventory.UserMismatchError](t, err), inventory.UserMismatchError{Ref: ref, UserID: "u-bob"})
		same(t, "writes", f.writes(), []string{"add 7 bob@example.com", "add 7 bob@example.com COLLABORATOR"})
	})
}

// A user whose ID is given is that member, if the email is nobody else's.
func TestNoDirectory_unverifiedMember(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		for _, ref := range []inventory.UserRef{{UserID: "u-bob", Email: "robert@example.com"}, {Email: "robert@example.com", LastID: "u-bob"}} {
			got, err := ensure(t.Context(), inv, 7, ref, roleCollaborator)
			noErr(t, err)
			same(t, "account", got.Account, inventory.Account{ID: "u-bob", Email: "robert@example.com"})
		}

		same(t, "writes", len(f.writes()), 0)
	})
}

// Who is not a member any more is added by email, whoever that is now.
func TestNoDirectory_unverifiedAbsent(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()

		got, err := ensure(t.Context(), inv, 7, inventory.UserRef{Email: "cat@example.com", LastID: "u-old"}, roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-cat")

		got, err = ensure(t.Context(), inv, 7, inventory.UserRef{Email: "dan@example.com", UserID: "u-dan"}, roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-dan")
		same(t, "writes", f.writes(), []string{"add 7 cat@example.com", "add 7 dan@example.com"})
	})
}

// The demotion shows who it is, also where a plain add does not demote.
func TestNoDirectory_demote(t *testing.T) {
	t.Parallel()

	for _, plainKeeps := range []bool{false, true} {
		runCase(t, fmt.Sprint(plainKeeps), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.plainKeepsRoles = plainKeeps
			f.addWorkspace(11, "two", owner("u-bob"), owner("u-cat"))

			got, err := ensure(t.Context(), inv, 11, email("bob"), roleCollaborator)
			noErr(t, err)
			same(t, "ID", got.ID, "u-bob")
			same(t, "members", f.membersOf(11), team{"u-bob": roleCollaborator, "u-cat": roleOwner})
		})
	}
}

// A present collaborator on an instance that refuses roles.
func TestNoDirectory_presentWhereRolesAreRefused(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.refusesRoles = true

		got, err := ensure(t.Context(), inv, 7, email("bob"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-bob")
	})
}

// Who is listed only now, but was added otherwise or is known to have another email, is
// not the one who is added.
func TestNoDirectory_othersAreListedLate(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.lateMembers = 1

		_, err := ensure(t.Context(), inv, 7, byID("u-cat"), roleCollaborator)
		noErr(t, err)
		time.Sleep(2 * time.Second)

		inv.LearnUser("eve@example.com", "u-eve")
		f.setAfter(addMember, func(context.Context, int) error { f.join(7, collaborator("u-eve")); return nil })

		got, err := ensure(t.Context(), inv, 7, email("dan"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-dan")
	})
}

func TestNoDirectory_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.addWorkspace(11, "nobodys", collaborator("u-cat"))

		got, err := ensure(t.Context(), inv, 11, email("bob"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-bob")
		same(t, "writes", len(f.writes()), 1)
	})
}

// The answer is lost, or the instance is late, or the apply is canceled.
func TestNoDirectory_ambiguous(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		before, after hook
		late          int
		writes        int
	}{
		"done":     {nil, inTurn(cut()), 0, 1},
		"not done": {inTurn(cut()), nil, 0, 2},
		"late":     {nil, nil, 1, 1},
		"canceled": {nil, nil, 0, 1},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			f.lateMembers = c.late

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()

			f.setBefore(addMember, c.before)
			f.setAfter(addMember, c.after)

			if name == "canceled" {
				f.setAfter(addMember, once(cancel))
			}

			got, err := ensure(ctx, inv, 7, email("cat"), roleCollaborator)
			noErr(t, err)
			same(t, "ID", got.ID, "u-cat")
			same(t, "writes", len(f.writes()), c.writes)
		})
	}
}

func TestNoDirectory_failures(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for name, c := range map[string]struct {
		setup  func(*fake)
		text   string
		writes int
	}{
		"first list":  {func(f *fake) { f.setBefore(listMembers, fail(failed)) }, failed.Error(), 0},
		"add":         {func(f *fake) { f.setBefore(addMember, fail(failed)) }, failed.Error(), 1},
		"second list": {func(f *fake) { f.setBefore(listMembers, failFrom(2, failed)) }, "the add was accepted, but the members could not be read: " + failed.Error(), 1},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.noDirectory()
			c.setup(f)

			_, err := ensure(t.Context(), inv, 7, email("cat"), roleCollaborator)
			isErr(t, err, failed)
			same(t, "error", err.Error(), c.text)
			same(t, "writes", len(f.writes()), c.writes)
		})
	}
}

// The directory does not have the user yet, but the instance has.
func TestEnsureMember_unknownEmail(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.setUser("u-eve", "eve")
		f.withoutUsers = []string{"u-eve"}

		_, err := ensure(t.Context(), inv, 7, email("fay"), roleCollaborator)
		same(t, "error", err, error(answered(http.StatusBadRequest, "no such user")))

		got, err := ensure(t.Context(), inv, 7, email("eve"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-eve")

		got, err = ensure(t.Context(), inv, 7, email("Eve"), roleCollaborator)
		noErr(t, err)
		same(t, "ID", got.ID, "u-eve")
		same(t, "writes", f.writes(), []string{"add 7 fay@example.com", "add 7 eve@example.com"})
	})
}
