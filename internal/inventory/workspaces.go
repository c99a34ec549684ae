package inventory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Workspaces returns all workspaces that are accessible to the account, by ID.
func (inv *Inventory) Workspaces(ctx context.Context) ([]wallaroo.Workspace, error) {
	return inv.workspaces.get(ctx)
}

// CurrentWorkspaces is [Inventory.Workspaces] for a data source, which other resources
// may have to be applied before.
func (inv *Inventory) CurrentWorkspaces(ctx context.Context) ([]wallaroo.Workspace, error) {
	return recent(ctx, inv, inv.workspaces, inv.clock.Now(), maxDataAge)
}

// FindWorkspaces returns those of [Inventory.CurrentWorkspaces] that match, and looks
// once more if there are none.
func (inv *Inventory) FindWorkspaces(ctx context.Context, match func(wallaroo.Workspace) bool) ([]wallaroo.Workspace, error) {
	now := inv.clock.Now()

	for _, age := range []time.Duration{maxDataAge, maxMissAge} {
		list, err := recent(ctx, inv, inv.workspaces, now, age)
		if err != nil {
			return nil, err
		}

		found := slices.DeleteFunc(slices.Clone(list), func(w wallaroo.Workspace) bool { return !match(w) })
		if len(found) > 0 {
			return found, nil
		}
	}

	return nil, ErrNotAccessible
}

// recent returns a value for a data source, not older than age at now. During an apply
// it is not older than now: a data source is read then because it depends on what is
// being applied. Many are read at about the same time, and share a request.
func recent[T any](ctx context.Context, inv *Inventory, c *cache[T], now time.Time, age time.Duration) (T, error) {
	if inv.applying.Load() {
		return c.getGathered(ctx, now)
	}

	return c.getSince(ctx, now.Add(-age))
}

// Workspace returns one workspace. It fails with [ErrNotAccessible] when the instance
// lists others but not this one, and with [ErrNoWorkspaces] when it lists none to an
// account that must have some.
func (inv *Inventory) Workspace(ctx context.Context, id int64) (wallaroo.Workspace, error) {
	since := inv.clock.Now()

	list, err := inv.workspaces.get(ctx)
	if err != nil {
		return wallaroo.Workspace{}, err
	}

	found, ok := findWorkspace(list, id)
	if !ok && inv.IsManaged(id) {
		// An instance may be late to list what this run created moments ago.
		if list, err = inv.workspaces.getSince(ctx, since); err != nil {
			return wallaroo.Workspace{}, err
		}

		found, ok = findWorkspace(list, id)
	}

	switch {
	case ok:
		return found, nil
	case len(list) > 0:
		return wallaroo.Workspace{}, ErrNotAccessible
	default:
		return wallaroo.Workspace{}, inv.explainEmptyList(ctx)
	}
}

// explainEmptyList returns what it means that the instance lists no workspace. The
// account of a token that says whose it is has at least a default workspace.
func (inv *Inventory) explainEmptyList(ctx context.Context) error {
	currentUser, err := inv.api.CurrentUser(ctx)

	switch {
	case err != nil:
		return err
	case currentUser.UserID != "":
		return ErrNoWorkspaces
	default:
		return ErrNotAccessible
	}
}

// KnownWorkspace returns what this run knows of a workspace, or the zero value. It
// sends nothing.
func (inv *Inventory) KnownWorkspace(id int64) wallaroo.Workspace {
	list, _ := inv.workspaces.peek()
	found, _ := findWorkspace(list, id)

	return found
}

// WorkspacesNamed returns the accessible workspaces of that name, by ID. What this
// run created counts, also before the instance lists it.
func (inv *Inventory) WorkspacesNamed(ctx context.Context, name string) ([]wallaroo.Workspace, error) {
	list, err := inv.workspaces.lastValue(ctx)
	if err != nil {
		return nil, err
	}

	same := named(list, name)

	inv.mu.Lock()
	defer inv.mu.Unlock()

	for _, w := range named(inv.created, name) {
		same = withWorkspace(same, w)
	}

	return same, nil
}

// fetchWorkspaces lists once more when the list is empty: that is not believed at once.
func (inv *Inventory) fetchWorkspaces(ctx context.Context) ([]wallaroo.Workspace, error) {
	list, err := inv.api.ListWorkspaces(ctx)
	if err == nil && len(list) == 0 {
		list, err = inv.api.ListWorkspaces(ctx)
	}

	if err != nil {
		return nil, err
	}

	slices.SortFunc(list, byID)

	return list, nil
}

func byID(a, b wallaroo.Workspace) int { return cmp.Compare(a.ID, b.ID) }

// findWorkspace searches a list that is sorted by ID.
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

// WorkspacesOf returns the accessible workspaces that have at least one of the users as
// a member, by ID. Instances disagree on the list's filter and some ignore it, so
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
	group.SetLimit(maxParallel)

	for i, w := range list {
		group.Go(func() error {
			members, err := inv.CurrentMembers(ctx, w.ID)
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
