package inventory_test

import (
	"errors"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func TestResolveUser(t *testing.T) {
	t.Parallel()

	both := func(id, name string) inventory.UserRef {
		return inventory.UserRef{UserID: id, Email: name + "@example.com"}
	}
	last := func(ref inventory.UserRef, id string) inventory.UserRef {
		ref.LastID = id

		return ref
	}
	verified := func(id, name string) inventory.Account {
		return inventory.Account{ID: id, Email: name + "@example.com", Verified: true}
	}
	unverified := func(id, name string) inventory.Account {
		return inventory.Account{ID: id, Email: name + "@example.com"}
	}
	idOnly := func(id string) inventory.Account { return inventory.Account{ID: id, Verified: true} }
	federated := "f:12:gus@corp"

	for name, c := range map[string]struct {
		ref           inventory.UserRef
		with, without inventory.Account // with a directory, and without one
		failsWith     error
		failsWithout  error
	}{
		"email":                       {email("bob"), verified("u-bob", "bob"), inventory.Account{}, nil, inventory.ErrNoDirectory},
		"email in another case":       {email("BOB"), verified("u-bob", "bob"), inventory.Account{}, nil, inventory.ErrNoDirectory},
		"unknown email":               {email("eve"), inventory.Account{}, inventory.Account{}, inventory.ErrNoSuchUser, inventory.ErrNoDirectory},
		"ID":                          {byID("u-bob"), verified("u-bob", "bob"), idOnly("u-bob"), nil, nil},
		"unknown ID":                  {byID("u-eve"), idOnly("u-eve"), idOnly("u-eve"), nil, nil},
		"both":                        {both("u-bob", "BOB"), verified("u-bob", "bob"), unverified("u-bob", "BOB"), nil, nil},
		"both, unknown email":         {both("u-bob", "robert"), unverified("u-bob", "robert"), unverified("u-bob", "robert"), nil, nil},
		"both, another's email":       {both("u-cat", "bob"), inventory.Account{}, unverified("u-cat", "bob"), &inventory.UserMismatchError{Ref: both("u-cat", "bob"), UserID: "u-bob"}, nil},
		"own email":                   {email("ANN"), verified("u-ann", "ann"), verified("u-ann", "ANN"), nil, nil},
		"own email, another's ID":     {both("u-bob", "ann"), inventory.Account{}, inventory.Account{}, &inventory.UserMismatchError{Ref: both("u-bob", "ann"), UserID: "u-ann"}, &inventory.UserMismatchError{Ref: both("u-bob", "ann"), UserID: "u-ann"}},
		"last user of an email":       {last(email("bob"), "u-cat"), verified("u-bob", "bob"), unverified("u-cat", "bob"), nil, nil},
		"last user of a gone email":   {last(email("kat"), "u-cat"), unverified("u-cat", "kat"), unverified("u-cat", "kat"), nil, nil},
		"name that is an ID":          {named("u-bob"), verified("u-bob", "bob"), idOnly("u-bob"), nil, nil},
		"name that is an unknown ID":  {named("u-zoe"), idOnly("u-zoe"), idOnly("u-zoe"), nil, nil},
		"name that is an email":       {named("bob@example.com"), verified("u-bob", "bob"), inventory.Account{}, nil, inventory.ErrNoDirectory},
		"name that is nobody's email": {named("eve@example.com"), inventory.Account{}, inventory.Account{}, inventory.ErrNoSuchUser, inventory.ErrNoDirectory},
		"last email of an ID":         {inventory.UserRef{UserID: "u-bob", LastEmail: "b@example.com"}, verified("u-bob", "bob"), verified("u-bob", "b"), nil, nil},
		"last email, no account":      {inventory.UserRef{UserID: "u-zoe", LastEmail: "z@example.com"}, verified("u-zoe", "z"), verified("u-zoe", "z"), nil, nil},
		"last email of another":       {inventory.UserRef{UserID: "u-zoe", LastEmail: "cat@example.com"}, idOnly("u-zoe"), verified("u-zoe", "cat"), nil, nil},
		"last user of a name":         {last(named("kat@example.com"), "u-cat"), unverified("u-cat", "kat"), unverified("u-cat", "kat"), nil, nil},
		"member's federated ID":       {named(federated), idOnly(federated), idOnly(federated), nil, nil},
		"account's federated ID":      {named("f:12:hal@corp"), verified("f:12:hal@corp", "hal"), inventory.Account{}, nil, inventory.ErrNoDirectory},
		"member's ID is the email":    {email("ida"), verified("Ida@example.com", "ida"), verified("Ida@example.com", "ida"), nil, nil},
		"learned":                     {email("JIM"), verified("u-jim", "JIM"), verified("u-jim", "JIM"), nil, nil},
	} {
		for _, without := range []bool{false, true} {
			runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
				f.setUser("f:12:hal@corp", "hal")
				f.join(7, collaborator(federated), collaborator("Ida@example.com"))
				inv.LearnUser("jim@example.com", "u-jim")

				want, fails := c.with, c.failsWith

				if without {
					f.noDirectory()

					want, fails = c.without, c.failsWithout
				}

				got, err := inv.ResolveUser(t.Context(), 7, c.ref)
				same(t, "account", got, want)

				if mismatch, ok := errors.AsType[*inventory.UserMismatchError](fails); ok {
					same(t, "error", *as[*inventory.UserMismatchError](t, err), *mismatch)
				} else {
					isErr(t, err, fails)
				}

				same(t, "applying", inv.IsApplying(), false)
				same(t, "writes", len(f.writes()), 0)
			})
		}
	}
}

// An email in the member list is used where there is no directory.
func TestResolveUser_listedEmails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.noDirectory()
		f.listsEmails = true

		for _, ref := range []inventory.UserRef{email("Bob"), byID("u-bob"), named("Bob@example.com")} {
			got, err := inv.ResolveUser(t.Context(), 7, ref)
			noErr(t, err)
			same(t, "ID", got.ID, "u-bob")
			same(t, "verified", got.Verified, true)
		}

		got, err := inv.ResolveUser(t.Context(), 7, byID("u-bob"))
		noErr(t, err)
		same(t, "email", got.Email, "bob@example.com")

		// Of a workspace that is not known, there is no list.
		_, err = inv.ResolveUser(t.Context(), 0, email("bob"))
		isErr(t, err, inventory.ErrNoDirectory)
		same(t, "lists", f.count(listMembers), 1)
	})
}

// Failures that say nothing are not taken for an answer.
func TestResolveUser_fails(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for _, ref := range []inventory.UserRef{
		email("bob"), byID("u-bob"), named("bob@example.com"), {UserID: "u-bob", Email: "bob@example.com"}, {Email: "bob@example.com", LastID: "u-bob"},
	} {
		runCase(t, ref.String(), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(queryUsers, fail(failed))

			_, err := inv.ResolveUser(t.Context(), 7, ref)
			isErr(t, err, failed)
		})
	}
}

// What is nobody's email at first may be the ID of an account that was created since.
func TestEnsureMember_newFederatedID(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.Users(t.Context())
		noErr(t, err)
		time.Sleep(time.Second)
		f.setUser("f:12:hal@corp", "hal")

		got, err := ensure(t.Context(), inv, 7, named("f:12:hal@corp"), roleCollaborator)
		noErr(t, err)
		same(t, "account", got.Account, inventory.Account{ID: "f:12:hal@corp", Email: "hal@example.com", Verified: true})
		same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "f:12:hal@corp": roleCollaborator})
	})
}

func TestResolveSet(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		got, err := inv.ResolveSet(t.Context(), 0, inventory.MemberSet{
			Members: owners(email("bob"), email("eve"), byID("u-zoe"), named("fay@example.com")),
			Ignored: []inventory.UserRef{named("cat@example.com"), named("gus@example.com"), named("u-root")},
		})
		noErr(t, err)
		same(t, "set", got, inventory.ResolvedSet{
			IDs:     []string{"u-bob", "", "u-zoe", ""},
			Ignored: []string{"u-cat", "u-root"},
			Unknown: []inventory.FailedMember{
				{Ref: email("eve"), Err: inventory.ErrNoSuchUser},
				{Ref: named("fay@example.com"), Err: inventory.ErrNoSuchUser},
				{Ref: named("gus@example.com"), Err: inventory.ErrNoSuchUser},
			},
		})
		same(t, "requests", f.count(queryUsers), 1)
		same(t, "applying", inv.IsApplying(), false)
	})
}

func TestResolveSet_fails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.users["u-bob-2"] = wallaroo.User{ID: "u-bob-2", Username: "bob2", Email: "bob@example.com"}

		_, err := inv.ResolveSet(t.Context(), 7, set(owners(email("cat"), email("bob"))))
		ambiguous := as[*inventory.AmbiguousUserError](t, err)
		same(t, "error", err.Error(), `"bob@example.com": `+ambiguous.Error())

		for _, twice := range []inventory.MemberSet{
			set(owners(email("Cat")), collaborators(byID("u-cat"))),
			{Members: owners(email("Cat")), Ignored: []inventory.UserRef{byID("u-cat")}},
		} {
			_, err = inv.ResolveSet(t.Context(), 7, twice)
			same(t, "error", *as[*inventory.SameUserError](t, err), inventory.SameUserError{One: email("Cat"), Other: byID("u-cat"), UserID: "u-cat"})
		}
	})
}

// An email that meant a user who has another one by now, and is listed by that too, is
// meant for another account.
func TestResolveSet_formerEmail(t *testing.T) {
	t.Parallel()

	current, former := named("robert@example.com"), inventory.UserRef{Name: "bob@example.com", LastID: "u-bob"}

	for name, refs := range map[string][]inventory.UserRef{"current first": {current, former}, "former first": {former, current}} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setUser("u-bob", "robert")

			wanted := set(owners(email("ann")), collaborators(refs...))
			wanted.Ignored = []inventory.UserRef{email("cat")}

			got, err := inv.ResolveSet(t.Context(), 7, wanted)
			noErr(t, err)
			same(t, "unknown", got.Unknown, []inventory.FailedMember{{Ref: former, Err: inventory.ErrNoSuchUser}})
			same(t, "ignored", got.Ignored, []string{"u-cat"})

			for i, ref := range refs {
				same(t, "ID", got.IDs[i+1], map[inventory.UserRef]string{current: "u-bob"}[ref])
			}

			// The other account is created before the set is applied.
			f.setUser("u-new", "bob")
			time.Sleep(time.Second)

			outcome, err := inv.SetMembers(t.Context(), 7, wanted)
			noErr(t, err)

			for i, ref := range refs {
				same(t, "ID", outcome.IDs[i+1], map[inventory.UserRef]string{current: "u-bob", former: "u-new"}[ref])
			}

			same(t, "members", f.membersOf(7), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-new": roleCollaborator})
		})
	}
}
