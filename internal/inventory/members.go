package inventory

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// UserRef names a user by id, by e-mail, or by both. The id decides.
type UserRef struct {
	UserID string
	Email  string
}

// room is what the run knows of one workspace's members.
type room struct {
	id      int64
	members *snapshot[[]wallaroo.Member]
	writes  lock // held while members are looked at and changed

	// What follows is used only by who holds writes.
	claimed map[string]bool // users that this run wants to be members
	kept    map[string]bool // owners whose removal waits for another owner
}

func (inv *Inventory) room(workspaceID int64) *room {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	r := inv.rooms[workspaceID]
	if r == nil {
		r = &room{id: workspaceID, writes: newLock(), claimed: map[string]bool{}, kept: map[string]bool{}}
		r.members = newSnapshot(func(ctx context.Context) ([]wallaroo.Member, error) {
			return inv.api.ListMembers(ctx, workspaceID)
		})
		inv.rooms[workspaceID] = r
	}

	return r
}

// Members returns who may work in a workspace. It fails with [ErrNotVisible] or
// [ErrNothingVisible] when the account cannot see the workspace.
func (inv *Inventory) Members(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	return inv.membersOf(ctx, inv.room(workspaceID))
}

// membersOf tells an invisible workspace from an empty one, and from a failing
// call: instances answer either for it.
func (inv *Inventory) membersOf(ctx context.Context, r *room) ([]wallaroo.Member, error) {
	members, err := r.members.get(ctx)
	if err == nil && len(members) > 0 {
		return members, nil
	}

	if err != nil && !isAnswer(err, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusInternalServerError) {
		return nil, err
	}

	if _, unseen := inv.Workspace(ctx, r.id); errors.Is(unseen, ErrNotVisible) || err == nil && unseen != nil {
		return nil, unseen
	}

	return members, err
}

// Removal says what became of a removal.
type Removal int

const (
	// Removed means that the user is no member any more.
	Removed Removal = iota
	// KeptClaimed means that another resource of this run wants the member.
	KeptClaimed
	// KeptLastOwner means that the workspace would have been left without an
	// owner. When the run adds another owner, the kept one is removed then.
	KeptLastOwner
	// KeptCaller means that the user is the account that signs in: without it,
	// the run could not go on.
	KeptCaller
)

// RemoveMember takes a user out of a workspace, unless that would do harm: see
// [Removal]. A user who is no member, and a workspace that is gone, are success.
func (inv *Inventory) RemoveMember(ctx context.Context, workspaceID int64, userID string) (Removal, error) {
	r := inv.room(workspaceID)

	release, err := r.writes.take(ctx)
	if err != nil {
		return 0, err
	}
	defer release()

	members, err := inv.membersOf(ctx, r)
	if errors.Is(err, ErrNotVisible) {
		return Removed, nil
	}

	if err != nil {
		return 0, err
	}

	member, ok := findMember(members, userID)
	if !ok {
		return Removed, nil
	}

	if r.claimed[userID] {
		return KeptClaimed, nil
	}

	caller, err := inv.api.Caller(ctx)
	if err != nil {
		return 0, err
	}

	if caller.UserID == userID {
		return KeptCaller, nil
	}

	if member.Role == wallaroo.RoleOwner && !hasOtherOwner(members, userID) {
		r.kept[userID] = true

		return KeptLastOwner, nil
	}

	return Removed, inv.remove(ctx, r, userID)
}

// remove takes a present member out, and looks where the answer does not tell.
func (inv *Inventory) remove(ctx context.Context, r *room, userID string) error {
	write := func() error {
		_, err := inv.api.RemoveMember(ctx, r.id, wallaroo.UserRef{UserID: userID})

		return err
	}
	done := func(members []wallaroo.Member) bool {
		_, ok := findMember(members, userID)

		return !ok
	}

	if err := inv.settle(ctx, r, write, done); err != nil {
		return err
	}

	r.members.change(func(members []wallaroo.Member) []wallaroo.Member {
		return slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.UserID == userID })
	})

	return nil
}

// settle makes a write that may be repeated without harm. After an answer that
// does not tell, it looks whether the write is done, and repeats it if not.
func (inv *Inventory) settle(ctx context.Context, r *room, write func() error, done func([]wallaroo.Member) bool) error {
	var failed error

	for _, wait := range looks {
		if err := inv.pause(ctx, wait); err != nil {
			return cmp.Or(failed, err)
		}

		failed = write()
		if failed == nil {
			return nil
		}

		if !isAmbiguous(failed) {
			return failed
		}

		r.members.outdate(nil)

		if inv.isDone(ctx, r, done) {
			return nil
		}

		if isAnswer(failed, http.StatusInternalServerError) {
			return failed
		}
	}

	return failed
}

// isDone looks apart from the caller's cancellation: the write was sent.
func (inv *Inventory) isDone(ctx context.Context, r *room, done func([]wallaroo.Member) bool) bool {
	ctx, cancel := detach(ctx)
	defer cancel()

	members, err := r.members.get(ctx)

	return err == nil && done(members)
}

func findMember(members []wallaroo.Member, userID string) (wallaroo.Member, bool) {
	i := slices.IndexFunc(members, func(m wallaroo.Member) bool { return m.UserID == userID })
	if i < 0 {
		return wallaroo.Member{}, false
	}

	return members[i], true
}

func hasOtherOwner(members []wallaroo.Member, userID string) bool {
	return slices.ContainsFunc(members, func(m wallaroo.Member) bool {
		return m.Role == wallaroo.RoleOwner && m.UserID != userID
	})
}
