package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

// docBlock is a block of code in a guide.
type docBlock struct {
	guide string
	line  int
	kind  string
	text  string
}

func (b docBlock) name() string { return fmt.Sprintf("%s line %d", b.guide, b.line) }

// fence is a block of code, which may be part of a list.
var fence = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// docBlocks are the blocks of code of all guides.
func docBlocks(t testing.TB, kinds ...string) []docBlock {
	t.Helper()

	var blocks []docBlock

	for _, path := range guides(t) {
		text := readText(t, path)
		for _, at := range fence.FindAllStringSubmatchIndex(text, -1) {
			block := docBlock{
				guide: strings.TrimSuffix(filepath.Base(path), ".md"), line: 1 + strings.Count(text[:at[0]], "\n"),
				kind: text[at[2]:at[3]], text: text[at[4]:at[5]],
			}
			if slices.Contains(kinds, block.kind) {
				blocks = append(blocks, block)
			}
		}
	}

	return blocks
}

func guides(t testing.TB) []string {
	t.Helper()

	paths, err := filepath.Glob("../../templates/guides/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no guides: %v", err)
	}

	return paths
}

func readText(t testing.TB, path string) string {
	t.Helper()

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

// TestAccGuides plans each block of a guide that says "terraform", on its own. Blocks
// that say "hcl" are only well-formed.
func TestAccGuides(t *testing.T) {
	t.Parallel()

	for _, block := range docBlocks(t, "terraform") {
		t.Run(block.name(), func(t *testing.T) {
			t.Parallel()
			needsCLI(t, block.text)

			f := newStandIn(t, block.text)

			planned := f.Run(0, "plan")
			if strings.Contains(block.text, "import {") {
				planned.Expect("to import, 0 to add, 0 to change, 0 to destroy")
			}
		})
	}

	t.Run("test-modules", func(t *testing.T) {
		t.Parallel()
		testModuleGuide(t)
	})

	t.Run("formatted", func(t *testing.T) {
		t.Parallel()

		f := acctest.NewFolder(t)
		for _, block := range docBlocks(t, "terraform", "hcl") {
			if lacksFor(t, block.text) == "" {
				f.Write(strings.ReplaceAll(block.name(), " ", "-")+".tf", block.text)
			}
		}

		f.Run(0, "fmt", "-check", "-diff")
	})
}

// testModuleGuide runs the tests that the guide shows, of the module that it shows.
// The first line of each block names its file.
func testModuleGuide(t *testing.T) {
	f := newExampleFolder(t, newExampleInstance(t), "")

	files := map[string]string{}

	for _, block := range docBlocks(t, "terraform", "hcl") {
		if name, found := strings.CutPrefix(strings.SplitN(block.text, "\n", 2)[0], "# "); found && block.guide == "test-modules" {
			files[name] = block.text
			f.Write(name, strings.ReplaceAll(block.text, exampleSource, strconv.Quote(acctest.Source)))
		}
	}

	want := []string{"main.tf", "tests/emulator.tftest.hcl", "tests/override.tftest.hcl", "tests/unit.tftest.hcl"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Fatalf("the guide shows %v, want %v", got, want)
	}

	needsCLI(t, files["main.tf"])
	f.Write("requirements.tf", "")
	f.Run(0, "test").Expect("6 passed, 0 failed")
}
