package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestExamples_everyConstructHasThem(t *testing.T) {
	t.Parallel()

	schema := newCore(t).schema
	wanted := []string{"provider/provider.tf"}

	for kind := range schema.ResourceSchemas {
		for _, name := range []string{"resource.tf", "import.sh", "import-by-string-id.tf", "import-by-identity.tf"} {
			wanted = append(wanted, "resources/"+kind+"/"+name)
		}
	}

	for kind := range schema.DataSourceSchemas {
		wanted = append(wanted, "data-sources/"+kind+"/data-source.tf")
	}

	for kind := range schema.ListResourceSchemas {
		wanted = append(wanted, "list-resources/"+kind+"/list-resource.tfquery.hcl")
	}

	for name := range schema.Functions {
		wanted = append(wanted, "functions/"+name+"/function.tf")
	}

	present := examples(t, "provider/*", "resources/*/*", "data-sources/*/*", "list-resources/*/*", "functions/*/*")

	for _, file := range wanted {
		if !slices.Contains(present, file) {
			t.Errorf("no examples/%s", file)
		}
	}

	for _, file := range present {
		_, applied := exampleResults[file]
		_, authenticates := exampleAccounts[file]
		listed := strings.HasPrefix(file, "list-resources/") && strings.HasPrefix(filepath.Base(file), "list-resource")

		// Documentation shows no file with another name.
		if !applied && !authenticates && !listed && !slices.Contains(wanted, file) {
			t.Errorf("examples/%s is neither shown nor tested", file)
		}
	}

	for _, file := range slices.Concat(slices.Collect(maps.Keys(exampleResults)), slices.Collect(maps.Keys(exampleAccounts))) {
		if !slices.Contains(present, file) {
			t.Errorf("examples/%s is gone", file)
		}
	}
}

// TestAccExamples applies every example as it is.
func TestAccExamples(t *testing.T) {
	t.Parallel()

	for _, file := range examples(t, "provider/*.tf") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			testProviderExample(t, file)
		})
	}

	for _, file := range examples(t, "resources/*/resource*.tf", "data-sources/*/*.tf", "functions/*/*.tf") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			testExample(t, file)
		})
	}

	for _, file := range examples(t, "resources/*/import*") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			testImportExample(t, file)
		})
	}

	for _, file := range examples(t, "list-resources/*/*") {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			testListExample(t, file)
		})
	}
}

// examples are the files below the examples that match, with slashes.
func examples(t testing.TB, patterns ...string) []string {
	t.Helper()

	var files []string

	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join(examplesDir, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}

		if len(found) == 0 {
			t.Errorf("no file is like examples/%s", pattern)
		}

		for _, path := range found {
			relative, err := filepath.Rel(examplesDir, path)
			if err != nil {
				t.Fatal(err)
			}

			files = append(files, filepath.ToSlash(relative))
		}
	}

	return files
}

func readExample(t testing.TB, file string) string {
	t.Helper()

	text, err := os.ReadFile(filepath.Join(examplesDir, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

// newExampleInstance is an instance with what the examples expect.
func newExampleInstance(t *testing.T) *emulatortest.Instance {
	t.Helper()

	return emulatortest.Start(t, emulator.Options{Seed: acctest.ExampleSeed(t)})
}

// newExampleFolder is a folder whose provider authenticates as the examples' first user.
func newExampleFolder(t *testing.T, instance *emulatortest.Instance, body string) *acctest.Folder {
	t.Helper()

	f := newFolder(t, instance, body)
	f.Env = append(f.Env, acctest.ExampleCredentials(instance.URL)...)

	return f
}

func testExample(t *testing.T, file string) {
	text := readExample(t, file)
	needsCLI(t, text)

	instance := newExampleInstance(t)
	f := newExampleFolder(t, instance, text)

	f.Apply()

	got := results(f.State())
	for key, want := range exampleResults[file] {
		if value, ok := got[key]; !ok || !cmp.Equal(want, value) {
			t.Errorf("%s = %v, want %v", key, value, want)
		}
	}

	f.ExpectEmptyPlan()
	f.Write("main.tf", strings.ReplaceAll(text, `"PREVENT"`, `"ABANDON"`))
	f.Apply()
	f.Run(0, "destroy", "-auto-approve")

	if err := checkOwned(instance); err != nil {
		t.Error(err)
	}
}

// results are the attributes and outputs of the state, by the keys of exampleResults.
func results(state *tfjson.State) values {
	found := values{}

	for name, output := range state.Values.Outputs {
		found["output."+name] = output.Value
	}

	for _, r := range state.Values.RootModule.Resources {
		for attribute, value := range r.AttributeValues {
			found[r.Address+"."+attribute] = value
		}
	}

	return found
}

func testProviderExample(t *testing.T, file string) {
	text := readExample(t, file)
	f := newStandIn(t, text+"\ndata \"wallaroo_current_user\" \"example\" {}\n")

	f.Apply()

	if got, want := results(f.State())["data.wallaroo_current_user.example.username"], exampleAccounts[file]; got != want {
		t.Errorf("authenticated as %v, want %v", got, want)
	}

	f.ExpectEmptyPlan()
}

// newStandIn is a folder with a text of the documentation that may have provider
// blocks of its own. What these need is put in its place.
func newStandIn(t *testing.T, text string) *acctest.Folder {
	t.Helper()

	serve := emulatortest.Start
	if strings.Contains(text, exampleCA) {
		serve = emulatortest.StartTLS
	}

	instance := serve(t, emulator.Options{Seed: acctest.ExampleSeed(t)})
	f := newExampleFolder(t, instance, "")
	f.Write("ca.pem", instance.CACertificate)
	f.Write("secret", emulatortest.ClientSecret+"\n")
	f.Write("main.tf", strings.NewReplacer(
		exampleSource, strconv.Quote(acctest.Source),
		exampleEndpoint, instance.URL,
		exampleInternal, instance.URL,
		exampleCA, filepath.ToSlash(filepath.Join(f.Dir, "ca.pem")),
		exampleSecret, filepath.ToSlash(filepath.Join(f.Dir, "secret")),
	).Replace(text))

	if strings.Contains(text, "required_providers") {
		f.Write("requirements.tf", "")
	}

	f.Env = append(f.Env,
		"TF_VAR_wallaroo_client_secret="+emulatortest.ClientSecret, "TF_VAR_team=Fraud & Risk", `TF_VAR_members={ owners = ["ann@example.com"] }`)

	if strings.Contains(text, "var.wallaroo_token") {
		f.Env = append(f.Env, "TF_VAR_wallaroo_token="+fetchToken(t, instance, exampleAnn))
	}

	return f
}

// importBlockText is an import block, up to the blank line after it.
var importBlockText = regexp.MustCompile(`(?ms)^import \{.*?^\}\n\n`)

func testImportExample(t *testing.T, file string) {
	instance := newExampleInstance(t)
	byString := readExample(t, filepath.Dir(file)+"/import-by-string-id.tf")

	if strings.HasSuffix(file, "import.sh") {
		testImportCommands(t, instance, readExample(t, file), importBlockText.ReplaceAllString(byString, ""))

		return
	}

	text := readExample(t, file)

	needsCLI(t, text)

	f := newExampleFolder(t, instance, text)

	f.Run(0, "plan").Expect("1 to import, 0 to add, 0 to change, 0 to destroy")
	f.Apply()
	f.ExpectEmptyPlan()
	accWantNoWrite(t, instance)
}

// testImportCommands runs each command on its own, since all import the same.
func testImportCommands(t *testing.T, instance *emulatortest.Instance, script, config string) {
	commands := regexp.MustCompile(`(?m)^terraform import (\S+) (\S+)$`).FindAllStringSubmatch(script, -1)
	if len(commands) == 0 {
		t.Fatalf("no command in:\n%s", script)
	}

	for _, command := range commands {
		f := newExampleFolder(t, instance, config)
		f.Run(0, "import", command[1], command[2])
		f.ExpectEmptyPlan()
	}
}

// arguments are the arguments of a block whose values are plain.
func arguments(t testing.TB, body string) values {
	t.Helper()

	found := values{}

	for _, match := range regexp.MustCompile(`(?m)^\s*(\w+)\s*=\s*(.+)$`).FindAllStringSubmatch(body, -1) {
		var value any
		if err := json.Unmarshal([]byte(match[2]), &value); err != nil {
			t.Fatalf("%s: %s", match[0], err)
		}

		if number, ok := value.(float64); ok {
			value = int(number)
		}

		found[match[1]] = value
	}

	return found
}

var (
	listBlockText = regexp.MustCompile(`(?ms)^list "(\w+)" "(\w+)" \{\n(.*?)^\}`)
	configText    = regexp.MustCompile(`(?ms)^  config \{\n(.*?)^  \}\n`)
)

// testListExample lists in-process, and then with a CLI that can.
func testListExample(t *testing.T, file string) {
	text := readExample(t, file)
	instance := newExampleInstance(t)
	run := mustConfigure(t, values{"endpoint": instance.URL, "username": exampleAnn, "password": emulatortest.Password}, nil)

	blocks := listBlockText.FindAllStringSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatalf("no list block in:\n%s", text)
	}

	total := 0

	for _, block := range blocks {
		config := values{}
		if match := configText.FindStringSubmatch(block[3]); match != nil {
			config = arguments(t, match[1])
		}

		want := exampleLists[block[1]+"."+block[2]]
		wantNames(t, run.query(block[1], config, 0, true), want...)

		total += len(want)
	}

	f := newExampleFolder(t, instance, "")
	if f.CLI.Product != acctest.Terraform || f.CLI.Minor < 14 {
		t.Logf("%s has no query: listed in-process only", f.CLI)

		return
	}

	f.Write("example.tfquery.hcl", text)

	found := f.Run(0, "query")
	for _, block := range blocks {
		found.Expect(exampleLists[block[1]+"."+block[2]]...)
	}

	f.Run(0, "query", "-generate-config-out=found.tf")
	f.Run(0, "plan").Expect(fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", total))
}

// needsCLI skips a text that the CLI is too old for.
func needsCLI(t testing.TB, text string) {
	t.Helper()

	if lacks := lacksFor(t, text); lacks != "" {
		t.Skip(lacks)
	}
}

// lacksFor says what a text needs and the CLI does not have.
func lacksFor(t testing.TB, text string) string {
	t.Helper()

	cli, err := acctest.FindCLI()
	if err != nil {
		t.Fatal(err)
	}

	for sign, since := range map[string]map[string]int{
		"  identity = {":      {"Terraform": 12, "OpenTofu": 12},
		"provider::":          {"Terraform": 8, "OpenTofu": 7},
		"mock_provider":       {"Terraform": 7, "OpenTofu": 8},
		"removed {":           {"Terraform": 7, "OpenTofu": 10},
		"  for_each = local.": {"Terraform": 7, "OpenTofu": 7},
	} {
		if strings.Contains(text, sign) && cli.Minor < since[cli.Product] {
			return fmt.Sprintf("%s does not know %q", cli, sign)
		}
	}

	return ""
}
