package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Ensured is the outcome of [Inventory.EnsureMember].
type Ensured struct {
	Member wallaroo.Member
	// Unretired is why an owner, whose removal had waited for another owner,
	// could not be removed. The member itself is as wanted.
	Unretired error
}

// UserMismatchError means that an id and an e-mail do not name one user.
type UserMismatchError struct {
	Ref UserRef
	// Owner is the id of the user who has the e-mail.
	Owner string
}

func (e *UserMismatchError) Error() string {
	return fmt.Sprintf("the e-mail %q belongs to the user %s, not to %s", e.Ref.Email, e.Owner, e.Ref.UserID)
}

// EnsureMember makes a user a member with that role: it adds who is absent,
// changes another role and sends nothing otherwise. From then on no
// [Inventory.RemoveMember] of this run takes the user out.
//
// It fails with [ErrLastOwner] instead of demoting the last owner, with
// [ErrRoleKept] when the instance does not change the role, with what
// [Inventory.Resolve] fails with, and with [ErrUserUnclear].
func (inv *Inventory) EnsureMember(ctx context.Context, workspaceID int64, ref UserRef, role wallaroo.Role) (Ensured, error) {
	r := inv.room(workspaceID)

	release, err := r.writes.take(ctx)
	if err != nil {
		return Ensured{}, err
	}
	defer release()

	return inv.ensure(ctx, r, ref, role)
}

// Resolve returns the id of the user that ref names. It fails with a
// [*UserMismatchError] when ref's id and e-mail belong to two users, or with what
// [Inventory.UserByEmail] fails with.
func (inv *Inventory) Resolve(ctx context.Context, ref UserRef) (string, error) {
	if ref.Email == "" {
		return ref.UserID, nil
	}

	user, err := inv.UserByEmail(ctx, ref.Email)

	switch {
	case err == nil && ref.UserID != "" && user.ID != ref.UserID:
		return "", &UserMismatchError{Ref: ref, Owner: user.ID}
	case err == nil:
		return user.ID, nil
	case ref.UserID != "" && (errors.Is(err, ErrNoDirectory) || errors.Is(err, ErrNoSuchUser)):
		return ref.UserID, nil
	default:
		return "", err
	}
}

// ensure is called by who holds the room's writes.
func (inv *Inventory) ensure(ctx context.Context, r *room, ref UserRef, role wallaroo.Role) (Ensured, error) {
	id, err := inv.Resolve(ctx, ref)
	if errors.Is(err, ErrNoDirectory) || errors.Is(err, ErrNoSuchUser) {
		return inv.addUnidentified(ctx, r, ref.Email, role)
	}

	if err != nil {
		return Ensured{}, err
	}

	r.claimed[id] = true

	members, err := inv.membersOf(ctx, r)
	if err != nil {
		return Ensured{}, err
	}

	wanted := wallaroo.Member{UserID: id, Role: role}

	current, ok := findMember(members, id)
	if ok && current.Role == role {
		return Ensured{Member: wanted}, nil
	}

	if ok && current.Role == wallaroo.RoleOwner && !hasOtherOwner(members, id) {
		return Ensured{}, ErrLastOwner
	}

	return inv.put(ctx, r, ref, wanted, ok)
}

// put adds a member or changes a present one's role, and makes sure of it.
func (inv *Inventory) put(ctx context.Context, r *room, ref UserRef, wanted wallaroo.Member, present bool) (Ensured, error) {
	told, err := inv.write(ctx, r, ref, wanted, present)
	if err != nil {
		return Ensured{}, err
	}

	if !told {
		if err := inv.confirm(ctx, r, wanted); err != nil {
			return Ensured{}, err
		}
	}

	return Ensured{Member: wanted, Unretired: inv.retire(ctx, r, wanted)}, nil
}

// write sends an add or a change of role. It is true when the outcome is known: only
// a new member without a special role needs no second look.
func (inv *Inventory) write(ctx context.Context, r *room, ref UserRef, wanted wallaroo.Member, present bool) (bool, error) {
	request, err := inv.newMember(ctx, r.id, ref, wanted.UserID)
	if err != nil {
		return false, err
	}

	plain := !present && wanted.Role == wallaroo.RoleCollaborator
	if !plain {
		request.Role = wanted.Role
	}

	send := func() error { return inv.api.AddMember(ctx, request) }
	done := func(members []wallaroo.Member) bool { return slices.Contains(members, wanted) }

	if err := inv.settle(ctx, r, send, done); err != nil {
		return false, err
	}

	apply := func(members []wallaroo.Member) []wallaroo.Member { return withMember(members, wanted) }
	if plain {
		r.members.change(apply)
	} else {
		r.members.outdate(apply)
	}

	return plain, nil
}

// newMember names the user as the API documents it, by the e-mail that the account
// has now, and by id where none is known.
func (inv *Inventory) newMember(ctx context.Context, workspaceID int64, ref UserRef, id string) (wallaroo.NewMember, error) {
	member := wallaroo.NewMember{WorkspaceID: workspaceID}

	user, err := inv.UserByID(ctx, id)

	switch {
	case err == nil:
		member.Email = user.Email
	case errors.Is(err, ErrNoDirectory):
		member.Email = ref.Email
	case !errors.Is(err, ErrNoSuchUser):
		return member, err
	}

	if member.Email == "" {
		member.UserID = id
	}

	return member, nil
}

// confirm looks whether the instance did what it accepted.
func (inv *Inventory) confirm(ctx context.Context, r *room, wanted wallaroo.Member) error {
	ctx, cancel := detach(ctx)
	defer cancel()

	for _, wait := range looks {
		if err := inv.pause(ctx, wait); err != nil {
			return err
		}

		r.members.outdate(nil)

		members, err := r.members.get(ctx)
		if err != nil {
			return fmt.Errorf("the change was accepted, but looking at its outcome failed: %w", err)
		}

		if found, ok := findMember(members, wanted.UserID); ok {
			if found.Role != wanted.Role {
				return ErrRoleKept
			}

			return nil
		}
	}

	return ErrNotListed
}

// retire removes the owners that were kept only because nobody else was one.
func (inv *Inventory) retire(ctx context.Context, r *room, newcomer wallaroo.Member) error {
	if newcomer.Role != wallaroo.RoleOwner {
		return nil
	}

	var failed error

	for id := range r.kept {
		delete(r.kept, id)

		if !r.claimed[id] {
			failed = cmp.Or(failed, inv.remove(ctx, r, id))
		}
	}

	return failed
}

// addUnidentified adds an e-mail whose user id cannot be looked up, and learns the
// id from the difference that the add makes. The role is always sent: it makes a
// difference for who is a member already with another role.
func (inv *Inventory) addUnidentified(ctx context.Context, r *room, email string, role wallaroo.Role) (Ensured, error) {
	before, err := inv.membersOf(ctx, r)
	if err != nil {
		return Ensured{}, err
	}

	request := wallaroo.NewMember{WorkspaceID: r.id, Email: email, Role: role}
	write := func() error { return inv.api.AddMember(ctx, request) }
	done := func(after []wallaroo.Member) bool { return len(difference(before, after)) == 1 }

	if err := inv.settle(ctx, r, write, done); err != nil {
		return Ensured{}, err
	}

	r.members.outdate(nil)

	look, cancel := detach(ctx)
	defer cancel()

	after, err := r.members.get(look)
	if err != nil {
		return Ensured{}, fmt.Errorf("the add was accepted, but looking for the new member failed: %w", err)
	}

	changed := difference(before, after)
	if len(changed) != 1 {
		return Ensured{}, ErrUserUnclear
	}

	found := changed[0]
	r.claimed[found.UserID] = true
	inv.meet(email, found.UserID)

	if !hasOtherOwner(after, "") && hasOtherOwner(before, "") {
		request.Role = wallaroo.RoleOwner
		restored := inv.settle(ctx, r, write, func(members []wallaroo.Member) bool { return hasOtherOwner(members, "") })
		r.members.outdate(nil)

		return Ensured{}, errors.Join(ErrLastOwner, restored)
	}

	if found.Role != role {
		return Ensured{}, ErrRoleKept
	}

	return Ensured{Member: found, Unretired: inv.retire(ctx, r, found)}, nil
}

// difference returns the members that after has and before had not, or had with
// another role.
func difference(before, after []wallaroo.Member) []wallaroo.Member {
	var changed []wallaroo.Member

	for _, member := range after {
		if !slices.Contains(before, member) {
			changed = append(changed, member)
		}
	}

	return changed
}

// withMember never changes what the readers of members see.
func withMember(members []wallaroo.Member, member wallaroo.Member) []wallaroo.Member {
	others := slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.UserID == member.UserID })

	return append(others, member)
}
