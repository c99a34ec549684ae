package provider

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"
)

// The rule for the names of new workspaces is that of the API guide: they map onto
// Kubernetes objects, so they are DNS labels of ASCII letters, digits and dashes.
const maxNameLength = 63

const summaryBadName = "Invalid workspace name"

// maxNamedCharacters bounds how many offending characters one message lists.
const maxNamedCharacters = 5

// nameProblems returns what is wrong with the name of a new workspace, one sentence
// for each broken rule, and nothing for a valid name. Positions count characters
// from 1.
func nameProblems(name string) []string {
	if name == "" {
		return []string{"It is empty; a name has 1 to 63 characters."}
	}

	var problems []string

	characters := []rune(name)
	if len(characters) > maxNameLength {
		problems = append(problems, fmt.Sprintf("It has %d characters; at most %d are allowed: character %d, %s, is one too many.",
			len(characters), maxNameLength, maxNameLength+1, showCharacter(characters[maxNameLength])))
	}

	strange := 0

	for i, character := range characters {
		if isNameCharacter(character) {
			continue
		}

		if strange++; strange <= maxNamedCharacters {
			problems = append(problems, fmt.Sprintf("Character %d, %s, is not an ASCII letter, a digit or a dash.", i+1, showCharacter(character)))
		}
	}

	if strange > maxNamedCharacters {
		problems = append(problems, fmt.Sprintf("More such characters: %d.", strange-maxNamedCharacters))
	}

	if characters[0] == '-' {
		problems = append(problems, `Character 1, '-', is a dash; a name starts with a letter or a digit.`)
	}

	if last := len(characters); last > 1 && characters[last-1] == '-' {
		problems = append(problems, fmt.Sprintf(`Character %d, '-', is a dash; a name ends with a letter or a digit.`, last))
	}

	return problems
}

// nameRemarks returns why a valid name may not work everywhere.
func nameRemarks(name string) []string {
	var remarks []string

	if i := strings.IndexFunc(name, unicode.IsUpper); i >= 0 {
		remarks = append(remarks, fmt.Sprintf("Character %d, %q, is upper case: Wallaroo's API tutorial asks for lower case.", i+1, name[i]))
	}

	if name != "" && !isASCIILetter(rune(name[0])) {
		remarks = append(remarks, fmt.Sprintf("Character 1, %q, is no letter: Wallaroo's Python SDK refuses such names.", name[0]))
	}

	return remarks
}

// showCharacter quotes a character, with its code point if it is not ASCII: a letter
// of another script can look like an ASCII one.
func showCharacter(r rune) string {
	if r < utf8.RuneSelf {
		return fmt.Sprintf("%q", r)
	}

	return fmt.Sprintf("%q (%U)", r, r)
}

func isNameCharacter(r rune) bool {
	return isASCIILetter(r) || '0' <= r && r <= '9' || r == '-'
}

func isASCIILetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// spelledOut are letters that Unicode does not compose of an ASCII letter and marks.
var spelledOut = strings.NewReplacer(
	"ß", "ss", "ẞ", "SS", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ø", "o", "Ø", "O",
	"ł", "l", "Ł", "L", "đ", "d", "Đ", "D", "ð", "d", "Ð", "D", "þ", "th", "Þ", "TH", "ı", "i",
)

// correctName makes a valid name of any text, and keeps the letter case: accents
// are folded, each run of other characters becomes a dash. A valid name stays as it
// is. It returns "" when nothing is left.
func correctName(text string) string {
	if len(nameProblems(text)) == 0 {
		return text
	}

	var name strings.Builder

	for _, r := range norm.NFKD.String(spelledOut.Replace(text)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case isASCIILetter(r) || '0' <= r && r <= '9':
			name.WriteRune(r)
		case name.Len() > 0 && !strings.HasSuffix(name.String(), "-"):
			name.WriteByte('-')
		}
	}

	cut := name.String()
	if len(cut) > maxNameLength {
		cut = cut[:maxNameLength]
	}

	return strings.TrimRight(cut, "-")
}

// describeBadName is the detail of the error about a name that cannot be created.
func describeBadName(name string) string {
	text := fmt.Sprintf("%q cannot be the name of a new workspace:\n\n- %s", name, strings.Join(nameProblems(name), "\n- "))

	if corrected := correctName(name); corrected != "" {
		text += fmt.Sprintf("\n\nA valid name would be %q.", corrected)
	}

	return text
}

// nameValidator refuses names that cannot be created. Names that may be adopted
// pass: workspaces that Wallaroo made on its own, such as default workspaces, break
// the rule.
type nameValidator struct{}

func (nameValidator) Description(context.Context) string {
	return "1 to 63 ASCII letters, digits and dashes, with no dash at either end"
}

func (v nameValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (nameValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}

	var adopt types.Bool

	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(attrAdoptExisting), &adopt)...)

	name := req.ConfigValue.ValueString()
	if name != "" && (adopt.IsUnknown() || adopt.ValueBool()) {
		return
	}

	if len(nameProblems(name)) > 0 {
		resp.Diagnostics.AddAttributeError(req.Path, summaryBadName,
			describeBadName(name)+"\n\nAn existing workspace of this name can be adopted with `adopt_existing = true`.")
	}
}
