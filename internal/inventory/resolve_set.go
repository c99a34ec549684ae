package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// SameUserError means that one user is listed twice in a set.
type SameUserError struct {
	One, Other UserRef
	UserID     string
}

func (e *SameUserError) Error() string {
	return fmt.Sprintf("%s and %s are the same user, %s", e.One, e.Other, e.UserID)
}

// ResolvedSet holds the users that a set names.
type ResolvedSet struct {
	// IDs are the user IDs of the members, in their order; "" where it is not known.
	IDs []string
	// Ignored are the IDs of the ignored users, as far as they are known.
	Ignored []string
	// Unknown are the users whom nothing identifies, with the reason of each.
	Unknown []FailedMember

	accounts []Account // of the members; the zero value where the ID is not known
}

// ResolveSet returns the users that a set names, by the reads that a plan shares. A workspaceID
// of 0 means that the workspace is not known. It fails with a [*SameUserError] when
// one user is named twice, or as [Inventory.ResolveUser] does.
func (inv *Inventory) ResolveSet(ctx context.Context, workspaceID int64, set MemberSet) (ResolvedSet, error) {
	return inv.resolveSet(ctx, inv.knownMembers(workspaceID), set, anytime)
}

func (inv *Inventory) resolveSet(ctx context.Context, w *workspaceMembers, set MemberSet, since time.Time) (ResolvedSet, error) {
	inv.checkTogether(ctx, w, set, since)

	refs := set.refs()
	accounts, indexes := make([]Account, len(refs)), map[string]int{}

	var unknown []FailedMember

	for i, ref := range refs {
		account, err := inv.resolve(ctx, w, ref, since)
		if err != nil && !isUnresolved(err) {
			return ResolvedSet{}, fmt.Errorf("%s: %w", ref, err)
		}

		if other, ok := indexes[account.ID]; ok && err == nil {
			switch {
			case inv.isFormerEmail(ctx, ref, account, since):
				err = ErrNoSuchUser
			case inv.isFormerEmail(ctx, refs[other], accounts[other], since):
				unknown = append(unknown, FailedMember{Ref: refs[other], Err: ErrNoSuchUser})
				accounts[other] = Account{}
			default:
				return ResolvedSet{}, &SameUserError{One: refs[other], Other: ref, UserID: account.ID}
			}
		}

		if err != nil {
			unknown = append(unknown, FailedMember{Ref: ref, Err: err})

			continue
		}

		accounts[i], indexes[account.ID] = account, i
	}

	resolved := ResolvedSet{IDs: idsOfAccounts(accounts), Unknown: unknown, accounts: accounts[:len(set.Members)]}
	resolved.Ignored = slices.DeleteFunc(resolved.IDs[len(set.Members):], func(id string) bool { return id == "" })
	resolved.IDs = resolved.IDs[:len(set.Members):len(set.Members)]

	return resolved, nil
}

// isFormerEmail reports whether an email means a user only because that user had it
// before: another account may be about to get it.
func (inv *Inventory) isFormerEmail(ctx context.Context, ref UserRef, account Account, since time.Time) bool {
	if account.Verified || ref.LastID != account.ID {
		return false
	}

	_, err := inv.directory.find(ctx, since, userQuery{email: cmp.Or(ref.Email, ref.Name)})

	return errors.Is(err, ErrNoSuchUser)
}

func idsOfAccounts(accounts []Account) []string {
	ids := make([]string, len(accounts))
	for i, account := range accounts {
		ids[i] = account.ID
	}

	return ids
}

// refs are the members and then the ignored users.
func (s MemberSet) refs() []UserRef {
	refs := make([]UserRef, 0, len(s.Members)+len(s.Ignored))
	for _, member := range s.Members {
		refs = append(refs, member.Ref)
	}

	return append(refs, s.Ignored...)
}

// checkTogether asks the directory at once for all users of a set that it knew before.
// What it cannot ask is asked for by each.
func (inv *Inventory) checkTogether(ctx context.Context, w *workspaceMembers, set MemberSet, since time.Time) {
	if all, err := inv.directory.all.get(ctx); err != nil || all.missing != nil || !all.began.Before(since) {
		return
	}

	var ids []string

	for _, ref := range set.refs() {
		if account, err := inv.resolve(ctx, w, ref, anytime); err == nil {
			ids = append(ids, account.ID)
		}
	}

	_, _ = inv.directory.check(ctx, since, ids...)
}
