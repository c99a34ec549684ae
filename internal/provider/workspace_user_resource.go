package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
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
	summaryOwnerKept    = "Former owner was not removed"
	summaryUnverified   = "Email could not be verified"
)

// NewWorkspaceUserResource returns the resource wallaroo_workspace_user.
func NewWorkspaceUserResource() resource.Resource { return &workspaceUserResource{} }

type workspaceUserResource struct{ resourceBase }

func (r *workspaceUserResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_user"
	// A member that becomes another user is added before the old one is removed, which
	// a replacement would do the other way round.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *workspaceUserResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages one member of a workspace. Non-authoritative: other members, whether managed by Terraform or not, are not changed.\n\n" +
			"The member changes in place: if `workspace_id` or the user changes, the new member is added first and the old one is removed then.\n\n" +
			"~> **Warning:** Destroying this resource revokes the user's access to the workspace. The exceptions are reported as warnings: the last owner and " +
			"the authenticated account remain members, and so does a user whom another resource of the same apply makes a member.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{
				MarkdownDescription: "Numeric ID of the workspace. Changing it adds the user to the new workspace and then removes the user from the old one, in place.",
				Required:            true,
			},
			attrEmail: schema.StringAttribute{
				MarkdownDescription: "Email address of the user, case-insensitive. The user must exist on the instance. At least one of `email` and `user_id` is required; if both are set, they must name the same user. " +
					"Known after apply if omitted. Changing it to the address of another user changes the member in place; to the new address of the same user, it changes nothing on the instance.",
				CustomType: emailType{},
				Optional:   true,
				Computed:   true,
				Validators: personValidators(),
			},
			attrUserID: schema.StringAttribute{
				MarkdownDescription: "ID of the user in the identity provider (Keycloak), usually a UUID. At least one of `email` and `user_id` is required. Known after apply if omitted. Changing it changes the member in place.",
				Optional:            true,
				Computed:            true,
				Validators:          personValidators(),
			},
			attrUserType: schema.StringAttribute{
				MarkdownDescription: "Role of the user in the workspace: `COLLABORATOR` or `OWNER`. It changes in place. The last owner cannot become a collaborator. Defaults to `COLLABORATOR`.",
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
				Description:       "Numeric ID of the workspace.",
				RequiredForImport: true,
			},
			attrUserID: identityschema.StringAttribute{
				Description:       "ID of the user in the identity provider (Keycloak).",
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
	var config, plan workspaceUserModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	spec := inventory.MemberSpec{Ref: plan.ref(), Role: plan.role()}
	if !r.ensure(ctx, &plan, spec, summaryAddMember, &resp.Diagnostics) {
		return
	}

	r.save(ctx, config, plan, lastSeen{}, &resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
}

// Update makes the planned user a member of the planned workspace and then removes
// the one of the state, if that is another. Whatever fails, the state keeps the member
// that it has, and the next apply goes on.
func (r *workspaceUserResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var config, plan, state workspaceUserModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	before := loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)
	spec := inventory.MemberSpec{Ref: plan.updateRef(config, state), Role: plan.role(), Prior: state.role()}

	if !r.requireSameWorkspace(ctx, state.WorkspaceID.ValueInt64(), before, r.seenNow(ctx, state.WorkspaceID.ValueInt64()), &resp.Diagnostics) ||
		!r.ensure(ctx, &plan, spec, summaryChangeMember, &resp.Diagnostics) {
		return
	}

	if !plan.sameMembership(state) {
		if !r.remove(ctx, state, before, &resp.Diagnostics) {
			return
		}

		before = lastSeen{}
	}

	r.save(ctx, config, plan, before, &resp.State, resp.Identity, resp.Private, &resp.Diagnostics)
}

// ensure makes the planned user a member and completes the plan with who that is.
func (r *workspaceUserResource) ensure(ctx context.Context, plan *workspaceUserModel, spec inventory.MemberSpec, summary string, diags *diag.Diagnostics) bool {
	where := r.describeWorkspace(plan.WorkspaceID.ValueInt64())

	member, err := r.inventory.EnsureMember(ctx, plan.WorkspaceID.ValueInt64(), spec)
	if err != nil {
		addFailure(diags, memberAdvice, summary, fmt.Sprintf("Could not make %s a member of %s with the role %s", plan.describe(), where, plan.role()), err)

		return false
	}

	if member.RemovalErr != nil {
		diags.AddWarning(summaryOwnerKept, memberAdvice.failure(fmt.Sprintf(
			"An owner of %s, kept because nobody else owned it, could not be removed afterwards", where), member.RemovalErr))
	}

	if !member.Verified {
		diags.AddAttributeWarning(path.Root(attrEmail), summaryUnverified, fmt.Sprintf(
			"The instance does not say whether %q is the email of user %q, so `user_id` decided. If they are two users, remove the one that is not meant.",
			spec.Ref.Email, member.ID))
	}

	plan.UserID = types.StringValue(member.ID)
	if plan.Email.IsUnknown() {
		plan.Email = newEmail(member.Email)
	}

	return true
}

// save writes the member to state. It keeps whether the configuration names the user
// by ID alone, which a refresh cannot see.
func (r *workspaceUserResource) save(
	ctx context.Context, config, plan workspaceUserModel, before lastSeen,
	state *tfsdk.State, identity *tfsdk.ResourceIdentity, private privateWriter, diags *diag.Diagnostics,
) {
	seen := r.seenNow(ctx, plan.WorkspaceID.ValueInt64()).remember(before)
	seen.ByID = config.Email.IsNull()

	diags.Append(state.Set(ctx, plan)...)
	diags.Append(identity.Set(ctx, plan.identity())...)
	savePrivate(ctx, private, privateLastSeen, seen, diags)
}

func (r *workspaceUserResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state workspaceUserModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	id, before := state.WorkspaceID.ValueInt64(), loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)
	if r.requireSameWorkspace(ctx, id, before, r.seenNow(ctx, id), &resp.Diagnostics) {
		r.remove(ctx, state, before, &resp.Diagnostics)
	}
}

// remove removes the member of a state, and reports whether that is settled.
func (r *workspaceUserResource) remove(ctx context.Context, state workspaceUserModel, seen lastSeen, diags *diag.Diagnostics) bool {
	where := r.describeWorkspace(state.WorkspaceID.ValueInt64(), seen)

	removal, err := r.inventory.RemoveMember(ctx, state.WorkspaceID.ValueInt64(), state.ref())
	if err != nil {
		addFailure(diags, memberAdvice, summaryRemoveMember, fmt.Sprintf("Could not remove %s from %s", state.describe(), where), err)

		return false
	}

	if why := whyKept(removal); why != "" {
		diags.AddWarning(summaryMemberKept, fmt.Sprintf("%s remains a member of %s but is no longer managed by this resource: %s", state.describe(), where, why))
	}

	return true
}

func whyKept(removal inventory.Removal) string {
	switch removal {
	case inventory.KeptClaimed:
		return "another resource of this apply makes the same user a member of this workspace. No action is needed."
	case inventory.KeptClaimFailed:
		return "another resource of this apply was to make the same user a member of this workspace, but failed. See its error, and apply again."
	case inventory.KeptLastOwner:
		return "the workspace has no other owner, and without one nobody could add members. If this apply makes another user an owner, this one is removed then."
	case inventory.KeptCurrentUser:
		return "it is the account that the provider authenticates with, which needs its access to go on. To remove it, make somebody else an owner and authenticate with another account."
	case inventory.NotAccessible:
		return "the workspace is not accessible to the authenticated account, so nothing was sent. If the workspace still exists, the membership may too."
	case inventory.Removed:
	}

	return ""
}

// ImportState takes WORKSPACE_ID/EMAIL, WORKSPACE_ID/USER_ID, the same with the
// workspace's name in front, or the identity.
func (r *workspaceUserResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.requireConfigured(&resp.Diagnostics) || !requireImportID(req, &resp.Diagnostics) {
		return
	}

	workspace, user, ok := importedMember(ctx, req, &resp.Diagnostics)
	if !ok {
		return
	}

	found, ok := findImported(ctx, r.inventory, workspace, &resp.Diagnostics)
	if !ok {
		return
	}

	account, member, err := r.findAccount(ctx, found.ID, user)
	if err != nil {
		addFailure(&resp.Diagnostics, importAdvice, summaryImport, fmt.Sprintf("Could not import %s as a member of workspace %q (ID %d)",
			user, found.Name, found.ID), err)

		return
	}

	state := workspaceUserModel{
		WorkspaceID: types.Int64Value(found.ID),
		Email:       newEmail(account.Email),
		UserID:      types.StringValue(account.ID),
		UserType:    types.StringValue(string(member.Role)),
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	savePrivate(ctx, resp.Private, privateLastSeen, r.seenNow(ctx, found.ID), &resp.Diagnostics)
}

func importedMember(ctx context.Context, req resource.ImportStateRequest, diags *diag.Diagnostics) (workspaceRef, inventory.UserRef, bool) {
	if req.ID == "" {
		var identity workspaceUserIdentity

		diags.Append(req.Identity.Get(ctx, &identity)...)

		return workspaceRef{id: identity.WorkspaceID.ValueInt64()}, inventory.UserRef{UserID: identity.UserID.ValueString()}, !diags.HasError()
	}

	workspace, user, err := parseMemberID(req.ID)
	if err != nil {
		diags.AddError(summaryImport, "The import ID "+err.Error()+".")
	}

	return workspace, user, err == nil
}
