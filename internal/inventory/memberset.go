package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// maxParallel bounds the writes of one set that wait for a request at the same time.
// The client bounds the requests in flight.
const maxParallel = 100

// MemberSet is the wanted members of a workspace.
type MemberSet struct {
	Members []MemberSpec
	// Ignored are users who are neither added nor removed.
	Ignored []UserRef
	// Emails are by user ID what members were listed by before, for instances that
	// remove by email alone.
	Emails map[string]string
}

// MemberSetResult is the outcome of [Inventory.SetMembers].
type MemberSetResult struct {
	// IDs are the user IDs of the wanted members, in their order; "" where it is not
	// known.
	IDs []string
	// Kept are the members that are not wanted but were kept, because another
	// resource of this run wants them.
	Kept []string
}

// FailedMember is one member that could not be brought to where it should be.
type FailedMember struct {
	Ref UserRef
	Err error
}

// MemberSetError lists what failed while a set was applied. Nobody was removed if an
// add failed.
type MemberSetError struct {
	Failed []FailedMember
}

func (e *MemberSetError) Error() string {
	var text strings.Builder

	for _, failed := range e.Failed {
		fmt.Fprintf(&text, "\n- %s: %v", failed.Ref, failed.Err)
	}

	return text.String()
}

func (e *MemberSetError) Unwrap() []error {
	causes := make([]error, len(e.Failed))
	for i, failed := range e.Failed {
		causes[i] = failed.Err
	}

	return causes
}

// SetMembers makes the wanted users, at least one of them an owner, and the ignored
// ones the only members of a workspace. The account that authenticates stays whether
// it is wanted or not.
//
// Owners come first and removals last, so that the workspace always has an owner; the
// account that authenticates is demoted after everything else. When an add fails the
// others are still made, but nobody is removed.
//
// It fails with a [*MemberSetError], a [*SameUserError], a [*RoleConflictError], with
// [ErrCurrentUserUnknown] instead of removing an owner who may be the account itself, or as
// [Inventory.Members] does.
func (inv *Inventory) SetMembers(ctx context.Context, workspaceID int64, set MemberSet) (MemberSetResult, error) {
	inv.applying.Store(true)

	w, since := inv.workspaceMembers(workspaceID), inv.clock.Now()

	release, err := w.writes.alone(ctx)
	if err != nil {
		return MemberSetResult{}, err
	}
	defer release()

	before, err := inv.membersOf(ctx, w)
	if err != nil {
		return MemberSetResult{}, err
	}

	currentUserID, err := inv.CurrentUserID(ctx)
	if err != nil {
		return MemberSetResult{}, err
	}

	resolved, err := inv.resolveSet(ctx, w, set, since)
	if err != nil {
		return MemberSetResult{}, err
	}

	r := &memberSetReconciler{
		inv: inv, w: w, specs: set.Members, accounts: resolved.accounts, ids: resolved.IDs, ignored: resolved.Ignored, emails: set.Emails,
		since: since, currentUserID: currentUserID,
		ignoredUnknown: slices.DeleteFunc(resolved.Unknown, func(f FailedMember) bool { return !slices.Contains(set.Ignored, f.Ref) }),
	}
	if err := r.claim(before); err != nil {
		return MemberSetResult{}, err
	}

	err = r.reconcile(ctx, before)

	return MemberSetResult{IDs: r.ids, Kept: r.kept}, err
}

// memberSetReconciler is one application of a set. Its caller holds the workspace's
// writes alone.
type memberSetReconciler struct {
	inv            *Inventory
	w              *workspaceMembers
	specs          []MemberSpec
	accounts       []Account
	claims         []*claim // of the specs; nil where the ID is not known
	ignored        []string
	ignoredUnknown []FailedMember
	emails         map[string]string
	since          time.Time
	currentUserID  string
	ids            []string
	kept           []string

	mu     sync.Mutex // guards failed
	failed []FailedMember
}

// isIdentified reports whether the user ID of a wanted member is known. If not, it
// follows from an add.
func (r *memberSetReconciler) isIdentified(i int, before []wallaroo.Member) bool {
	return r.accounts[i].Verified || hasMember(before, r.ids[i])
}

// claim claims all members that are identified or, if one cannot be claimed, none.
func (r *memberSetReconciler) claim(before []wallaroo.Member) error {
	r.claims = make([]*claim, len(r.specs))

	for i, id := range r.ids {
		if !r.isIdentified(i, before) {
			continue
		}

		own, err := r.w.claim(r.specs[i], id, true)
		if err != nil {
			for earlier := range i {
				r.w.withdraw(r.ids[earlier], r.claims[earlier])
			}

			return err
		}

		r.claims[i] = own
	}

	return nil
}

func (r *memberSetReconciler) reconcile(ctx context.Context, before []wallaroo.Member) error {
	isOwner := func(i int) bool { return r.specs[i].Role == wallaroo.RoleOwner }
	isOwnDemotion := func(i int) bool { return !isOwner(i) && r.ids[i] != "" && r.ids[i] == r.currentUserID }

	r.upsert(ctx, before, isOwner)
	r.upsert(ctx, before, func(i int) bool { return !isOwner(i) && !isOwnDemotion(i) })

	if len(r.failed) == 0 {
		r.remove(ctx, before)
	}

	if len(r.failed) == 0 {
		r.upsert(ctx, before, isOwnDemotion)
	}

	if len(r.failed) > 0 {
		slices.SortStableFunc(r.failed, func(a, b FailedMember) int { return strings.Compare(a.Ref.String(), b.Ref.String()) })

		return &MemberSetError{Failed: r.failed}
	}

	return nil
}

// upsert brings the chosen members to their roles: side by side, but one by one those
// whose ID is not known, and owners who become collaborators.
func (r *memberSetReconciler) upsert(ctx context.Context, before []wallaroo.Member, chosen func(int) bool) {
	var (
		group errgroup.Group
		last  []func()
	)

	group.SetLimit(maxParallel)

	for i := range r.specs {
		if !chosen(i) {
			continue
		}

		current, _ := findMember(before, r.ids[i])

		switch {
		case !r.isIdentified(i, before):
			last = append(last, func() { r.addUnidentified(ctx, i) })
		case current.Role == wallaroo.RoleOwner:
			last = append(last, func() { r.upsertMember(ctx, i) })
		default:
			group.Go(func() error {
				r.upsertMember(ctx, i)

				return nil
			})
		}
	}

	_ = group.Wait()

	for _, write := range last {
		write()
	}
}

func (r *memberSetReconciler) addUnidentified(ctx context.Context, i int) {
	account, err := r.inv.addUnidentified(ctx, r.w, r.specs[i], true)
	r.ids[i] = account.ID
	r.finish(i, err)
}

func (r *memberSetReconciler) upsertMember(ctx context.Context, i int) {
	r.finish(i, r.inv.upsertMember(ctx, r.w, r.accounts[i], r.specs[i].Role, r.since, true))
}

// finish records the outcome of one wanted member.
func (r *memberSetReconciler) finish(i int, err error) {
	if r.claims[i] != nil {
		_ = r.w.finishClaim(r.claims[i], err)
	}

	r.note(r.specs[i].Ref, err)
}

// note records the failure of one member. It does not end the writes of others.
func (r *memberSetReconciler) note(ref UserRef, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if err != nil {
		r.failed = append(r.failed, FailedMember{Ref: ref, Err: err})
	}
}

// remove removes, side by side, the members that nothing wants.
func (r *memberSetReconciler) remove(ctx context.Context, before []wallaroo.Member) {
	unlisted := r.unlistedMembers(before)
	if len(unlisted) == 0 {
		return
	}

	if failed := r.whyNotRemove(ctx, unlisted); failed != nil {
		r.failed = append(r.failed, *failed)

		return
	}

	var group errgroup.Group

	group.SetLimit(maxParallel)

	for _, member := range unlisted {
		ref := UserRef{UserID: member.UserID, Email: cmp.Or(member.Email, r.emails[member.UserID])}

		group.Go(func() error {
			r.note(ref, r.inv.sendRemove(ctx, r.w, ref))

			return nil
		})
	}

	_ = group.Wait()
}

// unlistedMembers returns the members that nothing wants, and records those that another
// resource wants.
func (r *memberSetReconciler) unlistedMembers(before []wallaroo.Member) []wallaroo.Member {
	var unlisted []wallaroo.Member

	for _, member := range before {
		id := member.UserID
		if slices.Contains(r.ids, id) || slices.Contains(r.ignored, id) || id == r.currentUserID {
			continue
		}

		if claimed, _ := r.w.isClaimed(id); claimed {
			r.kept = append(r.kept, id)
		} else {
			unlisted = append(unlisted, member)
		}
	}

	return unlisted
}

// whyNotRemove returns what forbids that the members are removed: that one of them may
// be an ignored user or the account itself, or that no owner with an account would
// remain.
func (r *memberSetReconciler) whyNotRemove(ctx context.Context, unlisted []wallaroo.Member) *FailedMember {
	for _, unknown := range r.ignoredUnknown {
		if !errors.Is(unknown.Err, ErrNoSuchUser) {
			return &FailedMember{Ref: unknown.Ref, Err: &UnidentifiedUserError{Email: cmp.Or(unknown.Ref.Email, unknown.Ref.Name), Candidates: userIDs(unlisted)}}
		}
	}

	i := slices.IndexFunc(unlisted, func(m wallaroo.Member) bool { return m.Role == wallaroo.RoleOwner })
	if i < 0 {
		return nil
	}

	ref := UserRef{UserID: unlisted[i].UserID, Email: unlisted[i].Email}
	if r.currentUserID == "" {
		return &FailedMember{Ref: ref, Err: ErrCurrentUserUnknown}
	}

	members, err := r.w.members.get(ctx)
	remaining := slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return hasMember(unlisted, m.UserID) })

	owned := false
	if err == nil {
		owned, err = r.inv.hasOtherOwner(ctx, remaining, "", r.since)
	}

	if err != nil || !owned {
		return &FailedMember{Ref: ref, Err: orLastOwner(err)}
	}

	return nil
}
