package provider

import (
	"context"
	"errors"
	"fmt"

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
)

var (
	_ resource.ResourceWithConfigure   = (*workspaceResource)(nil)
	_ resource.ResourceWithIdentity    = (*workspaceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*workspaceResource)(nil)
	_ resource.ResourceWithImportState = (*workspaceResource)(nil)
)

const (
	summaryNotRefreshed     = "Wallaroo was not asked"
	summaryGone             = "Workspace is not visible any more"
	summaryNothingVisible   = "No workspace is visible"
	summaryReadWorkspace    = "Unable to read workspace"
	summaryCreateWorkspace  = "Unable to create workspace"
	summaryNameTaken        = "Workspace name is taken"
	summaryNothingToAdopt   = "No workspace to take over"
	summaryCreateReconciled = "Workspace was created although its answer was lost"
	summaryCreateUnread     = "Workspace was created but could not be read"
	summaryAbandoned        = "Workspace stays on the instance"
)

// NewWorkspaceResource returns the resource wallaroo_workspace.
func NewWorkspaceResource() resource.Resource { return &workspaceResource{} }

type workspaceResource struct{ resourceBase }

func (r *workspaceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (r *workspaceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A workspace of a Wallaroo instance: the place for models and pipelines of a team.\n\n" +
			"Wallaroo cannot delete or rename a workspace. Destroying this resource only lets go of the workspace: it stays on the instance with its models, " +
			"its pipelines and its last owner, and its name stays taken. Another name means a new workspace beside the old one. Both are announced in the plan, " +
			"and `deletion_policy = \"PREVENT\"` refuses them.",
		Attributes: map[string]schema.Attribute{
			attrName: schema.StringAttribute{
				MarkdownDescription: "Name of the workspace, unique on the instance: 1 to 63 ASCII letters, digits and dashes, with no dash at either end. " +
					"Names that break this rule are accepted with `adopt_existing = true`, for workspaces that exist already. " +
					"Changing this forces a new workspace to be created, and the old one stays.",
				Required:      true,
				Validators:    []validator.String{nameValidator{}},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			attrAdoptExisting: schema.BoolAttribute{
				MarkdownDescription: "Takes over the workspace of this name, if this account can see one, instead of failing because the name is taken. Only looked at when the resource is created. Defaults to `false`.",
				Optional:            true,
			},
			attrDeletionPolicy: schema.StringAttribute{
				MarkdownDescription: "What destroying or renaming the resource does: `ABANDON` lets go of the workspace with a warning, `PREVENT` is an error in the plan. Defaults to `ABANDON`.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(policyAbandon, policyPrevent)},
			},
			attrID: schema.Int64Attribute{
				MarkdownDescription: "Number of the workspace on the instance.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"created_at": schema.StringAttribute{
				MarkdownDescription: "Time of creation, in RFC 3339 form.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"created_by": schema.StringAttribute{
				MarkdownDescription: "Who created the workspace: a user id, an e-mail or nothing, by the version of the instance.",
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
				Description:       "Number of the workspace on the instance.",
				RequiredForImport: true,
			},
		},
	}
}

func (r *workspaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan workspaceModel

	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)

	if resp.Diagnostics.HasError() || !r.ready(&resp.Diagnostics) {
		return
	}

	created, err := r.inventory.Create(ctx, plan.Name.ValueString(), plan.adoption())
	if err != nil {
		addCreateFailure(&resp.Diagnostics, plan.Name.ValueString(), err)

		return
	}

	plan.readCreated(created)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)

	warnOfCreate(&resp.Diagnostics, created)
}

func (r *workspaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state workspaceModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if resp.Diagnostics.HasError() {
		return
	}

	completeIdentity(ctx, resp.Identity, state.identity(), &resp.Diagnostics)

	if r.inventory == nil {
		warnNotRefreshed(&resp.Diagnostics)

		return
	}

	found, err := r.inventory.Workspace(ctx, state.ID.ValueInt64())
	if errors.Is(err, inventory.ErrNotVisible) {
		warnGone(&resp.Diagnostics, state.ID.ValueInt64(), fmt.Sprintf("workspace %q (id %d)", state.Name.ValueString(), state.ID.ValueInt64()))
		resp.State.RemoveResource(ctx)

		return
	}

	if err != nil {
		addReadFailure(&resp.Diagnostics, state.ID.ValueInt64(), err)

		return
	}

	before := state
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

// Delete lets go of the workspace and never fails. It warns again, because the
// plan's warnings are not shown when a saved plan is applied or on a replacement.
func (r *workspaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state workspaceModel

	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)

	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.AddWarning(summaryAbandoned, "The state has let go of "+describeAbandoned(state, ""))
	}
}

// ImportState takes an id, a name, or the identity. What looks like a number is an
// id.
func (r *workspaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !r.ready(&resp.Diagnostics) || !namesSomething(req, &resp.Diagnostics) {
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
}
