package inventory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// parallelism is how many resources Terraform applies at the same time.
const parallelism = 10

// apply runs do for 0 to n-1 as Terraform does: ten at a time, the next one when one
// is done, and each of them think later than the one before.
func apply(n int, think time.Duration, do func(i int)) {
	var group sync.WaitGroup

	next := make(chan int)

	for range parallelism {
		group.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}

	for i := range n {
		time.Sleep(think)

		next <- i
	}

	close(next)
	group.Wait()
}

// large makes an instance with n users more, "user-0@example.com" and so on, that
// serves ten requests at the same time, each in 50 ms.
func large(f *fake, n int) {
	f.latency = 50 * time.Millisecond
	f.slots, f.writeSlots = make(chan struct{}, 10), make(chan struct{}, 9)

	for i := range n {
		f.setUser(fmt.Sprint("u-", i), fmt.Sprint("user-", i))
	}
}

// The lists that read creates back are shared, also where the creates come slowly
// because something else takes its time.
func TestCounts_creates(t *testing.T) {
	t.Parallel()

	for _, c := range []struct {
		creates, lists int
		think, latency time.Duration
	}{
		{60, 20, 0, 50 * time.Millisecond},
		{60, 20, 10 * time.Millisecond, 50 * time.Millisecond},
		{60, 20, 10 * time.Millisecond, time.Millisecond},
		{1000, 150, 0, 50 * time.Millisecond},
		{1000, 150, 0, 500 * time.Millisecond},
		{1000, 150, 10 * time.Millisecond, 50 * time.Millisecond},
		{1000, 150, 10 * time.Millisecond, time.Millisecond},
	} {
		runCase(t, fmt.Sprint(c), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.latency = c.latency

			apply(c.creates, c.think, func(i int) {
				created, err := inv.Create(t.Context(), fmt.Sprint("new-", i), inventory.AdoptNever)
				if err != nil || created.ReadErr != nil || created.Workspace.CreatedAt == "" {
					t.Errorf("create %d: %+v, %v", i, created, err)
				}
			})
			same(t, "creates", f.count(createWorkspace), c.creates)

			if lists := f.count(listWorkspaces); lists > c.lists {
				t.Errorf("%d lists, want at most %d", lists, c.lists)
			}

			list, err := inv.Workspaces(t.Context())
			noErr(t, err)
			same(t, "workspaces", len(list), 2+c.creates)
		})
	}
}

func TestCounts_createsOneByOne(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		for i := range 25 {
			_, err := inv.Create(t.Context(), fmt.Sprint("new-", i), inventory.AdoptNever)
			noErr(t, err)
		}

		same(t, "lists", f.count(listWorkspaces), 1+25)
	})
}

// New owners of one workspace share the looks at their roles.
func TestCounts_newOwners(t *testing.T) {
	t.Parallel()

	for _, latency := range []time.Duration{time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
		runCase(t, latency.String(), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			large(f, 80)
			f.latency = latency

			apply(80, 0, func(i int) {
				if _, err := ensure(t.Context(), inv, 7, byID(fmt.Sprint("u-", i)), roleOwner); err != nil {
					t.Error(err)
				}
			})
			same(t, "members", len(f.membersOf(7)), 82)

			if lists := f.count(listMembers); lists > 1+80/8 {
				t.Errorf("%d lists", lists)
			}
		})
	}
}

// The IDs of M members are verified in at most M/8 small reads. A member for whom
// nothing is sent is verified all the same: the email may be another user's.
func TestCounts_verifications(t *testing.T) {
	t.Parallel()

	refs := map[string]func(i int) inventory.UserRef{
		"by email": func(i int) inventory.UserRef { return email(fmt.Sprint("user-", i)) },
		"by ID":    func(i int) inventory.UserRef { return byID(fmt.Sprint("u-", i)) },
	}

	for name, ref := range refs {
		for _, present := range []bool{true, false} {
			for think, latency := range map[time.Duration]time.Duration{
				0: 50 * time.Millisecond, 1: 300 * time.Millisecond, 10 * time.Millisecond: time.Millisecond, 11 * time.Millisecond: 50 * time.Millisecond,
				// A busy machine: callers come further apart than the usual wait.
				80 * time.Millisecond: time.Millisecond,
			} {
				runCase(t, fmt.Sprint(name, " present ", present, " think ", think, " latency ", latency), func(t *testing.T, f *fake, inv *inventory.Inventory) {
					large(f, 400)
					f.latency = latency

					for i := range 400 {
						if present {
							f.join(7, collaborator(fmt.Sprint("u-", i)))
						}
					}

					apply(400, think, func(i int) {
						got, err := ensure(t.Context(), inv, 7, ref(i), roleCollaborator)
						if err != nil || got.ID != fmt.Sprint("u-", i) || !got.Verified {
							t.Error(got, err)
						}
					})

					most := 400 / 8
					if think == 80*time.Millisecond {
						most++ // the first cannot know that others follow
					}

					checks := f.checks()
					if len(checks) > most {
						t.Errorf("%d reads of users", len(checks))
					}

					for _, ids := range checks {
						if len(ids) > parallelism {
							t.Errorf("a read of %d users", len(ids))
						}
					}

					same(t, "reads of the whole directory", f.count(queryUsers)-len(checks), 1)
					same(t, "lists", f.count(listMembers), 1)
				})
			}
		}
	}
}

// With a large state, Terraform takes a while from the end of a resource to the next one.
func TestCounts_verificationsOfLargeState(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		large(f, 400)
		f.latency = time.Millisecond

		apply(400, 0, func(i int) {
			_, err := ensure(t.Context(), inv, 7, email(fmt.Sprint("user-", i)), roleCollaborator)
			if err != nil {
				t.Error(err)
			}

			time.Sleep(120 * time.Millisecond)
		})

		if checks := len(f.checks()); checks > 400/8 {
			t.Errorf("%d reads of users", checks)
		}
	})
}

// 300 new collaborators of one workspace at 50 ms wait for 3 s at most in all.
func TestWait_members(t *testing.T) {
	t.Parallel()

	specs := func(i int) inventory.MemberSpec {
		return inventory.MemberSpec{Ref: email(fmt.Sprint("user-", i)), Role: roleCollaborator}
	}

	for name, join := range map[string]func(*testing.T, *inventory.Inventory){
		"one by one": func(t *testing.T, inv *inventory.Inventory) {
			apply(300, 0, func(i int) {
				if _, err := inv.EnsureMember(t.Context(), 7, specs(i)); err != nil {
					t.Error(err)
				}
			})
		},
		"as a set": func(t *testing.T, inv *inventory.Inventory) {
			wanted := set(owners(email("ann")), collaborators(email("bob")))
			for i := range 300 {
				wanted.Members = append(wanted.Members, specs(i))
			}

			_, err := inv.SetMembers(t.Context(), 7, wanted)
			noErr(t, err)
		},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			large(f, 300)

			began := time.Now()

			join(t, inv)

			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("took %v", took)
			}

			same(t, "members", len(f.membersOf(7)), 302)
			same(t, "adds", f.count(addMember), 300)
			same(t, "lists", f.count(listMembers), 1)
			same(t, "writes at the same time", f.mostInFlight(), 9)
		})
	}
}

// A set is verified at once, in one read.
func TestCounts_set(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct{ known, checks, directories int }{
		"all are known":   {500, 1, 1},
		"too many to ask": {501, 0, 2},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			large(f, c.known)

			_, err := inv.Users(t.Context())
			noErr(t, err)

			wanted := inventory.MemberSet{Members: owners(byID("u-0")), Ignored: []inventory.UserRef{email("user-1")}}
			for i := 2; i < c.known; i++ {
				wanted.Members = append(wanted.Members, collaborators(email(fmt.Sprint("user-", i)))...)
			}

			_, err = inv.SetMembers(t.Context(), 9, wanted)
			noErr(t, err)
			same(t, "members", len(f.membersOf(9)), c.known)
			same(t, "checks", len(f.checks()), c.checks)
			same(t, "reads of the whole directory", f.count(queryUsers)-c.checks, c.directories)
			same(t, "lists", f.count(listMembers), 2)
		})
	}
}

func TestCounts_members(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		for id := int64(100); id < 120; id++ {
			f.addWorkspace(id, fmt.Sprint("w", id), owner("u-ann"))
		}

		var askers []<-chan outcome[[]wallaroo.Member]
		for i := range int64(1000) {
			askers = append(askers, start(func() ([]wallaroo.Member, error) { return inv.Members(t.Context(), 100+i%20) }))
		}

		for _, asker := range askers {
			got := <-asker
			noErr(t, got.err)
			same(t, "members", len(got.value), 1)
		}

		same(t, "lists of members", f.count(listMembers), 20)
		same(t, "lists of workspaces", f.count(listWorkspaces), 0)
	})
}

// Data sources that are read during an apply share reads too.
func TestCounts_dataDuringApply(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		large(f, 400)
		inv.Abandon("old", 1) // something is being applied

		apply(400, 0, func(i int) {
			_, miss := inv.FindUserByEmail(t.Context(), fmt.Sprintf("nobody-%d@example.com", i))
			if miss == nil {
				t.Error("nobody was found")
			}

			if _, err := inv.FindUserByEmail(t.Context(), fmt.Sprintf("user-%d@example.com", i)); err != nil {
				t.Error(err)
			}

			if _, err := inv.CurrentWorkspaces(t.Context()); err != nil {
				t.Error(err)
			}
		})

		most := 400 / 4

		if checks, lists := len(f.checks()), f.count(listWorkspaces); checks > most || lists > most {
			t.Errorf("%d checks, %d lists", checks, lists)
		}

		if all := f.count(queryUsers) - len(f.checks()); all > most {
			t.Errorf("%d reads of the whole directory", all)
		}
	})
}

// A canceled check takes nothing from those who come after it.
func TestCheck_canceled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.join(7, collaborator("u-cat"), collaborator("u-dan"))

		_, err := inv.Users(t.Context())
		noErr(t, err)
		time.Sleep(time.Second)
		f.setBefore(queryUsers, holdNth(2, make(chan struct{})))

		ctx, cancel := context.WithCancel(t.Context())
		first := start(func() (inventory.EnsuredMember, error) { return ensure(ctx, inv, 7, byID("u-cat"), roleCollaborator) })

		settle()

		second := start(func() (inventory.EnsuredMember, error) {
			return ensure(t.Context(), inv, 7, byID("u-dan"), roleCollaborator)
		})

		synctest.Wait()
		cancel()
		isErr(t, (<-first).err, context.Canceled)

		got := <-second
		noErr(t, got.err)
		same(t, "account", got.value.Account, inventory.Account{ID: "u-dan", Email: "dan@example.com", Verified: true})
	})
}
