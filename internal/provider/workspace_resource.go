package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	_ resource.ResourceWithConfigure   = (*workspaceResource)(nil)
	_ resource.ResourceWithIdentity    = (*workspaceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*workspaceResource)(nil)
	_ resource.ResourceWithImportState = (*workspaceResource)(nil)
)

// NewWorkspaceResource returns the resource wallaroo_workspace.
func NewWorkspaceResource() resource.Resource { return &workspaceResource{} }

type workspaceResource struct{ resourceBase }

func (r *workspaceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (r *workspaceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a workspace of a Wallaroo instance: the place for the models and pipelines of a team.\n\n" +
			"~> **Warning:** " + notDeleted + " Destroying this resource or changing `name` only removes the workspace from state: it remains on the instance, and its name stays in use. " +
			"Both are reported as warnings at plan time, and are errors with `deletion_policy = \"PREVENT\"`.",
		Attributes: map[string]schema.Attribute{
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the workspace, unique on the instance: 1–63 ASCII letters, digits and dashes, with no dash at either end. " +
					"Names that break this rule are accepted with `adopt_existing = true`, for workspaces that already exist. " +
					"Changing `name` forces replacement: a new workspace is created, and the old one is removed from state but not deleted.",
				Required:      true,
				Validators:    []validator.String{nameValidator{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrAdoptExisting: schema.BoolAttribute{
				MarkdownDescription: "Whether to adopt an existing workspace of this name, if one is accessible to the authenticated account, instead of failing because the name is already in use. Read only when the resource is created. Defaults to `false`.",
				Optional:            true,
			},
			attrDeletionPolicy: schema.StringAttribute{
				MarkdownDescription: "What destroying or renaming the resource does: `ABANDON` removes the workspace from state with a warning, `PREVENT` is an error at plan time. On destroy, the value in state decides, which is the one applied last. Defaults to `deletion_policy` of the provider, else to `ABANDON`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(policyAbandon, policyPrevent)},
			},
			attrID: schema.Int64Attribute{
				MarkdownDescription: "Numeric ID of the workspace.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Time of creation, in RFC 3339 form. Null if the instance does not report it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"created_by": schema.StringAttribute{
				MarkdownDescription: "Creator of the workspace: a user ID or an email address, depending on the version of the instance. Null if the instance does not report it. The first value is kept.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"archived": schema.BoolAttribute{
				MarkdownDescription: "Whether the workspace is archived. Only the instance itself sets this.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
		},
	}
}

func (r *workspaceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			attrID: identityschema.Int64Attribute{
				Description:       "Numeric ID of the workspace.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *workspaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan workspaceModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !r.requireConfigured(&resp.Diagnostics) {
		return
	}

	created, err := r.inventory.Create(ctx, plan.Name.ValueString(), plan.adoption())
	if err != nil {
		addCreateFailure(&resp.Diagnostics, plan.Name.ValueString(), err)

		return
	}

	if !plan.ID.IsUnknown() && plan.ID.ValueInt64() != created.Workspace.ID {
		addAdoptionChanged(&resp.Diagnostics, plan, created.Workspace.ID)

		return
	}

	plan.readCreated(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	savePrivate(ctx, resp.Private, privateLastSeen, r.seenNow(ctx, created.Workspace.ID), &resp.Diagnostics)

	addCreateWarnings(&resp.Diagnostics, created)
}

func (r *workspaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state workspaceModel

	if !beginRead(ctx, r.inventory, &state, req, resp) {
		return
	}

	id, before := state.ID.ValueInt64(), state.seen(loadPrivate[lastSeen](ctx, req.Private, privateLastSeen, &resp.Diagnostics))

	found, err := r.inventory.Workspace(ctx, id)
	if err != nil && !errors.Is(err, inventory.ErrNotAccessible) {
		addReadFailure(&resp.Diagnostics, id, err)

		return
	}

	now := r.seenNow(ctx, id)

	switch {
	case err == nil && before.isOther(found, now.Instance):
		addOtherWorkspace(&resp.Diagnostics, before, found, now.Instance)
	case err == nil:
		r.update(ctx, state, found, resp)
		r.saveSeen(ctx, before, now, resp.Private, &resp.Diagnostics)
	case !isOtherAccount(id, before, now, &resp.Diagnostics):
		addGoneWarning(&resp.Diagnostics, id, r.describeWorkspace(id, before), "it was")
		resp.State.RemoveResource(ctx)
	}
}

// update writes what a refresh has found new. Most refreshes find nothing.
func (r *workspaceResource) update(ctx context.Context, before workspaceModel, found wallaroo.Workspace, resp *resource.ReadResponse) {
	state := before
	state.read(found)

	if state != before {
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
}

// Update sends nothing: only settings that Terraform alone knows can change in
// place.
func (r *workspaceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan workspaceModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
}

// Delete removes the workspace from state and never fails. It warns again, because
// the plan's warnings are not shown when a saved plan is applied or on a replacement:
// once an apply, as warnings of a delete are not grouped.
func (r *workspaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state workspaceModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if r.inventory == nil || r.inventory.Abandon(state.Name.ValueString(), state.ID.ValueInt64()) {
		resp.Diagnostics.AddWarning(summaryAbandoned, describeAbandoned(state, "was", "")+
			"\n\nThis warning is not repeated for other workspaces of this apply.")
	}
}

// ImportState takes an ID, a name, or the identity. What looks like a number is an
// ID.
func (r *workspaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.requireConfigured(&resp.Diagnostics) || !requireImportID(req, &resp.Diagnostics) {
		return
	}

	wanted := workspaceRef{}

	if req.ID != "" {
		wanted = parseWorkspaceRef(req.ID)
	} else {
		var identity workspaceIdentity

		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		wanted.id = identity.ID.ValueInt64()
	}

	if resp.Diagnostics.HasError() {
		return
	}

	found, ok := findImported(ctx, r.inventory, wanted, &resp.Diagnostics)
	if !ok {
		return
	}

	var state workspaceModel

	state.read(found)
	state.allowUnusualName()
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	savePrivate(ctx, resp.Private, privateLastSeen, r.seenNow(ctx, found.ID), &resp.Diagnostics)
}
