package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var _ datasource.DataSourceWithConfigure = (*usersDataSource)(nil)

const (
	attrEmails = "emails"

	summaryListUsers = "Unable to list users"
)

// NewUsersDataSource returns the data source wallaroo_users.
func NewUsersDataSource() datasource.DataSource { return &usersDataSource{} }

type usersDataSource struct{ dataSourceBase }

type usersModel struct {
	UserIDs types.Set   `tfsdk:"user_ids"`
	Emails  types.Set   `tfsdk:"emails"`
	Users   []userModel `tfsdk:"users"`
}

func (d *usersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_users"
}

func (d *usersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The users of the instance. With `user_ids` or `emails`, only those users; one that does not exist is an error.",
		Attributes: map[string]schema.Attribute{
			attrUserIDs: schema.SetAttribute{
				MarkdownDescription: "IDs of the users to return.", ElementType: types.StringType, Optional: true, Validators: personSetValidators(),
			},
			attrEmails: schema.SetAttribute{
				MarkdownDescription: "Email addresses of the users to return, case-insensitive. If `user_ids` is set too, the users of both are returned.", ElementType: types.StringType, Optional: true, Validators: personSetValidators(),
			},
			attrUsers: schema.ListNestedAttribute{
				MarkdownDescription: "The users, sorted by `username` and then by `id`.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: userAttributes()},
			},
		},
	}
}

func (d *usersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model usersModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() || !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	found, missing, err := d.find(ctx, model)
	if err != nil {
		addFailure(&resp.Diagnostics, lookupAdvice, summaryListUsers, "Could not list the users of the instance", err)

		return
	}

	if len(missing) > 0 {
		resp.Diagnostics.AddError(summaryFindUser, fmt.Sprintf("The instance has no user %s. Check the spelling.", strings.Join(missing, ", ")))

		return
	}

	model.Users = make([]userModel, len(found))
	for i, user := range found {
		model.Users[i] = newUser(user)
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

// find returns the wanted users in order, and which of them do not exist.
func (d *usersDataSource) find(ctx context.Context, model usersModel) ([]wallaroo.User, []string, error) {
	if model.UserIDs.IsNull() && model.Emails.IsNull() {
		all, err := d.inventory.Users(ctx)

		return sortedUsers(all), nil, err
	}

	var missing []string

	wanted := map[string]wallaroo.User{}

	for _, id := range entries(model.UserIDs) {
		user, err := d.inventory.FindUserByID(ctx, id)

		switch {
		case errors.Is(err, inventory.ErrNoSuchUser):
			missing = append(missing, fmt.Sprintf("%q", id))
		case err != nil:
			return nil, nil, err
		default:
			wanted[id] = user
		}
	}

	for _, address := range entries(model.Emails) {
		user, err := d.inventory.FindUserByEmail(ctx, address)

		switch {
		case errors.Is(err, inventory.ErrNoSuchUser):
			missing = append(missing, fmt.Sprintf("%q", address))
		case err != nil:
			return nil, nil, err
		default:
			wanted[user.ID] = user
		}
	}

	return sortedUsers(wanted), missing, nil
}

func sortedUsers(users map[string]wallaroo.User) []wallaroo.User {
	return slices.SortedFunc(maps.Values(users), func(a, b wallaroo.User) int {
		return cmp.Or(cmp.Compare(a.Username, b.Username), cmp.Compare(a.ID, b.ID))
	})
}
