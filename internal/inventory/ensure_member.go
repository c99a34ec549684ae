package inventory

import (
	"context"
	"errors"
	"fmt"
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
// or [ErrRolesIgnored] when the instance does not set the role, with a
// [*RoleConflictError] when another resource of this run wants another role, with
// what [Inventory.ResolveUser] fails with, and with an [*UnidentifiedUserError].
func (inv *Inventory) EnsureMember(ctx context.Context, workspaceID int64, spec MemberSpec) (EnsuredMember, error) {
	inv.applying.Store(true)

	u := &upsert{inv: inv, w: inv.workspaceMembers(workspaceID), spec: spec, since: inv.clock.Now()}

	defer inv.directory.some.expect()()

	account, err := u.run(ctx)
	if err != nil {
		return EnsuredMember{}, err
	}

	ensured := EnsuredMember{Account: account}
	if spec.Role == wallaroo.RoleOwner {
		ensured.RemovalErr = inv.removeDeferred(ctx, u.w)
	}

	return ensured, nil
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
	case err == nil && (account.Verified || u.isMember(ctx, account.ID)):
		return account, u.ensure(ctx, account)
	case err == nil, isUnresolved(err):
		err = u.w.writeAlone(ctx, func() error {
			account, err = u.inv.addUnidentified(ctx, u.w, u.spec, false)

			return err
		})

		return account, err
	default:
		return Account{}, err
	}
}

// async starts f and returns how to wait for its results.
func async(f func() (Account, error)) func() (Account, error) {
	var (
		account Account
		err     error
	)

	done := make(chan struct{})

	go func() {
		defer close(done)

		account, err = f()
	}()

	return func() (Account, error) {
		<-done

		return account, err
	}
}

func (u *upsert) isMember(ctx context.Context, userID string) bool {
	members, err := u.inv.membersOf(ctx, u.w)
	_, ok := findMember(members, userID)

	return err == nil && ok
}

// guess returns whom the email of a wanted collaborator meant when the directory was read.
func (u *upsert) guess(ctx context.Context) (Account, bool) {
	ref := u.spec.Ref
	if ref.Email == "" || ref.UserID != "" || u.spec.Role != wallaroo.RoleCollaborator {
		return Account{}, false
	}

	guess, err := u.inv.resolve(ctx, u.w, ref, anytime)

	return guess, err == nil && guess.Verified
}

// addWhileConfirming adds a new collaborator by email while the directory is asked
// whether the email is still that user's: a large team needs half the time. It is not
// done if the user must be looked at first.
func (u *upsert) addWhileConfirming(ctx context.Context, confirm func() (Account, error)) (account Account, done bool, err error) {
	guess, ok := u.guess(ctx)
	if !ok {
		return Account{}, false, nil
	}

	before, err := u.addGuessed(ctx, guess, confirm)

	switch {
	case err == nil:
		return guess, true, nil
	case errors.Is(err, errAlreadyMember):
		return Account{}, false, nil
	case errors.Is(err, errOtherUser):
		account, err = u.identifyAdded(ctx, before)
	}

	return account, true, err
}

// addGuessed adds a user and returns the members before that. It fails with
// errAlreadyMember if the user is one of them, and with errOtherUser if the email
// was not, or may not have been, the user's any more when it was sent.
func (u *upsert) addGuessed(ctx context.Context, guess Account, confirm func() (Account, error)) (before []wallaroo.Member, err error) {
	unlock, err := u.w.userLocks.acquire(ctx, guess.ID)
	if err != nil {
		return nil, err
	}
	defer unlock()

	var own *claim

	err = u.w.write(ctx, func(bool) (err error) {
		if before, err = u.inv.membersOf(ctx, u.w); err != nil {
			return err
		}

		if hasMember(before, guess.ID) {
			return errAlreadyMember
		}

		if own, err = u.w.claim(u.spec, guess.ID, false); err != nil {
			return err
		}

		return u.w.finishClaim(own, u.inv.sendAdd(ctx, u.w, guess, u.spec.Role, false))
	})
	if err != nil {
		return before, err
	}

	account, err := confirm()
	if err != nil {
		// The member list shows the outcome as well.
		u.w.members.invalidate(nil)

		account = guess
		_, err = u.inv.awaitMember(ctx, u.w, guess.ID, lateDelays, func(wallaroo.Member) bool { return true })
	}

	switch {
	case err != nil:
		_ = u.w.finishClaim(own, err)
	case account.ID == guess.ID:
		return before, nil
	default:
		u.w.withdraw(guess.ID, own)
	}

	u.w.members.invalidate(nil)

	return before, errOtherUser
}

// identifyAdded finds out whom an add has made a member, when the directory had given
// the email to somebody else meanwhile. It goes on without its caller.
func (u *upsert) identifyAdded(ctx context.Context, before []wallaroo.Member) (Account, error) {
	ctx, cancel := detach(ctx)
	defer cancel()

	err := u.w.writeAlone(ctx, func() error { return u.inv.restoreOwner(ctx, u.w, u.spec.Ref.Email, before) })
	if err != nil {
		return Account{}, err
	}

	account, err := u.inv.resolve(ctx, u.w, u.spec.Ref, u.inv.clock.Now())
	if err != nil {
		return Account{}, fmt.Errorf("the user was added, but could not be looked up: %w", err)
	}

	return account, u.ensure(ctx, account)
}

// ensure brings a user whose ID is known to the wanted role.
func (u *upsert) ensure(ctx context.Context, account Account) error {
	unlock, err := u.w.userLocks.acquire(ctx, account.ID)
	if err != nil {
		return err
	}
	defer unlock()

	own, err := u.w.claim(u.spec, account.ID, false)
	if err != nil {
		return err
	}

	return u.w.finishClaim(own, u.w.write(ctx, func(alone bool) error {
		return u.inv.upsertMember(ctx, u.w, account, u.spec.Role, u.since, alone)
	}))
}
