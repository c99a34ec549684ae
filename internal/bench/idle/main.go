// Command idle is a provider that does nothing. It is the floor of the benchmarks: what the CLI, the protocol and the
// plugin framework cost in a graph of resources that look like those of the provider for Wallaroo.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
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
	return []func() resource.Resource{
		func() resource.Resource { return idleResource{name: "_workspace", schema: workspace} },
		func() resource.Resource { return idleResource{name: "_workspace_user", schema: workspaceUser} },
		func() resource.Resource {
			return idleResource{name: "_workspace_users_exclusive", schema: workspaceUsers}
		},
	}
}
