package provider

import (
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

// describe names the user as people know him.
func (m workspaceUserModel) describe() string {
	if m.Email.ValueString() != "" {
		return m.Email.ValueString()
	}

	return "user " + m.UserID.ValueString()
}
