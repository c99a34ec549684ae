package inventory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// workspaceMembers holds what the run knows of one workspace's members.
type workspaceMembers struct {
	id      int64
	members *cache[[]wallaroo.Member]
	// writes is held while members change: shared where the order does not matter,
	// alone by what can lessen the owners, by changes of the authenticated account, and by adds
	// of users whose ID is not known.
	writes writeLock
	// userLocks is held for one user while it is looked at and changed.
	userLocks locks[string]

	mu sync.Mutex // guards what follows
	// claims are the users that this run wants to be members.
	claims map[string][]*claim
	// deferredRemovals are the owners whose removal waits for another owner.
	deferredRemovals map[string]UserRef
	// rolesInState are the roles that the resources in state have for a member.
	rolesInState map[string][]wallaroo.Role
}

func (inv *Inventory) workspaceMembers(workspaceID int64) *workspaceMembers {
	inv.mu.Lock()
	defer inv.mu.Unlock()

	w := inv.members[workspaceID]
	if w == nil {
		w = &workspaceMembers{
			id: workspaceID, writes: newWriteLock(), claims: map[string][]*claim{}, deferredRemovals: map[string]UserRef{}, rolesInState: map[string][]wallaroo.Role{},
		}
		w.members = newCache(inv.clock, func(ctx context.Context) ([]wallaroo.Member, error) {
			return inv.api.ListMembers(ctx, workspaceID)
		})
		inv.members[workspaceID] = w
	}

	return w
}

// knownMembers returns nil for the ID 0, a workspace that is not known.
func (inv *Inventory) knownMembers(workspaceID int64) *workspaceMembers {
	if workspaceID == 0 {
		return nil
	}

	return inv.workspaceMembers(workspaceID)
}

// Members returns the members of a workspace. It fails with [ErrNotAccessible] or
// [ErrNoWorkspaces] when the account has no access to the workspace.
func (inv *Inventory) Members(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	return inv.membersOf(ctx, inv.workspaceMembers(workspaceID))
}

// CurrentMembers is [Inventory.Members] for a data source, which other resources may
// have to be applied before.
func (inv *Inventory) CurrentMembers(ctx context.Context, workspaceID int64) ([]wallaroo.Member, error) {
	w := inv.workspaceMembers(workspaceID)
	members, err := recent(ctx, inv, w.members, inv.clock.Now(), maxDataAge)

	return inv.explainMembers(ctx, w, members, err)
}

// membersOf returns no members of a workspace that is not known.
func (inv *Inventory) membersOf(ctx context.Context, w *workspaceMembers) ([]wallaroo.Member, error) {
	if w == nil {
		return nil, nil
	}

	members, err := w.members.get(ctx)

	return inv.explainMembers(ctx, w, members, err)
}

// explainMembers checks an empty list and a refused call, either of which can mean that
// the workspace is not accessible.
func (inv *Inventory) explainMembers(ctx context.Context, w *workspaceMembers, members []wallaroo.Member, err error) ([]wallaroo.Member, error) {
	if len(members) > 0 {
		inv.noteCurrentUser(w, members)

		return members, nil
	}

	if err != nil && !isRefusal(err) {
		return nil, err
	}

	if _, missing := inv.Workspace(ctx, w.id); errors.Is(missing, ErrNotAccessible) || err == nil && missing != nil {
		return nil, missing
	}

	return members, err
}

// isRefusal reports whether the API itself refused a call for what it asks.
func isRefusal(err error) bool {
	return wallaroo.IsAPIError(err) &&
		(wallaroo.IsBadRequest(err) || wallaroo.IsForbidden(err) || wallaroo.IsNotFound(err) || wallaroo.IsServerError(err))
}

// noteCurrentUser remembers the account that authenticates, for access tokens that do not
// say whose they are: it is the creator of what this run created, and at first its
// only member.
func (inv *Inventory) noteCurrentUser(w *workspaceMembers, members []wallaroo.Member) {
	claimed, _ := w.isClaimed(members[0].UserID)
	isCreator := len(members) == 1 && !claimed && members[0].Role == wallaroo.RoleOwner

	inv.mu.Lock()
	defer inv.mu.Unlock()

	if isCreator && inv.ownID == "" && slices.ContainsFunc(inv.created, func(created wallaroo.Workspace) bool { return created.ID == w.id }) {
		inv.ownID = members[0].UserID
	}
}

// CurrentUserID returns the user ID of the account that authenticates, or "" if neither
// its access token, nor a workspace that it has created in this run, nor the directory
// by the name that it authenticated with, says it.
func (inv *Inventory) CurrentUserID(ctx context.Context) (string, error) {
	currentUser, err := inv.api.CurrentUser(ctx)
	if err != nil || currentUser.UserID != "" {
		return currentUser.UserID, err
	}

	inv.mu.Lock()
	id := inv.ownID
	inv.mu.Unlock()

	if id != "" || currentUser.Login == "" {
		return id, nil
	}

	user, _ := inv.directory.find(ctx, anytime, userQuery{email: currentUser.Login})

	return user.ID, nil
}

// ownAccount returns the user ID and the email of the account that authenticates, as
// far as they are known. A name like an email is one: accounts have their email as name.
func (inv *Inventory) ownAccount(ctx context.Context) (id, email string) {
	id, err := inv.CurrentUserID(ctx)
	if err != nil {
		return "", ""
	}

	currentUser, err := inv.api.CurrentUser(ctx)
	if err == nil && currentUser.Email == "" && strings.Contains(currentUser.Login, "@") {
		currentUser.Email = currentUser.Login
	}

	return id, currentUser.Email
}

func findMember(members []wallaroo.Member, userID string) (wallaroo.Member, bool) {
	i := slices.IndexFunc(members, func(m wallaroo.Member) bool { return m.UserID == userID })
	if i < 0 {
		return wallaroo.Member{}, false
	}

	return members[i], true
}

// withMember and withoutMember never change what the readers of members see.
func withMember(members []wallaroo.Member, member wallaroo.Member) []wallaroo.Member {
	before, _ := findMember(members, member.UserID)
	member.Email = cmp.Or(member.Email, before.Email)

	return append(withoutMember(members, member.UserID), member)
}

func withoutMember(members []wallaroo.Member, userID string) []wallaroo.Member {
	return slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.UserID == userID })
}

func hasMember(members []wallaroo.Member, userID string) bool {
	_, ok := findMember(members, userID)

	return ok
}

// NoteInState records that a resource in state has the member, in its role.
func (inv *Inventory) NoteInState(workspaceID int64, member wallaroo.Member) {
	w := inv.workspaceMembers(workspaceID)

	w.mu.Lock()
	defer w.mu.Unlock()

	w.rolesInState[member.UserID] = append(w.rolesInState[member.UserID], member.Role)
}

// RolesInState returns the role of the member in each resource in state that has it,
// as far as this run has refreshed them.
func (inv *Inventory) RolesInState(workspaceID int64, userID string) []wallaroo.Role {
	w := inv.workspaceMembers(workspaceID)

	w.mu.Lock()
	defer w.mu.Unlock()

	return slices.Clone(w.rolesInState[userID])
}
