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

const (
	examplesDir = "../../examples"

	// What examples and guides name instead of things that only a test has.
	exampleSource   = `"wallaroo-community/wallaroo"`
	exampleEndpoint = "https://wallaroo.example.com"
	exampleInternal = "http://api-lb:8080"
	exampleCA       = "/etc/ssl/certs/example-ca.pem"
	exampleSecret   = "/run/secrets/wallaroo-client-secret"
)

// The users of the examples' seed.
const (
	exampleAnn     = "ann@example.com"
	exampleAnnID   = "0a3c9d52-6f1e-4b87-9c2d-5e8f7a1b4c60"
	exampleBob     = "bob@example.com"
	exampleBobID   = "1b7e2f94-8d3a-4c56-a0e1-6f9d8b2c5a71"
	exampleAdminID = "8c4a7b52-6d0e-4f3b-9a1c-2e5d7f90b314"
	exampleDefault = exampleAnn + " - Default Workspace"
)

// exampleResults are, by file, what an example puts into the state: attributes by
// address, and outputs. Numbers are those of JSON.
var exampleResults = map[string]values{
	"resources/wallaroo_workspace/resource.tf": {
		`wallaroo_workspace.fraud.name`:                  "fraud-scoring",
		`wallaroo_workspace.fraud.created_by`:            exampleAnn,
		`wallaroo_workspace.team["churn-forecast"].name`: "churn-forecast",
		`wallaroo_workspace.team["credit-risk"].name`:    "credit-risk",
	},
	"resources/wallaroo_workspace/resource_adopt.tf": {
		`wallaroo_workspace.demand.id`:  8.0,
		`wallaroo_workspace.default.id`: 1.0,
	},
	"resources/wallaroo_workspace_user/resource.tf": {
		`wallaroo_workspace_user.bob.user_id`:   exampleBobID,
		`wallaroo_workspace_user.bob.user_type`: "COLLABORATOR",
	},
	"resources/wallaroo_workspace_user/resource_user_id.tf": {
		`wallaroo_workspace_user.admin.email`:     nil,
		`wallaroo_workspace_user.admin.user_type`: "OWNER",
	},
	"resources/wallaroo_workspace_user/resource_for_each.tf": {
		`wallaroo_workspace_user.demand["bob@example.com"].user_id`:   exampleBobID,
		`wallaroo_workspace_user.demand["ann@example.com"].user_type`: "OWNER",
	},
	"resources/wallaroo_workspace_users_exclusive/resource.tf": {
		`wallaroo_workspace_users_exclusive.fraud.workspace_id`:  10.0,
		`wallaroo_workspace_users_exclusive.fraud.collaborators`: []any{exampleBob},
	},
	"resources/wallaroo_workspace_users_exclusive/resource_ignored_users.tf": {
		`wallaroo_workspace_users_exclusive.demand.owners`:        []any{exampleAnn},
		`wallaroo_workspace_users_exclusive.demand.ignored_users`: []any{exampleAdminID},
	},
	"data-sources/wallaroo_workspaces/data-source.tf": {
		`output.workspace_ids`: map[string]any{
			exampleDefault: 1.0, "edge-cameras": 5.0, "edge-gateways": 6.0, "demand-planning": 8.0, "house-prices": 9.0,
		},
	},
	"data-sources/wallaroo_workspaces/data-source_user.tf": {`output.pipelines_of_ann`: 4.0},
	"data-sources/wallaroo_workspace/data-source.tf": {
		`output.demand_models`:                 []any{10.0, 11.0},
		`data.wallaroo_workspace.default.name`: exampleDefault,
	},
	"data-sources/wallaroo_workspace_users/data-source.tf": {`output.demand_owners`: []any{exampleAnn}},
	"data-sources/wallaroo_users/data-source.tf": {
		`output.disabled_accounts`: []any{},
		`output.team_ids`:          map[string]any{exampleAnn: exampleAnnID, exampleBob: exampleBobID},
	},
	"data-sources/wallaroo_user/data-source.tf": {
		`output.bob_id`:                     exampleBobID,
		`data.wallaroo_user.admin.username`: "admin",
	},
	"data-sources/wallaroo_current_user/data-source.tf": {`output.authenticated_as`: exampleAnn},
	"functions/workspace_name/function.tf": {
		`wallaroo_workspace.team["equipe-donnees-ml-paris"].name`: "equipe-donnees-ml-paris",
		`wallaroo_workspace.team["fraud-scoring"].name`:           "fraud-scoring",
	},
}

// exampleAccounts are, by file, which account an example of a provider block
// authenticates as.
var exampleAccounts = map[string]string{
	"provider/provider.tf":            exampleAnn,
	"provider/provider_client.tf":     "service-account-" + emulator.APIClientID,
	"provider/provider_in_cluster.tf": exampleAnn,
	"provider/provider_private_ca.tf": exampleAnn,
	"provider/provider_token.tf":      exampleAnn,
}

// exampleLists are what the list blocks of the examples find.
var exampleLists = map[string][]string{
	"wallaroo_workspace.all":         {exampleDefault, "edge-cameras", "edge-gateways", "demand-planning", "house-prices"},
	"wallaroo_workspace.edge":        {"edge-cameras", "edge-gateways"},
	"wallaroo_workspace_user.demand": {`"ann@example.com" in demand-planning (OWNER)`},
	"wallaroo_workspace_user.all": {
		`"ann@example.com" in ` + exampleDefault + ` (OWNER)`, `"ann@example.com" in edge-cameras (OWNER)`,
		`"ann@example.com" in edge-gateways (OWNER)`, `"ann@example.com" in demand-planning (OWNER)`, `"ann@example.com" in house-prices (OWNER)`,
	},
}

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

// startExample is a run in-process, for what not every CLI can do.
func startExample(t *testing.T, instance *emulatortest.Instance) *core {
	t.Helper()

	run := newCore(t)
	wantNone(t, run.configure(values{"endpoint": instance.URL, "username": exampleAnn, "password": emulatortest.Password}))

	return run
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

	if strings.HasSuffix(file, "import-by-identity.tf") {
		testImportIdentity(t, instance, filepath.Base(filepath.Dir(file)), text)
	}

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

// testImportIdentity imports in-process, for CLIs that know no identity.
func testImportIdentity(t *testing.T, instance *emulatortest.Instance, kind, text string) {
	block := regexp.MustCompile(`(?s)identity = \{\n(.*?)\n  \}`).FindStringSubmatch(text)
	if block == nil {
		t.Fatalf("no identity in:\n%s", text)
	}

	_, diags := startExample(t, instance).importIdentity(kind, arguments(t, block[1]))
	wantNone(t, diags)
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
	run := startExample(t, instance)

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
