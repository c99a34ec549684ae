// Package provider implements the Terraform provider: schemas, plan logic, and the
// mapping between Terraform values and the inventory of an instance.
package provider

import (
	"context"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	_ provider.Provider                   = (*wallarooProvider)(nil)
	_ provider.ProviderWithFunctions      = (*wallarooProvider)(nil)
	_ provider.ProviderWithListResources  = (*wallarooProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*wallarooProvider)(nil)
)

const projectURL = "https://github.com/wallaroo-community/terraform-provider-wallaroo"

type wallarooProvider struct {
	version string
	getenv  func(string) string
	sleep   func(context.Context, time.Duration) error
}

// Option changes what a provider takes from its surroundings.
type Option func(*wallarooProvider)

// WithEnvironment makes the provider read its variables from getenv.
func WithEnvironment(getenv func(string) string) Option {
	return func(p *wallarooProvider) { p.getenv = getenv }
}

// WithSleep makes the provider wait through sleep, between attempts and while it polls
// the instance.
func WithSleep(sleep func(context.Context, time.Duration) error) Option {
	return func(p *wallarooProvider) { p.sleep = sleep }
}

// New returns a constructor of the provider, as the plugin framework's server
// takes it. The version goes into the provider's metadata and its User-Agent.
func New(version string, options ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &wallarooProvider{version: version, getenv: os.Getenv}
		for _, option := range options {
			option(p)
		}

		return p
	}
}

func (p *wallarooProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "wallaroo"
	resp.Version = p.version
}

// ValidateConfig checks what the block alone decides, so that `terraform validate`
// finds it. What the environment can complete is checked by Configure.
func (p *wallarooProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if !resp.Diagnostics.HasError() {
		settings{block: model, getenv: p.getenv, diags: &resp.Diagnostics}.validate()
	}
}

// Configure sends nothing: the first call that needs a token authenticates. Settings
// that are not known until apply leave the provider without an instance until then.
func (p *wallarooProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() {
		return
	}

	configured := settings{block: model, getenv: p.getenv, diags: &resp.Diagnostics}

	data := providerData{deletionPolicy: configured.deletionPolicy()}
	if !model.hasUnknown() {
		data.inventory = p.newInventory(configured, req.TerraformVersion)
	}

	if !resp.Diagnostics.HasError() {
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData = data, data, data
	}
}

// newInventory returns the inventory of the instance that the settings name, or nil
// after an error.
func (p *wallarooProvider) newInventory(configured settings, terraformVersion string) *inventory.Inventory {
	config := configured.resolve()
	if configured.diags.HasError() {
		return nil
	}

	config.UserAgent = "terraform-provider-wallaroo/" + p.version + " (+" + projectURL + ") Terraform/" + terraformVersion
	config.Sleep = p.sleep
	config.Log = func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) }

	client, err := wallaroo.New(config)
	if err != nil {
		configured.report(err)

		return nil
	}

	if config.InsecureSkipVerify {
		configured.diags.AddAttributeWarning(path.Root(attrInsecureSkipVerify), summaryCertificatesNotVerified,
			"The provider accepts any certificate of the instance and of its identity provider, so an on-path attacker could read the credentials. "+
				"Set "+label(attrCACertificate)+" to the CA of the instance instead.")
	}

	return inventory.New(client, inventory.Clock{Sleep: p.sleep})
}

func (p *wallarooProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		NewWorkspaceResource,
		NewWorkspaceUserResource,
		NewWorkspaceUsersExclusiveResource,
	}
}

func (p *wallarooProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		NewCurrentUserDataSource,
		NewUserDataSource,
		NewUsersDataSource,
		NewWorkspaceDataSource,
		NewWorkspaceUsersDataSource,
		NewWorkspacesDataSource,
	}
}

func (p *wallarooProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		NewWorkspaceListResource,
		NewWorkspaceUserListResource,
	}
}

func (p *wallarooProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		NewWorkspaceNameFunction,
	}
}
