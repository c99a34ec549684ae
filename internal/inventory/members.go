package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// workspaceMembers is what the run knows of one workspace's members.
type workspaceMembers struct {
	id      int64
	members *cache[[]wallaroo.Member]
	// writes is held while members change: shared where the order does not matter,
	// alone by what can lessen the owners, by the caller's own change, and by adds
	// of users whose ID is not known.
	writes writeLock
	// users is held for one user while it is looked at and changed.
	users locks[string]

	mu sync.Mutex // guards what follows
	// claims are the users that this run wants to be members.
	claims map[string]*claim
	// deferredRemovals are the owners whose removal waits for another owner.
	deferredRemovals map[string]UserRef
}

// claim is what a resource of this run wants a user to be.
type claim struct {
	role wallaroo.Role
	// bySet is true when an exclusive set wants it.
	bySet bool
	// failed is why it could not be brought about.
	failed error
}

// workspaceMembers returns nil for the ID 0, a workspace that is not known.
func (inv *Inventory) workspaceMembers(workspaceID int64) *workspaceMembers {
	if workspaceID == 0 {
		return nil
	}

	inv.mu.Lock()
	defer inv.mu.Unlock()

	w := inv.members[workspaceID]
	if w == nil {
		w = &workspaceMembers{
			id: workspaceID, writes: newWriteLock(), claims: map[string]*claim{}, deferredRemovals: map[string]UserRef{},
		}
		w.members = newCache(inv.clock, func(ctx context.Context) ([]wallaroo.Member, error) {
			return inv.api.ListMembers(ctx, workspaceID)
		})
		inv.members[workspaceID] = w
	}

	return w
}

// claim records that a resource of this run wants the user as a member. It fails with
// a [*RoleConflictError] if another resource wants another role.
func (w *workspaceMembers) claim(spec MemberSpec, userID string, bySet bool) (*claim, error) {
	w.mu.Lock()
	defer w.mu.Unlock()

	other := w.claims[userID]
	own := other != nil && (other.role == spec.Prior || bySet && other.bySet)

	if other != nil && other.failed == nil && other.role != spec.Role && !own {
		return nil, &RoleConflictError{Ref: spec.Ref, UserID: userID, Roles: []wallaroo.Role{other.role, spec.Role}}
	}

	made := &claim{role: spec.Role, bySet: bySet}
	w.claims[userID] = made

	return made, nil
}

// isClaimed reports whether a resource of this run wants the user as a member, and
// whether it has failed to bring that about.
func (w *workspaceMembers) isClaimed(userID string) (claimed, failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()

	c := w.claims[userID]

	return c != nil, c != nil && c.failed != nil
}

func (w *workspaceMembers) withdraw(userID string) {
	w.mu.Lock()
	defer w.mu.Unlock()

	delete(w.claims, userID)
}

func (w *workspaceMembers) fail(made *claim, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()

	made.failed = err
}

// Members returns the members of a workspace. It fails with [ErrNotAccessible] or
// [ErrNoWorkspaces] when the account has no access to the workspace.
func (inv *Inventory) Members(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	return inv.membersOf(ctx, inv.workspaceMembers(workspaceID))
}

// CurrentMembers is [Inventory.Members] for a data source, which other resources may
// have to be applied before.
func (inv *Inventory) CurrentMembers(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	w := inv.workspaceMembers(workspaceID)
	if _, err := w.members.getSince(ctx, inv.oldestData()); err != nil {
		return nil, err
	}

	return inv.membersOf(ctx, w)
}

// membersOf tells a workspace without access from an empty one, and from a failing
// call: instances answer either for it.
func (inv *Inventory) membersOf(ctx context.Context, w *workspaceMembers) ([]wallaroo.Member, error) {
	if w == nil {
		return nil, nil
	}

	members, err := w.members.get(ctx)
	if err == nil && len(members) > 0 {
		inv.noteCreator(w, members)

		return members, nil
	}

	if err != nil && !isRefusal(err) {
		return nil, err
	}

	if _, missing := inv.Workspace(ctx, w.id); errors.Is(missing, ErrNotAccessible) || err == nil && missing != nil {
		return nil, missing
	}

	return members, err
}

// isRefusal reports whether the API itself refused a call for what it asks.
func isRefusal(err error) bool {
	return wallaroo.IsAnswer(err) &&
		(wallaroo.IsBadRequest(err) || wallaroo.IsForbidden(err) || wallaroo.IsNotFound(err) || wallaroo.IsServerError(err))
}

// noteCreator remembers that the only member of a workspace which this run created is
// the account that authenticates, for access tokens that do not say whose they are.
func (inv *Inventory) noteCreator(w *workspaceMembers, members []wallaroo.Member) {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	if inv.ownID == "" && len(members) == 1 && findCreated(inv.created, w.id) {
		inv.ownID = members[0].UserID
	}
}

// CallerID returns the user ID of the account that authenticates, or "" if neither
// its access token nor a workspace that it has created in this run says it.
func (inv *Inventory) CallerID(ctx context.Context) (string, error) {
	caller, err := inv.api.Caller(ctx)
	if err != nil || caller.UserID != "" {
		return caller.UserID, err
	}

	inv.mu.Lock()
	defer inv.mu.Unlock()

	return inv.ownID, nil
}

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
	// KeptCaller means that the user is the account that authenticates: without it,
	// the run could not go on.
	KeptCaller
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

	unlock, err := w.users.acquire(ctx, ref.UserID)
	if err != nil {
		return 0, err
	}
	defer unlock()

	var removal Removal

	err = w.write(ctx, func(alone bool) error {
		removal, err = inv.removeUnlessHarmful(ctx, w, ref, since, alone)

		return err
	})

	return removal, err
}

// write runs do beside other writes of the workspace, and once more alone if do asks
// for that with errMustRunAlone.
func (w *workspaceMembers) write(ctx context.Context, do func(alone bool) error) error {
	for _, alone := range []bool{false, true} {
		acquire := w.writes.shared
		if alone {
			acquire = w.writes.alone
		}

		release, err := acquire(ctx)
		if err != nil {
			return err
		}

		err = do(alone)

		release()

		if !errors.Is(err, errMustRunAlone) {
			return err
		}
	}

	return errMustRunAlone
}

func (inv *Inventory) removeUnlessHarmful(ctx context.Context, w *workspaceMembers, ref UserRef, since time.Time, alone bool) (Removal, error) {
	members, err := inv.membersOf(ctx, w)
	if errors.Is(err, ErrNotAccessible) {
		return NotAccessible, nil
	}

	if err != nil {
		return 0, err
	}

	member, ok := findMember(members, ref.UserID)
	if !ok {
		return Removed, nil
	}

	if claimed, failed := w.isClaimed(ref.UserID); failed {
		return KeptClaimFailed, nil
	} else if claimed {
		return KeptClaimed, nil
	}

	caller, err := inv.CallerID(ctx)

	switch {
	case err != nil:
		return 0, err
	case caller == ref.UserID:
		return KeptCaller, nil
	case member.Role != wallaroo.RoleOwner:
		return Removed, inv.sendRemove(ctx, w, ref)
	case !alone:
		return 0, errMustRunAlone
	}

	others, err := inv.hasOtherOwner(ctx, members, ref.UserID, since)
	if err != nil {
		return 0, err
	}

	if !others {
		w.deferRemoval(ref)

		return KeptLastOwner, nil
	}

	return Removed, inv.sendRemove(ctx, w, ref)
}

func (w *workspaceMembers) deferRemoval(ref UserRef) {
	w.mu.Lock()
	defer w.mu.Unlock()

	w.deferredRemovals[ref.UserID] = ref
}

// hasOtherOwner reports whether somebody else than the user owns the workspace. An
// owner without an account, by an answer that began after since, cannot let anybody
// in and does not count.
func (inv *Inventory) hasOtherOwner(ctx context.Context, members []wallaroo.Member, userID string, since time.Time) (bool, error) {
	others := otherOwners(members, userID)
	if len(others) == 0 {
		return false, nil
	}

	if caller, err := inv.CallerID(ctx); err != nil || caller != "" && slices.Contains(others, caller) {
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
// by email. It looks at the outcome where the answer does not say it.
func (inv *Inventory) sendRemove(ctx context.Context, w *workspaceMembers, ref UserRef) error {
	removed, err := inv.removeBy(ctx, w, wallaroo.UserRef{UserID: ref.UserID}, ref.UserID)
	if email := inv.emailOf(ctx, w, ref); !removed && email != "" && (err == nil || wallaroo.IsBadRequest(err)) {
		removed, err = inv.removeBy(ctx, w, wallaroo.UserRef{Email: email}, ref.UserID)
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
	isGone := func(members []wallaroo.Member) bool {
		_, ok := findMember(members, userID)

		return !ok
	}

	err := inv.writeAndVerify(ctx, w, isGone, func() (err error) {
		affected, err = inv.api.RemoveMember(ctx, w.id, by)

		return err
	})
	if err != nil || affected {
		return err == nil, err
	}

	w.members.invalidate(nil)

	return inv.isDone(ctx, w, isGone), nil
}

// emailOf returns the email to remove a user by, or "".
func (inv *Inventory) emailOf(ctx context.Context, w *workspaceMembers, ref UserRef) string {
	account, err := inv.accountOf(ctx, w, ref.UserID, anytime)
	if err != nil || account.Email == "" {
		return ref.Email
	}

	return account.Email
}

// writeAndVerify makes a write that can be repeated without harm. After an answer that
// does not say its outcome, it looks whether the write is done, and repeats it if not.
func (inv *Inventory) writeAndVerify(ctx context.Context, w *workspaceMembers, done func([]wallaroo.Member) bool, write func() error) error {
	var failed error

	for _, wait := range pollDelays {
		if err := inv.pause(ctx, wait); err != nil {
			return cmp.Or(failed, err)
		}

		failed = write()
		if failed == nil || !wallaroo.IsAmbiguous(failed) {
			return failed
		}

		w.members.invalidate(nil)

		if inv.isDone(ctx, w, done) {
			return nil
		}

		if wallaroo.IsAnswer(failed) && wallaroo.IsServerError(failed) {
			return failed
		}
	}

	return failed
}

// isDone looks apart from the caller's cancellation: the write was sent.
func (inv *Inventory) isDone(ctx context.Context, w *workspaceMembers, done func([]wallaroo.Member) bool) bool {
	ctx, cancel := detach(ctx)
	defer cancel()

	members, err := w.members.get(ctx)

	return err == nil && done(members)
}

func findMember(members []wallaroo.Member, userID string) (wallaroo.Member, bool) {
	i := slices.IndexFunc(members, func(m wallaroo.Member) bool { return m.UserID == userID })
	if i < 0 {
		return wallaroo.Member{}, false
	}

	return members[i], true
}

// withMember and withoutMember never change what the readers of members see.
func withMember(members []wallaroo.Member, member wallaroo.Member) []wallaroo.Member {
	before, _ := findMember(members, member.UserID)
	member.Email = cmp.Or(member.Email, before.Email)

	return append(withoutMember(members, member.UserID), member)
}

func withoutMember(members []wallaroo.Member, userID string) []wallaroo.Member {
	return slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.UserID == userID })
}
