package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// step is one resource of a random apply.
type step struct {
	user   string
	role   wallaroo.Role // none: the user is removed
	byID   bool
	delay  time.Duration
	cancel time.Duration // none: it is not canceled
}

func (s step) String() string {
	return fmt.Sprintf("%s %q by ID %v after %v, canceled after %v", s.user, s.role, s.byID, s.delay, s.cancel)
}

func (s step) ref() inventory.UserRef {
	if s.byID {
		return byID("u-" + s.user)
	}

	return email(s.user)
}

var errWrongUser = errors.New("taken for another user")

// do applies a step and returns who must be a member after it, or "".
func (s step) do(ctx context.Context, inv *inventory.Inventory) (member string, err error) {
	time.Sleep(s.delay)

	if s.cancel > 0 {
		var stop context.CancelFunc

		ctx, stop = context.WithTimeout(ctx, s.cancel)
		defer stop()
	}

	if s.role == "" {
		_, err = inv.RemoveMember(ctx, 11, byID("u-"+s.user))

		return "", err
	}

	got, err := ensure(ctx, inv, 11, s.ref(), s.role)
	if err == nil && got.ID != "u-"+s.user {
		return "", fmt.Errorf("%w: %s is %s", errWrongUser, s.user, got.ID)
	}

	return got.ID, err
}

// delays draws times at which things can fall together.
func delays(most int) *rapid.Generator[time.Duration] {
	return rapid.Map(rapid.IntRange(0, most), func(n int) time.Duration { return time.Duration(n) * 7 * time.Millisecond })
}

func steps() *rapid.Generator[[]step] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		s := step{
			user:  rapid.SampledFrom([]string{"ann", "bob", "cat", "dan"}).Draw(t, "user"),
			role:  rapid.SampledFrom([]wallaroo.Role{"", "", roleOwner, roleCollaborator}).Draw(t, "role"),
			byID:  rapid.Bool().Draw(t, "by ID"),
			delay: delays(30).Draw(t, "delay"),
		}
		if rapid.IntRange(0, 4).Draw(t, "canceled") == 0 {
			s.cancel = delays(20).Draw(t, "cancel")
		}

		return s
	}), 2, 12)
}

// world draws the instance: its members, its variants and its faults.
func world(t *rapid.T) *fake {
	f := newFake()
	f.latency = 10 * time.Millisecond
	members := []wallaroo.Member{owner(rapid.SampledFrom([]string{"u-ann", "u-bob", "u-cat"}).Draw(t, "owner"))}

	for _, id := range []string{"u-ann", "u-bob", "u-cat", "u-dan"} {
		role := rapid.SampledFrom([]wallaroo.Role{"", roleOwner, roleCollaborator}).Draw(t, id)
		if role != "" && id != members[0].UserID {
			members = append(members, wallaroo.Member{UserID: id, Role: role})
		}
	}

	f.addWorkspace(11, "team", members...)
	f.noAffectedRows = rapid.Bool().Draw(t, "no affected rows")
	// Who is added without a directory, on an instance that is late, and not found as a
	// look fails, can be taken for the next one.
	if rapid.IntRange(0, 3).Draw(t, "no directory") == 0 {
		f.noDirectory()
	} else {
		// Without a directory, the wanted role is a part of elimination.
		f.keepsRoles = rapid.IntRange(0, 5).Draw(t, "keeps roles") == 0
		f.lateMembers = rapid.IntRange(0, 1).Draw(t, "late members")
	}

	faults := []error{nil, nil, nil, cut(), outcomeUnknown(answered(500, "database gone")), answered(403, "no"), unavailable()}
	for _, o := range []op{addMember, removeMember, listMembers} {
		before := rapid.SliceOfN(rapid.SampledFrom(faults), 0, 12).Draw(t, "faults before "+string(o))
		after := rapid.SliceOfN(rapid.SampledFrom(faults[:5]), 0, 12).Draw(t, "faults after "+string(o))

		if o == listMembers {
			after = nil
		}

		f.setBefore(o, inTurn(before...))
		f.setAfter(o, inTurn(after...))
	}

	return f
}

// watch reports a moment at which nobody owns the workspace, or the caller was put
// out. Without a directory an email is added before it is known whose it is; what that
// costs is restored at once.
func watch(t *rapid.T, f *fake) {
	owned := func() bool { return slices.Contains(slices.Collect(maps.Values(f.membersOf(11))), roleOwner) }
	_, isMember := f.membersOf(11)["u-ann"]
	directory := f.before[queryUsers] == nil

	var joined atomic.Bool

	joined.Store(isMember)

	for _, o := range []op{addMember, removeMember} {
		answer := f.after[o]

		f.setAfter(o, func(ctx context.Context, n int) error {
			if directory && !owned() {
				t.Errorf("nobody owns the workspace after %v", f.writes())
			}

			if _, ok := f.membersOf(11)["u-ann"]; ok {
				joined.Store(true)
			} else if joined.Load() {
				t.Errorf("the caller was removed: %v", f.writes())
			}

			return answer(ctx, n)
		})
	}
}

// applyTogether applies steps, and beside them a set that returns its members. Whoever
// one of them has made a member must be one in the end.
func applyTogether(t *testing.T, rt *rapid.T, f *fake, steps []step, set func(context.Context, *inventory.Inventory) []string) {
	t.Helper()
	watch(rt, f)

	synctest.Test(t, func(t *testing.T) {
		inv := inventory.New(f, inventory.Clock{})
		wanted := sync.Map{}

		var group sync.WaitGroup

		group.Go(func() {
			for _, id := range set(t.Context(), inv) {
				wanted.Store(id, true)
			}
		})

		for _, s := range steps {
			group.Go(func() {
				id, err := s.do(t.Context(), inv)
				if errors.Is(err, errWrongUser) {
					rt.Errorf("%v: %v", err, f.writes())
				}

				if err == nil && id != "" {
					wanted.Store(id, true)
				}
			})
		}

		group.Wait()

		for id := range wanted.Range {
			if userID, ok := id.(string); !ok || !hasMember(f, 11, userID) {
				rt.Errorf("%v is no member: %v", id, f.writes())
			}
		}
	})
}

// However the resources of an apply fall together, and whatever fails: the workspace
// has an owner, the caller stays, and whoever a resource has made a member is one.
func TestProperty_members(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f, apply := world(rt), steps().Draw(rt, "apply")
		applyTogether(t, rt, f, apply, func(context.Context, *inventory.Inventory) []string { return nil })
	})
}

// The same of sets beside members: a set removes nobody whom a member wants.
func TestProperty_sets(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		f, apply := world(rt), steps().Draw(rt, "apply")
		listed := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ann", "bob", "cat", "dan"}), 1, 4, rapid.ID[string]).Draw(rt, "set")
		delay := delays(30).Draw(rt, "delay of the set")

		applyTogether(t, rt, f, apply, func(ctx context.Context, inv *inventory.Inventory) []string {
			all := set(owners(email(listed[0])))
			for _, name := range listed[1:] {
				all.Members = append(all.Members, collaborators(email(name))...)
			}

			time.Sleep(delay)

			got, err := inv.SetMembers(ctx, 11, all)
			if err != nil {
				return nil
			}

			return got.IDs
		})
	})
}
