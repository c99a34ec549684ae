package inventory_test

import (
	"context"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// newWorkspace is what the instance makes of a create.
func newWorkspace(id int64, name string) wallaroo.Workspace {
	return wallaroo.Workspace{ID: id, Name: name, CreatedAt: "2026-03-04T05:06:07Z", CreatedBy: "u-ann"}
}

// isInUse fails the test unless err says that the name is in use, as want does.
func isInUse(t *testing.T, err error, want inventory.NameInUseError) {
	t.Helper()
	same(t, "error", *as[*inventory.NameInUseError](t, err), want)
}

func TestCreate(t *testing.T) {
	t.Parallel()

	for name, adoption := range map[string]inventory.Adoption{"never": inventory.AdoptNever, "or create": inventory.AdoptOrCreate} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			created, err := inv.Create(t.Context(), "new", adoption)
			noErr(t, err)
			same(t, "created", created, inventory.Created{Workspace: newWorkspace(20, "new")})
			same(t, "writes", f.writes(), []string{"create new"})
			same(t, "lists", f.count(listWorkspaces), 2)
			same(t, "managed", inv.IsManaged(20), true)
			same(t, "applying", inv.IsApplying(), true)
		})
	}
}

func TestCreate_nameInUse(t *testing.T) {
	t.Parallel()

	several := func(f *fake) { f.addWorkspace(3, "web") }
	hidden := func(f *fake) { f.addWorkspace(3, "secret").hidden = true }

	for name, c := range map[string]struct {
		setup    func(*fake)
		name     string
		adoption inventory.Adoption
		want     inventory.NameInUseError
		creates  int
	}{
		"accessible":            {nil, "web", inventory.AdoptNever, inventory.NameInUseError{IDs: []int64{7}}, 0},
		"several":               {several, "web", inventory.AdoptNever, inventory.NameInUseError{IDs: []int64{3, 7}}, 0},
		"several, to adopt":     {several, "web", inventory.AdoptOrCreate, inventory.NameInUseError{IDs: []int64{3, 7}}, 0},
		"several, only adopt":   {several, "web", inventory.AdoptOnly, inventory.NameInUseError{IDs: []int64{3, 7}}, 0},
		"hidden":                {hidden, "secret", inventory.AdoptNever, inventory.NameInUseError{Err: nameInUse(400)}, 1},
		"hidden, to be adopted": {hidden, "secret", inventory.AdoptOrCreate, inventory.NameInUseError{Err: nameInUse(400)}, 1},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			if c.setup != nil {
				c.setup(f)
			}

			created, err := inv.Create(t.Context(), c.name, c.adoption)
			c.want.Name = c.name
			isInUse(t, err, c.want)
			same(t, "created", created, inventory.Created{})
			same(t, "creates", f.count(createWorkspace), c.creates)
			same(t, "managed", inv.IsManaged(3) || inv.IsManaged(7), false)
		})
	}
}

func TestCreate_adopt(t *testing.T) {
	t.Parallel()

	for name, adoption := range map[string]inventory.Adoption{"or create": inventory.AdoptOrCreate, "only": inventory.AdoptOnly} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			created, err := inv.Create(t.Context(), "web", adoption)
			noErr(t, err)
			same(t, "created", created, inventory.Created{Workspace: f.find(7).Workspace, Adopted: true})
			same(t, "managed", inv.IsManaged(7), true)

			// A second resource of the run must not get it too.
			for _, again := range []inventory.Adoption{adoption, inventory.AdoptNever} {
				_, err = inv.Create(t.Context(), "web", again)
				isInUse(t, err, inventory.NameInUseError{Name: "web", IDs: []int64{7}, ByThisRun: true})
			}

			same(t, "writes", len(f.writes()), 0)
			same(t, "lists", f.count(listWorkspaces), 1)
		})
	}
}

func TestCreate_adoptOnlyNothing(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.Create(t.Context(), "new", inventory.AdoptOnly)
		isErr(t, err, inventory.ErrNothingToAdopt)
		same(t, "writes", len(f.writes()), 0)
	})
}

// A workspace is adopted as it is now: the list is out of date since another create.
func TestCreate_adoptReadsAgain(t *testing.T) {
	t.Parallel()

	failed := unavailable()

	for name, reading := range map[string]error{"read": nil, "not read": failed} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.setBefore(listWorkspaces, inTurn(nil, failed, reading))

			_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)

			before := f.find(7).Workspace
			f.change(func() { f.find(7).CreatedBy = "ann@example.com" })

			created, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
			noErr(t, err)

			want := inventory.Created{Workspace: before, Adopted: true, ReadErr: reading}
			if reading == nil {
				want.Workspace = f.find(7).Workspace
			}

			same(t, "created", created, want)
		})
	}
}

func TestCreate_twiceInOneRun(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		adoption inventory.Adoption
		late     int
	}{
		"create": {inventory.AdoptNever, 0},
		"adopt":  {inventory.AdoptOrCreate, 0},
		"late":   {inventory.AdoptNever, 99},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.sameNames = true
			f.late = c.late
			gate := make(chan struct{})
			f.setBefore(createWorkspace, hold(gate))

			first := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", c.adoption) })
			second := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", c.adoption) })

			settle()
			same(t, "creates in flight", f.count(createWorkspace), 1)
			close(gate)

			one, two := <-first, <-second
			if one.err != nil {
				one, two = two, one
			}

			noErr(t, one.err)
			same(t, "ID", one.value.Workspace.ID, int64(20))
			isInUse(t, two.err, inventory.NameInUseError{Name: "new", IDs: []int64{20}, ByThisRun: true})
			same(t, "creates", f.count(createWorkspace), 1)
		})
	}
}

// Other names need not wait.
func TestCreate_namesAreIndependent(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setBefore(createWorkspace, holdNth(1, gate))

		first := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "first", inventory.AdoptNever) })

		settle()

		_, err := inv.Create(t.Context(), "second", inventory.AdoptNever)
		noErr(t, err)
		close(gate)
		noErr(t, (<-first).err)
	})
}

func TestCreate_waitEndsWithContext(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setBefore(createWorkspace, hold(gate))

		first := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", inventory.AdoptNever) })

		settle()

		ctx, cancel := context.WithCancel(t.Context())
		second := start(func() (inventory.Created, error) { return inv.Create(ctx, "new", inventory.AdoptNever) })

		settle()
		cancel()
		isErr(t, (<-second).err, context.Canceled)
		close(gate)
		noErr(t, (<-first).err)
		same(t, "creates", f.count(createWorkspace), 1)
	})
}

// An instance may answer the ID of a workspace that another resource has.
func TestCreate_answersManagedID(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.nextID = 7

		_, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
		noErr(t, err)

		_, err = inv.Create(t.Context(), "other", inventory.AdoptNever)
		isInUse(t, err, inventory.NameInUseError{Name: "other", IDs: []int64{7}, ByThisRun: true})
	})
}

func TestCreate_firstListFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		failed := unavailable()
		f.setBefore(listWorkspaces, fail(failed))

		_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		isErr(t, err, failed)
		same(t, "writes", len(f.writes()), 0)
	})
}

func TestCreate_readBackFails(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		failed := unavailable()
		f.setBefore(listWorkspaces, inTurn(nil, failed))

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)
		same(t, "created", created, inventory.Created{Workspace: wallaroo.Workspace{ID: 20, Name: "new"}, ReadErr: failed})
		same(t, "lists", f.count(listWorkspaces), 2)
		same(t, "known", inv.KnownWorkspace(20), created.Workspace)

		// Whoever reads now gets all of it.
		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "listed", list[2], newWorkspace(20, "new"))
		same(t, "lists", f.count(listWorkspaces), 3)
	})
}

// The read-back is a read: it stops at once, and the workspace is not lost.
func TestCreate_readBackCanceled(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		ctx, cancel := context.WithCancel(t.Context())
		f.setAfter(createWorkspace, once(cancel))

		created, err := inv.Create(ctx, "new", inventory.AdoptNever)
		noErr(t, err)
		same(t, "created", created, inventory.Created{Workspace: wallaroo.Workspace{ID: 20, Name: "new"}, ReadErr: context.Canceled})
	})
}

// The waits of a late instance stay under 4 s in all.
func TestCreate_readBackLate(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		late  int
		waits time.Duration
		lists int
		fails error
	}{
		"not":   {0, 0, 2, nil},
		"once":  {1, 500 * time.Millisecond, 3, nil},
		"twice": {2, 1500 * time.Millisecond, 4, nil},
		"last":  {3, 3500 * time.Millisecond, 5, nil},
		"never": {99, 3500 * time.Millisecond, 5, inventory.ErrNotAccessible},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.late = c.late
			began := time.Now()

			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			isErr(t, created.ReadErr, c.fails)
			same(t, "lists", f.count(listWorkspaces), c.lists)
			same(t, "time but for gathering and requests", time.Since(began).Truncate(500*time.Millisecond), c.waits)

			want := newWorkspace(20, "new")
			if c.fails != nil {
				want = wallaroo.Workspace{ID: 20, Name: "new"}
			}

			same(t, "workspace", created.Workspace, want)

			found, err := inv.WorkspacesNamed(t.Context(), "new")
			noErr(t, err)
			same(t, "known by name", ids(found), []int64{20})
		})
	}
}

// A name that was not known at plan time can turn out to be the same.
func TestCreate_abandoned(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		abandon  map[int64]string
		adoption inventory.Adoption
		want     int64
	}{
		"same name":             {map[int64]string{7: "web"}, inventory.AdoptNever, 7},
		"only adopt":            {map[int64]string{7: "web"}, inventory.AdoptOnly, 7},
		"another name":          {map[int64]string{7: "old"}, inventory.AdoptNever, 0},
		"another workspace":     {map[int64]string{9: "web"}, inventory.AdoptNever, 0},
		"one of several":        {map[int64]string{7: "web", 3: "ml"}, inventory.AdoptNever, 7},
		"none of several":       {map[int64]string{9: "ml"}, inventory.AdoptOrCreate, 0},
		"ID of nothing's name ": {map[int64]string{1: ""}, inventory.AdoptNever, 0},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.addWorkspace(3, "web")

			for id, name := range c.abandon {
				inv.Abandon(name, id)
				same(t, "abandoned", inv.IsAbandoned(name, id), true)
			}

			created, err := inv.Create(t.Context(), "web", c.adoption)
			same(t, "ID", created.Workspace.ID, c.want)
			same(t, "adopted", created.Adopted, c.want != 0)
			same(t, "fails", err != nil, c.want == 0)

			// It is taken back once.
			_, err = inv.Create(t.Context(), "web", inventory.AdoptNever)
			same(t, "by this run", as[*inventory.NameInUseError](t, err).ByThisRun, c.want != 0)
			same(t, "writes", len(f.writes()), 0)
		})
	}
}

func TestAbandon(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		same(t, "first", inv.Abandon("web", 7), true)
		same(t, "second", inv.Abandon("ml", 9), false)
		same(t, "applying", inv.IsApplying(), true)
		same(t, "not abandoned", inv.IsAbandoned("", 8), false)
		same(t, "calls", len(f.counts), 0)
	})
}

// With create_before_destroy the new resource has adopted what the old one abandons.
func TestAbandon_adoptedStaysManaged(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		_, err := inv.Create(t.Context(), "web", inventory.AdoptOrCreate)
		noErr(t, err)
		inv.Abandon("web", 7)

		_, err = inv.Create(t.Context(), "web", inventory.AdoptOrCreate)
		isInUse(t, err, inventory.NameInUseError{Name: "web", IDs: []int64{7}, ByThisRun: true})
	})
}
