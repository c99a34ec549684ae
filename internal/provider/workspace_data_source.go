package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	_ datasource.DataSourceWithConfigure        = (*workspaceDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*workspaceDataSource)(nil)
)

const summaryFindWorkspace = "Unable to find workspace"

// NewWorkspaceDataSource returns the data source wallaroo_workspace.
func NewWorkspaceDataSource() datasource.DataSource { return &workspaceDataSource{} }

type workspaceDataSource struct{ dataSourceBase }

func (d *workspaceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (d *workspaceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := listedWorkspaceAttributes()
	attributes[attrID] = schema.Int64Attribute{
		MarkdownDescription: "Numeric ID of the workspace. Exactly one of `id` and `name` must be set.",
		Optional:            true,
		Computed:            true,
	}
	attributes[attrName] = schema.StringAttribute{
		MarkdownDescription: "Exact name of the workspace. Exactly one of `id` and `name` must be set.",
		Optional:            true,
		Computed:            true,
		Validators:          notEmpty(),
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A workspace that is accessible to the authenticated account, by ID or by name. Workspaces that Terraform could not create, such as default workspaces, are found too.",
		Attributes:          attributes,
	}
}

func (d *workspaceDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot(attrID), path.MatchRoot(attrName)),
	}
}

func (d *workspaceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model listedWorkspaceModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() || !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	wanted := workspaceRef{id: model.ID.ValueInt64(), name: model.Name.ValueString()}

	found, err := d.find(ctx, wanted)

	switch {
	case errors.Is(err, inventory.ErrNotAccessible):
		resp.Diagnostics.AddError(summaryFindWorkspace, fmt.Sprintf(
			"No workspace %s is accessible to the authenticated account. Check the spelling, and that the account is a member of the workspace.", wanted))
	case err != nil:
		addFailure(&resp.Diagnostics, noAdvice, summaryFindWorkspace, fmt.Sprintf("Could not look up the workspace %s", wanted), err)
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, newListedWorkspace(found))...)
	}
}

// find looks once more for what it does not find: it may just have been created.
func (d *workspaceDataSource) find(ctx context.Context, wanted workspaceRef) (wallaroo.Workspace, error) {
	same, err := d.inventory.FindWorkspaces(ctx, func(w wallaroo.Workspace) bool {
		return wanted.name != "" && w.Name == wanted.name || wanted.name == "" && w.ID == wanted.id
	})
	if err != nil {
		return wallaroo.Workspace{}, err
	}

	return onlyOne(same)
}
