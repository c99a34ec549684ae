package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	summaryUnknownUser   = "User is not known yet"
	summaryUserUnchecked = "User was not looked up"
	summaryFindUser      = "Unable to find user"
	summaryUnseen        = "Workspace is not visible"
	summaryMemberStays   = "Workspace user will be kept"
	summaryLastOwner     = "Last owner would become a collaborator"
)

// ModifyPlan decides whether a member stays the same user. E-mail and id are two
// names of one user, so neither can simply force a replacement.
func (r *workspaceUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state workspaceUserModel

	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
		r.planRemove(ctx, state, &resp.Diagnostics)

		return
	}

	// Most plans of a thousand members change nothing.
	if req.Plan.Raw.Equal(req.State.Raw) {
		return
	}

	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if req.State.Raw.IsNull() {
		r.planAdd(ctx, config, &resp.Diagnostics)

		return
	}

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	changed := r.changedName(ctx, config, state, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	plan.Email, plan.UserID = plannedUser(config, state, changed)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)

	if changed != "" {
		resp.RequiresReplace.Append(path.Root(changed))

		return
	}

	r.warnOfLastOwner(ctx, state, plan, &resp.Diagnostics)
}

// planAdd looks a new member up, so that a wrong e-mail is known before the apply.
// Not finding it is no error: the account may be made in the same run.
func (r *workspaceUserResource) planAdd(ctx context.Context, config workspaceUserModel, diags *diag.Diagnostics) {
	if r.inventory == nil {
		return
	}

	if !config.WorkspaceID.IsUnknown() {
		r.planPlace(ctx, config.WorkspaceID.ValueInt64(), diags)
	}

	if config.Email.IsUnknown() || config.UserID.IsUnknown() {
		return
	}

	_, err := r.lookUp(ctx, config.ref())

	var mismatch *inventory.UserMismatchError

	var several *inventory.SeveralUsersError

	switch {
	case err == nil, errors.Is(err, inventory.ErrNoDirectory):
	case errors.Is(err, inventory.ErrNoSuchUser):
		diags.AddAttributeWarning(userPath(config), summaryUnknownUser, fmt.Sprintf(
			"The instance has no user %q yet. If the account is not made in this run, the apply will fail. Check the spelling.", config.ref().UserID+config.ref().Email))
	case errors.As(err, &mismatch), errors.As(err, &several):
		diags.AddAttributeError(userPath(config), summaryFindUser, failureText("The user cannot be told", err))
	default:
		diags.AddAttributeWarning(userPath(config), summaryUserUnchecked,
			failureText(fmt.Sprintf("Could not look up %s; the apply will", config.describe()), err))
	}
}

// planPlace tells of a workspace that cannot be seen. The members are asked for, and not
// the list, because a workspace made in this run may not be listed yet.
func (r *workspaceUserResource) planPlace(ctx context.Context, id int64, diags *diag.Diagnostics) {
	if _, err := r.inventory.Members(ctx, id); errors.Is(err, inventory.ErrNotVisible) {
		warnUnseen(diags, id)
	}
}

// warnUnseen is a warning, as access may be given back before the apply.
func warnUnseen(diags *diag.Diagnostics, id int64) {
	diags.AddAttributeWarning(path.Root(attrWorkspaceID), summaryUnseen, fmt.Sprintf(
		"This account sees no workspace with the id %d, so the apply will fail. Check the id, and that the account is a member of the workspace.", id))
}

// lookUp is Resolve that also looks for an id which is given alone.
func (r *workspaceUserResource) lookUp(ctx context.Context, ref inventory.UserRef) (string, error) {
	if ref.Email == "" {
		_, err := r.inventory.UserByID(ctx, ref.UserID)

		return ref.UserID, err
	}

	return r.inventory.Resolve(ctx, ref)
}

func userPath(config workspaceUserModel) path.Path {
	if config.Email.IsNull() {
		return path.Root(attrUserID)
	}

	return path.Root(attrEmail)
}

// changedName returns the attribute by which the configuration names another user
// than the state, or "" for the same user.
func (r *workspaceUserResource) changedName(ctx context.Context, config, state workspaceUserModel, diags *diag.Diagnostics) string {
	sameID := config.UserID.Equal(state.UserID)

	switch {
	case !config.UserID.IsNull() && !sameID:
		return attrUserID
	case config.Email.IsNull(), config.Email.same(state.Email):
		return ""
	case config.Email.IsUnknown() && sameID:
		return ""
	case config.Email.IsUnknown():
		return attrEmail
	}

	if r.inventory == nil {
		return attrEmail
	}

	return r.followEmail(ctx, config, state, diags)
}

// followEmail finds out whose a changed e-mail is. Only an answer of the directory
// proves that it is another user's.
func (r *workspaceUserResource) followEmail(ctx context.Context, config, state workspaceUserModel, diags *diag.Diagnostics) string {
	owner, err := r.inventory.UserByEmail(ctx, config.Email.ValueString())

	switch {
	case err == nil && owner.ID == state.UserID.ValueString():
		return ""
	case err == nil && config.UserID.IsNull():
		return attrEmail
	case err == nil:
		err = &inventory.UserMismatchError{Ref: config.ref(), Owner: owner.ID}
	case errors.Is(err, inventory.ErrNoDirectory) && (state.Email.IsNull() || !config.UserID.IsNull()):
		return ""
	case errors.Is(err, inventory.ErrNoDirectory):
		return attrEmail
	case errors.Is(err, inventory.ErrNoSuchUser):
		diags.AddAttributeWarning(path.Root(attrEmail), summaryUnknownUser, fmt.Sprintf(
			"The instance has no user %q yet. The apply removes %s from workspace %d, and then fails if that account is not made in this run. Check the spelling.",
			config.Email.ValueString(), state.describe(), state.WorkspaceID.ValueInt64()))

		return attrEmail
	}

	addAttributeFailure(diags, path.Root(attrEmail), summaryFindUser, fmt.Sprintf(
		"Could not find out whether %q is still the user %s", config.Email.ValueString(), state.UserID.ValueString()), err)

	return ""
}

// plannedUser plans what the configuration gives, and the state for what it leaves
// out or spells in another way. A replaced user has nothing in common with the state.
func plannedUser(config, state workspaceUserModel, changed string) (email, types.String) {
	plannedEmail, plannedID := config.Email, config.UserID

	switch {
	case changed != "" && plannedEmail.IsNull():
		plannedEmail = email{basetypes.NewStringUnknown()}
	case changed == "" && (plannedEmail.IsNull() || plannedEmail.same(state.Email)):
		plannedEmail = state.Email
	}

	switch {
	case changed != "" && plannedID.IsNull():
		plannedID = types.StringUnknown()
	case changed == "":
		plannedID = state.UserID
	}

	return plannedEmail, plannedID
}

// planRemove tells of a member that the apply will keep, as far as the plan can know:
// other members may come and go in the same run.
func (r *workspaceUserResource) planRemove(ctx context.Context, state workspaceUserModel, diags *diag.Diagnostics) {
	if r.inventory == nil || diags.HasError() {
		return
	}

	caller, err := r.inventory.Caller(ctx)

	switch {
	case err != nil:
	case caller.UserID == state.UserID.ValueString():
		diags.AddWarning(summaryMemberStays, fmt.Sprintf("%s stays a member of workspace %d, but will not be managed by this resource any more: %s",
			state.describe(), state.WorkspaceID.ValueInt64(), whyKept(inventory.KeptCaller)))
	case r.isOnlyOwner(ctx, state):
		diags.AddWarning(summaryMemberStays, fmt.Sprintf("%s stays a member of workspace %d, but will not be managed by this resource any more: %s",
			state.describe(), state.WorkspaceID.ValueInt64(), whyKept(inventory.KeptLastOwner)))
	}
}

// isOnlyOwner is false if that cannot be told.
func (r *workspaceUserResource) isOnlyOwner(ctx context.Context, state workspaceUserModel) bool {
	members, err := r.inventory.Members(ctx, state.WorkspaceID.ValueInt64())
	owners := slices.DeleteFunc(slices.Clone(members), func(m wallaroo.Member) bool { return m.Role != wallaroo.RoleOwner })

	return err == nil && len(owners) == 1 && owners[0].UserID == state.UserID.ValueString()
}

// warnOfLastOwner tells at plan time what the apply refuses, unless another owner
// comes in the same run.
func (r *workspaceUserResource) warnOfLastOwner(ctx context.Context, state, plan workspaceUserModel, diags *diag.Diagnostics) {
	if r.inventory == nil || state.role() != wallaroo.RoleOwner || plan.role() == wallaroo.RoleOwner || plan.UserType.IsUnknown() {
		return
	}

	if !r.isOnlyOwner(ctx, state) {
		return
	}

	diags.AddAttributeWarning(path.Root(attrUserType), summaryLastOwner, fmt.Sprintf(
		"%s is the only owner of workspace %d. The apply keeps that and fails, unless it makes another member OWNER first.",
		state.describe(), state.WorkspaceID.ValueInt64()))
}
