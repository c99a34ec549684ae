package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var _ datasource.DataSourceWithConfigure = (*workspaceUsersDataSource)(nil)

const attrUsers = "users"

// NewWorkspaceUsersDataSource returns the data source wallaroo_workspace_users.
func NewWorkspaceUsersDataSource() datasource.DataSource { return &workspaceUsersDataSource{} }

type workspaceUsersDataSource struct{ dataSourceBase }

type workspaceUsersModel struct {
	WorkspaceID types.Int64   `tfsdk:"workspace_id"`
	Users       []memberModel `tfsdk:"users"`
}

type memberModel struct {
	UserID    types.String `tfsdk:"user_id"`
	UserType  types.String `tfsdk:"user_type"`
	Email     types.String `tfsdk:"email"`
	Username  types.String `tfsdk:"username"`
	FirstName types.String `tfsdk:"first_name"`
	LastName  types.String `tfsdk:"last_name"`
	Enabled   types.Bool   `tfsdk:"enabled"`
}

func (d *workspaceUsersDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_users"
}

func (d *workspaceUsersDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := personAttributes()
	attributes[attrUserID] = schema.StringAttribute{MarkdownDescription: "ID of the user in the identity provider (Keycloak).", Computed: true}
	attributes[attrUserType] = schema.StringAttribute{MarkdownDescription: "Role of the user in the workspace: `OWNER` or `COLLABORATOR`.", Computed: true}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The members of a workspace, whether managed by Terraform or not. " +
			"Of a member whose account no longer exists, or on an instance whose users cannot be listed, only `user_id` and `user_type` are known.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{MarkdownDescription: "Numeric ID of the workspace.", Required: true},
			attrUsers: schema.ListNestedAttribute{
				MarkdownDescription: "The members, sorted by `user_id`.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

func (d *workspaceUsersDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model workspaceUsersModel

	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)

	if resp.Diagnostics.HasError() || !d.requireConfigured(&resp.Diagnostics) {
		return
	}

	id := model.WorkspaceID.ValueInt64()

	// An empty member list of a workspace that is not accessible is no response.
	_, err := d.inventory.FindWorkspaces(ctx, func(w wallaroo.Workspace) bool { return w.ID == id })

	var members []wallaroo.Member
	if err == nil {
		members, err = d.inventory.CurrentMembers(ctx, id)
	}

	if err == nil {
		model.Users, err = d.join(ctx, members)
	}

	if err != nil {
		addFailure(&resp.Diagnostics, noAdvice, summaryReadMembers, fmt.Sprintf("Could not read the members of %s", d.describeWorkspace(id)), err)

		return
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func (d *workspaceUsersDataSource) join(ctx context.Context, members []wallaroo.Member) ([]memberModel, error) {
	joined := make([]memberModel, len(members))

	for i, member := range members {
		joined[i] = memberModel{
			UserID:   types.StringValue(member.UserID),
			UserType: types.StringValue(string(member.Role)),
		}

		user, err := d.inventory.FindUserByID(ctx, member.UserID)
		if errors.Is(err, inventory.ErrNoSuchUser) || errors.Is(err, inventory.ErrNoDirectory) {
			joined[i].Email = textOrNull(member.Email)

			continue
		}

		if err != nil {
			return nil, err
		}

		person := newUser(user)
		joined[i].Email, joined[i].Username, joined[i].Enabled = person.Email, person.Username, person.Enabled
		joined[i].FirstName, joined[i].LastName = person.FirstName, person.LastName
	}

	slices.SortFunc(joined, func(a, b memberModel) int { return cmp.Compare(a.UserID.ValueString(), b.UserID.ValueString()) })

	return joined, nil
}
