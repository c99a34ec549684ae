// Command idle is a provider that does nothing. It is the floor of the benchmarks: what the CLI, the protocol and the
// plugin framework cost for resources that look like those of the provider for Wallaroo.
package main

import (
	"context"
	"log"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return idleProvider{} }, providerserver.ServeOpts{
		Address: "registry.terraform.io/wallaroo-community/idle",
	})
	if err != nil {
		log.Fatal(err)
	}
}

type idleProvider struct{}

func (idleProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "idle"
}

func (idleProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (idleProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (idleProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (idleProvider) Resources(context.Context) []func() resource.Resource {
	var resources []func() resource.Resource
	for name := range schemas {
		resources = append(resources, func() resource.Resource { return idleResource{name} })
	}

	return resources
}

var schemas = map[string]map[string]schema.Attribute{
	"workspace": {
		"id": schema.Int64Attribute{
			Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"name":            schema.StringAttribute{Required: true},
		"adopt_existing":  schema.BoolAttribute{Optional: true},
		"deletion_policy": schema.StringAttribute{Optional: true},
		"created_at":      schema.StringAttribute{Computed: true},
		"created_by":      schema.StringAttribute{Computed: true},
		"archived":        schema.BoolAttribute{Computed: true},
	},
	"workspace_user": {
		"workspace_id": schema.Int64Attribute{Required: true},
		"email":        schema.StringAttribute{Optional: true, Computed: true},
		"user_id":      schema.StringAttribute{Optional: true, Computed: true},
		"user_type": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("COLLABORATOR"),
		},
	},
	"workspace_users_exclusive": {
		"workspace_id":  schema.Int64Attribute{Required: true},
		"owners":        schema.SetAttribute{ElementType: types.StringType, Required: true},
		"collaborators": schema.SetAttribute{ElementType: types.StringType, Optional: true},
		"ignored_users": schema.SetAttribute{ElementType: types.StringType, Optional: true},
	},
}

// lastID is the ID of the workspace that was created last.
var lastID atomic.Int64

// computed returns the values of a new resource that no configuration has.
func computed(name string) map[string]any {
	switch name {
	case "workspace":
		return map[string]any{"id": lastID.Add(1), "created_at": "2026-01-01T00:00:00Z", "created_by": "nobody", "archived": false}
	case "workspace_user":
		return map[string]any{"user_id": "2a4fd1a4-3d1c-4a5e-8f30-1f3a1d1f7f10"}
	default:
		return nil
	}
}

// idleResource keeps what it is given.
type idleResource struct{ name string }

func (r idleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.name
}

func (r idleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = schemas[r.name]
}

func (r idleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	for name, value := range computed(r.name) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

func (idleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (idleResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
