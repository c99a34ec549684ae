package inventory_test

import (
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

func ids(list []wallaroo.Workspace) []int64 {
	var all []int64
	for _, w := range list {
		all = append(all, w.ID)
	}

	return all
}

func TestNew_sendsNothing(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		same(t, "known", inv.KnownWorkspace(7), wallaroo.Workspace{})
		same(t, "applying", inv.IsApplying(), false)
		same(t, "calls", len(f.counts), 0)
	})
}

func TestWorkspaces_sorted(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(3, "third", owner("u-ann"))

		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "IDs", ids(list), []int64{3, 7, 9})
		same(t, "applying", inv.IsApplying(), false)
	})
}

func TestWorkspace(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(8, "hidden").hidden = true

		found, err := inv.Workspace(t.Context(), 9)
		noErr(t, err)
		same(t, "name", found.Name, "ml")
		same(t, "known", inv.KnownWorkspace(9), found)
		same(t, "not known", inv.KnownWorkspace(8), wallaroo.Workspace{})

		for _, id := range []int64{1, 8, 10} {
			time.Sleep(time.Second)

			_, err = inv.Workspace(t.Context(), id)
			isErr(t, err, inventory.ErrNotAccessible)
		}

		same(t, "lists", f.count(listWorkspaces), 1)
	})
}

// An empty list is looked at once more. Of an account that has a default workspace it
// says nothing.
func TestWorkspace_emptyList(t *testing.T) {
	t.Parallel()

	refused := answered(401, "no")

	for name, c := range map[string]struct {
		setup func(*fake)
		want  error
		lists int
	}{
		"known account":  {func(f *fake) { f.workspaces = nil }, inventory.ErrNoWorkspaces, 2},
		"opaque token":   {func(f *fake) { f.workspaces = nil; f.opaque() }, inventory.ErrNotAccessible, 2},
		"failing token":  {func(f *fake) { f.workspaces = nil; f.setBefore(askCurrentUser, fail(refused)) }, refused, 2},
		"at first":       {func(f *fake) { f.find(7).late, f.find(9).late = 1, 1 }, nil, 2},
		"second failing": {func(f *fake) { f.workspaces = nil; f.setBefore(listWorkspaces, failFrom(2, refused)) }, refused, 2},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			c.setup(f)

			_, err := inv.Workspace(t.Context(), 7)
			isErr(t, err, c.want)
			same(t, "lists", f.count(listWorkspaces), c.lists)
		})
	}
}

// What the run created is looked for once more before it counts as gone.
func TestWorkspace_ownIsLookedForAgain(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.late = 5

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)
		isErr(t, created.ReadErr, inventory.ErrNotAccessible)
		same(t, "lists of the create", f.count(listWorkspaces), 5)

		list, err := inv.Workspaces(t.Context())
		noErr(t, err)
		same(t, "listed", ids(list), []int64{7, 9})
		time.Sleep(time.Second)

		found, err := inv.Workspace(t.Context(), created.Workspace.ID)
		noErr(t, err)
		same(t, "created at", found.CreatedAt, "2026-03-04T05:06:07Z")
		same(t, "lists", f.count(listWorkspaces), 7)
	})
}

func TestWorkspace_ownStaysHidden(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.late = 99

		created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
		noErr(t, err)

		_, err = inv.Workspace(t.Context(), created.Workspace.ID)
		isErr(t, err, inventory.ErrNotAccessible)
		time.Sleep(time.Second)

		failed := unavailable()
		f.setBefore(listWorkspaces, fail(failed))

		_, err = inv.Workspace(t.Context(), created.Workspace.ID)
		isErr(t, err, failed)
	})
}

// A workspace that the run created counts by name for as long as the instance does not
// list it, whatever else is read and written meanwhile.
func TestWorkspacesNamed_ownNotListed(t *testing.T) {
	t.Parallel()

	for name, meanwhile := range map[string]func(*testing.T, *inventory.Inventory, int64){
		"nothing": func(*testing.T, *inventory.Inventory, int64) {},
		"reads": func(t *testing.T, inv *inventory.Inventory, id int64) {
			_, err := inv.Workspace(t.Context(), id)
			isErr(t, err, inventory.ErrNotAccessible)
		},
		"list": func(t *testing.T, inv *inventory.Inventory, _ int64) {
			_, err := inv.Workspaces(t.Context())
			noErr(t, err)
		},
		"another create": func(t *testing.T, inv *inventory.Inventory, _ int64) {
			_, err := inv.Create(t.Context(), "another", inventory.AdoptNever)
			noErr(t, err)
		},
	} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.late = 99
			f.sameNames = true

			created, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			meanwhile(t, inv, created.Workspace.ID)

			found, err := inv.WorkspacesNamed(t.Context(), "new")
			noErr(t, err)
			same(t, "IDs", ids(found), []int64{created.Workspace.ID})

			_, err = inv.Create(t.Context(), "new", inventory.AdoptOrCreate)
			inUse := as[*inventory.NameInUseError](t, err)
			same(t, "error", *inUse, inventory.NameInUseError{Name: "new", IDs: []int64{created.Workspace.ID}, ByThisRun: true})
		})
	}
}

func TestWorkspacesNamed(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		f.addWorkspace(2, "web")
		f.addWorkspace(3, "WEB")

		found, err := inv.WorkspacesNamed(t.Context(), "web")
		noErr(t, err)
		same(t, "IDs", ids(found), []int64{2, 7})

		found, err = inv.WorkspacesNamed(t.Context(), "we")
		noErr(t, err)
		same(t, "IDs", len(found), 0)
	})
}

// Names are looked up in a list that is out of date but for the run's own creates.
func TestWorkspacesNamed_whileCreating(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		gate := make(chan struct{})
		f.setBefore(listWorkspaces, holdNth(2, gate))

		created := start(func() (inventory.Created, error) { return inv.Create(t.Context(), "new", inventory.AdoptNever) })

		settle()

		for range 10 {
			for name, want := range map[string]int{"web": 1, "new": 1, "free": 0} {
				found, err := inv.WorkspacesNamed(t.Context(), name)
				noErr(t, err)
				same(t, "workspaces named "+name, len(found), want)
			}
		}

		same(t, "lists", f.count(listWorkspaces), 2)
		close(gate)
		noErr(t, (<-created).err)
	})
}

func TestWorkspacesOf(t *testing.T) {
	t.Parallel()

	for name, ignored := range map[string]bool{"filter": false, "filter ignored": true} {
		runCase(t, name, func(t *testing.T, f *fake, inv *inventory.Inventory) {
			f.addWorkspace(3, "third", owner("u-cat"), owner("u-bob"))
			f.addWorkspace(5, "fifth", owner("u-cat"))
			f.ignoresFilter = ignored

			for _, c := range []struct {
				users []string
				want  []int64
			}{
				{[]string{"u-bob"}, []int64{3, 7}},
				{[]string{"u-dan", "u-cat"}, []int64{3, 5}},
				{[]string{"u-dan"}, nil},
			} {
				found, err := inv.WorkspacesOf(t.Context(), c.users)
				noErr(t, err)
				same(t, "IDs", ids(found), c.want)
			}

			// A filtered list is not the list of all.
			all, err := inv.Workspaces(t.Context())
			noErr(t, err)
			same(t, "all", ids(all), []int64{3, 5, 7, 9})
		})
	}
}

func TestWorkspacesOf_nobody(t *testing.T) {
	t.Parallel()
	run(t, func(t *testing.T, f *fake, inv *inventory.Inventory) {
		found, err := inv.WorkspacesOf(t.Context(), nil)
		noErr(t, err)
		same(t, "found", len(found), 0)
		same(t, "lists", f.count(listWorkspaces), 0)
	})
}

func TestWorkspacesOf_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listWorkspaces, listMembers} {
		runCase(t, string(o), func(t *testing.T, f *fake, inv *inventory.Inventory) {
			failed := unavailable()
			f.setBefore(o, fail(failed))

			_, err := inv.WorkspacesOf(t.Context(), []string{"u-bob"})
			isErr(t, err, failed)
		})
	}
}
