package inventory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// MemberSpec is a member that a configuration wants.
type MemberSpec struct {
	Ref  UserRef
	Role wallaroo.Role
	// Prior is the role that the configuration wanted of the same member before.
	Prior wallaroo.Role
}

// EnsuredMember is the outcome of [Inventory.EnsureMember].
type EnsuredMember struct {
	Account
	// RemovalErr is why an owner, whose removal had waited for another owner, could
	// not be removed. The member itself is as wanted.
	RemovalErr error
}

// EnsureMember makes a user a member with a role: it adds who is absent, changes
// another role and sends nothing otherwise. From then on no [Inventory.RemoveMember]
// of this run removes the user.
//
// It fails with [ErrLastOwner] instead of demoting the last owner, with [ErrRoleKept]
// or [ErrRolesIgnored] when the instance does not do as it was told, with a
// [*RoleConflictError] when another resource of this run wants another role, with
// what [Inventory.ResolveUser] fails with, and with an [*UnidentifiedUserError].
func (inv *Inventory) EnsureMember(ctx context.Context, workspaceID int64, spec MemberSpec) (EnsuredMember, error) {
	inv.applying.Store(true)

	u := &upsert{inv: inv, w: inv.workspaceMembers(workspaceID), spec: spec, since: inv.clock.Now()}

	account, err := u.run(ctx)
	if err != nil {
		return EnsuredMember{}, err
	}

	return EnsuredMember{Account: account, RemovalErr: inv.removeDeferred(ctx, u.w, spec.Role)}, nil
}

// upsert is one call of EnsureMember.
type upsert struct {
	inv   *Inventory
	w     *workspaceMembers
	spec  MemberSpec
	since time.Time
}

func (u *upsert) run(ctx context.Context) (Account, error) {
	confirm := async(func() (Account, error) { return u.inv.resolve(ctx, u.w, u.spec.Ref, u.since) })

	if account, done, err := u.addWhileConfirming(ctx, confirm); done {
		return account, err
	}

	account, err := confirm()

	switch {
	case err == nil && account.Verified, err == nil && u.isMember(ctx, account.ID):
		return account, u.ensure(ctx, account)
	case err == nil, isUnknown(err):
		return u.addUnidentified(ctx)
	default:
		return Account{}, err
	}
}

// async starts f and returns how to wait for its results.
func async[A, B any](f func() (A, B)) func() (A, B) {
	wait := sync.OnceValues(f)

	go wait()

	return wait
}

func (u *upsert) isMember(ctx context.Context, userID string) bool {
	members, err := u.inv.membersOf(ctx, u.w)
	_, ok := findMember(members, userID)

	return err == nil && ok
}

// addWhileConfirming adds a new collaborator by email while the directory is asked
// whether the email is still that user's: a large team needs half the time. It is not
// done if the user must be looked at first.
func (u *upsert) addWhileConfirming(ctx context.Context, confirm func() (Account, error)) (account Account, done bool, err error) {
	ref := u.spec.Ref
	if ref.Email == "" || ref.UserID != "" || u.spec.Role != wallaroo.RoleCollaborator {
		return Account{}, false, nil
	}

	guess, err := u.inv.resolve(ctx, u.w, ref, anytime)
	if err != nil || !guess.Verified {
		return Account{}, false, nil
	}

	unlock, err := u.w.users.acquire(ctx, guess.ID)
	if err != nil {
		return Account{}, true, err
	}
	defer unlock()

	before, err := u.addGuessed(ctx, guess)
	if err != nil {
		return Account{}, !errors.Is(err, errAlreadyMember), err
	}

	account, err = confirm()
	if err == nil && account.ID == guess.ID {
		return account, true, nil
	}

	u.w.withdraw(guess.ID)

	account, err = u.identifyAdded(ctx, before)

	return account, true, err
}

// addGuessed adds a user and returns the members before that. It fails with
// errAlreadyMember if the user is one of them.
func (u *upsert) addGuessed(ctx context.Context, guess Account) (before []wallaroo.Member, err error) {
	err = u.w.write(ctx, func(bool) error {
		if before, err = u.inv.membersOf(ctx, u.w); err != nil {
			return err
		}

		if hasMember(before, guess.ID) {
			return errAlreadyMember
		}

		claimed, err := u.w.claim(u.spec, guess.ID, false)
		if err != nil {
			return err
		}

		if err = u.inv.sendAdd(ctx, u.w, guess, u.spec.Role, false); err != nil {
			u.w.fail(claimed, err)
		}

		return err
	})

	return before, err
}

// identifyAdded finds out whom an add has made a member, when the directory had given
// the email to somebody else meanwhile.
func (u *upsert) identifyAdded(ctx context.Context, before []wallaroo.Member) (Account, error) {
	u.w.members.invalidate(nil)

	release, err := u.w.writes.alone(ctx)
	if err != nil {
		return Account{}, err
	}
	defer release()

	account, err := u.inv.resolve(ctx, u.w, u.spec.Ref, u.inv.clock.Now())
	if err != nil {
		return Account{}, fmt.Errorf("the user was added, but could not be looked up: %w", err)
	}

	if _, err := u.w.claim(u.spec, account.ID, false); err != nil {
		return Account{}, err
	}

	if err := u.inv.restoreOwner(ctx, u.w, account.Email, before); err != nil {
		return Account{}, err
	}

	return account, u.inv.verifyRole(ctx, u.w, account, u.spec.Role, !hasMember(before, account.ID))
}

// ensure brings a user whose ID is known to the wanted role.
func (u *upsert) ensure(ctx context.Context, account Account) error {
	unlock, err := u.w.users.acquire(ctx, account.ID)
	if err != nil {
		return err
	}
	defer unlock()

	claimed, err := u.w.claim(u.spec, account.ID, false)
	if err != nil {
		return err
	}

	do := func(alone bool) error { return u.inv.upsertMember(ctx, u.w, account, u.spec.Role, u.since, alone) }

	err = u.w.write(ctx, do)
	if errors.Is(err, errAlreadyMember) {
		err = u.w.write(ctx, do) // the members are known now
	}

	if err != nil {
		u.w.fail(claimed, err)
	}

	return err
}

// upsertMember adds a user or changes the role, and makes sure of it. Whatever lessens
// the owners, and the caller's own change, asks to run alone. The caller must hold
// the workspace's writes.
func (inv *Inventory) upsertMember(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, since time.Time, alone bool) error {
	members, err := inv.membersOf(ctx, w)
	if err != nil {
		return err
	}

	current, present := findMember(members, account.ID)
	if present && current.Role == role {
		return nil
	}

	caller, err := inv.CallerID(ctx)
	if err != nil {
		return err
	}

	demotes := present && current.Role == wallaroo.RoleOwner
	if !alone && (demotes || caller == account.ID) {
		return errMustRunAlone
	}

	if demotes {
		if others, err := inv.hasOtherOwner(ctx, members, account.ID, since); err != nil || !others {
			return orLastOwner(err)
		}
	}

	if err := inv.sendAdd(ctx, w, account, role, present); err != nil {
		return err
	}

	if isPlainAdd(role, present) {
		return nil
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
	case err != nil:
		return err
	case plain:
		w.members.change(apply)
	default:
		w.members.invalidate(apply)
	}

	return nil
}

// verifyRole looks whether the instance did what it accepted. A new member with
// another role than asked for is removed again.
func (inv *Inventory) verifyRole(ctx context.Context, w *workspaceMembers, account Account, role wallaroo.Role, isNew bool) error {
	found, err := inv.awaitMember(ctx, w, account.ID)

	switch {
	case err != nil:
		return err
	case found.Role == role:
		return nil
	case !isNew:
		return ErrRoleKept
	default:
		ctx, cancel := detach(ctx)
		defer cancel()

		return errors.Join(ErrRolesIgnored, inv.sendRemove(ctx, w, UserRef{UserID: account.ID, Email: account.Email}))
	}
}

// awaitMember waits until the instance lists a member that it has accepted. Others who
// wait at the same time share the looks.
func (inv *Inventory) awaitMember(ctx context.Context, w *workspaceMembers, userID string) (wallaroo.Member, error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	for _, wait := range lateDelays {
		if err := inv.pause(ctx, wait); err != nil {
			return wallaroo.Member{}, err
		}

		if wait > 0 {
			w.members.invalidate(nil)
		}

		members, err := w.members.getGathered(ctx, anytime)
		if err != nil {
			return wallaroo.Member{}, fmt.Errorf("the change was accepted, but its outcome could not be read: %w", err)
		}

		if found, ok := findMember(members, userID); ok {
			return found, nil
		}
	}

	return wallaroo.Member{}, ErrNotListed
}

// removeDeferred removes the owners that were kept only because nobody else was one.
func (inv *Inventory) removeDeferred(ctx context.Context, w *workspaceMembers, role wallaroo.Role) error {
	if role != wallaroo.RoleOwner || !w.hasDeferredRemovals() {
		return nil
	}

	release, err := w.writes.alone(ctx)
	if err != nil {
		return err
	}
	defer release()

	return inv.sendDeferred(ctx, w)
}

// sendDeferred is removeDeferred for a caller that holds the workspace's writes alone.
func (inv *Inventory) sendDeferred(ctx context.Context, w *workspaceMembers) error {
	var failed []error

	for _, ref := range w.takeDeferredRemovals() {
		if claimed, _ := w.isClaimed(ref.UserID); !claimed {
			failed = append(failed, inv.sendRemove(ctx, w, ref))
		}
	}

	return errors.Join(failed...)
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

func hasMember(members []wallaroo.Member, userID string) bool {
	return slices.ContainsFunc(members, func(m wallaroo.Member) bool { return m.UserID == userID })
}
