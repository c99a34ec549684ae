package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// workspaceName calls the function, and returns its error's text.
func (c *core) workspaceName(text any) (tftypes.Value, *tfprotov6.FunctionError) {
	c.t.Helper()

	argument := c.encode(tftypes.NewValue(tftypes.String, text))

	resp, err := c.server.CallFunction(bg, &tfprotov6.CallFunctionRequest{Name: "workspace_name", Arguments: []*tfprotov6.DynamicValue{argument}})
	c.must(err)

	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}

	return c.decode(tftypes.String, resp.Result), nil
}

func TestWorkspaceName_table(t *testing.T) {
	t.Parallel()

	run := newCore(t)

	for text, want := range map[string]string{
		"Équipe Données & ML — Paris!":  "equipe-donnees-ml-paris",
		"  __A.B__c  ":                  "a-b-c",
		"team-a":                        "team-a",
		"7":                             "7",
		"Straße Łódź Ærø":               "strasse-lodz-aero",
		"ﬁne":                           "fine",
		strings.Repeat("a", 70):         strings.Repeat("a", 63),
		strings.Repeat("a", 62) + "--b": strings.Repeat("a", 62),
	} {
		got, failed := run.workspaceName(text)
		if failed != nil {
			t.Errorf("%q: %s", text, failed.Text)

			continue
		}

		if !got.Equal(tftypes.NewValue(tftypes.String, want)) {
			t.Errorf("%q gives %s, want %q", text, got, want)
		}
	}
}

func TestWorkspaceName_nothingLeft(t *testing.T) {
	t.Parallel()

	run := newCore(t)

	for _, text := range []string{"", "---", "数据"} {
		_, failed := run.workspaceName(text)
		if failed == nil || failed.FunctionArgument == nil || *failed.FunctionArgument != 0 {
			t.Errorf("%q: error %v, want one of argument 0", text, failed)
		}
	}
}

// Whatever the function returns passes the validator, and a valid lower-case name is
// its own.
func TestWorkspaceName_properties(t *testing.T) {
	t.Parallel()

	run := newCore(t)

	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c]([a-c-]{0,61}[a-c])?`)).Draw(t, "text")

		value, failed := run.workspaceName(text)
		if failed != nil {
			return
		}

		var name string
		if err := value.As(&name); err != nil {
			t.Fatal(err)
		}

		if diags := run.validate(workspaceKind, values{"name": name}); len(diags) > 0 {
			t.Fatalf("%q gives %q: %s", text, name, diags)
		}

		valid := !run.validate(workspaceKind, values{"name": text}).failed()
		if again, _ := run.workspaceName(name); !again.Equal(value) || valid && strings.ToLower(text) == text && name != text {
			t.Fatalf("%q gives %q, then %s", text, name, again)
		}
	})
}
