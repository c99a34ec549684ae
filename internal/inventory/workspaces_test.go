package inventory_test

import (
	"net/http"
	"testing"

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

func TestWorkspaces_sorted(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(3, "third", boss("u-ann"))

	list, err := newInventory(f).Workspaces(t.Context())
	noErr(t, err)
	same(t, "ids", ids(list), []int64{3, 7, 9})
}

func TestWorkspace(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(8, "hidden").hidden = true
	inv := newInventory(f)

	found, err := inv.Workspace(t.Context(), 9)
	noErr(t, err)
	same(t, "name", found.Name, "ml")

	for _, id := range []int64{1, 8, 10} {
		_, err = inv.Workspace(t.Context(), id)
		isErr(t, err, inventory.ErrNotVisible)
	}

	same(t, "lists", f.count(listWorkspaces), 1)
}

func TestWorkspace_nothingVisible(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.places = nil

	_, err := newInventory(f).Workspace(t.Context(), 7)
	isErr(t, err, inventory.ErrNothingVisible)
}

// What the run has made is looked for once more before it counts as gone.
func TestWorkspace_ownIsLookedForAgain(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.late = 6
	inv := newInventory(f)

	made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)
	isErr(t, made.Unread, inventory.ErrNotVisible)
	same(t, "lists of the create", f.count(listWorkspaces), 6)

	// One list refreshes the read-back, which came too early, and one looks again.
	found, err := inv.Workspace(t.Context(), made.Workspace.ID)
	noErr(t, err)
	same(t, "created at", found.CreatedAt, "2026-03-04T05:06:07Z")
	same(t, "lists", f.count(listWorkspaces), 8)
}

func TestWorkspace_ownStaysUnseen(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.late = 99
	inv := newInventory(f)

	made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
	noErr(t, err)

	_, err = inv.Workspace(t.Context(), made.Workspace.ID)
	isErr(t, err, inventory.ErrNotVisible)

	weather := answered(http.StatusBadGateway, "")
	f.setBefore(listWorkspaces, fail(weather))

	_, err = inv.Workspace(t.Context(), made.Workspace.ID)
	isErr(t, err, weather)
}

// A workspace that the run made counts by name for as long as the instance does not
// list it, whatever else is read and written meanwhile.
func TestWorkspacesNamed_ownUnseen(t *testing.T) {
	t.Parallel()

	for name, meanwhile := range map[string]func(*testing.T, *inventory.Inventory, int64){
		"nothing": func(*testing.T, *inventory.Inventory, int64) {},
		"reads": func(t *testing.T, inv *inventory.Inventory, id int64) {
			_, err := inv.Workspace(t.Context(), id)
			isErr(t, err, inventory.ErrNotVisible)
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
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.late = 99
			f.sameNames = true
			inv := newInventory(f)

			made, err := inv.Create(t.Context(), "new", inventory.AdoptNever)
			noErr(t, err)
			meanwhile(t, inv, made.Workspace.ID)

			found, err := inv.WorkspacesNamed(t.Context(), "new")
			noErr(t, err)
			same(t, "ids", ids(found), []int64{made.Workspace.ID})

			_, err = inv.Create(t.Context(), "new", inventory.AdoptOrCreate)
			taken := as[*inventory.NameTakenError](t, err)
			same(t, "error", *taken, inventory.NameTakenError{Name: "new", IDs: []int64{made.Workspace.ID}, ByThisRun: true})
		})
	}
}

func TestWorkspacesNamed(t *testing.T) {
	t.Parallel()

	f := newFake()
	f.place(2, "web")
	f.place(3, "WEB")
	inv := newInventory(f)

	found, err := inv.WorkspacesNamed(t.Context(), "web")
	noErr(t, err)
	same(t, "ids", ids(found), []int64{2, 7})

	found, err = inv.WorkspacesNamed(t.Context(), "we")
	noErr(t, err)
	same(t, "ids", len(found), 0)
}

func TestWorkspacesOf(t *testing.T) {
	t.Parallel()

	for name, ignored := range map[string]bool{"filter": false, "filter ignored": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := newFake()
			f.place(3, "third", boss("u-cat"), boss("u-bob"))
			f.place(5, "fifth", boss("u-cat"))
			f.ignoresFilter = ignored
			inv := newInventory(f)

			for _, c := range []struct {
				users []string
				want  []int64
			}{
				{[]string{"u-bob"}, []int64{3, 7}},
				{[]string{"u-dan", "u-cat"}, []int64{3, 5}},
				{[]string{"u-dan"}, nil},
				{nil, nil},
			} {
				found, err := inv.WorkspacesOf(t.Context(), c.users)
				noErr(t, err)
				same(t, "ids", ids(found), c.want)
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

	f := newFake()
	found, err := newInventory(f).WorkspacesOf(t.Context(), nil)
	noErr(t, err)
	same(t, "found", len(found), 0)
	same(t, "lists", f.count(listWorkspaces), 0)
}

func TestWorkspacesOf_failures(t *testing.T) {
	t.Parallel()

	for _, o := range []op{listWorkspaces, listMembers} {
		t.Run(string(o), func(t *testing.T) {
			t.Parallel()

			f := newFake()
			weather := answered(http.StatusBadGateway, "")
			f.setBefore(o, fail(weather))

			_, err := newInventory(f).WorkspacesOf(t.Context(), []string{"u-bob"})
			isErr(t, err, weather)
		})
	}
}
