package main

import (
	"context"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// last is the number of the workspace that was made last.
var last atomic.Int64

// idleResource keeps what it is given, and fills in what nobody gives.
type idleResource struct {
	name   string
	schema func() schema.Schema
}

func (r idleResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + r.name
}

func (r idleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema()
}

func (r idleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	computed := map[string]any{}
	switch r.name {
	case "_workspace":
		computed = map[string]any{"id": last.Add(1), "created_at": "2026-01-01T00:00:00Z", "created_by": "nobody", "archived": false}
	case "_workspace_user":
		computed = map[string]any{"user_id": "2a4fd1a4-3d1c-4a5e-8f30-1f3a1d1f7f10"}
	}
	for name, value := range computed {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

func (r idleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r idleResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
}

func (r idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func workspace() schema.Schema {
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"id": schema.Int64Attribute{
			Computed: true, PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
		},
		"name":            schema.StringAttribute{Required: true},
		"adopt_existing":  schema.BoolAttribute{Optional: true},
		"deletion_policy": schema.StringAttribute{Optional: true},
		"created_at":      schema.StringAttribute{Computed: true},
		"created_by":      schema.StringAttribute{Computed: true},
		"archived":        schema.BoolAttribute{Computed: true},
	}}
}

func workspaceUser() schema.Schema {
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"workspace_id": schema.Int64Attribute{Required: true},
		"email":        schema.StringAttribute{Optional: true, Computed: true},
		"user_id":      schema.StringAttribute{Optional: true, Computed: true},
		"user_type": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("COLLABORATOR"),
		},
	}}
}

func workspaceUsers() schema.Schema {
	return schema.Schema{Attributes: map[string]schema.Attribute{
		"workspace_id":  schema.Int64Attribute{Required: true},
		"owners":        schema.SetAttribute{ElementType: types.StringType, Required: true},
		"collaborators": schema.SetAttribute{ElementType: types.StringType, Optional: true},
	}}
}
