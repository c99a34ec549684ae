package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*currentUserDataSource)(nil)

const summaryCurrentUser = "Unable to determine the current user"

// NewCurrentUserDataSource returns the data source wallaroo_current_user.
func NewCurrentUserDataSource() datasource.DataSource { return &currentUserDataSource{} }

type currentUserDataSource struct{ dataSourceBase }

type currentUserModel struct {
	ID       types.String `tfsdk:"id"`
	Email    types.String `tfsdk:"email"`
	Username types.String `tfsdk:"username"`
}

func (d *currentUserDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_current_user"
}

func (d *currentUserDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The account that the provider authenticates with, read from the claims of its access token.",
		Attributes: map[string]schema.Attribute{
			attrID:     schema.StringAttribute{MarkdownDescription: "ID of the account in the identity provider (Keycloak).", Computed: true},
			attrEmail:  schema.StringAttribute{MarkdownDescription: "Email address of the account. Null for an account without one, such as that of a client.", Computed: true},
			"username": schema.StringAttribute{MarkdownDescription: "Username of the account.", Computed: true},
		},
	}
}

func (d *currentUserDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	currentUser, err := d.inventory.CurrentUser(ctx)

	switch {
	case err != nil:
		addFailure(&resp.Diagnostics, noAdvice, summaryCurrentUser, "Could not authenticate", err)
	case currentUser.UserID == "":
		resp.Diagnostics.AddError(summaryCurrentUser,
			"The access token has no claims that say whose it is. Authenticate with `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), or set `token` (WALLAROO_TOKEN) to one that the identity provider (Keycloak) has issued.")
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, currentUserModel{
			ID: types.StringValue(currentUser.UserID), Email: textOrNull(currentUser.Email), Username: textOrNull(currentUser.Username),
		})...)
	}
}
