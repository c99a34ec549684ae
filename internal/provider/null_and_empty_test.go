package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// A failed lookup in a configuration gives null, and must not cost a member their access.
func TestUsersExclusive_nullElement(t *testing.T) {
	t.Parallel()

	c := start(t, guide(t))
	nobody := tftypes.NewValue(tftypes.String, nil)
	hummel := tftypes.NewValue(tftypes.String, emulator.HummelEmail)

	for name, config := range map[string]values{
		"owners":            {"workspace_id": 8, "owners": []tftypes.Value{nobody}},
		"owners, too":       {"workspace_id": 8, "owners": []tftypes.Value{hummel, nobody}},
		"collaborators too": {"workspace_id": 8, "owners": []tftypes.Value{hummel}, "collaborators": []tftypes.Value{nobody}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantError(t, c.validate(exclusiveKind, config), "Null among the users", "names nobody", "leave such elements out")
		})
	}
}

func TestUsers_nullElement(t *testing.T) {
	t.Parallel()

	c := start(t, guide(t))
	nobody := []tftypes.Value{tftypes.NewValue(tftypes.String, nil)}

	for _, attribute := range [][2]string{{"wallaroo_users", "user_ids"}, {"wallaroo_users", "emails"}, {"wallaroo_workspaces", "user_ids"}} {
		resp, err := c.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: attribute[0], Config: c.dynamic(c.schema.DataSourceSchemas[attribute[0]].ValueType(), values{attribute[1]: nobody}),
		})
		c.must(err)
		wantError(t, resp.Diagnostics, "Null among the users")
	}
}

// The ID may come from a variable that is not set.
func TestImport_emptyID(t *testing.T) {
	t.Parallel()

	c := start(t, guide(t))
	for _, kind := range []string{workspaceKind, userKind, exclusiveKind} {
		_, diags := c.importID(kind, "")
		wantError(t, diags, "Unable to import", "The import ID is empty", "check that the variable is set")
	}
}
