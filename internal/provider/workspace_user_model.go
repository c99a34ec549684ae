package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	attrWorkspaceID = "workspace_id"
	attrEmail       = "email"
	attrUserID      = "user_id"
	attrUserType    = "user_type"
)

type workspaceUserModel struct {
	WorkspaceID types.Int64  `tfsdk:"workspace_id"`
	Email       email        `tfsdk:"email"`
	UserID      types.String `tfsdk:"user_id"`
	UserType    types.String `tfsdk:"user_type"`
}

type workspaceUserIdentity struct {
	WorkspaceID types.Int64  `tfsdk:"workspace_id"`
	UserID      types.String `tfsdk:"user_id"`
}

func (m workspaceUserModel) identity() workspaceUserIdentity {
	return workspaceUserIdentity{WorkspaceID: m.WorkspaceID, UserID: m.UserID}
}

// ref names the user by what is known: unknown and null values count as not given.
func (m workspaceUserModel) ref() inventory.UserRef {
	return inventory.UserRef{UserID: m.UserID.ValueString(), Email: m.Email.ValueString()}
}

func (m workspaceUserModel) role() wallaroo.Role { return wallaroo.Role(m.UserType.ValueString()) }

// updateRef names the user of an update. A planned ID decides; an email beside it must
// be that user's. An email that no instance says the user of is taken to be that of a
// state which has none.
func (m workspaceUserModel) updateRef(config, state workspaceUserModel) inventory.UserRef {
	switch {
	case !m.UserID.IsUnknown() && config.UserID.IsNull():
		return inventory.UserRef{UserID: m.UserID.ValueString(), LastEmail: state.Email.ValueString()}
	case !m.UserID.IsUnknown():
		return inventory.UserRef{UserID: m.UserID.ValueString(), Email: config.Email.ValueString()}
	case state.Email.IsNull():
		return inventory.UserRef{Email: config.Email.ValueString(), LastID: state.UserID.ValueString()}
	default:
		return inventory.UserRef{Email: config.Email.ValueString()}
	}
}

// sameMembership reports whether two models are the same user in the same workspace.
func (m workspaceUserModel) sameMembership(other workspaceUserModel) bool {
	return m.WorkspaceID.Equal(other.WorkspaceID) && m.UserID.Equal(other.UserID)
}

// describe names the user as people do.
func (m workspaceUserModel) describe() string {
	return describeUser(m.Email.ValueString(), m.UserID.ValueString())
}

func describeUser(address, id string) string {
	if address != "" {
		return fmt.Sprintf("%q", address)
	}

	return fmt.Sprintf("user %q", id)
}
