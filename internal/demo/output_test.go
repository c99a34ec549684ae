package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

const printed = `{"@level":"info","@message":"Plan: 1 to add","type":"change_summary"}
{"@message":"Warning: Stays","diagnostic":{"severity":"warning","summary":"Stays","detail":"Workspace b stays."}}
{"@message":"Warning: Stays","diagnostic":{"severity":"warning","summary":"Stays","detail":"Workspace a stays."}}
{"@message":"Warning: Stays","diagnostic":{"severity":"warning","summary":"Stays","detail":"Workspace a stays."}}
{"@message":"Error: Taken","diagnostic":{"severity":"error","summary":"Taken","detail":"The name is taken."}}
not JSON
`

func TestShow(t *testing.T) {
	t.Parallel()
	got := show(output{text: printed}.diagnostics())
	want := []string{"Error: Taken", "  The name is taken.", "Warning: Stays", "  Workspace a stays.", "  (and 1 more like this)"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestSurprise(t *testing.T) {
	t.Parallel()
	got := output{command: "terraform plan", status: 1, text: printed}.surprise("there should be %d warnings", 3).Error()
	for _, part := range []string{
		"there should be 3 warnings\n", "terraform plan ended with status 1:\n\nPlan: 1 to add\n",
		"\nError: Taken\n  The name is taken.\n", "\nnot JSON",
	} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in:\n%s", part, got)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	var changes []change
	err := json.Unmarshal([]byte(`[
		{"address": "same", "change": {"actions": ["no-op"]}},
		{"address": "b", "change": {"actions": ["delete", "create"]}},
		{"address": "a", "change": {"actions": ["update"]}},
		{"address": "old", "change": {"actions": ["no-op"], "importing": {"id": "7"}}},
		{"address": "gone", "change": {"actions": ["delete"]}},
		{"address": "new", "change": {"actions": ["create"]}}
	]`), &changes)
	if err != nil {
		t.Fatal(err)
	}
	got := list(withEffect(changes))
	if want := []string{"+ new", "- gone", "-/+ b", "import old", "~ a"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("équipe ", 12) + "\n\n    " + strings.Repeat("x", 100) + "\n- last"
	lines := wrap(text)
	want := []string{
		strings.TrimSpace(strings.Repeat("équipe ", 10)), "équipe équipe", "", "    " + strings.Repeat("x", 100), "- last",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
	if got := trimmed(lines); len(got) != 4 {
		t.Errorf("empty lines are left: %q", got)
	}
	if got := trimmed(strings.Split(strings.Repeat("line\n", detailLines+3), "\n")); got[detailLines] != "(and 3 more lines)" {
		t.Errorf("got %q", got)
	}
}

func TestCleanEnvironment(t *testing.T) {
	t.Parallel()
	got := cleanEnvironment([]string{"PATH=/bin", "TF_VAR_x=1", "WALLAROO_URL=https://real.example.com", "CHECKPOINT_DISABLE=", "HOME=/root"})
	if want := []string{"PATH=/bin", "HOME=/root"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
