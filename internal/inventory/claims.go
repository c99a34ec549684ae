package inventory

import (
	"slices"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// claim records that a resource of this run wants a user as a member.
type claim struct {
	role wallaroo.Role
	// bySet is true when an exclusive set wants it.
	bySet bool
	// failed is the error of the write, if it failed.
	failed error
}

// claim records that a resource of this run wants the user as a member. It fails with
// a [*RoleConflictError] if another resource wants another role.
func (w *workspaceMembers) claim(spec MemberSpec, userID string, bySet bool) (*claim, error) {
	w.mu.Lock()
	defer w.mu.Unlock()

	for _, other := range w.claims[userID] {
		isOwn := other.role == spec.Prior || bySet && other.bySet
		if other.failed == nil && other.role != spec.Role && !isOwn {
			return nil, &RoleConflictError{Ref: spec.Ref, UserID: userID, Roles: []wallaroo.Role{other.role, spec.Role}}
		}
	}

	own := &claim{role: spec.Role, bySet: bySet}
	w.claims[userID] = append(w.claims[userID], own)

	return own, nil
}

// isClaimed reports whether a resource of this run wants the user as a member, and
// whether none of those has brought that about.
func (w *workspaceMembers) isClaimed(userID string) (claimed, failed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()

	claims := w.claims[userID]

	return len(claims) > 0, !slices.ContainsFunc(claims, func(c *claim) bool { return c.failed == nil })
}

// isClaimedBySet reports whether a set of this run wants the user as a member.
func (w *workspaceMembers) isClaimedBySet(userID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()

	return slices.ContainsFunc(w.claims[userID], func(c *claim) bool { return c.bySet })
}

func (w *workspaceMembers) countClaims(userID string) int {
	w.mu.Lock()
	defer w.mu.Unlock()

	return len(w.claims[userID])
}

// withdraw takes back a claim on somebody who turned out not to be wanted.
func (w *workspaceMembers) withdraw(userID string, own *claim) {
	w.mu.Lock()
	defer w.mu.Unlock()

	w.claims[userID] = slices.DeleteFunc(w.claims[userID], func(c *claim) bool { return c == own })
}

// finishClaim records the outcome of the write of a claim, and returns its error.
func (w *workspaceMembers) finishClaim(own *claim, err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()

	own.failed = err

	return err
}
