package provider

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// The parts of an import ID make up the whole.
func FuzzParseImportID(f *testing.F) {
	for _, seed := range []string{
		"", "/", "8", "8/", "/a@example.com", "8/a@example.com", "8/57d61aed-3058-4327-9e65-a5d39a9718c0", "clip-demo/a@example.com",
		"a/b/c@example.com", "8/a/b@example.com", "-8/x", "+8/x", "0/x", "99999999999999999999/x", "8//", "\x00/\xff", "john@x.y - Default Workspace/u",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		if workspace := parseWorkspaceRef(text); workspace.name != "" && (workspace.name != text || workspace.id != 0) {
			t.Errorf("%q is the workspace %+v", text, workspace)
		}

		workspace, user, err := parseMemberID(text)
		if err != nil {
			if !strings.Contains(text, "/") || strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") {
				return
			}

			t.Fatalf("%q: %v", text, err)
		}

		// Whether it is an ID or an email is decided by the members.
		if user.Name == "" || user.UserID != "" || user.Email != "" {
			t.Errorf("%q names the user %+v", text, user)
		}

		head, ok := strings.CutSuffix(text, "/"+user.Name)
		if !ok || head == "" || parseWorkspaceRef(head) != workspace {
			t.Errorf("%q is %+v and %+v", text, workspace, user)
		}

		if workspace.String() == "" {
			t.Errorf("%q: nothing to say of %+v", text, workspace)
		}
	})
}

// A name that is offered can be created, and is offered again for itself.
func FuzzNameRule(f *testing.F) {
	for _, seed := range []string{
		"", "-", "--", "a", "a-", "-a", "team a", "Équipe Données", "ßẞæÆ", "\u0130\u0131", "\xff\xfe", "a\x00b", "е", "１２", "K", "漢字", "a\u0301\u0301",
		strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("é", 63), strings.Repeat("a-", 40), strings.Repeat("ﷺ", 9), "½", "a\u200db",
	} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		problems, corrected := nameProblems(text), correctName(text)

		if corrected != "" && len(nameProblems(corrected)) > 0 {
			t.Errorf("%q is corrected to %q: %q", text, corrected, nameProblems(corrected))
		}

		if again := correctName(corrected); again != corrected {
			t.Errorf("%q is corrected to %q, and that to %q", text, corrected, again)
		}

		if len(problems) == 0 && corrected != text {
			t.Errorf("the valid name %q is corrected to %q", text, corrected)
		}

		if lower := strings.ToLower(corrected); lower != "" && len(nameProblems(lower)) > 0 {
			t.Errorf("%q in lower case: %q", corrected, nameProblems(lower))
		}

		if len(problems) > 0 {
			detail := describeBadName(text)
			if !utf8.ValidString(detail) || !strings.Contains(detail, problems[0]) {
				t.Errorf("%q: %q", text, detail)
			}

			return
		}

		for _, remark := range nameRemarks(text) {
			if remark == "" {
				t.Errorf("%q: an empty remark", text)
			}
		}
	})
}

// Letter case is no difference, and nothing else is none.
func FuzzEmailEquality(f *testing.F) {
	for _, seed := range [][2]string{
		{"a@example.com", "A@Example.COM"}, {"a@example.com", "b@example.com"}, {"", ""}, {"é@x.y", "É@x.y"}, {"K@x.y", "k@x.y"}, {"ſ@x.y", "s@x.y"},
		{"a", "a "}, {"\u0130@x", "i@x"}, {"\u0131@x", "I@x"}, {"ß@x", "ss@x"},
	} {
		f.Add(seed[0], seed[1])
	}

	f.Fuzz(func(t *testing.T, one, other string) {
		a, b := email{basetypes.NewStringValue(one)}, email{basetypes.NewStringValue(other)}

		if !equalEmails(t, a, a) || !a.Equal(a) {
			t.Errorf("%q is not itself", one)
		}

		if equalEmails(t, a, b) != equalEmails(t, b, a) {
			t.Errorf("%q and %q are equal in one direction", one, other)
		}

		if a.Equal(b) && !equalEmails(t, a, b) {
			t.Errorf("%q and %q are equal, but do not mean the same", one, other)
		}

		for _, change := range []func(string) string{asciiLower, asciiUpper} {
			if changed := newEmail(change(one)); one != "" && !equalEmails(t, a, changed) {
				t.Errorf("%q and %s differ", one, changed)
			}
		}

		if utf8.ValidString(one) && utf8.ValidString(other) && equalEmails(t, a, b) && utf8.RuneCountInString(one) != utf8.RuneCountInString(other) {
			t.Errorf("%q and %q mean the same", one, other)
		}

		for _, none := range []email{{basetypes.NewStringNull()}, {basetypes.NewStringUnknown()}} {
			if equalEmails(t, a, none) || equalEmails(t, none, a) {
				t.Errorf("%q means the same as %s", one, none)
			}
		}
	})
}

func equalEmails(t *testing.T, a, b email) bool {
	t.Helper()

	same, diags := a.StringSemanticEquals(context.Background(), b)
	if diags.HasError() {
		t.Error(diags)
	}

	return same
}

func asciiLower(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}

		return r
	}, text)
}

func asciiUpper(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}

		return r
	}, text)
}
