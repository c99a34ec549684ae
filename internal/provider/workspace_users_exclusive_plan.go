package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

// ModifyPlan compares users, not spellings: sets that name the same users in the same
// roles are no change.
func (r *exclusiveResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() || r.inventory == nil {
		return
	}

	var plan, state exclusiveModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !plan.isKnown() {
		return
	}

	if req.State.Raw.IsNull() {
		r.planCreate(ctx, plan, &resp.Diagnostics)

		return
	}

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || plan.Owners.Equal(state.Owners) && plan.Collaborators.Equal(state.Collaborators) {
		return
	}

	same, ok := r.means(ctx, plan, state, loadUsers(ctx, req.Private, &resp.Diagnostics), &resp.Diagnostics)
	if ok && same {
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan.keepSpelling(state))...)
	}
}

// means is true when plan and state want the same members. It is not ok when a user
// of the plan cannot be looked up.
func (r *exclusiveResource) means(ctx context.Context, plan, state exclusiveModel, known userIDs, diags *diag.Diagnostics) (same, ok bool) {
	wanted, present := plan.members(known), state.members(known)

	wantedIDs, ok := r.resolve(ctx, wanted, diags)
	if !ok {
		return false, false
	}

	presentIDs := make([]string, len(present))

	for i, member := range present {
		id, err := r.currentID(ctx, member.Ref)
		if err != nil {
			return false, false
		}

		presentIDs[i] = id
	}

	return sameMembers(wanted, wantedIDs, present, presentIDs), true
}

// planCreate tells whom the first apply will remove.
func (r *exclusiveResource) planCreate(ctx context.Context, plan exclusiveModel, diags *diag.Diagnostics) {
	ids, ok := r.resolve(ctx, plan.members(userIDs{}), diags)
	if !ok || plan.WorkspaceID.IsUnknown() {
		return
	}

	id := plan.WorkspaceID.ValueInt64()
	leaving, err := r.leaving(ctx, id, ids)

	switch {
	case errors.Is(err, inventory.ErrNotVisible):
		warnUnseen(diags, id)
	case err != nil:
		diags.AddWarning(summaryCannotRemove, failureText(fmt.Sprintf("Could not look up who the members of workspace %d are", id), err))
	case len(leaving) > 0 && slices.Contains(ids, ""):
		diags.AddWarning(summaryWillRemove, fmt.Sprintf(
			"Not all listed users can be looked up, so it is not certain whom the apply removes from workspace %d. Members that are not listed by a known name: %s.",
			id, strings.Join(leaving, ", ")))
	case len(leaving) > 0:
		diags.AddWarning(summaryWillRemove, fmt.Sprintf(
			"Workspace %d has members that are not listed, and the apply removes them: %s. List them to keep them.", id, strings.Join(leaving, ", ")))
	}
}

func (r *exclusiveResource) leaving(ctx context.Context, workspaceID int64, listed []string) ([]string, error) {
	members, err := r.inventory.Members(ctx, workspaceID)
	if err != nil {
		return nil, err
	}

	caller, err := r.inventory.Caller(ctx)
	if err != nil {
		return nil, err
	}

	var names []string

	for _, member := range members {
		if member.UserID == caller.UserID || slices.Contains(listed, member.UserID) {
			continue
		}

		name, err := r.spell(ctx, member.UserID)
		if err != nil {
			return nil, err
		}

		names = append(names, name)
	}

	slices.Sort(names)

	return names, nil
}

// resolve looks up the users of a plan. Users that are not known yet are told of and
// have no id; they may be made in the same run.
func (r *exclusiveResource) resolve(ctx context.Context, wanted []inventory.Wanted, diags *diag.Diagnostics) ([]string, bool) {
	ids, unresolved, err := r.inventory.ResolveSet(ctx, wanted)

	var twice *inventory.SameUserError

	switch {
	case errors.As(err, &twice):
		diags.AddAttributeError(path.Root(attrCollaborators), summaryListedTwice, sentence(twice)+" List each user once.")
	case err != nil:
		diags.AddError(summaryFindUser, failureText("The listed users could not be looked up", err))
	case errors.Is(unresolved, inventory.ErrNoSuchUser):
		diags.AddWarning(summaryUnknownUser, fmt.Sprintf(
			"A listed user is not known yet: %v. If the account is not made in this run, the apply will fail. Check the spelling.", unresolved))
	default:
		r.warnOfUnknownIDs(ctx, wanted, diags)
	}

	return ids, err == nil
}

func (r *exclusiveResource) warnOfUnknownIDs(ctx context.Context, wanted []inventory.Wanted, diags *diag.Diagnostics) {
	for _, want := range wanted {
		if want.Ref.Email != "" {
			continue
		}

		if _, err := r.inventory.UserByID(ctx, want.Ref.UserID); errors.Is(err, inventory.ErrNoSuchUser) {
			diags.AddWarning(summaryUnknownUser, fmt.Sprintf(
				"No user of the instance has the id %q. If the account is not made in this run, the apply will fail. Check the spelling; an e-mail has an @.", want.Ref.UserID))
		}
	}
}
