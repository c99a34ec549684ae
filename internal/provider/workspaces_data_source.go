package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var _ datasource.DataSourceWithConfigure = (*workspacesDataSource)(nil)

const (
	attrUserIDs    = "user_ids"
	attrWorkspaces = "workspaces"

	summaryListWorkspaces = "Unable to list workspaces"
)

// NewWorkspacesDataSource returns the data source wallaroo_workspaces.
func NewWorkspacesDataSource() datasource.DataSource { return &workspacesDataSource{} }

type workspacesDataSource struct{ dataSourceBase }

type workspacesModel struct {
	UserIDs    types.Set              `tfsdk:"user_ids"`
	Workspaces []listedWorkspaceModel `tfsdk:"workspaces"`
}

func (d *workspacesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspaces"
}

func (d *workspacesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The workspaces that are accessible to the authenticated account, with their models and pipelines.",
		Attributes: map[string]schema.Attribute{
			attrUserIDs: schema.SetAttribute{
				MarkdownDescription: "IDs of users. Only workspaces that have at least one of them as a member are returned.",
				ElementType:         types.StringType,
				Optional:            true,
				Validators:          personSetValidators(),
			},
			attrWorkspaces: schema.ListNestedAttribute{
				MarkdownDescription: "The workspaces, sorted by `id`.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: listedWorkspaceAttributes()},
			},
		},
	}
}

func listedWorkspaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrID:       schema.Int64Attribute{MarkdownDescription: "Numeric ID of the workspace.", Computed: true},
		attrName:     schema.StringAttribute{MarkdownDescription: "Name of the workspace.", Computed: true},
		"created_at": schema.StringAttribute{MarkdownDescription: "Time of creation, in RFC 3339 form. Null if the instance does not report it.", Computed: true},
		"created_by": schema.StringAttribute{MarkdownDescription: "Creator of the workspace: a user ID or an email address, depending on the version of the instance. Null if the instance does not report it.", Computed: true},
		"archived":   schema.BoolAttribute{MarkdownDescription: "Whether the workspace is archived.", Computed: true},
		"models":     schema.ListAttribute{MarkdownDescription: "IDs of the models uploaded to the workspace.", ElementType: types.Int64Type, Computed: true},
		"pipelines":  schema.ListAttribute{MarkdownDescription: "IDs of the pipelines built in the workspace.", ElementType: types.Int64Type, Computed: true},
	}
}

func (d *workspacesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model workspacesModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() || !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	found, err := d.list(ctx, model.UserIDs)
	if err != nil {
		addFailure(&resp.Diagnostics, noAdvice, summaryListWorkspaces, "Could not list the workspaces", err)

		return
	}

	model.Workspaces = make([]listedWorkspaceModel, len(found))
	for i, w := range found {
		model.Workspaces[i] = newListedWorkspace(w)
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (d *workspacesDataSource) list(ctx context.Context, users types.Set) ([]wallaroo.Workspace, error) {
	if users.IsNull() {
		return d.inventory.CurrentWorkspaces(ctx)
	}

	ids := make([]string, 0, len(users.Elements()))

	for _, element := range users.Elements() {
		if id, ok := element.(types.String); ok {
			ids = append(ids, id.ValueString())
		}
	}

	slices.Sort(ids)

	return d.inventory.WorkspacesOf(ctx, ids)
}
