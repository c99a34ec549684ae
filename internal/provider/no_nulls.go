package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// noNulls refuses a set with a null in it, which names nobody. Taken for an element
// that is not there, it would take a member's access away.
type noNulls struct{}

func (noNulls) Description(context.Context) string { return "no element may be null" }

func (v noNulls) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (noNulls) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path, "Null among the users",
				"An element of the set is null, so it names nobody. That is what `lookup` and `try` give for a user they do not find. "+
					"Correct the name that is looked up, or leave such elements out with `compact` if they are not wanted.")

			return
		}
	}
}

func notEmpty() []validator.String {
	return []validator.String{stringvalidator.LengthAtLeast(1)}
}
