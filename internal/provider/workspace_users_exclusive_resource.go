package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

var (
	_ resource.ResourceWithConfigure      = (*exclusiveResource)(nil)
	_ resource.ResourceWithIdentity       = (*exclusiveResource)(nil)
	_ resource.ResourceWithValidateConfig = (*exclusiveResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*exclusiveResource)(nil)
	_ resource.ResourceWithImportState    = (*exclusiveResource)(nil)
)

const (
	summarySetMembers   = "Unable to set workspace users"
	summaryReadMembers  = "Unable to read workspace users"
	summaryListedTwice  = "User is listed twice"
	summaryWillRemove   = "Present members will be removed"
	summaryCannotRemove = "Members to be removed are not known"
	summaryOthersKept   = "Members were kept"
)

// NewWorkspaceUsersExclusiveResource returns the resource
// wallaroo_workspace_users_exclusive.
func NewWorkspaceUsersExclusiveResource() resource.Resource { return &exclusiveResource{} }

type exclusiveResource struct{ resourceBase }

func (r *exclusiveResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_users_exclusive"
}

func (r *exclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	entry := setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1))
	resp.Schema = schema.Schema{
		MarkdownDescription: "All members of a workspace: whoever is not listed is removed. The one exception is the account that the provider signs in with, " +
			"which stays a member whether it is listed or not.\n\n" +
			"Do not use this together with `wallaroo_workspace_user` for the same workspace: each would undo the other. " +
			"Destroying this resource stops managing the members and removes nobody.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{
				MarkdownDescription: "Number of the workspace. Changing this stops managing the members of the old workspace, and starts with the new one.",
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			attrOwners: schema.SetAttribute{
				MarkdownDescription: "The owners, at least one, each by e-mail or by user id. Letter case does not matter in e-mails.",
				CustomType:          newUserSetType(),
				Required:            true,
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), noNulls{}, entry},
			},
			attrCollaborators: schema.SetAttribute{
				MarkdownDescription: "The collaborators, each by e-mail or by user id. Letter case does not matter in e-mails. Defaults to none.",
				CustomType:          newUserSetType(),
				Optional:            true,
				Validators:          []validator.Set{noNulls{}, entry},
			},
		},
	}
}

func (r *exclusiveResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			attrWorkspaceID: identityschema.Int64Attribute{
				Description:       "Number of the workspace.",
				RequiredForImport: true,
			},
		},
	}
}

// ValidateConfig finds users that are listed twice by their spelling. Two names of
// one user are found by the plan.
func (r *exclusiveResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config exclusiveModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	listed := map[string]string{}

	for _, entry := range append(entries(config.Owners.SetValue), entries(config.Collaborators.SetValue)...) {
		key := strings.ToLower(entry)
		if other, ok := listed[key]; ok {
			resp.Diagnostics.AddAttributeError(path.Root(attrCollaborators), summaryListedTwice,
				fmt.Sprintf("%q and %q are the same user. List each user once, as an owner or as a collaborator.", other, entry))
		}

		listed[key] = entry
	}
}

// Create sets no state when it fails: the members that it has added are found by
// the next create, whereas a state would make Terraform replace the resource.
func (r *exclusiveResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan exclusiveModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}

	known, err := r.set(ctx, plan, userIDs{}, &resp.Diagnostics)
	if err != nil {
		addSetFailure(&resp.Diagnostics, plan.WorkspaceID.ValueInt64(), err)

		return
	}

	saveUsers(ctx, resp.Private, known, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

func (r *exclusiveResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state exclusiveModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() {
		return
	}

	completeIdentity(ctx, resp.Identity, state.identity(), &resp.Diagnostics)

	if r.inventory == nil {
		warnNotRefreshed(&resp.Diagnostics)

		return
	}

	id, before := state.WorkspaceID.ValueInt64(), state
	known, err := r.refresh(ctx, &state, loadUsers(ctx, req.Private, &resp.Diagnostics))

	switch {
	case errors.Is(err, inventory.ErrNotVisible):
		warnGone(&resp.Diagnostics, id, "its members")
		resp.State.RemoveResource(ctx)
	case errors.Is(err, inventory.ErrNothingVisible):
		addReadFailure(&resp.Diagnostics, id, err)
	case err != nil:
		addFailure(&resp.Diagnostics, summaryReadMembers, fmt.Sprintf("Could not read the members of workspace %d; the state was kept", id), err)
	default:
		saveUsers(ctx, resp.Private, known, &resp.Diagnostics)

		if !state.Owners.Equal(before.Owners) || !state.Collaborators.Equal(before.Collaborators) {
			resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
		}
	}
}

// Update keeps the state true when it fails halfway: it then holds the members as
// they are.
func (r *exclusiveResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state exclusiveModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}

	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)

	before := loadUsers(ctx, req.Private, &resp.Diagnostics)

	known, err := r.set(ctx, plan, before, &resp.Diagnostics)
	if err != nil {
		addSetFailure(&resp.Diagnostics, plan.WorkspaceID.ValueInt64(), err)

		if known, err = r.refresh(context.WithoutCancel(ctx), &state, before); err != nil {
			return
		}

		plan = state
	}

	saveUsers(ctx, resp.Private, known, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete stops managing the members and removes nobody.
func (r *exclusiveResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
}

// ImportState takes the workspace's id, its name, or the identity. All members are
// taken over, the account that signs in too: it cannot be told whether the
// configuration lists it.
func (r *exclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) || !namesSomething(req, &resp.Diagnostics) {
		return
	}

	wanted := parseWorkspaceRef(req.ID)

	if req.ID == "" {
		var identity exclusiveIdentity

		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		wanted = workspaceRef{id: identity.WorkspaceID.ValueInt64()}
	}

	if resp.Diagnostics.HasError() {
		return
	}

	found, ok := findImported(ctx, r.inventory, wanted, &resp.Diagnostics)
	if !ok {
		return
	}

	state := exclusiveModel{WorkspaceID: types.Int64Value(found.ID), Owners: newUserSet(nil), Collaborators: nullUserSet()}

	known, err := r.takeOver(ctx, &state)
	if err != nil {
		addFailure(&resp.Diagnostics, summaryImport, fmt.Sprintf("Could not read the members of workspace %d", found.ID), err)

		return
	}

	saveUsers(ctx, resp.Private, known, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// set applies the planned members and returns their ids.
func (r *exclusiveResource) set(ctx context.Context, plan exclusiveModel, before userIDs, diags *diag.Diagnostics) (userIDs, error) {
	wanted := plan.members(before)

	outcome, err := r.inventory.SetMembers(ctx, plan.WorkspaceID.ValueInt64(), wanted)
	if err != nil {
		return nil, err
	}

	if len(outcome.Kept) > 0 {
		diags.AddWarning(summaryOthersKept, fmt.Sprintf(
			"Members of workspace %d that are not listed were kept, because other resources of this run want them: %s. "+
				"Manage the members of one workspace in one way only.", plan.WorkspaceID.ValueInt64(), strings.Join(outcome.Kept, ", ")))
	}

	known := userIDs{}
	for i, want := range wanted {
		known.keep(want.Ref, outcome.IDs[i])
	}

	return known, nil
}

func addSetFailure(diags *diag.Diagnostics, workspaceID int64, err error) {
	var (
		twice  *inventory.SameUserError
		failed *inventory.MemberSetError
	)

	switch {
	case errors.As(err, &twice):
		diags.AddAttributeError(path.Root(attrCollaborators), summaryListedTwice, sentence(twice)+" List each user once.")
	case errors.As(err, &failed):
		text := fmt.Sprintf("Not all members of workspace %d could be brought to where they should be:\n%s", workspaceID, failed.Error())
		if next := nextStep(failed.Failed[0].Err); next != "" {
			text += "\n\n" + next
		}

		diags.AddError(summarySetMembers, text+"\n\nWhat was done stays, and the next apply goes on from there.")
	default:
		addFailure(diags, summarySetMembers, fmt.Sprintf("Could not set the members of workspace %d", workspaceID), err)
	}
}
