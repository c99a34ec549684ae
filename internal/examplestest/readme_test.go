package examplestest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// block is a block of configuration in a Markdown file, which may be part of a list.
var block = regexp.MustCompile("(?ms)^( *)```(terraform|hcl)\n(.*?)^ *```$")

// TestReadmes applies the blocks of the README that say "terraform", and wants those of all READMEs to be formatted.
func TestReadmes(t *testing.T) {
	t.Parallel()

	readmes, err := filepath.Glob(examplesDir + "/*/README.md")
	if err != nil {
		t.Fatal(err)
	}

	modules, err := filepath.Glob(examplesDir + "/modules/*/README.md")
	if err != nil {
		t.Fatal(err)
	}

	for _, path := range append(append(readmes, modules...), "../../README.md") {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}

		for _, match := range block.FindAllStringSubmatch(string(content), -1) {
			indent, kind, text := match[1], match[2], match[3]
			text = strings.TrimPrefix(strings.ReplaceAll("\n"+text, "\n"+indent, "\n"), "\n")
			name, _, _ := strings.Cut(text, "\n")
			t.Run(path+"/"+name, func(t *testing.T) {
				t.Parallel()

				example := newExample(t, newInstance(t), t.TempDir(), ".")
				example.Write("main.tf", text)
				example.Run(0, "fmt", "-check", "-diff")

				if kind == "terraform" {
					example.Apply()
					example.ExpectEmptyPlan()
				}
			})
		}
	}
}

// TestReadme_guideAPI applies the README's example on an instance that is exactly the API guide.
func TestReadme_guideAPI(t *testing.T) {
	t.Parallel()

	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}

	instance := emulatortest.Start(t, emulator.Options{API: emulator.GuideAPI(), Seed: acctest.ExampleSeed(t)})
	example := acctest.NewFolder(t, "WALLAROO_URL="+instance.URL, "WALLAROO_TOKEN="+emulatortest.Token)
	example.Write("main.tf", block.FindStringSubmatch(string(content))[3])
	example.Apply()
	example.ExpectEmptyPlan()
	example.Run(0, "destroy", "-auto-approve")
}
