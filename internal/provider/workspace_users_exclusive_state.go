package provider

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// refresh brings the sets to what the instance has, in the spelling of the state
// where that names the user still. The account that signs in is left out unless the
// state lists it. It returns the ids of the members by their spelling.
func (r *exclusiveResource) refresh(ctx context.Context, state *exclusiveModel, before userIDs) (userIDs, error) {
	caller, err := r.inventory.Caller(ctx)
	if err != nil {
		return nil, err
	}

	id := state.WorkspaceID.ValueInt64()
	present := beside(func() ([]wallaroo.Member, error) { return r.inventory.Members(ctx, id) })

	spelled, err := r.spellings(ctx, *state, before)
	if err != nil {
		return nil, err
	}

	members, err := present()
	if err != nil {
		return nil, err
	}

	others := slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.UserID == caller.UserID && spelled[m.UserID] == "" })

	return r.fill(ctx, state, spelled, others)
}

// takeOver is refresh for sets of which nothing is known.
func (r *exclusiveResource) takeOver(ctx context.Context, state *exclusiveModel) (userIDs, error) {
	members, err := r.inventory.Members(ctx, state.WorkspaceID.ValueInt64())
	if err != nil {
		return nil, err
	}

	return r.fill(ctx, state, nil, members)
}

func (r *exclusiveResource) fill(ctx context.Context, state *exclusiveModel, spelled map[string]string, members []wallaroo.Member) (userIDs, error) {
	known := userIDs{}
	owners, collaborators := []string{}, []string{}

	for _, member := range members {
		entry, ok := spelled[member.UserID]
		if !ok {
			var err error

			if entry, err = r.spell(ctx, member.UserID); err != nil {
				return nil, err
			}
		}

		known.keep(userIDs{}.ref(entry), member.UserID)

		if member.Role == wallaroo.RoleOwner {
			owners = append(owners, entry)
		} else {
			collaborators = append(collaborators, entry)
		}
	}

	state.Owners = newUserSet(owners)

	// The empty set and null mean the same, so the state's own form stays.
	if len(collaborators) > 0 || !state.Collaborators.IsNull() {
		state.Collaborators = newUserSet(collaborators)
	}

	return known, nil
}

// spellings are the entries of the state by user id. Where the directory gives an
// e-mail to somebody else than before, the e-mail names that user now.
func (r *exclusiveResource) spellings(ctx context.Context, state exclusiveModel, before userIDs) (map[string]string, error) {
	spelled := map[string]string{}

	for _, entry := range append(entries(state.Owners.SetValue), entries(state.Collaborators.SetValue)...) {
		id, err := r.currentID(ctx, before.ref(entry))
		if err != nil {
			return nil, err
		}

		if id != "" {
			spelled[id] = entry
		}
	}

	return spelled, nil
}

// currentID is whom an entry names now, "" if that cannot be told.
func (r *exclusiveResource) currentID(ctx context.Context, ref inventory.UserRef) (string, error) {
	id, err := r.inventory.Recall(ctx, ref)

	var several *inventory.SeveralUsersError

	switch {
	case errors.As(err, &several):
		return ref.UserID, nil
	case errors.Is(err, inventory.ErrNoDirectory), errors.Is(err, inventory.ErrNoSuchUser):
		return "", nil
	default:
		return id, err
	}
}

// spell names a user as people do: by e-mail, if the directory has one that is his
// alone.
func (r *exclusiveResource) spell(ctx context.Context, id string) (string, error) {
	user, err := r.inventory.UserByID(ctx, id)
	if errors.Is(err, inventory.ErrNoDirectory) || errors.Is(err, inventory.ErrNoSuchUser) {
		return id, nil
	}

	if err != nil {
		return "", err
	}

	if owner, err := r.inventory.UserByEmail(ctx, user.Email); strings.Contains(user.Email, "@") && err == nil && owner.ID == id {
		return user.Email, nil
	}

	return id, nil
}

// sameMembers is true when two lists want the same users in the same roles.
func sameMembers(one []inventory.Wanted, oneIDs []string, other []inventory.Wanted, otherIDs []string) bool {
	return slices.Equal(memberKeys(one, oneIDs), memberKeys(other, otherIDs))
}

func memberKeys(wanted []inventory.Wanted, ids []string) []string {
	keys := make([]string, len(wanted))
	for i, want := range wanted {
		keys[i] = string(want.Role) + " " + ids[i]
		if ids[i] == "" {
			keys[i] += strings.ToLower(want.Ref.Email)
		}
	}

	slices.Sort(keys)

	return keys
}

// keepSpelling is for sets that mean the same. Terraform does not accept a prior value
// where either one is null, so the empty set and null are a change in place that sends
// nothing.
func (m exclusiveModel) keepSpelling(state exclusiveModel) exclusiveModel {
	m.Owners = state.Owners

	if !m.Collaborators.IsNull() && !state.Collaborators.IsNull() {
		m.Collaborators = state.Collaborators
	}

	return m
}
