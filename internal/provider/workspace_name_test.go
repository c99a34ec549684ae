package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const summaryBadName = "Invalid workspace name"

var suggestion = regexp.MustCompile(`A valid name would be "([^"]*)"\.`)

// suggested is the corrected name that an error offers, "" if it offers none.
func suggested(diags diagnostics) string {
	for _, one := range diags {
		if found := suggestion.FindStringSubmatch(one.Detail); found != nil {
			return found[1]
		}
	}

	return ""
}

func TestWorkspaceName_valid(t *testing.T) {
	t.Parallel()

	// Nothing is configured, so nothing can be asked.
	run := newCore(t)

	for _, name := range []string{
		"a", "Z", "7", "team-a", "TEAM", "2nd-team", "a--b", "0-0", strings.Repeat("a", 63), "x" + strings.Repeat("-", 61) + "x",
	} {
		wantNone(t, run.validate(workspaceKind, values{"name": name}))
		wantNone(t, run.validate(workspaceKind, values{"name": name, "adopt_existing": false}))
	}

	wantNone(t, run.validate(workspaceKind, values{"name": unknown}))
}

func TestWorkspaceName_brokenRules(t *testing.T) {
	t.Parallel()

	notAllowed := func(position int, character string) string {
		return fmt.Sprintf("Character %d, %s, is not an ASCII letter, a digit or a dash.", position, character)
	}

	cases := map[string]struct {
		name  string
		words []string
		fixed string
	}{
		"empty":              {"", []string{"It is empty", "1 to 63"}, ""},
		"space":              {"team a", []string{notAllowed(5, "' '")}, "team-a"},
		"underscore":         {"team_a", []string{notAllowed(5, "'_'")}, "team-a"},
		"dot":                {"a.b.c", []string{notAllowed(2, "'.'"), notAllowed(4, "'.'")}, "a-b-c"},
		"slash":              {"a/b", []string{notAllowed(2, "'/'")}, "a-b"},
		"quote":              {`a"b`, []string{notAllowed(2, `'"'`)}, "a-b"},
		"dash first":         {"-a", []string{"Character 1, '-', is a dash; a name starts with"}, "a"},
		"dash last":          {"ab-", []string{"Character 3, '-', is a dash; a name ends with"}, "ab"},
		"dashes":             {"-ab-", []string{"Character 1, '-'", "Character 4, '-'"}, "ab"},
		"dash alone":         {"-", []string{"Character 1, '-', is a dash; a name starts with"}, ""},
		"trailing newline":   {"team-a\n", []string{notAllowed(7, `'\n'`)}, "team-a"},
		"trailing space":     {"team-a ", []string{notAllowed(7, "' '")}, "team-a"},
		"leading space":      {" team-a", []string{notAllowed(1, "' '")}, "team-a"},
		"zero byte":          {"a\x00b", []string{notAllowed(2, `'\x00'`)}, "a-b"},
		"accent":             {"équipe", []string{notAllowed(1, "'é' (U+00E9)")}, "equipe"},
		"accent composed":    {"e\u0301quipe", []string{notAllowed(2, "'\u0301' (U+0301)")}, "equipe"},
		"sharp s":            {"straße", []string{notAllowed(5, "'ß' (U+00DF)")}, "strasse"},
		"upper umlaut":       {"ÜBER-ÆON", []string{notAllowed(1, "'Ü' (U+00DC)"), notAllowed(6, "'Æ' (U+00C6)")}, "UBER-AEON"},
		"after an accent":    {"é_a", []string{notAllowed(1, "'é' (U+00E9)"), notAllowed(2, "'_'")}, "e-a"},
		"no-break space":     {"a\u00a0b", []string{notAllowed(2, `'\u00a0' (U+00A0)`)}, "a-b"},
		"full width":         {"ａ１", []string{notAllowed(1, "'ａ' (U+FF41)"), notAllowed(2, "'１' (U+FF11)")}, "a1"},
		"arabic digit":       {"a٣", []string{notAllowed(2, "'٣' (U+0663)")}, "a"},
		"Kelvin sign":        {"a\u212a", []string{notAllowed(2, "'\u212a' (U+212A)")}, "aK"},
		"Cyrillic lookalike": {"te\u0430m", []string{notAllowed(3, "'\u0430' (U+0430)")}, "te-m"},
		"emoji":              {"a👍🏽b", []string{notAllowed(2, "'👍' (U+1F44D)")}, "a-b"},
		"no Latin at all":    {"日本", []string{notAllowed(1, "'日' (U+65E5)"), notAllowed(2, "'本' (U+672C)")}, ""},
		"many":               {"a!!!!!!!b", []string{notAllowed(2, "'!'"), notAllowed(6, "'!'"), "More such characters: 2."}, "a-b"},
		"64": {
			strings.Repeat("a", 63) + "b", []string{"It has 64 characters; at most 63 are allowed", "character 64, 'b', is one too many"},
			strings.Repeat("a", 63),
		},
		"64, cut at a dash": {strings.Repeat("a", 62) + "-b", []string{"It has 64 characters"}, strings.Repeat("a", 62)},
		"characters, not bytes": {
			strings.Repeat("é", 63), []string{notAllowed(1, "'é' (U+00E9)"), "More such characters: 58."}, strings.Repeat("e", 63),
		},
		"longer when folded": {strings.Repeat("æ", 40), []string{notAllowed(1, "'æ' (U+00E6)")}, strings.Repeat("ae", 31) + "a"},
		"all at once":        {"-" + strings.Repeat("ä", 70) + "-", []string{"It has 72 characters", "Character 1, '-'", "'ä'", "Character 72, '-'"}, strings.Repeat("a", 63)},
	}
	for name, one := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			run := newCore(t)
			diags := run.validate(workspaceKind, values{"name": one.name})
			wantError(t, diags, summaryBadName, append(one.words, fmt.Sprintf("%q", one.name))...)

			if got := suggested(diags); got != one.fixed {
				t.Errorf("suggested %q, want %q in:%s", got, one.fixed, diags)
			}

			if at := diags[0].Attribute.String(); !strings.Contains(at, `"name"`) {
				t.Errorf("reported at %s", at)
			}
		})
	}
}

// A rule that is kept is not named.
func TestWorkspaceName_onlyBrokenRulesAreNamed(t *testing.T) {
	t.Parallel()

	run := newCore(t)
	diags := run.validate(workspaceKind, values{"name": "team a"})
	wantError(t, diags, summaryBadName)

	if got := strings.Count(diags[0].Detail, "\n- "); got != 1 {
		t.Errorf("%d rules named, want 1:%s", got, diags)
	}
}

// Workspaces that Wallaroo made on its own have names that could not be created.
func TestWorkspaceName_adoptedNamesPass(t *testing.T) {
	t.Parallel()

	run := newCore(t)

	for _, adopt := range []any{true, unknown} {
		for _, name := range []string{defaultWorkspace, "team a", "-", strings.Repeat("a", 64), "日本", "a\n"} {
			wantNone(t, run.validate(workspaceKind, values{"name": name, "adopt_existing": adopt}))
		}

		wantError(t, run.validate(workspaceKind, values{"name": "", "adopt_existing": adopt}), summaryBadName, "It is empty")
	}

	for _, adopt := range []any{false, nil} {
		wantError(t, run.validate(workspaceKind, values{"name": defaultWorkspace, "adopt_existing": adopt}), summaryBadName,
			"Character 4, '@'", `"ann-example-com-Default-Workspace"`, "adopt_existing = true")
	}
}

// The rule, stated once more and in another way.
var allowedName = regexp.MustCompile(`\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\z`)

func TestWorkspaceName_ruleAndSuggestion(t *testing.T) {
	t.Parallel()

	run := newCore(t)
	texts := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("aZ9--._ é\n")), 0, 70, -1),
		rapid.StringMatching(`[a-zA-Z0-9-]{0,66}`),
	)

	rapid.Check(t, func(t *rapid.T) {
		name := texts.Draw(t, "name")
		diags := run.validate(workspaceKind, values{"name": name})

		if allowedName.MatchString(name) {
			if len(diags) > 0 {
				t.Fatalf("%q is refused: %s", name, diags)
			}

			return
		}

		if len(diags) != 1 || diags[0].Summary != summaryBadName {
			t.Fatalf("%q: %s", name, diags)
		}

		fixed := suggested(diags)
		if fixed == "" {
			if strings.ContainsFunc(name, func(r rune) bool { return allowedName.MatchString(string(r)) }) {
				t.Fatalf("%q: nothing suggested although something is left", name)
			}

			return
		}

		if !allowedName.MatchString(fixed) {
			t.Fatalf("%q: %q is suggested, which breaks the rule", name, fixed)
		}

		if again := run.validate(workspaceKind, values{"name": fixed}); len(again) > 0 {
			t.Fatalf("%q: the suggestion %q is refused: %s", name, fixed, again)
		}
	})
}
