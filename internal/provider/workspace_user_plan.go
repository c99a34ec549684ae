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
	summaryUnknownUser   = "User does not exist yet"
	summaryUserUnchecked = "User was not checked"
	summaryFindUser      = "Unable to find user"
	summaryNoAccess      = "Workspace not accessible"
	summaryWillKeep      = "Workspace user will be kept"
	summaryWillDemote    = "Owners will become collaborators"
	summaryWillRemove    = "Present members will be removed"
	summaryLastOwner     = "Last owner would become a collaborator"
	summaryManagedTwice  = "Member is managed more than once"
	summaryOwnRights     = "The provider's own account will lose rights"
)

// ModifyPlan plans the user by a rule that gives the same response whenever Terraform
// asks: from configuration and state alone. What it finds on the instance it only
// reports.
func (r *workspaceUserResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var config, plan, state workspaceUserModel

	// Most plans of a thousand members change nothing.
	if req.Plan.Raw.Equal(req.State.Raw) {
		return
	}

	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}

	if !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	}

	if resp.Diagnostics.HasError() {
		return
	}

	creating, destroying := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !creating && !destroying {
		plan.Email, plan.UserID = plannedUser(config, state)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}

	switch {
	case r.isApplying():
	case destroying:
		r.planRemove(ctx, state, loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics), &resp.Diagnostics)
	case creating:
		r.planAdd(ctx, config, plan, &resp.Diagnostics)
	default:
		r.planChange(ctx, config, plan, state, &resp.Diagnostics)
	}
}

// plannedUser plans the user of the state as long as the configuration names it by ID
// or email. Of another user, what is not configured is known after apply.
func plannedUser(config, state workspaceUserModel) (email, types.String) {
	sameEmail := config.Email.same(state.Email)
	sameUser := config.UserID.Equal(state.UserID) || config.UserID.IsNull() && sameEmail

	plannedEmail, plannedID := config.Email, config.UserID

	switch {
	case sameUser && (sameEmail || config.Email.IsNull()):
		plannedEmail = state.Email
	case config.Email.IsNull():
		plannedEmail = email{basetypes.NewStringUnknown()}
	}

	switch {
	case sameUser:
		plannedID = state.UserID
	case config.UserID.IsNull():
		plannedID = types.StringUnknown()
	}

	return plannedEmail, plannedID
}

// planAdd looks a new member up, so that a wrong email is known before the apply, and
// whether adding it would take rights from a present one.
func (r *workspaceUserResource) planAdd(ctx context.Context, config, plan workspaceUserModel, diags *diag.Diagnostics) {
	if r.inventory == nil {
		return
	}

	id := plan.WorkspaceID.ValueInt64() // 0 if it is not known

	if !plan.WorkspaceID.IsUnknown() {
		// The members and not the list, because a workspace created in this apply may
		// not be listed yet.
		if _, err := r.inventory.Members(ctx, id); errors.Is(err, inventory.ErrNotAccessible) {
			addNoAccessWarning(diags, id)
		}
	}

	if config.Email.IsUnknown() || config.UserID.IsUnknown() {
		return
	}

	account, ok := r.planUser(ctx, id, config, diags)
	if !ok || plan.WorkspaceID.IsUnknown() || plan.UserType.IsUnknown() {
		return
	}

	member, err := r.findMember(ctx, id, account.ID)
	if err != nil || member.Role == plan.role() {
		return
	}

	if member.Role == wallaroo.RoleOwner {
		r.planDemotion(ctx, id, account.ID, plan.describe(), true, diags)
	}

	if slices.Contains(r.inventory.RolesInState(id, account.ID), member.Role) {
		diags.AddAttributeWarning(path.Root(attrUserType), summaryManagedTwice, fmt.Sprintf(
			"Another resource in state has the member %s of %s with the role %s, and this one makes it %s. If both stay in the configuration, each apply changes the role again.",
			plan.describe(), r.describeWorkspace(id), member.Role, plan.role()))
	}
}

// planUser looks up the user of a new member. Not finding it is no error: the account
// may be created in the same apply.
func (r *workspaceUserResource) planUser(ctx context.Context, workspaceID int64, config workspaceUserModel, diags *diag.Diagnostics) (inventory.Account, bool) {
	account, err := r.inventory.ResolveUser(ctx, workspaceID, config.ref())
	if err == nil && config.Email.IsNull() {
		_, err = r.inventory.UserByID(ctx, account.ID)
	}

	_, isMismatch := errors.AsType[*inventory.UserMismatchError](err)
	_, isAmbiguous := errors.AsType[*inventory.AmbiguousUserError](err)

	switch {
	case err == nil, errors.Is(err, inventory.ErrNoDirectory):
	case errors.Is(err, inventory.ErrNoSuchUser):
		diags.AddAttributeWarning(userPath(config), summaryUnknownUser, fmt.Sprintf(
			"The instance has no %s. If the account is not created in this apply, the apply will fail. Check the spelling.", describeSought(config)))
	case isMismatch, isAmbiguous:
		diags.AddAttributeError(userPath(config), summaryFindUser, memberAdvice.failure("The user cannot be determined", err))
	default:
		diags.AddAttributeWarning(userPath(config), summaryUserUnchecked,
			memberAdvice.failure(fmt.Sprintf("Could not check whether %s exists; the apply will", config.describe()), err))
	}

	return account, account.ID != ""
}

func describeSought(config workspaceUserModel) string {
	if config.Email.IsNull() {
		return fmt.Sprintf("user with the ID %q", config.UserID.ValueString())
	}

	return fmt.Sprintf("user with the email %q", config.Email.ValueString())
}

func userPath(config workspaceUserModel) path.Path {
	if config.Email.IsNull() {
		return path.Root(attrUserID)
	}

	return path.Root(attrEmail)
}

// addNoAccessWarning is a warning, as access may be given before the apply.
func addNoAccessWarning(diags *diag.Diagnostics, id int64) {
	diags.AddAttributeWarning(path.Root(attrWorkspaceID), summaryNoAccess, fmt.Sprintf(
		"Workspace %d is not accessible to the authenticated account, so the apply will fail. Check the ID, and that the account is a member of the workspace.", id))
}

// planChange reports what a change in place takes away: the rights of an owner, or the
// membership that another one takes the place of.
func (r *workspaceUserResource) planChange(ctx context.Context, config, plan, state workspaceUserModel, diags *diag.Diagnostics) {
	id := state.WorkspaceID.ValueInt64()

	switch {
	case r.inventory == nil || config.Email.IsUnknown() || config.UserID.IsUnknown() || plan.WorkspaceID.IsUnknown():
	case !plan.sameMembership(state):
		r.planMove(ctx, config, plan, state, diags)
	case len(r.inventory.RolesInState(id, state.UserID.ValueString())) > 1:
		r.addManagedTwice(state, "changes the role that another resource sets", diags)
	case state.role() == wallaroo.RoleOwner && plan.role() != wallaroo.RoleOwner && !plan.UserType.IsUnknown():
		r.planDemotion(ctx, id, state.UserID.ValueString(), state.describe(), false, diags)
	}
}

// addManagedTwice reports a member that two resources in state name, for example by two
// spellings of one email.
func (r *workspaceUserResource) addManagedTwice(state workspaceUserModel, effect string, diags *diag.Diagnostics) {
	diags.AddWarning(summaryManagedTwice, fmt.Sprintf(
		"Two resources in state are the member %s of %s, and the apply of this one %s. Keep one of them, and remove the other with `terraform state rm`.",
		state.describe(), r.describeWorkspace(state.WorkspaceID.ValueInt64()), effect))
}

// planMove reports the member that is removed after another one was added. It looks
// the new user up, who may turn out to be the same one by another name.
func (r *workspaceUserResource) planMove(ctx context.Context, config, plan, state workspaceUserModel, diags *diag.Diagnostics) {
	account, ok := r.planUser(ctx, plan.WorkspaceID.ValueInt64(), config, diags)
	if !ok || account.ID == state.UserID.ValueString() && plan.WorkspaceID.Equal(state.WorkspaceID) {
		return
	}

	diags.AddWarning(summaryWillRemove, fmt.Sprintf("The apply makes %s a member of %s, and then removes %s from %s.",
		config.describe(), r.describeWorkspace(plan.WorkspaceID.ValueInt64()), state.describe(), r.describeWorkspace(state.WorkspaceID.ValueInt64())))
}

// planDemotion reports an owner who becomes a collaborator. isNew is true where the
// configuration does not say that it changes a present owner.
func (r *workspaceUserResource) planDemotion(ctx context.Context, workspaceID int64, userID, name string, isNew bool, diags *diag.Diagnostics) {
	where := r.describeWorkspace(workspaceID)
	others, err := r.inventory.OtherOwners(ctx, workspaceID, userID)

	switch {
	case err == nil && len(others) == 0 && isNew:
		diags.AddAttributeError(path.Root(attrUserType), summaryLastOwner, fmt.Sprintf(
			"%s already is the only owner of %s, and this resource would make the user a collaborator. Set `user_type = \"OWNER\"`, or make another member OWNER first.", name, where))
	case err == nil && len(others) == 0:
		diags.AddAttributeWarning(path.Root(attrUserType), summaryLastOwner, fmt.Sprintf(
			"%s is the only owner of %s. The apply fails, unless it makes another member OWNER first.", name, where))
	case r.isCurrentUser(ctx, userID):
		diags.AddAttributeWarning(path.Root(attrUserType), summaryOwnRights, describeOwnDemotion(name, where))
	default:
		diags.AddAttributeWarning(path.Root(attrUserType), summaryWillDemote, fmt.Sprintf(
			"%s is an owner of %s, and the apply makes the user a collaborator.", name, where))
	}
}

func describeOwnDemotion(name, where string) string {
	return fmt.Sprintf("%s is the account that the provider authenticates with, and the apply makes it a collaborator of %s. "+
		"Where only owners may change members, later changes will be refused.", name, where)
}

func (b *base) isCurrentUser(ctx context.Context, userID string) bool {
	currentUserID, err := b.inventory.CurrentUserID(ctx)

	return err == nil && currentUserID != "" && currentUserID == userID
}

// planRemove reports a member that the apply will keep, as far as the plan can know:
// other members may come and go in the same apply.
func (r *workspaceUserResource) planRemove(ctx context.Context, state workspaceUserModel, seen lastSeen, diags *diag.Diagnostics) {
	if r.inventory == nil {
		return
	}

	id, userID := state.WorkspaceID.ValueInt64(), state.UserID.ValueString()
	removal := inventory.Removed

	if len(r.inventory.RolesInState(id, userID)) > 1 {
		r.addManagedTwice(state, "removes the member", diags)
	}

	if r.isCurrentUser(ctx, userID) {
		removal = inventory.KeptCurrentUser
	} else if member, err := r.findMember(ctx, id, userID); err == nil && member.Role == wallaroo.RoleOwner {
		if others, err := r.inventory.OtherOwners(ctx, id, userID); err == nil && len(others) == 0 {
			removal = inventory.KeptLastOwner
		}
	}

	if why := whyKept(removal); why != "" {
		diags.AddWarning(summaryWillKeep, fmt.Sprintf("%s will remain a member of %s but will no longer be managed by this resource: %s",
			state.describe(), r.describeWorkspace(id, seen), why))
	}
}
