package provider_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// Users of acceptance tests beside those of the seed.
const (
	annaID    = "a44a0000-0000-4000-8000-000000000001"
	annaEmail = "anna@example.com"
	bobID     = "b0b00000-0000-4000-8000-000000000002"
	bobEmail  = "bob@example.com"
)

// startWithUsers starts a variant of the guide's instance with Anna and Bob.
func startWithUsers(t testing.TB, variant emulator.Options) *emulatortest.Instance {
	t.Helper()

	variant.Seed = emulator.SeedGuide
	instance := emulatortest.Start(t, variant)
	instance.AddUser(emulator.User{ID: annaID, Email: annaEmail, FirstName: "Anna"})
	instance.AddUser(emulator.User{ID: bobID, Email: bobEmail, FirstName: "Bob"})

	return instance
}

// accRun runs the steps of a test case with a real CLI. It completes them with the
// provider block of the instance, wants plan and state checks in each step that
// applies, and an empty plan after it. At the end everything is destroyed, which must
// leave each workspace an owner.
func accRun(t *testing.T, instance *emulatortest.Instance, test resource.TestCase) {
	t.Helper()
	accRunAs(t, instance, passwordBlock(instance), test)
}

// accRunAs is accRun with another provider block.
func accRunAs(t *testing.T, instance *emulatortest.Instance, block values, test resource.TestCase) {
	t.Helper()
	acctest.ConfigurePluginTesting(t)

	for i := range test.Steps {
		accComplete(t, block, i, &test.Steps[i])
	}

	if test.CheckDestroy == nil {
		test.CheckDestroy = func(*terraform.State) error { return checkOwned(instance) }
	}

	test.ProtoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
		"wallaroo": providerserver.NewProtocol6WithError(
			provider.New("test", provider.WithEnvironment(emptyEnvironment), provider.WithSleep(noSleep))()),
	}

	resource.UnitTest(t, test)
}

func accComplete(t *testing.T, block values, i int, step *resource.TestStep) {
	t.Helper()

	if step.Config == "" {
		return
	}

	step.Config = accConfig(block, step.Config)

	if step.ExpectError != nil || step.ImportState || step.Destroy {
		return
	}

	if !step.PlanOnly && (len(step.ConfigPlanChecks.PreApply) == 0 || len(step.ConfigStateChecks) == 0) {
		t.Fatalf("step %d applies, but checks no plan or no state", i+1)
	}

	if !step.ExpectNonEmptyPlan {
		step.ConfigPlanChecks.PostApplyPostRefresh = append(step.ConfigPlanChecks.PostApplyPostRefresh, plancheck.ExpectEmptyPlan())
	}
}

// accConfig puts the requirements and the provider block in front of a body.
func accConfig(block values, body string) string {
	return acctest.Requirements + providerBlock(block) + body
}

func providerBlock(block values) string {
	var text strings.Builder

	text.WriteString("provider \"wallaroo\" {\n")

	for _, name := range slices.Sorted(maps.Keys(block)) {
		fmt.Fprintf(&text, "  %s = %q\n", name, block[name])
	}

	return text.String() + "}\n"
}

// newFolder returns a folder with that configuration. Its provider takes its settings
// from the environment, and so the configuration needs no provider block.
func newFolder(t testing.TB, instance *emulatortest.Instance, body string) *acctest.Folder {
	t.Helper()

	f := acctest.NewFolder(t, acctest.Credentials(instance.URL)...)
	f.Write("requirements.tf", acctest.Requirements)
	f.Write("main.tf", body)

	return f
}

// checkOwned wants an owner in each workspace.
func checkOwned(instance *emulatortest.Instance) error {
	for _, w := range instance.Workspaces() {
		if !slices.Contains(slices.Collect(maps.Values(w.Members)), emulator.Owner) {
			return fmt.Errorf("nobody owns workspace %q any more: %v", w.Name, w.Members)
		}
	}

	return nil
}

func accWantMembers(t testing.TB, instance *emulatortest.Instance, workspaceID int64, want map[string]string) {
	t.Helper()

	if got := instance.Members(workspaceID); !maps.Equal(got, want) {
		t.Errorf("members of workspace %d: got %v, want %v", workspaceID, got, want)
	}
}

// accWantCount wants an operation to have been asked for that often.
func accWantCount(t testing.TB, instance *emulatortest.Instance, operation string, want int) {
	t.Helper()

	if got := instance.Count(operation); got != want {
		t.Errorf("%s was called %d times, want %d", operation, got, want)
	}
}

// accWantNoWrite wants nothing to have been asked for that changes the instance.
func accWantNoWrite(t testing.TB, instance *emulatortest.Instance) {
	t.Helper()

	for _, operation := range []string{"workspaces/create", "workspaces/add_user", "workspaces/remove_user"} {
		accWantCount(t, instance, operation, 0)
	}
}

// says matches an error that has these texts in this order. The CLI wraps lines
// wherever it likes.
func says(texts ...string) *regexp.Regexp {
	parts := make([]string, len(texts))
	for i, text := range texts {
		words := strings.Fields(text)
		for j := range words {
			words[j] = regexp.QuoteMeta(words[j])
		}

		parts[i] = strings.Join(words, `\s+`)
	}

	return regexp.MustCompile(`(?s)` + strings.Join(parts, `.*`))
}
