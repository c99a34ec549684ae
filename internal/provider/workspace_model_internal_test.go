package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

// The configured spelling stays where an instance writes names in lower case; another
// name, or the first one, is taken.
func TestWorkspaceModel_readsName(t *testing.T) {
	t.Parallel()

	for before, want := range map[string]string{"Team-A": "Team-A", "team-b": "team-a", "": "team-a"} {
		m := workspaceModel{Name: types.StringValue(before)}

		if m.read(wallaroo.Workspace{ID: 5, Name: "team-a"}); m.Name.ValueString() != want {
			t.Errorf("%q became %q, want %q", before, m.Name.ValueString(), want)
		}
	}
}
