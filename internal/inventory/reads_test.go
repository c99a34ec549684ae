package inventory_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// reads are all shared reads, with the call that each makes.
var reads = map[string]struct {
	op  op
	ask func(context.Context, *inventory.Inventory) (any, error)
}{
	"workspaces": {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Workspaces(ctx) }},
	"workspace":  {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Workspace(ctx, 7) }},
	"named": {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) {
		return inv.WorkspacesNamed(ctx, "web")
	}},
	"members":    {listMembers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Members(ctx, 7) }},
	"users":      {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Users(ctx) }},
	"user by id": {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.UserByID(ctx, "u-bob") }},
	"user by e-mail": {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) {
		return inv.UserByEmail(ctx, "bob@example.com")
	}},
}

func TestReads_shareOneRequest(t *testing.T) {
	t.Parallel()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(read.op, hold(gate))

				var askers []<-chan outcome[any]
				for range 30 {
					askers = append(askers, in(func() (any, error) { return read.ask(t.Context(), inv) }))
				}

				synctest.Wait()
				same(t, "requests while all wait", f.count(read.op), 1)
				close(gate)

				var answers []any

				for _, asker := range askers {
					got := <-asker
					noErr(t, got.err)

					answers = append(answers, got.value)
				}

				later, err := read.ask(t.Context(), inv)
				noErr(t, err)

				for _, answer := range answers {
					same(t, "answer", answer, later)
				}

				same(t, "requests", f.count(read.op), 1)
			})
		})
	}
}

func TestReads_cancelledWaiter(t *testing.T) {
	t.Parallel()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(read.op, hold(gate))

				// Whoever asks first is the one that leaves.
				ctx, cancel := context.WithCancel(t.Context())
				first := in(func() (any, error) { return read.ask(ctx, inv) })

				synctest.Wait()

				second := in(func() (any, error) { return read.ask(t.Context(), inv) })

				synctest.Wait()
				cancel()
				isErr(t, (<-first).err, context.Canceled)
				synctest.Wait()
				close(gate)
				noErr(t, (<-second).err)
				same(t, "requests", f.count(read.op), 1)
			})
		})
	}
}

// The gate never opens: the test would hang if the request went on.
func TestReads_lastWaiterEndsRequest(t *testing.T) {
	t.Parallel()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				f.setBefore(read.op, holdNth(1, make(chan struct{})))

				ctx, cancel := context.WithCancel(t.Context())
				first := in(func() (any, error) { return read.ask(ctx, inv) })
				second := in(func() (any, error) { return read.ask(ctx, inv) })

				synctest.Wait()
				cancel()
				isErr(t, (<-first).err, context.Canceled)
				isErr(t, (<-second).err, context.Canceled)

				_, err := read.ask(t.Context(), inv)
				noErr(t, err)
				same(t, "requests", f.count(read.op), 2)
			})
		})
	}
}

// An asker that comes between the end of the last waiter and the end of its request
// must not get that request's cancellation.
func TestReads_endedRequestIsNotJoined(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setBefore(listWorkspaces, func(ctx context.Context, n int) error {
			if n > 1 {
				return nil
			}

			<-gate

			return stopped(ctx.Err())
		})

		ctx, cancel := context.WithCancel(t.Context())
		first := in(func() (any, error) { return inv.Workspaces(ctx) })

		synctest.Wait()
		cancel()
		isErr(t, (<-first).err, context.Canceled)

		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "workspaces", len(list), 2)
		close(gate)
		synctest.Wait()

		_, err = inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "requests", f.count(listWorkspaces), 2)
	})
}

func TestReads_endedContext(t *testing.T) {
	t.Parallel()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				ctx, cancel := context.WithCancel(t.Context())
				cancel()

				_, err := read.ask(ctx, inv)
				isErr(t, err, context.Canceled)
				synctest.Wait()
				same(t, "requests", f.count(read.op), 0)

				_, err = read.ask(t.Context(), inv)
				noErr(t, err)

				// What is known needs no request.
				_, err = read.ask(ctx, inv)
				noErr(t, err)
				same(t, "requests", f.count(read.op), 1)
			})
		})
	}
}

func TestReads_errorsAreNotKept(t *testing.T) {
	t.Parallel()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				inv := newInventory(f)
				gate := make(chan struct{})
				weather := answered(http.StatusBadGateway, "")
				f.setBefore(read.op, func(_ context.Context, n int) error {
					if n > 1 {
						return nil
					}

					<-gate

					return weather
				})

				first := in(func() (any, error) { return read.ask(t.Context(), inv) })
				second := in(func() (any, error) { return read.ask(t.Context(), inv) })

				synctest.Wait()
				close(gate)
				isErr(t, (<-first).err, weather)
				isErr(t, (<-second).err, weather)

				_, err := read.ask(t.Context(), inv)
				noErr(t, err)
				same(t, "requests", f.count(read.op), 2)
			})
		})
	}
}

// Two creates: while the first one's read-back is under way with the list of before
// the second, the second is made.
func TestReads_listOlderThanWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setAfter(listWorkspaces, holdNth(2, gate))

		first := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "first", inventory.AdoptNever)
		})

		synctest.Wait()
		same(t, "lists until the first read-back", f.count(listWorkspaces), 2)

		second, err := inv.Create(t.Context(), "second", inventory.AdoptNever)
		noErr(t, err)
		noErr(t, second.Unread)
		same(t, "lists: the older one was not joined", f.count(listWorkspaces), 3)

		close(gate)

		made := <-first
		noErr(t, made.err)
		noErr(t, made.value.Unread)
		synctest.Wait()

		_, err = inv.Workspace(t.Context(), second.Workspace.ID)
		noErr(t, err)
		same(t, "lists: the older one was not kept", f.count(listWorkspaces), 3)
	})
}

// The older list comes first: it must not be kept even for a while.
func TestReads_olderListArrivesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		older, newer := make(chan struct{}), make(chan struct{})
		f.setAfter(listWorkspaces, func(ctx context.Context, n int) error {
			switch n {
			case 2:
				return hold(older)(ctx, n)
			case 3:
				return hold(newer)(ctx, n)
			default:
				return nil
			}
		})

		first := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "first", inventory.AdoptNever)
		})

		synctest.Wait()

		second := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "second", inventory.AdoptNever)
		})

		synctest.Wait()
		close(older)
		noErr(t, (<-first).err)

		same, err := inv.WorkspacesNamed(t.Context(), "second")
		noErr(t, err)

		if len(same) != 1 {
			t.Errorf("the older list replaced the newer: %v", same)
		}

		reader := in(func() ([]wallaroo.Workspace, error) { return inv.Workspaces(t.Context()) })

		synctest.Wait()
		close(newer)

		if list := <-reader; len(list.value) != 4 {
			t.Errorf("a later reader got %v, %v", list.value, list.err)
		}

		noErr(t, (<-second).err)

		if n := f.count(listWorkspaces); n != 3 {
			t.Errorf("%d lists", n)
		}
	})
}

// The last waiter of an older list leaves; the newer one is joined all the same.
func TestReads_olderListIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setAfter(listWorkspaces, func(ctx context.Context, n int) error {
			if n == 1 {
				return nil
			}

			return hold(gate)(ctx, n)
		})

		ctx, cancel := context.WithCancel(t.Context())
		first := in(func() (inventory.Created, error) { return inv.Create(ctx, "first", inventory.AdoptNever) })

		synctest.Wait()

		second := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "second", inventory.AdoptNever)
		})

		synctest.Wait()
		cancel()
		isErr(t, (<-first).value.Unread, context.Canceled)

		reader := in(func() ([]wallaroo.Workspace, error) { return inv.Workspaces(t.Context()) })

		synctest.Wait()
		close(gate)
		noErr(t, (<-second).value.Unread)
		noErr(t, (<-reader).err)
		same(t, "lists", f.count(listWorkspaces), 3)
	})
}

// A reader begins between two writes of one set: its members lack the second.
func TestReads_membersOlderThanWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		add, list := make(chan struct{}), make(chan struct{})
		f.setBefore(addMember, holdNth(2, add))
		f.setAfter(listMembers, holdNth(2, list))

		set := in(func() (inventory.MemberSet, error) {
			return inv.SetMembers(t.Context(), 7, []inventory.Wanted{
				{Ref: email("ann"), Role: owner}, {Ref: email("bob"), Role: owner}, {Ref: email("cat"), Role: owner},
			})
		})

		synctest.Wait() // Bob's write is made, Cat's is held.

		reader := in(func() ([]wallaroo.Member, error) { return inv.Members(t.Context(), 7) })

		synctest.Wait() // The reader's list is made, and held.
		close(add)
		noErr(t, (<-set).err)
		same(t, "lists: the set did not join the older one", f.count(listMembers), 3)

		close(list)

		if members := <-reader; len(members.value) != 2 {
			t.Errorf("the reader got %v, %v", members.value, members.err)
		}

		synctest.Wait()

		members, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		same(t, "members", len(members), 3)
		same(t, "lists: the older one was not kept", f.count(listMembers), 3)
	})
}

// As before, with a last write whose outcome needs no look of its own.
func TestReads_membersOlderThanPlainAdd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.place(11, "team", boss("u-ann"), boss("u-bob"))
		inv := newInventory(f)
		add, list := make(chan struct{}), make(chan struct{})
		f.setBefore(addMember, holdNth(2, add))
		f.setAfter(listMembers, holdNth(2, list))

		set := in(func() (inventory.MemberSet, error) {
			return inv.SetMembers(t.Context(), 11, append(owners(email("ann")), collaborators(email("bob"), email("cat"))...))
		})

		synctest.Wait() // Bob's demotion is made, Cat's add is held.

		reader := in(func() ([]wallaroo.Member, error) { return inv.Members(t.Context(), 11) })

		synctest.Wait() // The reader's list is made, and held.
		close(add)
		noErr(t, (<-set).err)
		close(list)
		noErr(t, (<-reader).err)
		synctest.Wait()

		members, err := inv.Members(t.Context(), 11)
		noErr(t, err)
		same(t, "members", roles(members), team{"u-ann": owner, "u-bob": collaborator, "u-cat": collaborator})
		same(t, "lists", f.count(listMembers), 3)
	})
}

func TestReads_seeOwnWorkspaces(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(50, "fifty")
	inv := newInventory(f)

	before, err := inv.Workspaces(t.Context())
	noErr(t, err)

	made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)

	found, err := inv.Workspace(t.Context(), made.Workspace.ID)
	noErr(t, err)
	same(t, "workspace", found.Name, "new")

	list, err := inv.Workspaces(t.Context())
	noErr(t, err)
	same(t, "workspaces", ids(list), []int64{7, 9, 20, 50})
	same(t, "what an earlier reader got", ids(before), []int64{7, 9, 50})
	same(t, "lists", f.count(listWorkspaces), 2)
}

func TestReads_seeOwnMembers(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)

	ensure := func(ref inventory.UserRef, role wallaroo.Role) func() error {
		return func() error {
			_, err := inv.EnsureMember(t.Context(), 7, ref, role)

			return err
		}
	}
	remove := func() error {
		_, err := inv.RemoveMember(t.Context(), 7, "u-bob")

		return err
	}

	var got [][]wallaroo.Member

	steps := []struct {
		do    func() error
		want  team
		lists int
	}{
		{func() error { return nil }, team{"u-ann": owner, "u-bob": collaborator}, 1},
		{ensure(email("cat"), collaborator), team{"u-ann": owner, "u-bob": collaborator, "u-cat": collaborator}, 1},
		{remove, team{"u-ann": owner, "u-cat": collaborator}, 1},
		{ensure(email("cat"), owner), team{"u-ann": owner, "u-cat": owner}, 2},
		{ensure(email("dan"), collaborator), team{"u-ann": owner, "u-cat": owner, "u-dan": collaborator}, 2},
	}
	for _, step := range steps {
		noErr(t, step.do())

		members, err := inv.Members(t.Context(), 7)
		noErr(t, err)
		same(t, "members", roles(members), step.want)
		same(t, "lists", f.count(listMembers), step.lists)

		got = append(got, members)
	}

	for i, step := range steps {
		same(t, "what an earlier reader got", roles(got[i]), step.want)
	}
}

func roles(members []wallaroo.Member) map[string]wallaroo.Role {
	byID := map[string]wallaroo.Role{}
	for _, m := range members {
		byID[m.UserID] = m.Role
	}

	return byID
}

func TestReads_countOfCreates(t *testing.T) {
	t.Parallel()

	const creates = 25

	t.Run("one after the other", func(t *testing.T) {
		t.Parallel()

		f := newFake()
		inv := newInventory(f)

		for i := range creates {
			_, err := inv.Create(t.Context(), fmt.Sprint("new-", i), inventory.AdoptNever)
			noErr(t, err)
		}

		same(t, "creates", f.count(createWorkspace), creates)
		same(t, "lists", f.count(listWorkspaces), 1+creates)
	})
	t.Run("all at once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			inv := newInventory(f)
			gate := make(chan struct{})
			f.setAfter(createWorkspace, hold(gate))

			var made []<-chan outcome[inventory.Created]
			for i := range creates {
				made = append(made, in(func() (inventory.Created, error) {
					return inv.Create(t.Context(), fmt.Sprint("new-", i), inventory.AdoptNever)
				}))
			}

			synctest.Wait()
			same(t, "lists before all are made", f.count(listWorkspaces), 1)
			close(gate)

			for _, m := range made {
				got := <-m
				noErr(t, got.err)
				noErr(t, got.value.Unread)
			}

			same(t, "creates", f.count(createWorkspace), creates)

			if n := f.count(listWorkspaces); n > 1+creates {
				t.Errorf("%d lists for %d creates", n, creates)
			}
		})
	})
	t.Run("looking by name", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			inv := newInventory(f)
			gate := make(chan struct{})
			f.setBefore(listWorkspaces, holdNth(2, gate))

			made := in(func() (inventory.Created, error) {
				return inv.Create(t.Context(), "new", inventory.AdoptNever)
			})

			synctest.Wait()

			// The list is out of date, but names are known all the same.
			for range 10 {
				for name, want := range map[string]int{"web": 1, "new": 1, "free": 0} {
					found, err := inv.WorkspacesNamed(t.Context(), name)
					noErr(t, err)
					same(t, "workspaces named "+name, len(found), want)
				}
			}

			same(t, "lists", f.count(listWorkspaces), 2)
			close(gate)
			noErr(t, (<-made).err)
		})
	})
}

func TestReads_countOfMembers(t *testing.T) {
	t.Parallel()

	f := newFake()
	for id := int64(100); id < 120; id++ {
		f.place(id, fmt.Sprint("w", id), boss("u-ann"))
	}

	inv := newInventory(f)

	var askers []<-chan outcome[[]wallaroo.Member]
	for i := range int64(1000) {
		askers = append(askers, in(func() ([]wallaroo.Member, error) { return inv.Members(t.Context(), 100+i%20) }))
	}

	for _, asker := range askers {
		got := <-asker
		noErr(t, got.err)
		same(t, "members", len(got.value), 1)
	}

	same(t, "lists of members", f.count(listMembers), 20)
	same(t, "lists of workspaces", f.count(listWorkspaces), 0)
}
