// Package provider is what Terraform sees of Wallaroo: schemas, plan logic, and the
// mapping between Terraform values and the inventory of an instance.
package provider

import (
	"context"
	"maps"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
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

// WithSleep makes the provider wait through sleep, between attempts and between
// looks at the instance.
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

func (p *wallarooProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the workspaces of a Wallaroo instance and who may work in them.",
		Attributes:          map[string]schema.Attribute{},
	}
	maps.Copy(resp.Schema.Attributes, connectionAttributes())
	maps.Copy(resp.Schema.Attributes, credentialAttributes())
	maps.Copy(resp.Schema.Attributes, limitAttributes())
	resp.Schema.Attributes[attrDeletionPolicy] = schema.StringAttribute{
		MarkdownDescription: "What destroying or renaming does to the workspaces that do not set `deletion_policy` themselves: `ABANDON` removes a workspace from state with a warning, `PREVENT` is an error at plan time. Defaults to `ABANDON`. Environment variable: `WALLAROO_DELETION_POLICY`.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf("", policyAbandon, policyPrevent)},
	}
}

func connectionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrEndpoint: schema.StringAttribute{
			MarkdownDescription: "Address of the Wallaroo instance, such as `https://wallaroo.example.com`. It must be an https address; plain http is accepted for a loopback address, or with `allow_plain_http`. Environment variable: `WALLAROO_URL`.",
			Optional:            true,
		},
		attrAuthEndpoint: schema.StringAttribute{
			MarkdownDescription: "Address of the instance's login server (Keycloak), for instances that have it on a host of its own, such as `https://keycloak.wallaroo.example.com`. Defaults to `endpoint`. Environment variable: `WALLAROO_AUTH_URL`.",
			Optional:            true,
		},
		attrCACertificate: schema.StringAttribute{
			MarkdownDescription: "Certificates of private authorities, in PEM form or as the path of a PEM file. They are trusted in addition to the system's, for the instance and for its login server. Environment variable: `WALLAROO_CA_CERTIFICATE`.",
			Optional:            true,
			Validators:          notEmpty(),
		},
		attrClientCertificate: schema.StringAttribute{
			MarkdownDescription: "Client certificate for mutual TLS, in PEM form or as the path of a PEM file. Needs `client_key`. Environment variable: `WALLAROO_CLIENT_CERTIFICATE`.",
			Optional:            true,
			Validators:          notEmpty(),
		},
		attrClientKey: schema.StringAttribute{
			MarkdownDescription: "Private key of `client_certificate`, in PEM form or as the path of a PEM file. Environment variable: `WALLAROO_CLIENT_KEY`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          notEmpty(),
		},
		attrInsecureSkipVerify: schema.BoolAttribute{
			MarkdownDescription: "Accepts any certificate of the instance and of its login server. Whoever is on the way can then read the credentials: use `ca_certificate` instead wherever possible. Defaults to `false`. Environment variable: `WALLAROO_INSECURE_SKIP_VERIFY`.",
			Optional:            true,
		},
		attrAllowPlainHTTP: schema.BoolAttribute{
			MarkdownDescription: "Accepts an `http` address for `endpoint` and `auth_endpoint`, as inside a cluster (`http://api-lb:8080`). Credentials then travel unencrypted. Defaults to `false`. Environment variable: `WALLAROO_ALLOW_PLAIN_HTTP`.",
			Optional:            true,
		},
		attrHeaders: schema.MapAttribute{
			MarkdownDescription: "Extra headers for each request, by name, as gateways in front of an instance may ask for. `Authorization` cannot be set.",
			ElementType:         types.StringType,
			Optional:            true,
			Sensitive:           true,
		},
	}
}

func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrToken: schema.StringAttribute{
			MarkdownDescription: "An access token, used as it is. It cannot be renewed, so it must outlive the run. Environment variable: `WALLAROO_TOKEN`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          notEmpty(),
		},
		attrUsername: schema.StringAttribute{
			MarkdownDescription: "Name or e-mail of the account to sign in with. Needs `password`. Environment variable: `WALLAROO_USER`.",
			Optional:            true,
			Validators:          notEmpty(),
		},
		attrPassword: schema.StringAttribute{
			MarkdownDescription: "Password of `username`. Environment variable: `WALLAROO_PASSWORD`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          notEmpty(),
		},
		attrClientID: schema.StringAttribute{
			MarkdownDescription: "Client of the login server to sign in through. With a user it defaults to `sdk-client`, or to `api-client` when `client_secret` is given. Environment variable: `WALLAROO_CLIENT_ID`.",
			Optional:            true,
			Validators:          notEmpty(),
		},
		attrClientSecret: schema.StringAttribute{
			MarkdownDescription: "Secret of `client_id`. With a user, `client_id` then defaults to `api-client`; without a user, the client signs in as itself. Environment variable: `WALLAROO_CLIENT_SECRET`.",
			Optional:            true,
			Sensitive:           true,
			Validators:          notEmpty(),
		},
		attrCredentialsFile: schema.StringAttribute{
			MarkdownDescription: "Path of a JSON file as Wallaroo's Python SDK reads it, with `username` and `password`, or with `token`. `confidentialClient` and `confidentialPassword` name a client and its secret. Environment variable: `WALLAROO_SDK_CREDENTIALS`.",
			Optional:            true,
			Validators:          notEmpty(),
		},
	}
}

func limitAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrRequestTimeout: schema.Int64Attribute{
			MarkdownDescription: "Seconds that one request may take. Defaults to `45`. Environment variable: `WALLAROO_REQUEST_TIMEOUT`.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, maxSeconds)},
		},
		attrMaxRetries: schema.Int64Attribute{
			MarkdownDescription: "How often a request is repeated that failed and can be repeated without harm. Once one has failed to the end, others are not repeated until one succeeds, so that a run against an instance that refuses connections ends soon; one that never answers still costs `request_timeout` for each request. Defaults to `4`. Environment variable: `WALLAROO_MAX_RETRIES`.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(0, maxCount)},
		},
		attrMaxConcurrentRequests: schema.Int64Attribute{
			MarkdownDescription: "How many requests may be under way at the same time. Defaults to `10`. Environment variable: `WALLAROO_MAX_CONCURRENT_REQUESTS`.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, maxCount)},
		},
	}
}

// ValidateConfig checks what the block alone decides, so that `terraform validate`
// finds it. What the environment can complete is checked by Configure.
func (p *wallarooProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if !resp.Diagnostics.HasError() {
		validateSettings(model, p.getenv, &resp.Diagnostics)
	}
}

// Configure sends nothing: the first call that needs a token signs in. Settings
// that are not known yet leave the provider without an instance until apply.
func (p *wallarooProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() {
		return
	}

	data := providerData{deletionPolicy: resolveDeletionPolicy(model, p.getenv, &resp.Diagnostics)}
	if !model.hasUnknown() {
		data.inventory = p.newInventory(model, req.TerraformVersion, &resp.Diagnostics)
	}

	if !resp.Diagnostics.HasError() {
		resp.ResourceData, resp.DataSourceData, resp.ListResourceData = data, data, data
	}
}

// newInventory returns the inventory of the instance that the settings name, or
// nil if they are not whole.
func (p *wallarooProvider) newInventory(model providerModel, terraformVersion string, diags *diag.Diagnostics) *inventory.Inventory {
	config := resolveSettings(model, p.getenv, diags)
	if diags.HasError() {
		return nil
	}

	config.UserAgent = "terraform-provider-wallaroo/" + p.version + " (+" + projectURL + ") Terraform/" + terraformVersion
	config.Sleep = p.sleep
	config.Log = func(ctx context.Context, message string, fields map[string]any) { tflog.Debug(ctx, message, fields) }

	client, err := wallaroo.New(config)
	if err != nil {
		addRefusedSettings(diags, err)

		return nil
	}

	if config.InsecureSkipVerify {
		diags.AddAttributeWarning(path.Root(attrInsecureSkipVerify), "Certificates are not verified",
			"The provider accepts any certificate of the instance and of its login server, so that somebody on the way could read the credentials. "+
				"Give the instance's authority in `ca_certificate` (WALLAROO_CA_CERTIFICATE) instead.")
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

func notEmpty() []validator.String {
	return []validator.String{stringvalidator.LengthAtLeast(1)}
}
