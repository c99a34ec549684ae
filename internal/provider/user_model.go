package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// userModel is an account as the data sources show it.
type userModel struct {
	ID        types.String `tfsdk:"id"`
	Email     types.String `tfsdk:"email"`
	Username  types.String `tfsdk:"username"`
	FirstName types.String `tfsdk:"first_name"`
	LastName  types.String `tfsdk:"last_name"`
	Enabled   types.Bool   `tfsdk:"enabled"`
}

func newUser(user wallaroo.User) userModel {
	return userModel{
		ID:        types.StringValue(user.ID),
		Email:     textOrNull(user.Email),
		Username:  textOrNull(user.Username),
		FirstName: textOrNull(user.FirstName),
		LastName:  textOrNull(user.LastName),
		Enabled:   types.BoolValue(user.Enabled),
	}
}

// userAttributes are those of userModel, all computed.
func userAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		attrID: schema.StringAttribute{MarkdownDescription: "ID of the user in the identity provider (Keycloak), usually a UUID.", Computed: true},
	}
	maps.Copy(attributes, personAttributes())

	return attributes
}

// personAttributes describe the person behind a user ID.
func personAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrEmail:    schema.StringAttribute{MarkdownDescription: "Email address of the user. Null for an account without one, such as the built-in `admin`.", Computed: true},
		"username":   schema.StringAttribute{MarkdownDescription: "Username of the user.", Computed: true},
		"first_name": schema.StringAttribute{MarkdownDescription: "First name of the user.", Computed: true},
		"last_name":  schema.StringAttribute{MarkdownDescription: "Last name of the user.", Computed: true},
		"enabled":    schema.BoolAttribute{MarkdownDescription: "Whether the account is enabled.", Computed: true},
	}
}

func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}

	return types.StringValue(text)
}
