package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ list.ListResourceWithConfigure = (*workspaceListResource)(nil)

// NewWorkspaceListResource returns the list resource wallaroo_workspace.
func NewWorkspaceListResource() list.ListResource { return &workspaceListResource{} }

// workspaceListResource is configured and named as the resource that it lists.
type workspaceListResource struct{ workspaceResource }

type workspaceListModel struct {
	NamePrefix      types.String `tfsdk:"name_prefix"`
	IncludeArchived types.Bool   `tfsdk:"include_archived"`
}

func (r *workspaceListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the workspaces that are accessible to the authenticated account, by ID, so that they can be imported.",
		Attributes: map[string]schema.Attribute{
			"name_prefix": schema.StringAttribute{
				MarkdownDescription: "Prefix of the names of the workspaces to list. Defaults to all names.",
				Optional:            true,
			},
			"include_archived": schema.BoolAttribute{
				MarkdownDescription: "Whether to list archived workspaces too. Defaults to `false`.",
				Optional:            true,
			},
		},
	}
}

func (r *workspaceListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config workspaceListModel

	diags := req.Config.Get(ctx, &config)
	stream.Results = r.listing(diags, req, func(l *lister) { r.list(ctx, config, l) })
}

func (r *workspaceListResource) list(ctx context.Context, config workspaceListModel, l *lister) {
	workspaces, err := r.inventory.Workspaces(ctx)
	if err != nil {
		l.fail("Could not list the workspaces", err)

		return
	}

	for _, w := range workspaces {
		if !strings.HasPrefix(w.Name, config.NamePrefix.ValueString()) || w.Archived && !config.IncludeArchived.ValueBool() {
			continue
		}

		var found workspaceModel

		found.read(w)
		found.allowUnusualName()

		if !l.publish(ctx, w.Name, found.identity(), found) {
			return
		}
	}
}
