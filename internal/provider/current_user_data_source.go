package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*currentUserDataSource)(nil)

const summaryCurrentUser = "Unable to tell the current user"

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
		MarkdownDescription: "The account that the provider signs in with, as its access token tells.",
		Attributes: map[string]schema.Attribute{
			attrID:     schema.StringAttribute{MarkdownDescription: "Id of the account in the instance's login server.", Computed: true},
			attrEmail:  schema.StringAttribute{MarkdownDescription: "E-mail of the account. Null for an account without one, such as that of a client.", Computed: true},
			"username": schema.StringAttribute{MarkdownDescription: "Name that the account signs in with.", Computed: true},
		},
	}
}

func (d *currentUserDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !d.ready(&resp.Diagnostics) {
		return
	}

	caller, err := d.inventory.Caller(ctx)

	switch {
	case err != nil:
		addFailure(&resp.Diagnostics, summaryCurrentUser, "Could not find out who the provider signs in as", err)
	case caller.UserID == "":
		resp.Diagnostics.AddError(summaryCurrentUser,
			"The access token does not tell whose it is. Sign in with `username` (WALLAROO_USER) and `password` (WALLAROO_PASSWORD), or give a `token` that the instance's login server has issued.")
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, currentUserModel{
			ID: types.StringValue(caller.UserID), Email: textOrNull(caller.Email), Username: textOrNull(caller.Username),
		})...)
	}
}
