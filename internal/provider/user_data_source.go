package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	_ datasource.DataSourceWithConfigure        = (*userDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*userDataSource)(nil)
)

// NewUserDataSource returns the data source wallaroo_user.
func NewUserDataSource() datasource.DataSource { return &userDataSource{} }

type userDataSource struct{ dataSourceBase }

func (d *userDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user"
}

func (d *userDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := userAttributes()
	attributes[attrID] = schema.StringAttribute{
		MarkdownDescription: "ID of the user in the identity provider (Keycloak), usually a UUID. Exactly one of `id` and `email` must be set.",
		Optional:            true,
		Computed:            true,
		Validators:          personValidators(),
	}
	attributes[attrEmail] = schema.StringAttribute{
		MarkdownDescription: "Email address of the user, case-insensitive. Exactly one of `id` and `email` must be set.",
		Optional:            true,
		Computed:            true,
		Validators:          personValidators(),
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A user of the instance, by ID or by email address.",
		Attributes:          attributes,
	}
}

func (d *userDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{
		datasourcevalidator.ExactlyOneOf(path.MatchRoot(attrID), path.MatchRoot(attrEmail)),
	}
}

func (d *userDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model userModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() || !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	var (
		user wallaroo.User
		err  error
		what = fmt.Sprintf("with the email %q", model.Email.ValueString())
	)

	if model.ID.IsNull() {
		user, err = d.inventory.FindUserByEmail(ctx, model.Email.ValueString())
	} else {
		what = fmt.Sprintf("with the ID %q", model.ID.ValueString())
		user, err = d.inventory.FindUserByID(ctx, model.ID.ValueString())
	}

	switch {
	case errors.Is(err, inventory.ErrNoSuchUser):
		resp.Diagnostics.AddError(summaryFindUser, fmt.Sprintf("The instance has no user %s. Check the spelling.", what))
	case err != nil:
		addFailure(&resp.Diagnostics, lookupAdvice, summaryFindUser, fmt.Sprintf("Could not look up the user %s", what), err)
	default:
		found := newUser(user)
		if !model.Email.IsNull() {
			// A given value must come back as it is.
			found.Email = model.Email
		}

		resp.Diagnostics.Append(resp.State.Set(ctx, found)...)
	}
}
