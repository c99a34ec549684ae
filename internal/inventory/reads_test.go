package inventory_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// read is one shared read, and the call that it makes.
type read struct {
	op  op
	ask func(context.Context, *inventory.Inventory) (any, error)
}

var reads = map[string]read{
	"workspaces": {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Workspaces(ctx) }},
	"workspace":  {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Workspace(ctx, 7) }},
	"named": {listWorkspaces, func(ctx context.Context, inv *inventory.Inventory) (any, error) {
		return inv.WorkspacesNamed(ctx, "web")
	}},
	"members":    {listMembers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Members(ctx, 7) }},
	"users":      {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.Users(ctx) }},
	"user by ID": {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) { return inv.UserByID(ctx, "u-bob") }},
	"user by email": {queryUsers, func(ctx context.Context, inv *inventory.Inventory) (any, error) {
		return inv.UserByEmail(ctx, "bob@example.com")
	}},
}

// runReads tests each shared read.
func runReads(t *testing.T, test func(t *testing.T, f *fake, inv *inventory.Inventory, read read)) {
	t.Helper()

	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) { test(t, f, inv, read) })
		})
	}
}

func TestReads_shareOneRequest(t *testing.T) {
	t.Parallel()
	runReads(t, func(t *testing.T, f *fake, inv *inventory.Inventory, read read) {
		gate := make(chan struct{})
		f.setBefore(read.op, hold(gate))

		var askers []<-chan outcome[any]
		for range 30 {
			askers = append(askers, start(func() (any, error) { return read.ask(t.Context(), inv) }))
		}

		settle()
		same(t, "requests while all wait", f.count(read.op), 1)
		close(gate)

		later, err := read.ask(t.Context(), inv)
		noErr(t, err)

		for _, asker := range askers {
			got := <-asker
			noErr(t, got.err)
			same(t, "answer", got.value, later)
		}

		same(t, "requests", f.count(read.op), 1)
	})
}

// Whoever asks first is the one that leaves.
func TestReads_canceledWaiter(t *testing.T) {
	t.Parallel()
	runReads(t, func(t *testing.T, f *fake, inv *inventory.Inventory, read read) {
		gate := make(chan struct{})
		f.setBefore(read.op, hold(gate))

		ctx, cancel := context.WithCancel(t.Context())
		first := start(func() (any, error) { return read.ask(ctx, inv) })

		settle()

		second := start(func() (any, error) { return read.ask(t.Context(), inv) })

		settle()
		cancel()
		isErr(t, (<-first).err, context.Canceled)
		settle()
		close(gate)
		noErr(t, (<-second).err)
		same(t, "requests", f.count(read.op), 1)
	})
}

// The gate never opens: the test would hang if the request went on.
func TestReads_lastWaiterEndsRequest(t *testing.T) {
	t.Parallel()
	runReads(t, func(t *testing.T, f *fake, inv *inventory.Inventory, read read) {
		f.setBefore(read.op, holdNth(1, make(chan struct{})))

		ctx, cancel := context.WithCancel(t.Context())
		first := start(func() (any, error) { return read.ask(ctx, inv) })
		second := start(func() (any, error) { return read.ask(ctx, inv) })

		settle()
		cancel()
		isErr(t, (<-first).err, context.Canceled)
		isErr(t, (<-second).err, context.Canceled)

		_, err := read.ask(t.Context(), inv)
		noErr(t, err)
		same(t, "requests", f.count(read.op), 2)
	})
}

// An asker that comes between the end of the last waiter and the end of its request
// must not get that request's cancellation, and need not wait for it.
func TestReads_endedRequestIsNotJoined(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})

		f.setBefore(listWorkspaces, func(ctx context.Context, n int) error {
			if n > 1 {
				return nil
			}

			<-gate

			return stopped(ctx.Err())
		})

		ctx, cancel := context.WithCancel(t.Context())
		first := start(func() (any, error) { return inv.Workspaces(ctx) })

		settle()
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
	runReads(t, func(t *testing.T, f *fake, inv *inventory.Inventory, read read) {
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
}

func TestReads_errorsAreNotKept(t *testing.T) {
	t.Parallel()
	runReads(t, func(t *testing.T, f *fake, inv *inventory.Inventory, read read) {
		failed := unavailable()
		f.setAfter(read.op, inTurn(failed))

		first := start(func() (any, error) { return read.ask(t.Context(), inv) })
		second := start(func() (any, error) { return read.ask(t.Context(), inv) })

		isErr(t, (<-first).err, failed)
		isErr(t, (<-second).err, failed)

		_, err := read.ask(t.Context(), inv)
		noErr(t, err)
		same(t, "requests", f.count(read.op), 2)
	})
}

// Two creates: while the first one's read-back is in flight with the list of before
// the second, the second is made. It waits, and then has a list of its own.
func TestReads_listOlderThanWrite(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setAfter(listWorkspaces, holdNth(2, gate))

		first := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "first", inventory.AdoptNever) })

		settle()
		same(t, "lists until the first read-back", f.count(listWorkspaces), 2)

		second := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "second", inventory.AdoptNever) })

		settle()
		same(t, "creates", f.count(createWorkspace), 2)
		same(t, "lists in flight at the same time", f.count(listWorkspaces), 2)
		close(gate)

		for _, created := range []<-chan outcome[inventory.Created]{first, second} {
			got := <-created
			noErr(t, got.err)
			noErr(t, got.value.ReadErr)
		}

		same(t, "lists: the older one was not joined", f.count(listWorkspaces), 3)

		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "workspaces", ids(list), []int64{7, 9, 20, 23})
		same(t, "lists: the older one was not kept", f.count(listWorkspaces), 3)
	})
}

// Whoever waits for an older list, so that a newer one can begin, may leave.
func TestReads_olderListIsLeft(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setAfter(listWorkspaces, holdNth(2, gate))

		first := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "first", inventory.AdoptNever) })

		settle()

		ctx, cancel := context.WithCancel(t.Context())
		second := start(func() (inventory.Created, error) { return inv.Create(ctx, "second", inventory.AdoptNever) })

		settle()
		cancel()
		isErr(t, (<-second).value.ReadErr, context.Canceled)
		close(gate)
		noErr(t, (<-first).value.ReadErr)
		same(t, "lists", f.count(listWorkspaces), 2)

		// What an older list says is not kept, and what is known by name is not lost.
		found, err := inv.WorkspacesNamed(t.Context(), "second")
		noErr(t, err)
		same(t, "known by name", ids(found), []int64{23})
	})
}

// A reader begins after one write, and its list comes after a second one.
func TestReads_membersOlderThanWrite(t *testing.T) {
	t.Parallel()

	for name, role := range map[string]wallaroo.Role{"plain add": roleCollaborator, "with a look": roleOwner} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
			noErr(t, err)

			// Makes the next reader fetch.
			add, list := make(chan struct{}), make(chan struct{})
			f.setBefore(addMember, holdNth(2, add))
			f.setAfter(listMembers, holdNth(3, list))

			write := start(func() (any, error) { return ensure(t.Context(), inv, 7, email("cat"), role) })

			settle()

			reader := start(func() ([]wallaroo.Member, error) { return inv.CurrentMembers(t.Context(), 7) })

			settle() // The reader's list is made, and held.
			close(add)
			settle()
			close(list)

			got := <-reader
			noErr(t, got.err)
			noErr(t, (<-write).err)
			same(t, "known members", known(t, inv, 7), team{"u-ann": roleOwner, "u-bob": roleOwner, "u-cat": role})
		})
	}
}

// A look at a role is in flight when a plain add comes to its end: who reads then needs
// another list.
func TestReads_lookOlderThanPlainAdd(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		add, list := make(chan struct{}), make(chan struct{})
		f.setBefore(addMember, holdNth(1, add))
		f.setBefore(listMembers, nil)

		plain := start(func() (any, error) { return ensure(t.Context(), inv, 7, email("cat"), roleCollaborator) })

		settle()
		f.setAfter(listMembers, holdNth(2, list))

		owner := start(func() (any, error) { return ensure(t.Context(), inv, 7, email("bob"), roleOwner) })

		settle()
		settle() // Bob's look was made, and is held.
		close(add)
		noErr(t, (<-plain).err)

		reader := start(func() ([]wallaroo.Member, error) { return inv.Members(t.Context(), 7) })

		settle()
		close(list)
		noErr(t, (<-owner).err)
		same(t, "members", roles((<-reader).value), team{"u-ann": roleOwner, "u-bob": roleOwner, "u-cat": roleCollaborator})
	})
}

func TestReads_seeOwnWorkspaces(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(50, "fifty")

		before, err := inv.Workspaces(t.Context())
		noErr(t, err)

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		found, err := inv.Workspace(t.Context(), created.Workspace.ID)
		noErr(t, err)
		same(t, "workspace", found.Name, "new")
		same(t, "known", inv.KnownWorkspace(created.Workspace.ID), found)

		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "workspaces", ids(list), []int64{7, 9, 20, 50})
		same(t, "what an earlier reader got", ids(before), []int64{7, 9, 50})
		same(t, "lists", f.count(listWorkspaces), 2)
	})
}

func TestReads_seeOwnMembers(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		upsert := func(ref inventory.UserRef, role wallaroo.Role) func() error {
			return func() error {
				_, err := inv.EnsureMember(t.Context(), 7, inventory.MemberSpec{Ref: ref, Role: role, Prior: roleCollaborator})

				return err
			}
		}
		remove := func() error {
			_, err := inv.RemoveMember(t.Context(), 7, byID("u-bob"))

			return err
		}

		var got [][]wallaroo.Member

		steps := []struct {
			do    func() error
			want  team
			lists int
		}{
			{func() error { return nil }, team{"u-ann": roleOwner, "u-bob": roleCollaborator}, 1},
			{upsert(email("cat"), roleCollaborator), team{"u-ann": roleOwner, "u-bob": roleCollaborator, "u-cat": roleCollaborator}, 1},
			{remove, team{"u-ann": roleOwner, "u-cat": roleCollaborator}, 1},
			{upsert(email("cat"), roleOwner), team{"u-ann": roleOwner, "u-cat": roleOwner}, 2},
			{upsert(email("dan"), roleCollaborator), team{"u-ann": roleOwner, "u-cat": roleOwner, "u-dan": roleCollaborator}, 2},
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
	})
}

// An instance that names members by email keeps doing so for who changes.
func TestReads_keepEmails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.listsEmails = true
		f.noDirectory()

		_, err := ensure(t.Context(), inv, 7, email("bob"), roleOwner)
		noErr(t, err)
		f.setBefore(listMembers, fail(unavailable()))

		account, err := inv.ResolveUser(t.Context(), 7, email("bob"))
		noErr(t, err)
		same(t, "account", account, inventory.Account{ID: "u-bob", Email: "bob@example.com", Verified: true})
	})
}

func TestMembers_hiddenWorkspace(t *testing.T) {
	t.Parallel()

	refused := func(status int) error { return answered(status, "no access") }
	down := unavailable()
	alone := func(f *fake) { f.workspaces = f.workspaces[2:] }
	opaque := func(f *fake) { alone(f); f.opaque() }
	noList := func(f *fake) { f.setBefore(listWorkspaces, fail(down)) }
	listed := func(f *fake) { f.setBefore(listMembers, fail(f.hiddenMembers)); f.workspaces[2].hidden = false }
	empty := func(f *fake) { f.workspaces[2].hidden, f.workspaces[2].members = false, nil }

	for name, c := range map[string]struct {
		answer error
		setup  func(*fake)
		want   error
		lists  int
	}{
		"empty list":                        {nil, nil, inventory.ErrNotAccessible, 1},
		"400":                               {refused(400), nil, inventory.ErrNotAccessible, 1},
		"403":                               {refused(403), nil, inventory.ErrNotAccessible, 1},
		"404":                               {refused(404), nil, inventory.ErrNotAccessible, 1},
		"500":                               {refused(500), nil, inventory.ErrNotAccessible, 1},
		"401":                               {refused(401), nil, refused(401), 0},
		"404 that is not the API's":         {answered(404, ""), nil, answered(404, ""), 0},
		"503":                               {down, nil, down, 0},
		"empty list, no workspaces":         {nil, alone, inventory.ErrNoWorkspaces, 2},
		"403, no workspaces":                {refused(403), alone, refused(403), 2},
		"empty list, no workspaces, opaque": {nil, opaque, inventory.ErrNotAccessible, 2},
		"empty list, list failing":          {nil, noList, down, 1},
		"403, list failing":                 {refused(403), noList, refused(403), 1},
		"500 for an accessible one":         {refused(500), listed, refused(500), 1},
		"empty list for an accessible one":  {nil, empty, nil, 1},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.hiddenMembers = c.answer
			f.addWorkspace(11, "secret", owner("u-bob")).hidden = true

			if c.setup != nil {
				c.setup(f)
			}

			members, err := inv.Members(t.Context(), 11)
			same(t, "error", err, c.want)
			same(t, "members", len(members), 0)
			same(t, "lists of workspaces", f.count(listWorkspaces), c.lists)

			current, err := inv.CurrentMembers(t.Context(), 11)
			same(t, "error of a data source", err, c.want)
			same(t, "members of a data source", len(current), 0)

			if c.want == nil {
				return
			}

			// Neither does a write go on without the members.
			_, err = ensure(t.Context(), inv, 11, email("cat"), roleCollaborator)
			same(t, "error of an add", err, c.want)
			same(t, "writes", len(f.writes()), 0)
		})
	}
}

func TestCallerID(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		setup func(*fake)
		want  string
	}{
		"token":                   {func(*fake) {}, "u-ann"},
		"creator":                 {(*fake).opaque, "u-cat"},
		"creator is not a member": {func(f *fake) { f.opaque(); f.withoutCreator = true }, ""},
		"somebody joined the creator": {func(f *fake) {
			f.opaque()
			f.setAfter(createWorkspace, once(func() { f.join(20, collaborator("u-bob")) }))
		}, ""},
		"only a collaborator": {func(f *fake) {
			f.opaque()
			f.setAfter(createWorkspace, once(func() { f.find(20).members = []wallaroo.Member{collaborator("u-bob")} }))
		}, ""},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.ownID = "u-cat"
			c.setup(f)

			// The only member of what the run did not create says nothing.
			_, err := inv.Members(t.Context(), 9)
			noErr(t, err)

			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)

			_, err = inv.Members(t.Context(), created.Workspace.ID)
			noErr(t, err)

			_, err = ensure(t.Context(), inv, created.Workspace.ID, byID("u-dan"), roleOwner)
			noErr(t, err)

			id, err := inv.CurrentUserID(t.Context())
			noErr(t, err)
			same(t, "ID", id, c.want)
		})
	}
}

func TestCaller_fails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		refused := answered(http.StatusUnauthorized, "no")
		f.setBefore(askCurrentUser, fail(refused))

		_, err := inv.CurrentUser(t.Context())
		isErr(t, err, refused)

		_, err = inv.CurrentUserID(t.Context())
		isErr(t, err, refused)
		f.setBefore(askCurrentUser, nil)

		caller, err := inv.CurrentUser(t.Context())
		noErr(t, err)
		same(t, "caller", caller, f.caller)
		same(t, "requests", len(f.counts), 1)
	})
}

// Two resources in state that have one member of one workspace.
func TestManagedRoles(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		for _, step := range []struct {
			workspace int64
			member    wallaroo.Member
			want      int
		}{{7, collaborator("u-bob"), 1}, {9, collaborator("u-bob"), 1}, {7, collaborator("u-cat"), 1}, {7, owner("u-bob"), 2}} {
			inv.NoteInState(step.workspace, step.member)
			same(t, "resources", len(inv.RolesInState(7, "u-bob")), step.want)
		}

		same(t, "roles", inv.RolesInState(7, "u-bob"), []wallaroo.Role{roleCollaborator, roleOwner})
		same(t, "calls", len(f.counts), 0)
	})
}
