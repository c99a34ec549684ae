package inventory_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func owners(refs ...inventory.UserRef) []inventory.Wanted { return wanted(owner, refs) }

func collaborators(refs ...inventory.UserRef) []inventory.Wanted { return wanted(collaborator, refs) }

func wanted(role wallaroo.Role, refs []inventory.UserRef) []inventory.Wanted {
	var all []inventory.Wanted
	for _, ref := range refs {
		all = append(all, inventory.Wanted{Ref: ref, Role: role})
	}

	return all
}

// failures are the users and causes of a failed set, as texts.
func failures(t *testing.T, err error) map[string]string {
	t.Helper()

	failed := map[string]string{}
	for _, f := range as[*inventory.MemberSetError](t, err).Failed {
		failed[f.Ref.Email+f.Ref.UserID] = f.Err.Error()
	}

	return failed
}

func TestSetMembers_order(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "team", boss("u-bob"), boss("u-ann"), mate("u-cat"), boss("u-root"))
	inv := newInventory(f)

	// Ann, who signs in, is demoted; Bob leaves; Cat is promoted; Root stays.
	set, err := inv.SetMembers(t.Context(), 11, append(
		collaborators(email("ann"), email("dan")),
		owners(email("cat"), byID("u-root"))...,
	))
	noErr(t, err)
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-ann", "u-dan", "u-cat", "u-root"}})
	same(t, "writes", f.writes(), []string{
		"add 11 cat@example.com OWNER",
		"add 11 dan@example.com",
		"remove 11 u-bob",
		"add 11 ann@example.com COLLABORATOR",
	})
	same(t, "members", f.membersOf(11), team{"u-ann": collaborator, "u-cat": owner, "u-dan": collaborator, "u-root": owner})

	members, err := inv.Members(t.Context(), 11)
	noErr(t, err)
	same(t, "known members", roles(members), f.membersOf(11))

	// Nothing is left to do.
	_, err = inv.SetMembers(t.Context(), 11, append(
		collaborators(email("ann"), email("dan")),
		owners(email("cat"), byID("u-root"))...,
	))
	noErr(t, err)
	same(t, "writes", len(f.writes()), 4)
}

// All role changes of one sort share one look, however many they are.
func TestSetMembers_counts(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	_, err := inv.SetMembers(t.Context(), 7, append(owners(email("ann"), email("bob"), email("cat")), collaborators(email("dan"), byID("u-root"))...))
	noErr(t, err)
	same(t, "writes", len(f.writes()), 4)
	same(t, "lists", f.count(listMembers), 2)
	same(t, "directory", f.count(queryUsers), 1)
}

func TestSetMembers_callerStays(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	set, err := inv.SetMembers(t.Context(), 7, owners(email("cat")))
	noErr(t, err)
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-cat"}})
	same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-cat": owner})
}

func TestSetMembers_claimedStay(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "team", boss("u-ann"), boss("u-bob"), mate("u-cat"), mate("u-dan"))
	inv := newInventory(f)

	for id, role := range map[string]wallaroo.Role{"u-bob": owner, "u-dan": collaborator} {
		_, err := inv.EnsureMember(t.Context(), 11, byID(id), role)
		noErr(t, err)
	}

	set, err := inv.SetMembers(t.Context(), 11, owners(email("ann")))
	noErr(t, err)
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-ann"}, Kept: []string{"u-bob", "u-dan"}})
	same(t, "writes", f.writes(), []string{"remove 11 u-cat"})
}

// The last owner is replaced: the set needs nobody to retire it.
func TestSetMembers_keptOwnerGoes(t *testing.T) {
	t.Parallel()

	f, inv := kept(t)

	_, err := inv.SetMembers(t.Context(), 11, owners(email("dan")))
	noErr(t, err)
	same(t, "members", f.membersOf(11), team{"u-dan": owner})
}

func TestSetMembers_addFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(addMember, inTurn(refused))

	set, err := inv.SetMembers(t.Context(), 7, append(owners(email("cat")), collaborators(email("dan"), email("ann"))...))
	same(t, "failures", failures(t, err), map[string]string{"cat@example.com": refused.Error()})
	isErr(t, err, refused)
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-cat", "u-dan", "u-ann"}})
	// Dan comes all the same; Bob stays, and so does Ann's role.
	same(t, "writes", f.writes(), []string{"add 7 cat@example.com OWNER", "add 7 dan@example.com"})
	same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-bob": collaborator, "u-dan": collaborator})
}

func TestSetMembers_removalFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "team", boss("u-ann"), boss("u-bob"), mate("u-cat"))
	inv := newInventory(f)
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(removeMember, inTurn(refused))

	_, err := inv.SetMembers(t.Context(), 11, append(owners(email("dan")), collaborators(email("ann"))...))
	same(t, "failures", failures(t, err), map[string]string{"u-bob": refused.Error()})
	same(t, "writes", f.writes(), []string{"add 11 dan@example.com OWNER", "remove 11 u-bob", "remove 11 u-cat"})
	same(t, "members", f.membersOf(11), team{"u-ann": owner, "u-bob": owner, "u-dan": owner})
}

func TestSetMembers_lastOwner(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "bobs", boss("u-bob"), mate("u-cat"))
	inv := newInventory(f)
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(addMember, inTurn(refused))

	// Without the new owner, the old one must not be demoted.
	_, err := inv.SetMembers(t.Context(), 11, append(owners(email("dan")), collaborators(email("bob"))...))
	same(t, "failures", failures(t, err), map[string]string{
		"dan@example.com": refused.Error(),
		"bob@example.com": inventory.ErrLastOwner.Error(),
	})
	isErr(t, err, inventory.ErrLastOwner)
	same(t, "members", f.membersOf(11), team{"u-bob": owner, "u-cat": collaborator})
}

// Two owners become collaborators, but the new owner could not come: the second one
// is the last by then, although no look was taken since.
func TestSetMembers_becomesLastOwner(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "team", boss("u-bob"), boss("u-cat"))
	inv := newInventory(f)
	refused := answered(http.StatusForbidden, "no")
	f.setBefore(addMember, inTurn(refused))

	_, err := inv.SetMembers(t.Context(), 11, append(owners(email("dan")), collaborators(email("bob"), email("cat"))...))
	same(t, "failures", failures(t, err), map[string]string{
		"dan@example.com": refused.Error(),
		"cat@example.com": inventory.ErrLastOwner.Error(),
	})
	same(t, "members", f.membersOf(11), team{"u-bob": collaborator, "u-cat": owner})
}

func TestSetMembers_workspaceWithoutOwner(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(11, "nobodys", mate("u-cat"), mate("u-bob"))

	_, err := newInventory(f).SetMembers(t.Context(), 11, append(owners(email("cat"), email("dan")), collaborators(email("bob"))...))
	noErr(t, err)
	same(t, "members", f.membersOf(11), team{"u-bob": collaborator, "u-cat": owner, "u-dan": owner})
}

func TestSetMembers_roleKept(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.keepsRoles = true
	f.place(11, "team", boss("u-ann"), mate("u-bob"), boss("u-cat"))
	inv := newInventory(f)

	_, err := inv.SetMembers(t.Context(), 11, append(owners(email("ann"), email("bob"), email("dan")), collaborators(email("cat"))...))
	same(t, "failures", failures(t, err), map[string]string{
		"bob@example.com": inventory.ErrRoleKept.Error(),
		"cat@example.com": inventory.ErrRoleKept.Error(),
	})
	isErr(t, err, inventory.ErrRoleKept)
	same(t, "members", f.membersOf(11), team{"u-ann": owner, "u-bob": collaborator, "u-cat": owner, "u-dan": owner})
}

// An owner that the instance is late to list is no refusal.
func TestSetMembers_late(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.lateMembers = 2
	inv := newInventory(f)

	_, err := inv.SetMembers(t.Context(), 7, owners(email("cat"), email("dan")))
	noErr(t, err)
	same(t, "members", f.membersOf(7), team{"u-ann": owner, "u-cat": owner, "u-dan": owner})
	same(t, "adds", f.count(addMember), 2)
}

func TestSetMembers_neverListed(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.lateMembers = 99

	_, err := newInventory(f).SetMembers(t.Context(), 7, owners(email("cat")))
	isErr(t, err, inventory.ErrNotListed)
	same(t, "removals", f.count(removeMember), 0)
}

func TestSetMembers_lookFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	weather := answered(http.StatusBadGateway, "")
	f.setBefore(listMembers, func(_ context.Context, n int) error {
		if n == 1 {
			return nil
		}

		return weather
	})

	_, err := newInventory(f).SetMembers(t.Context(), 7, owners(email("cat"), email("dan")))
	isErr(t, err, weather)

	want := "the change was accepted, but looking at its outcome failed: " + weather.Error()
	same(t, "failures", failures(t, err), map[string]string{"cat@example.com": want, "dan@example.com": want})
	same(t, "removals", f.count(removeMember), 0)
}

func TestSetMembers_ambiguous(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.setBefore(addMember, inTurn(nil, cut()))
	f.setAfter(removeMember, inTurn(cut()))
	inv := newInventory(f)

	_, err := inv.SetMembers(t.Context(), 7, append(owners(email("cat")), collaborators(email("dan"))...))
	noErr(t, err)
	same(t, "writes", f.writes(), []string{
		"add 7 cat@example.com OWNER", "add 7 dan@example.com", "add 7 dan@example.com", "remove 7 u-bob",
	})
}

func TestSetMembers_noDirectory(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	inv := newInventory(f)

	set, err := inv.SetMembers(t.Context(), 7, append(owners(email("cat"), email("ann")), collaborators(email("dan"))...))
	noErr(t, err)
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-cat", "u-ann", "u-dan"}})
	same(t, "writes", f.writes(), []string{"add 7 cat@example.com OWNER", "add 7 dan@example.com COLLABORATOR", "remove 7 u-bob"})

	// Who was met needs no add to be told.
	_, err = inv.SetMembers(t.Context(), 7, append(owners(email("cat"), email("ann")), collaborators(email("dan"))...))
	noErr(t, err)
	same(t, "writes", len(f.writes()), 3)
}

// Who cannot be told might be anybody: nobody may be removed.
func TestSetMembers_unclear(t *testing.T) {
	t.Parallel()

	f := newFake()
	closeDirectory(f)
	f.place(11, "team", boss("u-ann"), mate("u-bob"), mate("u-cat"))

	set, err := newInventory(f).SetMembers(t.Context(), 11, append(owners(email("ann")), collaborators(email("bob"))...))
	same(t, "failures", failures(t, err), map[string]string{"bob@example.com": inventory.ErrUserUnclear.Error()})
	same(t, "set", set, inventory.MemberSet{IDs: []string{"u-ann", ""}})
	same(t, "removals", f.count(removeMember), 0)
}

// A caller that the token does not tell is nobody, also beside users that cannot be
// told.
func TestSetMembers_callerUnknown(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.caller = wallaroo.Caller{}
	closeDirectory(f)

	_, err := newInventory(f).SetMembers(t.Context(), 7, append(owners(email("cat")), collaborators(email("dan"))...))
	noErr(t, err)
	same(t, "writes", f.writes(), []string{
		"add 7 cat@example.com OWNER", "add 7 dan@example.com COLLABORATOR", "remove 7 u-ann", "remove 7 u-bob",
	})
}

func TestSetMembers_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listMembers, askCaller, queryUsers} {
		t.Run(string(o), func(t *testing.T) {
			t.Parallel()

			f := newFake()
			failed := answered(http.StatusBadGateway, "")
			f.setBefore(o, fail(failed))

			set, err := newInventory(f).SetMembers(t.Context(), 7, owners(email("cat")))
			isErr(t, err, failed)
			same(t, "set", set, inventory.MemberSet{})
			same(t, "writes", len(f.writes()), 0)

			if failed, ok := errors.AsType[*inventory.MemberSetError](err); ok {
				t.Errorf("a set that was not begun failed for %v", failed.Failed)
			}
		})
	}
}

func TestSetMembers_workspaceUnseen(t *testing.T) {
	t.Parallel()

	_, err := newInventory(newFake()).SetMembers(t.Context(), 8, owners(email("cat")))
	isErr(t, err, inventory.ErrNotVisible)
}

func TestSetMembers_sameUser(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	_, err := inv.SetMembers(t.Context(), 7, append(owners(email("Cat")), collaborators(byID("u-cat"))...))
	same(t, "error", *as[*inventory.SameUserError](t, err), inventory.SameUserError{One: email("Cat"), Other: byID("u-cat"), UserID: "u-cat"})
	same(t, "writes", len(f.writes()), 0)

	// Nobody is claimed by a set that cannot be.
	got, err := inv.RemoveMember(t.Context(), 7, "u-bob")
	noErr(t, err)
	same(t, "removal", got, inventory.Removed)
}

func TestResolveSet(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	ids, unresolved, err := inv.ResolveSet(t.Context(), owners(email("bob"), email("eve"), byID("u-zoe"), email("fay")))
	noErr(t, err)
	same(t, "ids", ids, []string{"u-bob", "", "u-zoe", ""})
	isErr(t, unresolved, inventory.ErrNoSuchUser)
	same(t, "unresolved", unresolved.Error(), `"eve@example.com": `+inventory.ErrNoSuchUser.Error())

	ids, unresolved, err = inv.ResolveSet(t.Context(), owners(email("bob")))
	noErr(t, err)
	noErr(t, unresolved)
	same(t, "ids", ids, []string{"u-bob"})
}

func TestResolveSet_fails(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.user(wallaroo.User{ID: "u-bob-2", Username: "bob2", Email: "bob@example.com"})

	ids, _, err := newInventory(f).ResolveSet(t.Context(), owners(email("cat"), email("bob")))
	several := as[*inventory.SeveralUsersError](t, err)
	same(t, "ids", len(ids), 0)
	same(t, "text", err.Error(), "bob@example.com: "+several.Error())
}

func TestRecall(t *testing.T) {
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
		"id":                     {byID("u-zoe"), false, "u-zoe", nil},
		"e-mail":                 {email("bob"), false, "u-bob", nil},
		"e-mail of somebody now": {both("u-cat", "bob"), false, "u-bob", nil},
		"e-mail of nobody now":   {both("u-cat", "kat"), false, "u-cat", nil},
		"e-mail of nobody":       {email("kat"), false, "", inventory.ErrNoSuchUser},
		"no directory":           {email("bob"), true, "", inventory.ErrNoDirectory},
		"no directory, known":    {both("u-bob", "bob"), true, "u-bob", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			if c.closed {
				closeDirectory(f)
			}

			id, err := newInventory(f).Recall(t.Context(), c.ref)
			same(t, "id", id, c.want)
			isErr(t, err, c.fails)

			if c.ref.Email == "" {
				same(t, "requests for an id alone", f.count(queryUsers), 0)
			}
		})
	}
}

func TestRecall_fails(t *testing.T) {
	t.Parallel()

	f := newFake()
	failed := answered(http.StatusBadGateway, "")
	f.setBefore(queryUsers, fail(failed))

	_, err := newInventory(f).Recall(t.Context(), inventory.UserRef{UserID: "u-bob", Email: "bob@example.com"})
	isErr(t, err, failed)
}
