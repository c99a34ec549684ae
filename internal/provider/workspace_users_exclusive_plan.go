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
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryMembersRemain = "Members remain in the workspace"
	summaryNotCertain    = "Members to be removed are not known"
)

// ModifyPlan reports whom the apply will remove and demote. It leaves the sets as they
// are configured: another name for the same user is a change in place that sends
// nothing.
func (r *exclusiveResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var plan, state exclusiveModel

	if req.Plan.Raw.Equal(req.State.Raw) {
		return
	}

	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}

	if req.Plan.Raw.IsNull() {
		seen := loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)
		resp.Diagnostics.AddWarning(summaryMembersRemain, fmt.Sprintf(
			"The members of %s remain members. They are only no longer managed by this resource.", r.describeWorkspace(state.WorkspaceID.ValueInt64(), seen)))
	} else {
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

		if resp.Diagnostics.HasError() {
			return
		}

		r.planSet(ctx, plan, loadPrivate[userIDs](ctx, req.Private, privateUsers, &resp.Diagnostics), &resp.Diagnostics)
	}
}

// planSet compares the planned sets with the members.
func (r *exclusiveResource) planSet(ctx context.Context, plan exclusiveModel, known userIDs, diags *diag.Diagnostics) {
	if addNamesListedTwice(diags, plan, ignoreBoth) {
		return
	}

	if r.inventory == nil || r.isApplying() || !plan.isKnown() {
		return
	}

	id, set := plan.WorkspaceID.ValueInt64(), plan.memberSet(known)

	resolved, ok := r.resolve(ctx, id, set, diags)
	if !ok || id == 0 {
		return
	}

	members, err := r.inventory.Members(ctx, id)

	switch {
	case errors.Is(err, inventory.ErrNotAccessible):
		addNoAccessWarning(diags, id)
	case err != nil:
		diags.AddWarning(summaryNotCertain, setAdvice.failure(fmt.Sprintf("Could not read the members of %s", r.describeWorkspace(id)), err))
	default:
		r.planRemovals(ctx, id, resolved, members, diags)
		r.planDemotions(ctx, id, set, resolved, members, diags)
	}
}

// resolve looks up the users of a plan. Users that do not exist yet are reported and
// have no ID; they may be created in the same apply.
func (r *exclusiveResource) resolve(ctx context.Context, workspaceID int64, set inventory.MemberSet, diags *diag.Diagnostics) (inventory.ResolvedSet, bool) {
	resolved, err := r.inventory.ResolveSet(ctx, workspaceID, set)
	twice, isTwice := errors.AsType[*inventory.SameUserError](err)
	_, isAmbiguous := errors.AsType[*inventory.AmbiguousUserError](err)

	switch {
	case isTwice:
		addListedTwice(diags, twice)
	case isAmbiguous:
		diags.AddError(summaryFindUser, setAdvice.failure("The listed users could not be determined", err))
	case err != nil:
		diags.AddWarning(summaryUserUnchecked, setAdvice.failure("Could not check whether the listed users exist; the apply will", err))
	default:
		r.addUnknownUsers(ctx, set, resolved, diags)
	}

	return resolved, err == nil
}

// addUnknownUsers names all listed users that the directory does not know.
func (r *exclusiveResource) addUnknownUsers(ctx context.Context, set inventory.MemberSet, resolved inventory.ResolvedSet, diags *diag.Diagnostics) {
	var unknown []string

	for _, user := range resolved.Unknown {
		if errors.Is(user.Err, inventory.ErrNoSuchUser) && !slices.Contains(set.Ignored, user.Ref) {
			unknown = append(unknown, user.Ref.String())
		}
	}

	for i, member := range set.Members {
		if resolved.IDs[i] != member.Ref.Name {
			continue
		}

		if _, err := r.inventory.UserByID(ctx, resolved.IDs[i]); errors.Is(err, inventory.ErrNoSuchUser) {
			unknown = append(unknown, member.Ref.String())
		}
	}

	if len(unknown) > 0 {
		slices.Sort(unknown)
		diags.AddWarning(summaryUnknownUser, fmt.Sprintf(
			"The instance has no user %s. If the accounts are not created in this apply, the apply will fail. Check the spelling; an email address has an @.",
			strings.Join(unknown, ", ")))
	}
}

func (r *exclusiveResource) planRemovals(ctx context.Context, id int64, resolved inventory.ResolvedSet, members []wallaroo.Member, diags *diag.Diagnostics) {
	currentUserID, err := r.inventory.CurrentUserID(ctx)
	if err != nil {
		diags.AddWarning(summaryNotCertain, setAdvice.failure("Could not determine the account that the provider authenticates with", err))

		return
	}

	var (
		names  []string
		owners []string
	)

	for _, member := range members {
		if member.UserID == currentUserID || slices.Contains(resolved.IDs, member.UserID) || slices.Contains(resolved.Ignored, member.UserID) {
			continue
		}

		names = append(names, r.displayName(ctx, member.UserID))

		if member.Role == wallaroo.RoleOwner {
			owners = append(owners, r.displayName(ctx, member.UserID))
		}
	}

	slices.Sort(names)

	switch where := r.describeWorkspace(id); {
	case len(names) == 0:
	case len(resolved.Unknown) > 0:
		diags.AddWarning(summaryNotCertain, fmt.Sprintf(
			"Not all listed users can be looked up, so it is not certain whom the apply removes from %s. Members who are removed unless they turn out to be listed: %s.",
			where, strings.Join(names, ", ")))
	case currentUserID == "" && len(owners) > 0:
		diags.AddAttributeError(path.Root(attrOwners), summaryOwnRights, fmt.Sprintf(
			"The apply would remove %s from %s, and %s. %s", strings.Join(owners, ", "), where, inventory.ErrCurrentUserUnknown,
			setAdvice.nextStep(inventory.ErrCurrentUserUnknown)))
	default:
		diags.AddWarning(summaryWillRemove, fmt.Sprintf(
			"%s has members that are not listed, and the apply removes them: %s. List them to keep them.", capitalize(where), strings.Join(names, ", ")))
	}
}

// planDemotions reports the owners who are listed as collaborators.
func (r *exclusiveResource) planDemotions(
	ctx context.Context, id int64, set inventory.MemberSet, resolved inventory.ResolvedSet, members []wallaroo.Member, diags *diag.Diagnostics,
) {
	var names []string

	for i, spec := range set.Members {
		isOwner := slices.ContainsFunc(members, func(m wallaroo.Member) bool {
			return m.UserID == resolved.IDs[i] && m.Role == wallaroo.RoleOwner
		})

		switch {
		case spec.Role == wallaroo.RoleOwner || !isOwner:
		case r.isCurrentUser(ctx, resolved.IDs[i]):
			diags.AddAttributeWarning(path.Root(attrCollaborators), summaryOwnRights, describeOwnDemotion(spec.Ref.String(), r.describeWorkspace(id)))
		default:
			names = append(names, spec.Ref.String())
		}
	}

	if len(names) > 0 {
		diags.AddAttributeWarning(path.Root(attrCollaborators), summaryWillDemote, fmt.Sprintf(
			"Owners of %s whom the apply makes collaborators: %s.", r.describeWorkspace(id), strings.Join(names, ", ")))
	}
}
