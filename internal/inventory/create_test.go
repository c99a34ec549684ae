package inventory_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func TestCreate(t *testing.T) {
	t.Parallel()

	for name, adoption := range map[string]inventory.Adoption{"never": inventory.AdoptNever, "or create": inventory.AdoptOrCreate} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			inv := newInventory(f)

			made, err := inv.Create(t.Context(), "new", adoption)
			noErr(t, err)
			same(t, "created", made, inventory.Created{
				Workspace: wallaroo.Workspace{ID: 20, Name: "new", CreatedAt: "2026-03-04T05:06:07Z", CreatedBy: "u-ann"},
			})
			same(t, "writes", f.writes(), []string{"create new"})
			same(t, "taken", inv.IsTaken(20), true)
		})
	}
}

func TestCreate_nameTaken(t *testing.T) {
	t.Parallel()

	several := func(f *fake) { f.place(3, "web") }
	hidden := func(f *fake) { f.place(3, "secret").hidden = true }

	for name, c := range map[string]struct {
		setup    func(*fake)
		name     string
		adoption inventory.Adoption
		want     inventory.NameTakenError
		creates  int
	}{
		"visible":               {nil, "web", inventory.AdoptNever, inventory.NameTakenError{IDs: []int64{7}}, 0},
		"several":               {several, "web", inventory.AdoptNever, inventory.NameTakenError{IDs: []int64{3, 7}}, 0},
		"several, to adopt":     {several, "web", inventory.AdoptOrCreate, inventory.NameTakenError{IDs: []int64{3, 7}}, 0},
		"several, only adopt":   {several, "web", inventory.AdoptOnly, inventory.NameTakenError{IDs: []int64{3, 7}}, 0},
		"hidden":                {hidden, "secret", inventory.AdoptNever, inventory.NameTakenError{Err: nameTaken(400)}, 1},
		"hidden, to be adopted": {hidden, "secret", inventory.AdoptOrCreate, inventory.NameTakenError{Err: nameTaken(400)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			if c.setup != nil {
				c.setup(f)
			}

			made, err := newInventory(f).Create(t.Context(), c.name, c.adoption)
			taken := as[*inventory.NameTakenError](t, err)
			c.want.Name = c.name
			sameTaken(t, taken, c.want)
			same(t, "created", made, inventory.Created{})
			same(t, "creates", f.count(createWorkspace), c.creates)
		})
	}
}

// sameTaken fails the test unless got holds what want does.
func sameTaken(t *testing.T, got *inventory.NameTakenError, want inventory.NameTakenError) {
	t.Helper()

	same(t, "error", *got, want)
}

func TestCreate_adopt(t *testing.T) {
	t.Parallel()

	for name, adoption := range map[string]inventory.Adoption{"or create": inventory.AdoptOrCreate, "only": inventory.AdoptOnly} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			inv := newInventory(f)

			made, err := inv.Create(t.Context(), "web", adoption)
			noErr(t, err)
			same(t, "created", made, inventory.Created{
				Workspace: wallaroo.Workspace{ID: 7, Name: "web", CreatedAt: "2026-01-02T03:04:05Z", CreatedBy: "u-ann"},
				Adopted:   true,
			})
			same(t, "taken", inv.IsTaken(7), true)

			// A second resource of the run must not get it too.
			for _, again := range []inventory.Adoption{adoption, inventory.AdoptNever} {
				_, err = inv.Create(t.Context(), "web", again)
				sameTaken(t, as[*inventory.NameTakenError](t, err), inventory.NameTakenError{Name: "web", IDs: []int64{7}, ByThisRun: true})
			}

			same(t, "writes", len(f.writes()), 0)
			same(t, "lists", f.count(listWorkspaces), 1)
		})
	}
}

func TestCreate_adoptOnlyNothing(t *testing.T) {
	t.Parallel()

	f := newFake()

	_, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptOnly)
	isErr(t, err, inventory.ErrNothingToAdopt)
	same(t, "writes", len(f.writes()), 0)
}

// The list is out of date when the workspace is adopted, and has changed since.
func TestCreate_adoptReadsAnew(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)
	f.setBefore(listWorkspaces, inTurn(nil, answered(http.StatusBadGateway, "")))

	_, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)
	f.find(7).CreatedBy = "ann@example.com"

	made, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
	noErr(t, err)
	noErr(t, made.Unread)
	same(t, "created by", made.Workspace.CreatedBy, "ann@example.com")
	same(t, "adopted", made.Adopted, true)
}

// An adopted workspace is known by a list that a later write has put out of date.
func TestCreate_adoptUnread(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		weather := answered(http.StatusBadGateway, "")
		f.setBefore(listWorkspaces, func(_ context.Context, n int) error {
			if n == 1 {
				return nil
			}

			<-gate

			return weather
		})

		other := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "new", inventory.AdoptNever)
		})

		synctest.Wait()

		adopted := in(func() (inventory.Created, error) {
			return inv.Create(t.Context(), "web", inventory.AdoptOnly)
		})

		synctest.Wait()
		close(gate)
		noErr(t, (<-other).err)

		got := <-adopted
		noErr(t, got.err)
		isErr(t, got.value.Unread, weather)
		same(t, "adopted", got.value.Adopted, true)
		same(t, "id", got.value.Workspace.ID, int64(7))
	})
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.sameNames = true
				f.late = c.late
				inv := newInventory(f)
				gate := make(chan struct{})
				f.setBefore(createWorkspace, hold(gate))

				first := in(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", c.adoption) })
				second := in(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", c.adoption) })

				synctest.Wait()
				same(t, "creates under way", f.count(createWorkspace), 1)
				close(gate)

				one, two := <-first, <-second
				if one.err != nil {
					one, two = two, one
				}

				noErr(t, one.err)
				same(t, "id", one.value.Workspace.ID, int64(20))
				sameTaken(t, as[*inventory.NameTakenError](t, two.err), inventory.NameTakenError{Name: "new", IDs: []int64{20}, ByThisRun: true})
				same(t, "creates", f.count(createWorkspace), 1)
			})
		})
	}
}

// Other names need not wait.
func TestCreate_namesAreIndependent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setBefore(createWorkspace, holdNth(1, gate))

		first := in(func() (inventory.Created, error) { return inv.Create(t.Context(), "first", inventory.AdoptNever) })

		synctest.Wait()

		_, err := inv.Create(t.Context(), "second", inventory.AdoptNever)
		noErr(t, err)
		close(gate)
		noErr(t, (<-first).err)
	})
}

func TestCreate_waitEndsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		inv := newInventory(f)
		gate := make(chan struct{})
		f.setBefore(createWorkspace, hold(gate))

		first := in(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", inventory.AdoptNever) })

		synctest.Wait()

		ctx, cancel := context.WithCancel(t.Context())
		second := in(func() (inventory.Created, error) { return inv.Create(ctx, "new", inventory.AdoptNever) })

		synctest.Wait()
		cancel()
		isErr(t, (<-second).err, context.Canceled)
		close(gate)
		noErr(t, (<-first).err)
		same(t, "creates", f.count(createWorkspace), 1)
	})
}

// An instance may answer the id of a workspace that another resource has.
func TestCreate_answersTakenID(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.sameNames = true
	f.nextID = 7
	inv := newInventory(f)

	_, err := inv.Create(t.Context(), "web", inventory.AdoptOnly)
	noErr(t, err)

	_, err = inv.Create(t.Context(), "other", inventory.AdoptNever)
	sameTaken(t, as[*inventory.NameTakenError](t, err), inventory.NameTakenError{Name: "other", IDs: []int64{7}, ByThisRun: true})
}

func TestCreate_firstListFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	weather := answered(http.StatusBadGateway, "")
	f.setBefore(listWorkspaces, fail(weather))

	_, err := newInventory(f).Create(t.Context(), "new", inventory.AdoptNever)
	isErr(t, err, weather)
	same(t, "writes", len(f.writes()), 0)
}

func TestCreate_readBackFails(t *testing.T) {
	t.Parallel()

	f := newFake()
	inv := newInventory(f)
	weather := answered(http.StatusBadGateway, "")
	f.setBefore(listWorkspaces, inTurn(nil, weather))

	made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)
	isErr(t, made.Unread, weather)
	same(t, "workspace", made.Workspace, wallaroo.Workspace{ID: 20, Name: "new"})
	same(t, "lists", f.count(listWorkspaces), 2)

	if same, err := inv.WorkspacesNamed(t.Context(), "new"); err != nil || len(same) != 1 || same[0].ID != 20 {
		t.Errorf("what is known of it: %v, %v", same, err)
	}

	// Whoever reads now gets all of it.
	list, err := inv.Workspaces(t.Context())
	noErr(t, err)
	same(t, "created by", list[2].CreatedBy, "u-ann")
	same(t, "lists", f.count(listWorkspaces), 3)
}

func TestCreate_readBackCancelled(t *testing.T) {
	t.Parallel()

	f := newFake()
	ctx, cancel := context.WithCancel(t.Context())
	f.setAfter(createWorkspace, func(context.Context, int) error {
		cancel()

		return nil
	})

	made, err := newInventory(f).Create(ctx, "new", inventory.AdoptNever)
	noErr(t, err)
	isErr(t, made.Unread, context.Canceled)
	same(t, "workspace", made.Workspace, wallaroo.Workspace{ID: 20, Name: "new"})
}

func TestCreate_readBackLate(t *testing.T) {
	t.Parallel()

	for name, c := range map[string]struct {
		late   int
		waits  []time.Duration
		unread error
	}{
		"once":   {1, polls()[:1], nil},
		"twice":  {2, polls()[:2], nil},
		"longer": {4, polls(), nil},
		"never":  {99, polls(), inventory.ErrNotVisible},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.late = c.late

			var naps sleeper

			inv := inventory.New(f, naps.sleep)

			made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			isErr(t, made.Unread, c.unread)
			same(t, "id", made.Workspace.ID, int64(20))
			same(t, "waits", naps.all(), c.waits)
			same(t, "lists", f.count(listWorkspaces), 2+len(c.waits))

			if read := made.Workspace.CreatedAt != ""; read != (c.unread == nil) {
				t.Errorf("read back: %v", made.Workspace)
			}

			if same, err := inv.WorkspacesNamed(t.Context(), "new"); err != nil || len(same) != 1 || same[0].ID != 20 {
				t.Errorf("what is known of it: %v, %v", same, err)
			}
		})
	}
}
