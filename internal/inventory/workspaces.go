package inventory

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Workspaces returns all workspaces that the account can see, by id.
func (inv *Inventory) Workspaces(ctx context.Context) ([]wallaroo.Workspace, error) {
	return inv.workspaces.get(ctx)
}

// Workspace returns one workspace. It fails with [ErrNotVisible] when the
// instance lists others but not this one, and with [ErrNothingVisible] when it
// lists none.
func (inv *Inventory) Workspace(ctx context.Context, id int64) (wallaroo.Workspace, error) {
	list, err := inv.workspaces.get(ctx)
	if err != nil {
		return wallaroo.Workspace{}, err
	}

	found, ok := findWorkspace(list, id)
	if !ok && inv.IsTaken(id) {
		// Made moments ago by this run: an instance may be late to list it.
		inv.workspaces.outdate(nil)

		if list, err = inv.workspaces.get(ctx); err != nil {
			return wallaroo.Workspace{}, err
		}

		found, ok = findWorkspace(list, id)
	}

	switch {
	case ok:
		return found, nil
	case len(list) == 0:
		return wallaroo.Workspace{}, ErrNothingVisible
	default:
		return wallaroo.Workspace{}, ErrNotVisible
	}
}

// WorkspacesNamed returns the visible workspaces of that name, by id. What this
// run created counts, also before the instance lists it.
func (inv *Inventory) WorkspacesNamed(ctx context.Context, name string) ([]wallaroo.Workspace, error) {
	list, err := inv.workspaces.known(ctx)
	if err != nil {
		return nil, err
	}

	same := named(list, name)

	inv.mu.Lock()
	defer inv.mu.Unlock()

	for _, w := range named(inv.made, name) {
		same = withWorkspace(same, w)
	}

	return same, nil
}

func (inv *Inventory) fetchWorkspaces(ctx context.Context) ([]wallaroo.Workspace, error) {
	list, err := inv.api.ListWorkspaces(ctx)
	if err != nil {
		return nil, err
	}

	slices.SortFunc(list, byID)

	return list, nil
}

func byID(a, b wallaroo.Workspace) int { return cmp.Compare(a.ID, b.ID) }

// findWorkspace searches a list that is sorted by id.
func findWorkspace(list []wallaroo.Workspace, id int64) (wallaroo.Workspace, bool) {
	i, ok := slices.BinarySearchFunc(list, id, func(w wallaroo.Workspace, id int64) int { return cmp.Compare(w.ID, id) })
	if !ok {
		return wallaroo.Workspace{}, false
	}

	return list[i], true
}

func named(list []wallaroo.Workspace, name string) []wallaroo.Workspace {
	var same []wallaroo.Workspace

	for _, w := range list {
		if w.Name == name {
			same = append(same, w)
		}
	}

	return same
}

func idsOf(list []wallaroo.Workspace) []int64 {
	ids := make([]int64, len(list))
	for i, w := range list {
		ids[i] = w.ID
	}

	return ids
}

// withWorkspace returns a sorted copy of list that holds w.
func withWorkspace(list []wallaroo.Workspace, w wallaroo.Workspace) []wallaroo.Workspace {
	i, ok := slices.BinarySearchFunc(list, w, byID)
	if ok {
		return list
	}

	return slices.Insert(slices.Clone(list), i, w)
}

// WorkspacesOf returns the visible workspaces that have at least one of the users as
// a member, by id. Instances disagree on the list's filter and some ignore it, so
// its outcome is checked against the members.
func (inv *Inventory) WorkspacesOf(ctx context.Context, userIDs []string) ([]wallaroo.Workspace, error) {
	if len(userIDs) == 0 {
		return nil, nil
	}

	list, err := inv.api.ListWorkspaces(ctx, userIDs...)
	if err != nil {
		return nil, err
	}

	joined := make([]bool, len(list))
	group, ctx := errgroup.WithContext(ctx)

	for i, w := range list {
		group.Go(func() error {
			members, err := inv.Members(ctx, w.ID)
			joined[i] = slices.ContainsFunc(members, func(m wallaroo.Member) bool { return slices.Contains(userIDs, m.UserID) })

			return err
		})
	}

	if err := group.Wait(); err != nil {
		return nil, err
	}

	var found []wallaroo.Workspace

	for i, w := range list {
		if joined[i] {
			found = append(found, w)
		}
	}

	slices.SortFunc(found, byID)

	return found, nil
}
