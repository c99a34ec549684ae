package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// addUnidentified adds an email whose user ID nothing says yet. It learns the ID from
// the difference that the add makes or, if it makes none, by elimination. The caller
// must hold the workspace's writes alone.
func (inv *Inventory) addUnidentified(ctx context.Context, w *workspaceMembers, spec MemberSpec, bySet bool) (Account, error) {
	email := cmp.Or(spec.Ref.Email, spec.Ref.Name)

	if id := cmp.Or(inv.knownID(ctx, w, email), inv.creatorOfDefault(ctx, w, email)); id != "" {
		return inv.upsertIdentified(ctx, w, spec, Account{ID: id, Email: email, Verified: true}, bySet)
	}

	// What others have changed since an older list would look like this add's outcome.
	before, err := w.members.getSince(ctx, inv.clock.Now().Add(-maxMissAge))
	if before, err = inv.explainMembers(ctx, w, before, err); err != nil {
		return Account{}, err
	}

	after, err := inv.addAndCompare(ctx, w, wallaroo.NewMember{WorkspaceID: w.id, Email: email}, spec.Role, before)
	if err != nil {
		return Account{}, err
	}

	ctx, cancel := detach(ctx)
	defer cancel()

	if err := inv.restoreOwner(ctx, w, email, before); err != nil {
		return Account{}, err
	}

	found, err := inv.identify(ctx, w, spec, bySet, before, after)
	if err != nil {
		return Account{}, err
	}

	account := Account{ID: found.UserID, Email: email, Verified: true}
	if spec.Ref.UserID != "" && spec.Ref.UserID != account.ID {
		return Account{}, errors.Join(&UserMismatchError{Ref: spec.Ref, UserID: account.ID}, inv.undoAdd(ctx, w, email, found, before))
	}

	inv.LearnUser(email, account.ID)

	own, err := w.claim(spec, account.ID, bySet)
	if err != nil {
		return Account{}, errors.Join(err, inv.undoAdd(ctx, w, email, found, before))
	}

	if found.Role == spec.Role {
		return account, nil
	}

	return Account{}, w.finishClaim(own, inv.explainRole(ctx, w, account, !hasMember(before, account.ID)))
}

// defaultWorkspaceSuffix follows the email in the name of an account's default workspace.
const defaultWorkspaceSuffix = " - Default Workspace"

// creatorOfDefault returns the member who is the creator of the default workspace of
// an email, where there is no directory, or "". Nobody can give another workspace such
// a name. It spares the add, which could demote the only owner for good.
func (inv *Inventory) creatorOfDefault(ctx context.Context, w *workspaceMembers, email string) string {
	all, ok := inv.directory.all.peek()
	members, err := inv.membersOf(ctx, w)

	if !ok || all.missing == nil || err != nil {
		return ""
	}

	list, _ := inv.workspaces.get(ctx)

	for _, w := range list {
		if strings.EqualFold(w.Name, email+defaultWorkspaceSuffix) && hasMember(members, w.CreatedBy) {
			return w.CreatedBy
		}
	}

	return ""
}

// upsertIdentified is addUnidentified for a user who is identified without an add, for
// example by another resource while this one waited.
func (inv *Inventory) upsertIdentified(ctx context.Context, w *workspaceMembers, spec MemberSpec, account Account, bySet bool) (Account, error) {
	if spec.Ref.UserID != "" && spec.Ref.UserID != account.ID {
		return Account{}, &UserMismatchError{Ref: spec.Ref, UserID: account.ID}
	}

	own, err := w.claim(spec, account.ID, bySet)
	if err != nil {
		return Account{}, err
	}

	return account, w.finishClaim(own, inv.upsertMember(ctx, w, account, spec.Role, inv.clock.Now(), true))
}

// addAndCompare adds and returns the members after that. A collaborator who makes no
// difference is added once more with the role, which shows a member who had another.
func (inv *Inventory) addAndCompare(
	ctx context.Context, w *workspaceMembers, request wallaroo.NewMember, role wallaroo.Role, before []wallaroo.Member,
) ([]wallaroo.Member, error) {
	if role == wallaroo.RoleOwner {
		request.Role = role
	}

	after, err := inv.addAndList(ctx, w, request, before)
	if request.Role != "" && wallaroo.IsBadRequest(err) {
		// The instance may know no roles, and the user be an owner as its creator.
		request.Role = ""

		return inv.addAndList(ctx, w, request, before)
	}

	if err != nil || request.Role != "" || len(inv.difference(ctx, w, request.Email, before, after)) > 0 {
		return after, err
	}

	request.Role = role
	if shown, err := inv.addAndList(ctx, w, request, before); err == nil {
		return shown, nil
	}

	return after, nil // an instance may know no roles
}

// addAndList adds and lists the members, several times if the list shows no difference:
// an instance may be late, and somebody else would be taken for the new member.
func (inv *Inventory) addAndList(ctx context.Context, w *workspaceMembers, request wallaroo.NewMember, before []wallaroo.Member) ([]wallaroo.Member, error) {
	isSeen := func(after []wallaroo.Member) bool {
		return len(inv.difference(ctx, w, request.Email, before, after)) > 0
	}

	err := inv.writeAndVerify(ctx, w, isSeen, func() error { return inv.api.AddMember(ctx, request) })
	isPresent := wallaroo.IsAlreadyMember(err)

	if err != nil && !isPresent {
		return nil, err
	}

	w.members.invalidate(nil)

	delays := lateDelays

	switch {
	case isPresent, request.Role == wallaroo.RoleCollaborator: // which follows an add without effect
		delays = delays[:2]
	case request.Role == "": // which such an add follows
		delays = delays[:3]
	}

	after, err := inv.poll(ctx, w.members.getSince, delays, isSeen)
	if err != nil {
		return nil, fmt.Errorf("the add was accepted, but the members could not be read: %w", err)
	}

	return after, nil
}

// identify returns the member that an add of email was about: the one who was changed,
// or else, by elimination, the only one who is not known to be somebody else, or the
// only one of those who has the wanted role. A set lists each user once.
func (inv *Inventory) identify(
	ctx context.Context, w *workspaceMembers, spec MemberSpec, bySet bool, before, after []wallaroo.Member,
) (wallaroo.Member, error) {
	email := cmp.Or(spec.Ref.Email, spec.Ref.Name)

	candidates := inv.difference(ctx, w, email, before, after)
	if len(candidates) == 0 {
		candidates = slices.DeleteFunc(slices.Clone(after), func(m wallaroo.Member) bool {
			return bySet && w.isClaimedBySet(m.UserID) || inv.isOtherUser(ctx, m, email)
		})
	}

	ofRole := slices.DeleteFunc(slices.Clone(candidates), func(m wallaroo.Member) bool { return m.Role != spec.Role })
	if len(ofRole) == 1 {
		candidates = ofRole
	}

	if len(candidates) != 1 {
		return wallaroo.Member{}, &UnidentifiedUserError{Email: email, Candidates: userIDs(candidates)}
	}

	return candidates[0], nil
}

// isOtherUser reports whether a member is known not to be the user of an email.
func (inv *Inventory) isOtherUser(ctx context.Context, member wallaroo.Member, email string) bool {
	if id, own := inv.ownAccount(ctx); id == member.UserID && own != "" && !strings.EqualFold(own, email) {
		return true
	}

	if member.Email != "" && !strings.EqualFold(member.Email, email) {
		return true
	}

	if all, ok := inv.directory.all.peek(); ok {
		if user, ok := all.byID[member.UserID]; ok && all.hasEmails && !strings.EqualFold(user.Email, email) {
			return true
		}
	}

	inv.mu.Lock()
	defer inv.mu.Unlock()

	for learned, id := range inv.learnedUserIDs {
		if id == member.UserID && learned != strings.ToLower(email) {
			return true
		}
	}

	return false
}

// restoreOwner gives a workspace its last owner back, if adding the email without
// knowing whose it is has demoted that one. It fails with [ErrLastOwner] then, or with
// [ErrOwnerDemoted]. The caller must hold the workspace's writes alone.
func (inv *Inventory) restoreOwner(ctx context.Context, w *workspaceMembers, email string, before []wallaroo.Member) error {
	after, err := w.members.get(ctx)
	if err != nil {
		return fmt.Errorf("the add was accepted, but the members could not be read: %w", err)
	}

	if !hasOwner(before) || hasOwner(after) {
		return nil
	}

	request := wallaroo.NewMember{WorkspaceID: w.id, Email: email, Role: wallaroo.RoleOwner}
	err = inv.writeAndVerify(ctx, w, hasOwner, func() error { return inv.api.AddMember(ctx, request) })

	w.members.invalidate(nil)

	if after, readErr := w.members.get(ctx); err == nil && readErr == nil && !hasOwner(after) {
		return ErrOwnerDemoted
	}

	return errors.Join(ErrLastOwner, err)
}

func hasOwner(members []wallaroo.Member) bool { return len(otherOwners(members, "")) > 0 }

// undoAdd makes a user what the user was before an add.
func (inv *Inventory) undoAdd(ctx context.Context, w *workspaceMembers, email string, now wallaroo.Member, before []wallaroo.Member) error {
	was, ok := findMember(before, now.UserID)

	switch {
	case !ok:
		_, err := inv.removeAgain(ctx, w, UserRef{UserID: now.UserID, Email: email}, 0)

		return err
	case was.Role != now.Role:
		return inv.sendAdd(ctx, w, Account{ID: now.UserID, Email: email}, was.Role, true)
	default:
		return nil
	}
}

// difference returns the members that an add of email may have made what they are:
// those who had another role before, and those who were not listed. Whom this run has
// added otherwise is one whom the instance was late to list.
func (inv *Inventory) difference(ctx context.Context, w *workspaceMembers, email string, before, after []wallaroo.Member) []wallaroo.Member {
	return slices.DeleteFunc(slices.Clone(after), func(m wallaroo.Member) bool {
		if was, ok := findMember(before, m.UserID); ok {
			return was.Role == m.Role
		}

		return w.countClaims(m.UserID) > 0 || inv.isOtherUser(ctx, m, email)
	})
}

func userIDs(members []wallaroo.Member) []string {
	ids := make([]string, len(members))
	for i, member := range members {
		ids[i] = member.UserID
	}

	slices.Sort(ids)

	return ids
}
