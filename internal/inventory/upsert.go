package inventory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// upsertMember adds a user or changes the role, and makes sure of it. Whatever lessens
// the owners, and a change of the authenticated account, asks to run alone. The caller must hold
// the workspace's writes.
func (inv *Inventory) upsertMember(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, since time.Time, alone bool) error {
	err := inv.tryUpsert(ctx, w, account, role, since, alone)
	if errors.Is(err, errAlreadyMember) {
		err = inv.tryUpsert(ctx, w, account, role, since, alone) // the members are known now
	}

	return err
}

func (inv *Inventory) tryUpsert(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, since time.Time, alone bool) error {
	members, err := inv.membersOf(ctx, w)
	if err != nil {
		return err
	}

	current, present := findMember(members, account.ID)
	if present && current.Role == role {
		return nil
	}

	currentUserID, err := inv.CurrentUserID(ctx)
	if err != nil {
		return err
	}

	demotes := present && current.Role == wallaroo.RoleOwner
	if !alone && (demotes || currentUserID == account.ID) {
		return errMustRunAlone
	}

	if demotes {
		if others, err := inv.hasOtherOwner(ctx, members, account.ID, since); err != nil || !others {
			return orLastOwner(err)
		}
	}

	if isPlainAdd(role, present) {
		return inv.sendAdd(ctx, w, account, role, present)
	}

	defer w.members.expect()() // announces the list that verifies the role

	if err := inv.sendAdd(ctx, w, account, role, present); err != nil {
		return err
	}

	return inv.verifyRole(ctx, w, account, role, !present)
}

func orLastOwner(err error) error {
	if err != nil {
		return err
	}

	return ErrLastOwner
}

// isPlainAdd reports whether an add needs no role, and no look at its outcome.
func isPlainAdd(role wallaroo.Role, present bool) bool {
	return !present && role == wallaroo.RoleCollaborator
}

// sendAdd sends an add, or the change of a present member's role. The request names
// the user as the API documents it, by email, and by ID where no email is known. It
// fails with errAlreadyMember if the user turns out to be a member.
func (inv *Inventory) sendAdd(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, present bool) error {
	request := wallaroo.NewMember{WorkspaceID: w.id, Email: account.Email}
	if request.Email == "" {
		request.UserID = account.ID
	}

	plain := isPlainAdd(role, present)
	if !plain {
		request.Role = role
	}

	wanted := wallaroo.Member{UserID: account.ID, Role: role}
	done := func(members []wallaroo.Member) bool {
		found, ok := findMember(members, wanted.UserID)

		return ok && found.Role == wanted.Role
	}

	err := inv.writeAndVerify(ctx, w, done, func() error { return inv.api.AddMember(ctx, request) })

	switch apply := func(members []wallaroo.Member) []wallaroo.Member { return withMember(members, wanted) }; {
	case wallaroo.IsAlreadyMember(err) && present:
		return fmt.Errorf("%w: %w", ErrRoleKept, err)
	case wallaroo.IsAlreadyMember(err):
		w.members.invalidate(nil)

		return fmt.Errorf("%w: %w", errAlreadyMember, err)
	case request.Email == "" && (wallaroo.IsBadRequest(err) || wallaroo.IsServerError(err)):
		return fmt.Errorf("%w: %w", ErrEmailNeeded, err)
	case err != nil:
		return err
	case plain:
		w.members.change(apply)
	default:
		w.members.invalidate(apply)
	}

	return nil
}

// verifyRole looks whether the instance did what it accepted.
func (inv *Inventory) verifyRole(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, isNew bool) error {
	delays := lateDelays
	if !isNew {
		delays = delays[:2] // a present member is listed, at worst with the old role once more
	}

	found, err := inv.awaitMember(ctx, w, account.ID, delays, func(m wallaroo.Member) bool { return isNew || m.Role == role })
	if err != nil || found.Role == role {
		return err
	}

	return inv.explainRole(ctx, w, account, isNew)
}

// explainRole returns what it means that a member has another role than asked for. A
// new one is removed again.
func (inv *Inventory) explainRole(ctx context.Context, w *workspaceMembers, account Account, isNew bool) error {
	if !isNew {
		return ErrRoleKept
	}

	removed, err := inv.removeAgain(ctx, w, UserRef{UserID: account.ID, Email: account.Email}, 1)
	if !removed {
		return ErrRoleKept
	}

	return errors.Join(ErrRolesIgnored, err)
}

// removeAgain removes a user who was not listed before an add, and reports whether it
// did. The authenticated account, or whom other resources than so many want, may just
// have been listed late.
func (inv *Inventory) removeAgain(ctx context.Context, w *workspaceMembers, ref UserRef, claims int) (bool, error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	currentUserID, err := inv.CurrentUserID(ctx)
	if err != nil || currentUserID == ref.UserID || w.countClaims(ref.UserID) > claims {
		return false, err
	}

	return true, inv.sendRemove(ctx, w, ref)
}

// awaitMember waits until the instance lists a member that it has accepted as isDone
// wants it, and returns what it lists in the end. Others who wait at the same time
// share the looks.
func (inv *Inventory) awaitMember(
	ctx context.Context, w *workspaceMembers, userID string, delays []time.Duration, isDone func(wallaroo.Member) bool,
) (wallaroo.Member, error) {
	isListed := func(members []wallaroo.Member) bool {
		found, ok := findMember(members, userID)

		return ok && isDone(found)
	}

	members, err := inv.poll(ctx, w.members.getGathered, delays, isListed)
	if err != nil {
		return wallaroo.Member{}, fmt.Errorf("the change was accepted, but its outcome could not be read: %w", err)
	}

	found, ok := findMember(members, userID)
	if !ok {
		return wallaroo.Member{}, ErrNotListed
	}

	return found, nil
}
