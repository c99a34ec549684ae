package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// Read refreshes the sets.
func (r *exclusiveResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state exclusiveModel

	if !beginRead(ctx, r.inventory, &state, req, resp) {
		return
	}

	id, before := state.WorkspaceID.ValueInt64(), state
	seen := loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)

	known, err := r.refresh(ctx, &state, loadPrivate[userIDs](ctx, req.Private, privateUsers, &resp.Diagnostics))
	if err != nil && !errors.Is(err, inventory.ErrNotAccessible) {
		r.addReadFailure(&resp.Diagnostics, id, err)

		return
	}

	now := r.seenNow(ctx, id)

	if !r.requireSameWorkspace(ctx, id, seen, now, &resp.Diagnostics) {
		return
	}

	switch {
	case errors.Is(err, inventory.ErrNotAccessible):
		if !isOtherAccount(id, seen, now, &resp.Diagnostics) {
			addGoneWarning(&resp.Diagnostics, id, r.describeWorkspace(id, seen), "its members were")
			resp.State.RemoveResource(ctx)
		}
	default:
		savePrivate(ctx, resp.Private, privateUsers, known, &resp.Diagnostics)
		r.saveSeen(ctx, seen, now, resp.Private, &resp.Diagnostics)

		if !state.sameUsers(before) {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
	}
}

// addReadFailure keeps what is in state.
func (r *exclusiveResource) addReadFailure(diags *diag.Diagnostics, id int64, err error) {
	if errors.Is(err, inventory.ErrNoWorkspaces) {
		addReadFailure(diags, id, err)

		return
	}

	addFailure(diags, setAdvice, summaryReadMembers, fmt.Sprintf("Could not read the members of %s; state was kept", r.describeWorkspace(id)), err)
}

// refresh brings the sets to what the instance has, under the names of the state where
// they mean the user still. The account that authenticates is left out unless the
// state lists it, and so are ignored users. It returns the IDs of the members by name.
func (r *exclusiveResource) refresh(ctx context.Context, state *exclusiveModel, before userIDs) (userIDs, error) {
	id := state.WorkspaceID.ValueInt64()
	present := async(func() ([]wallaroo.Member, error) { return r.inventory.Members(ctx, id) })

	currentUserID, err := r.inventory.CurrentUserID(ctx)
	if err != nil {
		return nil, err
	}

	names, err := r.currentNames(ctx, id, slices.Concat(entries(state.Owners.SetValue), entries(state.Collaborators.SetValue)), before)
	if err != nil {
		return nil, err
	}

	ignored, err := r.currentNames(ctx, id, entries(state.IgnoredUsers.SetValue), before)
	if err != nil {
		return nil, err
	}

	members, err := present()
	if err != nil {
		return nil, err
	}

	members = slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool {
		return names[m.UserID] == "" && (m.UserID == currentUserID || ignored[m.UserID] != "")
	})

	for _, member := range members {
		if names[member.UserID] != "" {
			r.inventory.NoteInState(id, member)
		}
	}

	known := r.fillSets(ctx, state, names, members)
	for name, id := range before {
		if _, ok := known[name]; !ok {
			known[name] = id // the configuration may list the user still
		}
	}

	return known, nil
}

// importMembers is refresh for sets of which nothing is known.
func (r *exclusiveResource) importMembers(ctx context.Context, state *exclusiveModel) (userIDs, error) {
	members, err := r.inventory.Members(ctx, state.WorkspaceID.ValueInt64())
	if err != nil {
		return nil, err
	}

	return r.fillSets(ctx, state, nil, members), nil
}

// fillSets writes the members into the sets of the state, and returns their IDs by name.
func (r *exclusiveResource) fillSets(ctx context.Context, state *exclusiveModel, names map[string]string, members []wallaroo.Member) userIDs {
	known := userIDs{}
	owners, collaborators := []string{}, []string{}

	for _, member := range members {
		name, ok := names[member.UserID]
		if !ok {
			name = r.nameInSet(ctx, member)
		}

		known.keep(name, member.UserID)

		if member.Role == wallaroo.RoleOwner {
			owners = append(owners, name)
		} else {
			collaborators = append(collaborators, name)
		}
	}

	state.Owners = newUserSet(owners)

	// The empty set and null mean the same, so the state's own form stays.
	if len(collaborators) > 0 || !state.Collaborators.IsNull() {
		state.Collaborators = newUserSet(collaborators)
	}

	return known
}

// currentNames are names of the state by the ID of the user whom they mean now.
func (r *exclusiveResource) currentNames(ctx context.Context, workspaceID int64, names []string, before userIDs) (map[string]string, error) {
	current := map[string]string{}

	for _, name := range names {
		account, err := r.inventory.ResolveUser(ctx, workspaceID, before.ref(name))
		_, isAmbiguous := errors.AsType[*inventory.AmbiguousUserError](err)

		switch {
		case isAmbiguous:
			account.ID = before.ref(name).LastID
		case errors.Is(err, inventory.ErrNoDirectory), errors.Is(err, inventory.ErrNoSuchUser):
			continue
		case err != nil:
			return nil, err
		}

		if current[account.ID] == "" || account.Verified {
			current[account.ID] = name
		}
	}

	return current, nil
}

// nameInSet names a member by email, if that is the member's alone, else by ID.
func (r *exclusiveResource) nameInSet(ctx context.Context, member wallaroo.Member) string {
	user, err := r.inventory.UserByID(ctx, member.UserID)
	if err != nil {
		user.Email = member.Email
	}

	if !strings.Contains(user.Email, "@") {
		return member.UserID
	}

	if owner, err := r.inventory.ResolveUser(ctx, 0, inventory.UserRef{Email: user.Email}); err == nil && owner.ID != member.UserID {
		return member.UserID
	}

	return user.Email
}

// displayName names a user for a message.
func (b *base) displayName(ctx context.Context, userID string) string {
	user, err := b.inventory.UserByID(ctx, userID)
	if err != nil {
		return describeUser("", userID)
	}

	return describeUser(user.Email, userID)
}
