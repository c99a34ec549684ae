package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var _ list.ListResourceWithConfigure = (*workspaceUserListResource)(nil)

// listedAtOnce is how many workspaces' members are fetched together. Few, so that a
// limited list asks for little more than it shows.
const listedAtOnce = 10

// NewWorkspaceUserListResource returns the list resource wallaroo_workspace_user.
func NewWorkspaceUserListResource() list.ListResource { return &workspaceUserListResource{} }

// workspaceUserListResource is configured and named as the resource that it lists.
type workspaceUserListResource struct{ workspaceUserResource }

type workspaceUserListModel struct {
	WorkspaceID types.Int64  `tfsdk:"workspace_id"`
	Email       types.String `tfsdk:"email"`
	UserType    types.String `tfsdk:"user_type"`
}

// matches reports whether a member is one that the configuration asks for.
func (m workspaceUserListModel) matches(found workspaceUserModel) bool {
	return (m.Email.IsNull() || strings.EqualFold(m.Email.ValueString(), found.Email.ValueString())) &&
		(m.UserType.IsNull() || m.UserType.Equal(found.UserType))
}

func (r *workspaceUserListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the members of one workspace, or of all workspaces that are accessible to the authenticated account, so that they can be imported.",
		Attributes: map[string]schema.Attribute{
			attrWorkspaceID: schema.Int64Attribute{
				MarkdownDescription: "Numeric ID of the workspace. Defaults to all workspaces.",
				Optional:            true,
			},
			attrEmail: schema.StringAttribute{
				MarkdownDescription: "Email address of the members to list, case-insensitive. Defaults to all members.",
				Optional:            true,
				Validators:          personValidators(),
			},
			attrUserType: schema.StringAttribute{
				MarkdownDescription: "Role of the members to list: `COLLABORATOR` or `OWNER`. Defaults to both.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(string(wallaroo.RoleCollaborator), string(wallaroo.RoleOwner))},
			},
		},
	}
}

func (r *workspaceUserListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config workspaceUserListModel

	diags := req.Config.Get(ctx, &config)
	stream.Results = r.listing(diags, req, func(l *lister) { r.list(ctx, config, l) })
}

func (r *workspaceUserListResource) list(ctx context.Context, config workspaceUserListModel, l *lister) {
	workspaces, err := r.workspaces(ctx, config)
	if err != nil {
		l.fail("Could not list the workspaces", err)

		return
	}

	for some := range slices.Chunk(workspaces, listedAtOnce) {
		members, err := r.membersOf(ctx, some)
		if err != nil {
			l.fail("Could not list the members of the workspaces", err)

			return
		}

		for i, w := range some {
			for _, member := range members[i] {
				if !r.publish(ctx, config, l, w, member) {
					return
				}
			}
		}
	}
}

func (r *workspaceUserListResource) workspaces(ctx context.Context, config workspaceUserListModel) ([]wallaroo.Workspace, error) {
	if config.WorkspaceID.IsNull() {
		return r.inventory.Workspaces(ctx)
	}

	found, err := r.inventory.Workspace(ctx, config.WorkspaceID.ValueInt64())
	if err != nil {
		return nil, fmt.Errorf("workspace %d: %w", config.WorkspaceID.ValueInt64(), err)
	}

	return []wallaroo.Workspace{found}, nil
}

func (r *workspaceUserListResource) membersOf(ctx context.Context, workspaces []wallaroo.Workspace) ([][]wallaroo.Member, error) {
	members := make([][]wallaroo.Member, len(workspaces))
	group, ctx := errgroup.WithContext(ctx)

	for i, w := range workspaces {
		group.Go(func() error {
			found, err := r.inventory.Members(ctx, w.ID)
			members[i] = found

			return err
		})
	}

	return members, group.Wait()
}

func (r *workspaceUserListResource) publish(ctx context.Context, config workspaceUserListModel, l *lister, w wallaroo.Workspace, member wallaroo.Member) bool {
	user, err := r.inventory.UserByID(ctx, member.UserID)
	if err != nil && !errors.Is(err, inventory.ErrNoSuchUser) && !errors.Is(err, inventory.ErrNoDirectory) {
		l.fail("Could not look up the users of the instance", err)

		return false
	}

	found := workspaceUserModel{
		WorkspaceID: types.Int64Value(w.ID),
		Email:       newEmail(cmp.Or(user.Email, member.Email)),
		UserID:      types.StringValue(member.UserID),
		UserType:    types.StringValue(string(member.Role)),
	}

	if !config.matches(found) {
		return true
	}

	return l.publish(ctx, fmt.Sprintf("%s in %s (%s)", found.describe(), w.Name, member.Role), found.identity(), found)
}
