//go:build keycloak

package keycloaktest_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

const (
	standInSource = "registry.terraform.io/wallaroo-community/keycloak"
	// standInURL is the variable that tells the stand-in where the Keycloak is.
	standInURL = "KEYCLOAKTEST_URL"
)

// TestMain serves the stand-in where a CLI has started this program as a plugin.
func TestMain(m *testing.M) {
	if os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "" {
		os.Exit(m.Run())
	}

	construct := func() provider.Provider { return standIn{} }
	if err := providerserver.Serve(context.Background(), construct, providerserver.ServeOpts{Address: standInSource}); err != nil {
		os.Exit(1)
	}
}

// writeCLIConfig makes a folder run the provider and the stand-in.
func writeCLIConfig(t *testing.T, folder *acctest.Folder) {
	t.Helper()

	built, err := acctest.BuildProvider()
	if err != nil {
		t.Fatal(err)
	}

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	plugins := t.TempDir()
	if err := os.Symlink(self, filepath.Join(plugins, "terraform-provider-keycloak")); err != nil {
		t.Fatal(err)
	}

	override := "  dev_overrides {\n    \"" + standInSource + "\" = \"" + plugins + "\"\n"
	folder.Write("cli.tfrc", strings.Replace(acctest.DevOverrides(built), "  dev_overrides {\n", override, 1))
	folder.Env = append(folder.Env, "TF_CLI_CONFIG_FILE="+folder.Path("cli.tfrc"))
}

// standIn stands for the Keycloak provider: its keycloak_user changes the email in place.
type standIn struct{}

func (standIn) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "keycloak"
}

func (standIn) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (standIn) Configure(ctx context.Context, _ provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	k := &server{url: os.Getenv(standInURL)}
	if err := k.signIn(ctx); err != nil {
		resp.Diagnostics.AddError("Keycloak does not answer", err.Error())
	}

	resp.ResourceData = k
}

func (standIn) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (standIn) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &userResource{} }}
}

type userResource struct{ k *server }

type userModel struct {
	ID       types.String `tfsdk:"id"`
	Username types.String `tfsdk:"username"`
	Email    types.String `tfsdk:"email"`
}

func (r *userResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "keycloak_user"
}

func (r *userResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keepID := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":       schema.StringAttribute{Computed: true, PlanModifiers: keepID},
		"username": schema.StringAttribute{Required: true},
		"email":    schema.StringAttribute{Required: true},
	}}
}

func (r *userResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.k, _ = req.ProviderData.(*server)
}

func (r *userResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var user userModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &user)...)
	body := representation(emulator.User{Username: user.Username.ValueString(), Email: user.Email.ValueString()})
	id := r.send(ctx, &resp.Diagnostics, http.MethodPost, "", body)

	user.ID = types.StringValue(id)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, user)...)
	}
}

// Read leaves the state as it is: the tests change these accounts by the configuration alone.
func (r *userResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *userResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var user userModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &user)...)
	r.send(ctx, &resp.Diagnostics, http.MethodPut, "/"+user.ID.ValueString(), object{"email": user.Email.ValueString()})

	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, user)...)
	}
}

func (r *userResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var user userModel
	resp.Diagnostics.Append(req.State.Get(ctx, &user)...)
	r.send(ctx, &resp.Diagnostics, http.MethodDelete, "/"+user.ID.ValueString(), nil)
}

func (r *userResource) send(ctx context.Context, diags *diag.Diagnostics, method, place string, body any) string {
	_, id, err := r.k.send(ctx, method, "/users"+place, body)
	if err != nil {
		diags.AddError("Keycloak refuses", err.Error())
	}

	return id
}
