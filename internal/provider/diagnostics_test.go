package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// diagnostics are what one or more calls reported.
type diagnostics []*tfprotov6.Diagnostic

func (d diagnostics) failed() bool { return len(d.errors()) > 0 }

func (d diagnostics) errors() diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != tfprotov6.DiagnosticSeverityError })
}

func (d diagnostics) warnings() diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != tfprotov6.DiagnosticSeverityWarning })
}

func (d diagnostics) String() string {
	var text strings.Builder
	for _, one := range d {
		fmt.Fprintf(&text, "\n%s: %s\n%s\n", one.Severity, one.Summary, one.Detail)
	}

	return text.String()
}

func wantNone(t rapid.TB, diags diagnostics) {
	t.Helper()

	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics: %s", diags)
	}
}

func wantNoError(t rapid.TB, diags diagnostics) {
	t.Helper()

	if diags.failed() {
		t.Fatalf("unexpected error: %s", diags)
	}
}

// wantError wants exactly one error, with that summary and those words in its detail.
func wantError(t rapid.TB, diags diagnostics, summary string, words ...string) {
	t.Helper()
	wantOne(t, "error", diags.errors(), summary, words)
}

// wantWarning wants exactly one warning and no error.
func wantWarning(t rapid.TB, diags diagnostics, summary string, words ...string) {
	t.Helper()
	wantNoError(t, diags)
	wantOne(t, "warning", diags.warnings(), summary, words)
}

func wantOne(t rapid.TB, kind string, diags diagnostics, summary string, words []string) {
	t.Helper()

	if len(diags) != 1 || diags[0].Summary != summary {
		t.Fatalf("want one %s %q, got: %s", kind, summary, diags)
	}

	for _, word := range words {
		if !strings.Contains(diags[0].Detail, word) {
			t.Errorf("%s %q does not say %q:\n%s", kind, summary, word, diags[0].Detail)
		}
	}
}

// wantRequests compares how often each operation was asked for. What is left out
// must not have been asked for at all.
func wantRequests(t testing.TB, instance *emulatortest.Instance, want map[string]int) {
	t.Helper()

	got := map[string]int{}
	for _, request := range instance.Requests() {
		got[request.Operation]++
	}

	if !maps.Equal(got, want) {
		t.Errorf("requests: got %v, want %v", got, want)
	}
}

// says reports whether one of the diagnostics has that summary and all those words.
func (d diagnostics) says(summary string, words ...string) bool {
	return slices.ContainsFunc(d, func(one *tfprotov6.Diagnostic) bool {
		return one.Summary == summary && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(one.Detail, word) })
	})
}

// wantSays wants exactly one diagnostic of that summary, with those words.
func wantSays(t testing.TB, diags diagnostics, summary string, words ...string) {
	t.Helper()

	same := slices.DeleteFunc(slices.Clone(diags), func(one *tfprotov6.Diagnostic) bool { return one.Summary != summary })
	if len(same) != 1 || !diags.says(summary, words...) {
		t.Errorf("want one %q with %q, got: %s", summary, words, diags)
	}
}

func wantNotSaid(t testing.TB, diags diagnostics, words ...string) {
	t.Helper()

	for _, word := range words {
		if strings.Contains(diags.String(), word) {
			t.Errorf("%q is no advice here: %s", word, diags)
		}
	}
}

func wantNoRequests(t testing.TB, instance *emulatortest.Instance) {
	t.Helper()
	wantRequests(t, instance, map[string]int{})
}
