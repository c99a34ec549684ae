package provider_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

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

// peopled is the guide's instance with anna and bob, and the given variant of it.
func peopled(t testing.TB, variant emulator.Options) *emulatortest.Instance {
	t.Helper()

	variant.Seed = emulator.SeedGuide
	instance := emulatortest.Start(t, variant)
	instance.AddUser(emulator.User{ID: annaID, Email: annaEmail, FirstName: "Anna"})
	instance.AddUser(emulator.User{ID: bobID, Email: bobEmail, FirstName: "Bob"})

	return instance
}

// accCLI is the path of the CLI that acceptance tests run. Without one they fail: a
// test that was skipped has shown nothing.
func accCLI(t testing.TB) string {
	t.Helper()

	path, err := exec.LookPath(orElse(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	if err != nil {
		t.Fatalf("run `make test`, which finds or builds a CLI: %s", err)
	}

	return path
}

// accRun runs the steps of a test case with a real CLI. It completes them with the
// provider block of the instance, wants plan and state checks in each step that
// applies, and an empty plan after it. At the end everything is destroyed, which must
// lock nobody out.
func accRun(t *testing.T, instance *emulatortest.Instance, test resource.TestCase) {
	t.Helper()
	accRunAs(t, instance, signedIn(instance), test)
}

// accRunAs is accRun with another provider block.
func accRunAs(t *testing.T, instance *emulatortest.Instance, block values, test resource.TestCase) {
	t.Helper()
	accCLI(t)

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

// accConfig puts the requirements and the provider block in front of a body. The
// source follows the variables by which plugin-testing names the provider.
func accConfig(block values, body string) string {
	source := orElse(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io") + "/" +
		orElse(os.Getenv("TF_ACC_PROVIDER_NAMESPACE"), "hashicorp") + "/wallaroo"

	return fmt.Sprintf("terraform {\n  required_providers {\n    wallaroo = {\n      source = %q\n    }\n  }\n}\n\n%s\n%s",
		source, providerBlock(block), body)
}

func providerBlock(block values) string {
	var text strings.Builder

	text.WriteString("provider \"wallaroo\" {\n")

	for _, name := range slices.Sorted(maps.Keys(block)) {
		fmt.Fprintf(&text, "  %s = %q\n", name, block[name])
	}

	return text.String() + "}\n"
}

func orElse(text, fallback string) string {
	if text == "" {
		return fallback
	}

	return text
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

// wantCount wants an operation to have been asked for that often.
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

// before are the checks of what a step wants to apply.
func before(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

// later are the checks of what a step that only plans wants to do.
func later(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PostApplyPostRefresh: checks}
}

const (
	isKept     = plancheck.ResourceActionNoop
	isCreated  = plancheck.ResourceActionCreate
	isUpdated  = plancheck.ResourceActionUpdate
	isRemoved  = plancheck.ResourceActionDestroy
	isReplaced = plancheck.ResourceActionDestroyBeforeCreate
	isRenewed  = plancheck.ResourceActionCreateBeforeDestroy
)

// planCheck is a function that checks a plan.
type planCheck func(*tfjson.Plan) error

func (c planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = c(req.Plan)
}

// plans wants one action for each address.
func plans(action plancheck.ResourceActionType, addresses ...string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		for _, address := range addresses {
			var resp plancheck.CheckPlanResponse

			plancheck.ExpectResourceAction(address, action).CheckPlan(context.Background(), plancheck.CheckPlanRequest{Plan: plan}, &resp)

			if resp.Error != nil {
				return resp.Error
			}
		}

		return nil
	})
}

// forgets wants the state to let go of a resource without destroying it. The checks of
// plugin-testing have no word for that.
func forgets(address string) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		for _, change := range plan.ResourceChanges {
			if change.Address == address && change.Change.Actions.Forget() {
				return nil
			}
		}

		return fmt.Errorf("%s is not forgotten", address)
	})
}

// importsOnly wants that many resources to be imported, and none to be changed.
func importsOnly(want int) plancheck.PlanCheck {
	return planCheck(func(plan *tfjson.Plan) error {
		got := 0

		for _, change := range plan.ResourceChanges {
			if change.Change.Importing != nil {
				got++
			}

			if !change.Change.Actions.NoOp() {
				return fmt.Errorf("%s: %v instead of an import alone", change.Address, change.Change.Actions)
			}
		}

		if got != want {
			return fmt.Errorf("%d imports, want %d", got, want)
		}

		return nil
	})
}

func plansValue(address, attribute string, value any) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, tfjsonpath.New(attribute), known(value))
}

// plansLater wants an attribute to be known after the apply only.
func plansLater(address, attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, tfjsonpath.New(attribute))
}

// stateCheck is a function that checks a state.
type stateCheck func(*tfjson.State) error

func (c stateCheck) CheckState(_ context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c(req.State)
}

// holds wants exactly these managed resources in the state.
func holds(addresses ...string) statecheck.StateCheck {
	return stateCheck(func(state *tfjson.State) error {
		got := []string{}

		if state.Values != nil && state.Values.RootModule != nil {
			for _, r := range state.Values.RootModule.Resources {
				if r.Mode == tfjson.ManagedResourceMode {
					got = append(got, r.Address)
				}
			}
		}

		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(addresses))) {
			return fmt.Errorf("the state holds %v, want %v", got, addresses)
		}

		return nil
	})
}

// idOf is the id that the instance has for the workspace of that name by then.
func idOf(instance *emulatortest.Instance, name string) knownvalue.Check {
	return knownvalue.Int64Func(func(got int64) error {
		if want := instance.WorkspaceID(name); got != want {
			return fmt.Errorf("id of workspace %q is %d, want %d", name, got, want)
		}

		return nil
	})
}

func has(address, attribute string, value any) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), known(value))
}

// known is the typed check of a value in a test's words; nil is null.
func known(value any) knownvalue.Check {
	switch v := value.(type) {
	case knownvalue.Check:
		return v
	case nil:
		return knownvalue.Null()
	case bool:
		return knownvalue.Bool(v)
	case int:
		return knownvalue.Int64Exact(int64(v))
	case int64:
		return knownvalue.Int64Exact(v)
	case string:
		return knownvalue.StringExact(v)
	default:
		panic(fmt.Sprintf("no check for a %T", value))
	}
}
