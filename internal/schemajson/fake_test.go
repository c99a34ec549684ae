package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fakeProvider has one construct of each kind. The embedded interfaces are nil:
// reading schemas calls none of their methods.
type fakeProvider struct {
	provider.Provider

	broken bool
}

func (fakeProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "fake"
}

func (p fakeProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{
		MarkdownDescription: "The **fake** provider.",
		Attributes: map[string]providerschema.Attribute{
			"token": providerschema.StringAttribute{Optional: true, Sensitive: true, Description: "The token."},
			"old":   providerschema.BoolAttribute{Optional: true, DeprecationMessage: "Use token."},
		},
	}

	if p.broken {
		resp.Diagnostics.AddError("Broken schema", "The fake is broken.")
	}
}

func (fakeProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return fakeResource{} }}
}

func (fakeProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return fakeDataSource{} }}
}

func (fakeProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{func() list.ListResource { return fakeListResource{} }}
}

func (fakeProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return fakeFunction{} }}
}

type fakeResource struct{ resource.Resource }

func (fakeResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "fake_thing"
}

func (fakeResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = resourceschema.Schema{
		Version: 3,
		Attributes: map[string]resourceschema.Attribute{
			"id":     resourceschema.Int64Attribute{Computed: true},
			"name":   resourceschema.StringAttribute{Required: true, MarkdownDescription: "The `name`."},
			"secret": resourceschema.StringAttribute{Optional: true, WriteOnly: true},
		},
		Blocks: map[string]resourceschema.Block{
			"rule": resourceschema.ListNestedBlock{NestedObject: resourceschema.NestedBlockObject{
				Attributes: map[string]resourceschema.Attribute{
					"port": resourceschema.Int64Attribute{Optional: true},
				},
			}},
		},
	}
}

func (fakeResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Version: 2,
		Attributes: map[string]identityschema.Attribute{
			"id":     identityschema.Int64Attribute{RequiredForImport: true, Description: "The id."},
			"region": identityschema.StringAttribute{OptionalForImport: true},
		},
	}
}

type fakeListResource struct{ list.ListResource }

func (fakeListResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "fake_thing"
}

func (fakeListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = listschema.Schema{
		Attributes: map[string]listschema.Attribute{
			"name_prefix": listschema.StringAttribute{Optional: true},
		},
	}
}

type fakeDataSource struct{ datasource.DataSource }

func (fakeDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "fake_things"
}

func (fakeDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	leaf := map[string]datasourceschema.Attribute{"id": datasourceschema.Int64Attribute{Computed: true}}
	object := datasourceschema.NestedAttributeObject{Attributes: leaf}

	resp.Schema = datasourceschema.Schema{
		Attributes: map[string]datasourceschema.Attribute{
			"list":        datasourceschema.ListAttribute{Computed: true, ElementType: types.StringType},
			"set":         datasourceschema.SetAttribute{Optional: true, ElementType: types.Int64Type},
			"map":         datasourceschema.MapAttribute{Optional: true, ElementType: types.BoolType},
			"nested_one":  datasourceschema.SingleNestedAttribute{Computed: true, Attributes: leaf},
			"nested_list": datasourceschema.ListNestedAttribute{Computed: true, NestedObject: object},
			"nested_set":  datasourceschema.SetNestedAttribute{Computed: true, NestedObject: object},
			"nested_map":  datasourceschema.MapNestedAttribute{Computed: true, NestedObject: object},
		},
	}
}

type fakeFunction struct{ function.Function }

func (fakeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "join"
}

func (fakeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary:             "Joins.",
		MarkdownDescription: "Joins *texts*.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "separator", MarkdownDescription: "Between two texts.", AllowNullValue: true},
		},
		VariadicParameter: function.StringParameter{Name: "texts", MarkdownDescription: "The texts."},
		Return:            function.StringReturn{},
	}
}
