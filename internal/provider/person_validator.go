package provider

import (
	"context"
	"fmt"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

const summaryBadUser = "Invalid email or user ID"

// personValidator refuses emails and user IDs that hold what no reader can see: such a
// character comes from a file or a table, and the text then names nobody.
type personValidator struct{}

func personValidators() []validator.String { return []validator.String{personValidator{}} }

// personSetValidators are for sets of emails and user IDs.
func personSetValidators() []validator.Set {
	return []validator.Set{noNulls{}, setvalidator.ValueStringsAre(personValidator{})}
}

func (personValidator) Description(context.Context) string {
	return "at least one character, and no white space or control character"
}

func (v personValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (personValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	checkPerson(req.Path, req.ConfigValue.ValueString(), &resp.Diagnostics)
}

func checkPerson(at path.Path, text string, diags *diag.Diagnostics) {
	if text == "" {
		diags.AddAttributeError(at, summaryBadUser, "The text is empty, so it names nobody. Give an email address or a user ID.")

		return
	}

	position := 0

	for _, character := range text {
		position++

		if unicode.IsSpace(character) || !unicode.IsGraphic(character) {
			diags.AddAttributeError(at, summaryBadUser, fmt.Sprintf(
				"%q has the character %s at position %d. Emails and user IDs have no white space and no control characters; "+
					"`trimspace()` removes those at both ends.", text, showCharacter(character), position))

			return
		}
	}
}
