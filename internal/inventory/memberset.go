package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Wanted is one member of a full set.
type Wanted struct {
	Ref  UserRef
	Role wallaroo.Role
}

// MemberSet is the outcome of [Inventory.SetMembers].
type MemberSet struct {
	// IDs are the user ids of the wanted members, in their order; "" where a user
	// could not be told.
	IDs []string
	// Kept are the members that are not wanted but were left, because another
	// resource of this run wants them.
	Kept []string
}

// FailedMember is one member that could not be brought to where it should be.
type FailedMember struct {
	Ref UserRef
	Err error
}

// MemberSetError lists what failed while a full set was applied. Nobody was removed
// if an add failed.
type MemberSetError struct {
	Failed []FailedMember
}

func (e *MemberSetError) Error() string {
	text := ""
	for _, failed := range e.Failed {
		text += fmt.Sprintf("\n- %s: %v", describeRef(failed.Ref), failed.Err)
	}

	return text
}

func (e *MemberSetError) Unwrap() []error {
	causes := make([]error, len(e.Failed))
	for i, failed := range e.Failed {
		causes[i] = failed.Err
	}

	return causes
}

func describeRef(ref UserRef) string {
	if ref.Email != "" {
		return ref.Email
	}

	return "user " + ref.UserID
}

// SameUserError means that one user is wanted twice in a set.
type SameUserError struct {
	One, Other UserRef
	UserID     string
}

func (e *SameUserError) Error() string {
	return fmt.Sprintf("%q and %q are the same user, %s", cmp.Or(e.One.Email, e.One.UserID), cmp.Or(e.Other.Email, e.Other.UserID), e.UserID)
}

// SetMembers makes the wanted users, at least one of them an owner, the only members
// of a workspace. The account that signs in stays whether it is wanted or not.
//
// Owners come first and removals last, so that the workspace always has an owner;
// the account that signs in is demoted after everything else. When an add fails the
// others are still made, but nobody is removed.
//
// It fails with a [*MemberSetError], a [*SameUserError], or as [Inventory.Members]
// does.
func (inv *Inventory) SetMembers(ctx context.Context, workspaceID int64, wanted []Wanted) (MemberSet, error) {
	r := inv.room(workspaceID)

	release, err := r.writes.take(ctx)
	if err != nil {
		return MemberSet{}, err
	}
	defer release()

	members, err := inv.membersOf(ctx, r)
	if err != nil {
		return MemberSet{}, err
	}

	caller, err := inv.api.Caller(ctx)
	if err != nil {
		return MemberSet{}, err
	}

	run := &setRun{inv: inv, room: r, wanted: wanted, caller: caller.UserID, set: MemberSet{IDs: make([]string, len(wanted))}}
	if err := run.resolve(ctx); err != nil {
		return MemberSet{}, err
	}

	err = run.apply(ctx, members)

	return run.set, err
}

// ResolveSet returns the user ids of the wanted members, "" for those that cannot be
// told, with the reason of the first. It fails with a [*SameUserError] when one user
// is named twice, or as [Inventory.Recall] does.
func (inv *Inventory) ResolveSet(ctx context.Context, wanted []Wanted) (ids []string, unresolved, err error) {
	seen := map[string]UserRef{}
	ids = make([]string, len(wanted))

	for i, w := range wanted {
		id, failed := inv.Recall(ctx, w.Ref)
		if errors.Is(failed, ErrNoDirectory) || errors.Is(failed, ErrNoSuchUser) {
			unresolved = cmp.Or(unresolved, fmt.Errorf("%q: %w", cmp.Or(w.Ref.Email, w.Ref.UserID), failed))

			continue
		}

		if failed != nil {
			return nil, nil, fmt.Errorf("%s: %w", describeRef(w.Ref), failed)
		}

		if other, ok := seen[id]; ok {
			return nil, nil, &SameUserError{One: other, Other: w.Ref, UserID: id}
		}

		seen[id], ids[i] = w.Ref, id
	}

	return ids, unresolved, nil
}

// setRun is one application of a full set, made by who holds the room's writes.
type setRun struct {
	inv    *Inventory
	room   *room
	wanted []Wanted
	caller string
	set    MemberSet
	failed []FailedMember
}

func (s *setRun) resolve(ctx context.Context) error {
	ids, _, err := s.inv.ResolveSet(ctx, s.wanted)
	if err != nil {
		return err
	}

	s.set.IDs = ids

	for _, id := range ids {
		if id != "" {
			s.room.claimed[id] = true
		}
	}

	return nil
}

func (s *setRun) apply(ctx context.Context, before []wallaroo.Member) error {
	s.put(ctx, func(i int) bool { return s.wanted[i].Role == wallaroo.RoleOwner })
	s.put(ctx, func(i int) bool { return s.wanted[i].Role != wallaroo.RoleOwner && !s.isCaller(i) })

	if len(s.failed) == 0 {
		s.remove(ctx, before)
	}

	if len(s.failed) == 0 {
		s.put(ctx, func(i int) bool { return s.wanted[i].Role != wallaroo.RoleOwner && s.isCaller(i) })
	}

	if len(s.failed) > 0 {
		return &MemberSetError{Failed: s.failed}
	}

	return nil
}

func (s *setRun) isCaller(i int) bool { return s.set.IDs[i] != "" && s.set.IDs[i] == s.caller }

// put brings the chosen members to their roles, and looks once at the outcome of all
// writes that need it.
func (s *setRun) put(ctx context.Context, chosen func(int) bool) {
	var unsure []int

	for i := range s.wanted {
		if !chosen(i) {
			continue
		}

		told, err := s.putOne(ctx, i)

		switch {
		case err != nil:
			s.fail(i, err)
		case !told:
			unsure = append(unsure, i)
		}
	}

	for _, i := range unsure {
		// The first look serves all.
		if err := s.check(ctx, i); err != nil {
			s.fail(i, err)
		}
	}
}

func (s *setRun) fail(i int, err error) {
	s.failed = append(s.failed, FailedMember{Ref: s.wanted[i].Ref, Err: err})
}

// putOne is true when the outcome is known.
func (s *setRun) putOne(ctx context.Context, i int) (bool, error) {
	want := s.wanted[i]

	if s.set.IDs[i] == "" {
		ensured, err := s.inv.addUnidentified(ctx, s.room, want.Ref.Email, want.Role)
		s.set.IDs[i] = ensured.Member.UserID

		return true, err
	}

	members, err := s.room.members.known(ctx)
	if err != nil {
		return false, err
	}

	member := wallaroo.Member{UserID: s.set.IDs[i], Role: want.Role}

	current, present := findMember(members, member.UserID)

	switch {
	case present && current.Role == want.Role:
		return true, nil
	case present && current.Role == wallaroo.RoleOwner && !hasOtherOwner(members, member.UserID):
		return false, ErrLastOwner
	default:
		return s.inv.write(ctx, s.room, want.Ref, member, present)
	}
}

func (s *setRun) check(ctx context.Context, i int) error {
	members, err := s.room.members.get(ctx)
	if err != nil {
		return fmt.Errorf("the change was accepted, but looking at its outcome failed: %w", err)
	}

	wanted := wallaroo.Member{UserID: s.set.IDs[i], Role: s.wanted[i].Role}

	found, ok := findMember(members, wanted.UserID)
	if !ok {
		// An instance may be late to list a new member.
		return s.inv.confirm(ctx, s.room, wanted)
	}

	if found.Role != wanted.Role {
		return ErrRoleKept
	}

	return nil
}

func (s *setRun) remove(ctx context.Context, before []wallaroo.Member) {
	for _, member := range before {
		id := member.UserID

		switch {
		case slices.Contains(s.set.IDs, id), id == s.caller:
		case s.room.claimed[id]:
			s.set.Kept = append(s.set.Kept, id)
		default:
			if err := s.inv.remove(ctx, s.room, id); err != nil {
				s.failed = append(s.failed, FailedMember{Ref: UserRef{UserID: id}, Err: err})
			}
		}
	}
}
