package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Removal is the outcome of [Inventory.RemoveMember].
type Removal int

const (
	// Removed means that the user is not a member any more.
	Removed Removal = iota
	// KeptClaimed means that another resource of this run wants the member.
	KeptClaimed
	// KeptClaimFailed is KeptClaimed where that resource could not do its part.
	KeptClaimFailed
	// KeptLastOwner means that the workspace would have been left without an owner.
	// If the run adds another owner, the kept one is removed then.
	KeptLastOwner
	// KeptCurrentUser means that the user is the account that authenticates: without it,
	// the run could not go on.
	KeptCurrentUser
	// NotAccessible means that the account has no access to the workspace, so the
	// user may still be a member.
	NotAccessible
)

// RemoveMember removes a user from a workspace, unless that would do harm: see
// [Removal]. A user who is not a member is a success. Of ref, the ID decides; the
// email is for instances that remove by email.
func (inv *Inventory) RemoveMember(ctx context.Context, workspaceID int64, ref UserRef) (Removal, error) {
	inv.applying.Store(true)

	w, since := inv.workspaceMembers(workspaceID), inv.clock.Now()

	unlock, err := w.userLocks.acquire(ctx, ref.UserID)
	if err != nil {
		return 0, err
	}
	defer unlock()

	var removal Removal

	err = w.write(ctx, func(alone bool) (err error) {
		removal, err = inv.removeUnlessHarmful(ctx, w, ref, since, alone)

		return err
	})

	return removal, err
}

// removeUnlessHarmful is RemoveMember for a caller that holds the workspace's writes.
func (inv *Inventory) removeUnlessHarmful(ctx context.Context, w *workspaceMembers, ref UserRef, since time.Time, alone bool) (Removal, error) {
	members, err := inv.membersOf(ctx, w)
	if errors.Is(err, ErrNotAccessible) || errors.Is(err, ErrNoWorkspaces) {
		return NotAccessible, nil
	}

	if err != nil {
		return 0, err
	}

	member, ok := findMember(members, ref.UserID)
	if !ok {
		return Removed, nil
	}

	if claimed, failed := w.isClaimed(ref.UserID); claimed {
		if failed {
			return KeptClaimFailed, nil
		}

		return KeptClaimed, nil
	}

	currentUserID, err := inv.CurrentUserID(ctx)

	switch {
	case err != nil:
		return 0, err
	case currentUserID == ref.UserID:
		return KeptCurrentUser, nil
	case member.Role != wallaroo.RoleOwner:
		return Removed, inv.sendRemove(ctx, w, ref)
	case !alone:
		return 0, errMustRunAlone
	}

	others, err := inv.hasOtherOwner(ctx, members, ref.UserID, since)

	switch {
	case err != nil:
		return 0, err
	case !others:
		w.deferRemoval(ref)

		return KeptLastOwner, nil
	default:
		return Removed, inv.sendRemove(ctx, w, ref)
	}
}

// hasOtherOwner reports whether somebody else than the user owns the workspace. An
// owner without an account, by a response that began after since, cannot let anybody
// in and does not count.
func (inv *Inventory) hasOtherOwner(ctx context.Context, members []wallaroo.Member, userID string, since time.Time) (bool, error) {
	others := otherOwners(members, userID)
	if len(others) == 0 {
		return false, nil
	}

	currentUserID, err := inv.CurrentUserID(ctx)
	if err != nil || slices.Contains(others, currentUserID) {
		return err == nil, err
	}

	existing, err := inv.directory.existing(ctx, since, others)
	if errors.Is(err, ErrNoDirectory) {
		return true, nil
	}

	return len(existing) > 0, err
}

// OtherOwners returns the owners of a workspace other than the user, as a plan can
// know them. Owners whose account does not exist do not count.
func (inv *Inventory) OtherOwners(ctx context.Context, workspaceID int64, userID string) ([]string, error) {
	members, err := inv.Members(ctx, workspaceID)
	if err != nil {
		return nil, err
	}

	return slices.DeleteFunc(otherOwners(members, userID), func(id string) bool {
		_, err := inv.UserByID(ctx, id)

		return errors.Is(err, ErrNoSuchUser)
	}), nil
}

func otherOwners(members []wallaroo.Member, userID string) []string {
	var others []string

	for _, member := range members {
		if member.Role == wallaroo.RoleOwner && member.UserID != userID {
			others = append(others, member.UserID)
		}
	}

	return others
}

// sendRemove removes a present member, by ID and where an instance does not take that
// by email. It looks at the outcome where the response does not say it.
func (inv *Inventory) sendRemove(ctx context.Context, w *workspaceMembers, ref UserRef) error {
	removed, err := inv.removeBy(ctx, w, wallaroo.UserRef{UserID: ref.UserID}, ref.UserID)

	if !removed && (err == nil || wallaroo.IsBadRequest(err)) {
		if email := inv.emailOf(ctx, w, ref); email != "" {
			removed, err = inv.removeBy(ctx, w, wallaroo.UserRef{Email: email}, ref.UserID)
		}
	}

	switch {
	case err != nil:
		return err
	case !removed:
		return ErrStillMember
	}

	w.members.change(func(members []wallaroo.Member) []wallaroo.Member { return withoutMember(members, ref.UserID) })

	return nil
}

// removeBy sends one way to remove a user and reports whether the user has gone.
func (inv *Inventory) removeBy(ctx context.Context, w *workspaceMembers, by wallaroo.UserRef, userID string) (bool, error) {
	affected := false
	isGone := func(members []wallaroo.Member) bool { return !hasMember(members, userID) }

	err := inv.writeAndVerify(ctx, w, isGone, func() (err error) {
		affected, err = inv.api.RemoveMember(ctx, w.id, by)

		return err
	})
	if err != nil || affected {
		return affected, err
	}

	w.members.invalidate(nil)

	members, err := inv.poll(ctx, w.members.getGathered, lateDelays[:2], isGone)
	if err != nil {
		return false, fmt.Errorf("the removal was accepted, but its outcome could not be read: %w", err)
	}

	return isGone(members), nil
}

// emailOf returns the email to remove a user by, or "" if it may be somebody else's by
// now.
func (inv *Inventory) emailOf(ctx context.Context, w *workspaceMembers, ref UserRef) string {
	now := inv.clock.Now()
	account, _ := inv.accountOf(ctx, w, ref.UserID, now)
	email := cmp.Or(account.Email, ref.Email)

	holder, err := inv.resolve(ctx, w, UserRef{Email: email, LastID: ref.UserID}, now)
	if err != nil || holder.ID != ref.UserID {
		return ""
	}

	return email
}

func (w *workspaceMembers) deferRemoval(ref UserRef) {
	w.mu.Lock()
	defer w.mu.Unlock()

	w.deferredRemovals[ref.UserID] = ref
}

// removeDeferred removes the owners that were kept only because nobody else was one.
func (inv *Inventory) removeDeferred(ctx context.Context, w *workspaceMembers) error {
	if !w.hasDeferredRemovals() {
		return nil
	}

	return w.writeAlone(ctx, func() error {
		var failed []error

		for _, ref := range w.takeDeferredRemovals() {
			_, err := inv.removeUnlessHarmful(ctx, w, ref, inv.clock.Now(), true)
			failed = append(failed, err)
		}

		return errors.Join(failed...)
	})
}

func (w *workspaceMembers) hasDeferredRemovals() bool {
	w.mu.Lock()
	defer w.mu.Unlock()

	return len(w.deferredRemovals) > 0
}

func (w *workspaceMembers) takeDeferredRemovals() map[string]UserRef {
	w.mu.Lock()
	defer w.mu.Unlock()

	taken := w.deferredRemovals
	w.deferredRemovals = map[string]UserRef{}

	return taken
}
