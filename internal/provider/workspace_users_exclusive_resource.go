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
	summarySetMembers  = "Unable to set workspace users"
	summaryReadMembers = "Unable to read workspace users"
	summaryListedTwice = "User is listed twice"
	summaryOthersKept  = "Members were kept"
)

// NewWorkspaceUsersExclusiveResource returns the resource
// wallaroo_workspace_users_exclusive.
func NewWorkspaceUsersExclusiveResource() resource.Resource { return &exclusiveResource{} }

type exclusiveResource struct{ resourceBase }

func (r *exclusiveResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_users_exclusive"
}

func (r *exclusiveResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages all members of a workspace. Authoritative: members who are not listed are removed, except the authenticated account and `ignored_users`.\n\n" +
			"~> **Warning:** Do not use this together with `wallaroo_workspace_user` for the same workspace: each would undo the other.\n\n" +
			"Destroying this resource removes it from state. The members remain; they are only no longer managed by Terraform.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{
				MarkdownDescription: "Numeric ID of the workspace. Changing it forces replacement: the members of the old workspace remain and are no longer managed, and those of the new one are.",
				Required:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.RequiresReplace()},
			},
			attrOwners: schema.SetAttribute{
				MarkdownDescription: "Owners of the workspace, at least one, each by email address (case-insensitive) or by user ID.",
				CustomType:          newUserSetType(),
				Required:            true,
				Validators:          append(personSetValidators(), atLeastOneOwner{}),
			},
			attrCollaborators: schema.SetAttribute{
				MarkdownDescription: "Collaborators of the workspace, each by email address (case-insensitive) or by user ID. Defaults to none.",
				CustomType:          newUserSetType(),
				Optional:            true,
				Validators:          personSetValidators(),
			},
			attrIgnoredUsers: schema.SetAttribute{
				MarkdownDescription: "Users who are neither removed nor reported as drift, whatever their role, each by email address (case-insensitive) or by user ID: " +
					"for example an administrator who is a member of every workspace. A user cannot be listed here and in `owners` or `collaborators`. Defaults to none.",
				CustomType: newUserSetType(),
				Optional:   true,
				Validators: personSetValidators(),
			},
		},
	}
}

func (r *exclusiveResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			attrWorkspaceID: identityschema.Int64Attribute{
				Description:       "Numeric ID of the workspace.",
				RequiredForImport: true,
			},
		},
	}
}

// ValidateConfig finds users that are listed twice by their name. Two names of one
// user are found by the plan.
func (r *exclusiveResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config exclusiveModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	addNamesListedTwice(&resp.Diagnostics, config, "")
}

const (
	listOnce   = "List each user once: as an owner, as a collaborator or as ignored."
	ignoreBoth = " With `ignore_changes` on one of the sets, a user whose role was changed outside of Terraform ends up in both: ignore both sets, or neither."
)

// addNamesListedTwice reports a name that is listed again, at the attribute where it is,
// and whether there is one. The hint ends the error.
func addNamesListedTwice(diags *diag.Diagnostics, model exclusiveModel, hint string) bool {
	listed := map[string]string{}

	for _, attribute := range []string{attrOwners, attrCollaborators, attrIgnoredUsers} {
		for _, name := range entries(model.sets()[attribute].SetValue) {
			key := strings.ToLower(name)
			if other, ok := listed[key]; ok {
				diags.AddAttributeError(path.Root(attribute), summaryListedTwice, fmt.Sprintf("%q and %q are the same user. %s%s", other, name, listOnce, hint))

				return true
			}

			listed[key] = name
		}
	}

	return false
}

// Create sets no state when it fails: the members that it has added are found by
// the next create, whereas a state would make Terraform replace the resource.
func (r *exclusiveResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan exclusiveModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	known, err := r.setMembers(ctx, plan, userIDs{}, &resp.Diagnostics)
	if err != nil {
		r.addSetFailure(&resp.Diagnostics, plan.WorkspaceID.ValueInt64(), err)

		return
	}

	savePrivate(ctx, resp.Private, privateUsers, known, &resp.Diagnostics)
	savePrivate(ctx, resp.Private, privateLastSeen, r.seenNow(ctx, plan.WorkspaceID.ValueInt64()), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Update keeps the state true when it fails halfway: it then holds the members as
// they are.
func (r *exclusiveResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state exclusiveModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)

	id := plan.WorkspaceID.ValueInt64()
	before := loadPrivate[userIDs](ctx, req.Private, privateUsers, &resp.Diagnostics)
	seen := loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics)

	if !r.requireSameWorkspace(ctx, id, seen, r.seenNow(ctx, id), &resp.Diagnostics) {
		return
	}

	known, err := r.setMembers(ctx, plan, before, &resp.Diagnostics)
	if err != nil {
		r.addSetFailure(&resp.Diagnostics, id, err)

		if known, err = r.refresh(context.WithoutCancel(ctx), &state, before); err != nil {
			return
		}

		plan = state
	}

	savePrivate(ctx, resp.Private, privateUsers, known, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete stops managing the members and removes nobody. If the same apply manages them
// again, it knows whom the names mean.
func (r *exclusiveResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	if r.inventory == nil {
		return
	}

	for name, id := range loadPrivate[userIDs](ctx, req.Private, privateUsers, &resp.Diagnostics) {
		r.inventory.LearnUser(name, id)
	}
}

// ImportState takes the workspace's ID, its name, or the identity. All members are
// imported, the account that authenticates too: nothing says whether the
// configuration lists it.
func (r *exclusiveResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.requireConfigured(&resp.Diagnostics) || !requireImportID(req, &resp.Diagnostics) {
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

	state := exclusiveModel{
		WorkspaceID: types.Int64Value(found.ID), Owners: newUserSet(nil), Collaborators: nullUserSet(), IgnoredUsers: nullUserSet(),
	}

	known, err := r.importMembers(ctx, &state)
	if err != nil {
		addFailure(&resp.Diagnostics, importAdvice, summaryImport, fmt.Sprintf("Could not read the members of workspace %q (ID %d)", found.Name, found.ID), err)

		return
	}

	savePrivate(ctx, resp.Private, privateUsers, known, &resp.Diagnostics)
	savePrivate(ctx, resp.Private, privateLastSeen, r.seenNow(ctx, found.ID), &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
}

// setMembers applies the planned members and returns their IDs by name.
func (r *exclusiveResource) setMembers(ctx context.Context, plan exclusiveModel, before userIDs, diags *diag.Diagnostics) (userIDs, error) {
	id, wanted := plan.WorkspaceID.ValueInt64(), plan.memberSet(before)

	outcome, err := r.inventory.SetMembers(ctx, id, wanted)
	if err != nil {
		return nil, err
	}

	if len(outcome.Kept) > 0 {
		names := make([]string, len(outcome.Kept))
		for i, kept := range outcome.Kept {
			names[i] = r.displayName(ctx, kept)
		}

		diags.AddWarning(summaryOthersKept, fmt.Sprintf(
			"Members of %s that are not listed were kept, because other resources of this apply manage them: %s. "+
				"Manage the members of one workspace in one way only.", r.describeWorkspace(id), strings.Join(names, ", ")))
	}

	known := userIDs{}
	for i, member := range wanted.Members {
		known.keep(member.Ref.Name, outcome.IDs[i])
	}

	return known, nil
}

func (r *exclusiveResource) addSetFailure(diags *diag.Diagnostics, workspaceID int64, err error) {
	twice, isTwice := errors.AsType[*inventory.SameUserError](err)
	failed, isPartial := errors.AsType[*inventory.MemberSetError](err)

	switch {
	case isTwice:
		addListedTwice(diags, twice)
	case isPartial:
		diags.AddError(summarySetMembers, fmt.Sprintf("Not all members of %s could be set:\n%s\n\n%s\n\nCompleted changes remain, and the next apply continues from there.",
			r.describeWorkspace(workspaceID), failed.Error(), strings.Join(nextSteps(failed), "\n\n")))
	default:
		addFailure(diags, setAdvice, summarySetMembers, fmt.Sprintf("Could not set the members of %s", r.describeWorkspace(workspaceID)), err)
	}
}

// nextSteps says once each what to do about the failures.
func nextSteps(failed *inventory.MemberSetError) []string {
	var steps []string

	for _, member := range failed.Failed {
		if step := setAdvice.nextStep(member.Err); !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}

	return steps
}

func addListedTwice(diags *diag.Diagnostics, twice error) {
	diags.AddAttributeError(path.Root(attrCollaborators), summaryListedTwice, sentence(twice)+" "+listOnce+ignoreBoth)
}

// atLeastOneOwner says why an empty set is refused.
type atLeastOneOwner struct{}

func (atLeastOneOwner) Description(context.Context) string { return "at least one owner" }

func (v atLeastOneOwner) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (atLeastOneOwner) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() && len(req.ConfigValue.Elements()) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "No owner is listed",
			"A workspace needs at least one owner: without one, nobody could add members. List an owner, for example the account that the provider authenticates with.")
	}
}
