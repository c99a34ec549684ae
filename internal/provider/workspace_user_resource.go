package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	_ resource.ResourceWithConfigure        = (*workspaceUserResource)(nil)
	_ resource.ResourceWithConfigValidators = (*workspaceUserResource)(nil)
	_ resource.ResourceWithIdentity         = (*workspaceUserResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*workspaceUserResource)(nil)
	_ resource.ResourceWithImportState      = (*workspaceUserResource)(nil)
)

const (
	summaryAddMember    = "Unable to add workspace user"
	summaryChangeMember = "Unable to change workspace user"
	summaryReadMember   = "Unable to read workspace user"
	summaryRemoveMember = "Unable to remove workspace user"
	summaryMemberKept   = "Workspace user was kept"
	summaryUnretired    = "Former owner was not removed"
	summaryEmailUnread  = "E-mail was not refreshed"
)

// NewWorkspaceUserResource returns the resource wallaroo_workspace_user.
func NewWorkspaceUserResource() resource.Resource { return &workspaceUserResource{} }

type workspaceUserResource struct{ resourceBase }

func (r *workspaceUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_user"
}

func (r *workspaceUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "One member of a workspace. Other members, whether Terraform manages them or not, are left alone.\n\n" +
			"Destroying this resource removes the user from the workspace, with three exceptions that are announced as warnings: the last owner stays, " +
			"so that nobody is locked out; the account that the provider signs in with stays, so that the run can go on; " +
			"and a user whom another resource of the same run makes a member stays.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{
				MarkdownDescription: "Number of the workspace. Changing this removes the user from the old workspace and adds the user to the new one.",
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			attrEmail: schema.StringAttribute{
				MarkdownDescription: "E-mail of the user, who must exist on the instance; letter case does not matter. At least one of `email` and `user_id` is needed; if both are given, they must name one user. " +
					"Changing this to another user's e-mail forces a new member to be created; following a changed e-mail of the same user does not.",
				CustomType: emailType{},
				Optional:   true,
				Computed:   true,
				Validators: notEmpty(),
			},
			attrUserID: schema.StringAttribute{
				MarkdownDescription: "Id of the user in the instance's login server, usually a UUID. At least one of `email` and `user_id` is needed. Changing this forces a new member to be created.",
				Optional:            true,
				Computed:            true,
				Validators:          notEmpty(),
			},
			attrUserType: schema.StringAttribute{
				MarkdownDescription: "Role of the user in the workspace: `COLLABORATOR` or `OWNER`. It is changed in place, but the last owner cannot be made a collaborator. Defaults to `COLLABORATOR`.",
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(string(wallaroo.RoleCollaborator)),
				Validators:          []validator.String{stringvalidator.OneOf(string(wallaroo.RoleCollaborator), string(wallaroo.RoleOwner))},
			},
		},
	}
}

func (r *workspaceUserResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			attrWorkspaceID: identityschema.Int64Attribute{
				Description:       "Number of the workspace.",
				RequiredForImport: true,
			},
			attrUserID: identityschema.StringAttribute{
				Description:       "Id of the user in the instance's login server.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *workspaceUserResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.AtLeastOneOf(path.MatchRoot(attrEmail), path.MatchRoot(attrUserID)),
	}
}

func (r *workspaceUserResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.write(ctx, req.Plan, summaryAddMember, &resp.State, resp.Identity, &resp.Diagnostics)
}

func (r *workspaceUserResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state workspaceUserModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() {
		return
	}

	completeIdentity(ctx, resp.Identity, state.identity(), &resp.Diagnostics)

	if r.inventory == nil {
		warnNotRefreshed(&resp.Diagnostics)

		return
	}

	before := state
	currentEmail := beside(func() (email, diag.Diagnostics) { return r.currentEmail(ctx, before) })
	member, err := r.findMember(ctx, state.WorkspaceID.ValueInt64(), state.UserID.ValueString())

	switch {
	case errors.Is(err, inventory.ErrNotVisible):
		warnGone(&resp.Diagnostics, state.WorkspaceID.ValueInt64(), "its member "+state.describe())
		resp.State.RemoveResource(ctx)
	case errors.Is(err, errNoMember):
		resp.State.RemoveResource(ctx)
	case errors.Is(err, inventory.ErrNothingVisible):
		addReadFailure(&resp.Diagnostics, state.WorkspaceID.ValueInt64(), err)
	case err != nil:
		addFailure(&resp.Diagnostics, summaryReadMember, fmt.Sprintf(
			"Could not read the members of workspace %d; %s was kept in the state", state.WorkspaceID.ValueInt64(), state.describe()), err)
	default:
		var found diag.Diagnostics

		state.UserType = types.StringValue(string(member.Role))
		state.Email, found = currentEmail()
		resp.Diagnostics.Append(found...)

		if state != before {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
	}
}

func (r *workspaceUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.write(ctx, req.Plan, summaryChangeMember, &resp.State, resp.Identity, &resp.Diagnostics)
}

// write makes the planned user a member with the planned role, whatever was before.
func (r *workspaceUserResource) write(
	ctx context.Context, planned tfsdk.Plan, summary string, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) {
	var plan workspaceUserModel

	diags.Append(planned.Get(ctx, &plan)...)

	if diags.HasError() || !r.ready(diags) || !r.ensure(ctx, &plan, summary, diags) {
		return
	}

	diags.Append(state.Set(ctx, plan)...)
	diags.Append(identity.Set(ctx, plan.identity())...)
}

func (r *workspaceUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state workspaceUserModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}

	removal, err := r.inventory.RemoveMember(ctx, state.WorkspaceID.ValueInt64(), state.UserID.ValueString())
	if err != nil {
		addFailure(&resp.Diagnostics, summaryRemoveMember, fmt.Sprintf(
			"Could not remove %s from workspace %d", state.describe(), state.WorkspaceID.ValueInt64()), err)

		return
	}

	if why := whyKept(removal); why != "" {
		resp.Diagnostics.AddWarning(summaryMemberKept, fmt.Sprintf("%s is still a member of workspace %d, but not managed by this resource any more: %s",
			state.describe(), state.WorkspaceID.ValueInt64(), why))
	}
}

func whyKept(removal inventory.Removal) string {
	switch removal {
	case inventory.KeptClaimed:
		return "another resource of this run has the same user as a member of this workspace. Nothing needs to be done."
	case inventory.KeptLastOwner:
		return "nobody else owns the workspace, and without an owner nobody could let others in. If this run makes another user an owner, this one is removed then."
	case inventory.KeptCaller:
		return "it is the account that the provider signs in with, which needs its access to go on. If it has to go, see that somebody else owns the workspace, and remove it with another account."
	case inventory.Removed:
	}

	return ""
}

// ImportState takes WORKSPACE_ID/EMAIL, WORKSPACE_ID/USER_ID, the same with the
// workspace's name in front, or the identity.
func (r *workspaceUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) || !namesSomething(req, &resp.Diagnostics) {
		return
	}

	place, user, ok := importedMember(ctx, req, &resp.Diagnostics)
	if !ok {
		return
	}

	found, ok := findImported(ctx, r.inventory, place, &resp.Diagnostics)
	if !ok {
		return
	}

	id, err := r.inventory.Resolve(ctx, user)
	if err == nil {
		var member wallaroo.Member

		member, err = r.findMember(ctx, found.ID, id)
		if err == nil {
			state := workspaceUserModel{
				WorkspaceID: types.Int64Value(found.ID),
				Email:       newEmail(user.Email),
				UserID:      types.StringValue(id),
				UserType:    types.StringValue(string(member.Role)),
			}

			var told diag.Diagnostics

			state.Email, told = r.currentEmail(ctx, state)
			resp.Diagnostics.Append(told...)
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
			resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)

			return
		}
	}

	addFailure(&resp.Diagnostics, summaryImport, fmt.Sprintf("Could not import %q as a member of workspace %q (id %d)",
		user.UserID+user.Email, found.Name, found.ID), err)
}

func importedMember(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (workspaceRef, inventory.UserRef, bool) {
	if req.ID == "" {
		var identity workspaceUserIdentity

		diags.Append(req.Identity.Get(ctx, &identity)...)

		return workspaceRef{id: identity.WorkspaceID.ValueInt64()}, inventory.UserRef{UserID: identity.UserID.ValueString()}, !diags.HasError()
	}

	place, user, err := parseMemberID(req.ID)
	if err != nil {
		diags.AddError(summaryImport, "The import id "+err.Error()+".")
	}

	return place, user, err == nil
}
