//go:build live

package livetest_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/livetest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

var (
	settings livetest.Settings
	// inUse keeps tests of the same workspace apart.
	inUse [livetest.Workspaces + 1]sync.Mutex
)

// TestMain starts nothing before everything is there and every workspace is either the suite's or still to be made.
func TestMain(m *testing.M) {
	var err error
	if settings, err = livetest.Read(os.Getenv); err == nil {
		err = cleanupAll()
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "test-live: nothing was tested:", err)
		os.Exit(1)
	}

	code := m.Run()

	if err := cleanupAll(); err != nil {
		fmt.Fprintln(os.Stderr, "test-live: after the tests:", err)

		code = 1
	}

	os.Exit(code)
}

// cleanupAll looks at all workspaces before it changes one.
func cleanupAll() error {
	ctx := context.Background()

	sandbox, err := livetest.Open(ctx, settings)
	if err != nil {
		return err
	}

	for _, look := range []func(context.Context, int) (livetest.TestWorkspace, error){sandbox.Inspect, sandbox.Cleanup} {
		for n := 1; n <= livetest.Workspaces; n++ {
			if _, err := look(ctx, n); err != nil {
				return err
			}
		}
	}

	return nil
}

// site is one workspace of the suite during one test.
type site struct {
	*livetest.Sandbox
	livetest.TestWorkspace
	t *testing.T
	n int
	// client goes round Terraform.
	client *wallaroo.Client
}

// enter waits until no other test uses workspace n, and takes the member out of it before and after the test. A
// workspace that is not there is made first, alone: nobody is added before it has proven to be the suite's.
func enter(t *testing.T, n int) *site {
	t.Helper()
	inUse[n].Lock()
	t.Cleanup(inUse[n].Unlock)

	sandbox, err := livetest.Open(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}

	client, err := wallaroo.New(settings.Config)
	if err != nil {
		t.Fatal(err)
	}

	workspace, err := sandbox.Cleanup(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}

	s := &site{Sandbox: sandbox, TestWorkspace: workspace, t: t, n: n, client: client}
	if workspace.ID == 0 {
		s.run(resource.TestCase{Steps: []resource.TestStep{s.created()}})
		s.TestWorkspace = s.look()
	}

	t.Cleanup(func() {
		after, err := sandbox.Cleanup(context.Background(), n)
		if err != nil {
			t.Error(err)
		} else if !maps.Equal(after.Others, s.Others) {
			t.Errorf("other members of workspace %d are %v now, were %v", after.ID, after.Others, s.Others)
		}
	})

	return s
}

// look is what the instance says of the workspace now. It must still be the suite's.
func (s *site) look() livetest.TestWorkspace {
	s.t.Helper()

	workspace, err := s.Inspect(context.Background(), s.n)
	if err != nil {
		s.t.Fatal(err)
	}

	return workspace
}

// wantRole wants the member to have the role on the instance; "" for no member.
func (s *site) wantRole(role wallaroo.Role) func() {
	return func() {
		s.t.Helper()

		if got := s.look().MemberRole; got != role {
			s.t.Errorf("role of the member is %q, want %q", got, role)
		}
	}
}

// removeMember does so behind Terraform's back.
func (s *site) removeMember() {
	s.t.Helper()

	if _, err := s.client.RemoveMember(context.Background(), s.look().ID, wallaroo.UserRef{UserID: s.Member.ID}); err != nil {
		s.t.Fatal(err)
	}
}

// workspace is the block of the workspace, which creates it in the first run and adopts it later.
func (s *site) workspace() string {
	return fmt.Sprintf(`
		resource "wallaroo_workspace" "live" {
		  name           = %q
		  adopt_existing = true
		}
	`, s.Name)
}

// created is the step that creates the workspace or adopts it.
func (s *site) created() resource.TestStep {
	return resource.TestStep{
		Config: s.workspace(),
		ConfigPlanChecks: plans(creates(workspaceKey),
			plancheck.ExpectKnownValue(workspaceKey, tfjsonpath.New("name"), text(s.Name))),
		ConfigStateChecks: []statecheck.StateCheck{
			has(workspaceKey, "id", s.id()), has(workspaceKey, "name", text(s.Name)),
			has(workspaceKey, "created_at", knownvalue.NotNull()), has(workspaceKey, "created_by", knownvalue.NotNull()),
			has(workspaceKey, "archived", knownvalue.Bool(false)),
		},
	}
}

// id is the ID of the workspace, once it exists.
func (s *site) id() knownvalue.Check {
	return knownvalue.Int64Func(func(got int64) error {
		if want := s.look().ID; got != want {
			return fmt.Errorf("id is %d, want %d", got, want)
		}

		return nil
	})
}

// importID names the workspace, or something in it, for an import.
func (s *site) importID(format string, rest ...any) resource.ImportStateIdFunc {
	return func(*terraform.State) (string, error) {
		return fmt.Sprintf(format, append([]any{s.look().ID}, rest...)...), nil
	}
}

// run runs steps with a real CLI and the provider block empty: the provider takes its settings from the environment,
// as users have it. Each step that applies checks plan and state, and is followed by an empty plan. At the end the
// workspace must be there, and the suite's.
func (s *site) run(test resource.TestCase) {
	s.t.Helper()
	acctest.ConfigurePluginTesting(s.t)

	for i := range test.Steps {
		step := &test.Steps[i]
		if step.Config == "" {
			continue
		}

		step.Config = acctest.Requirements + "provider \"wallaroo\" {}\n" + step.Config
		if step.ExpectError != nil || step.ImportState {
			continue
		}

		if !step.PlanOnly && (len(step.ConfigPlanChecks.PreApply) == 0 || len(step.ConfigStateChecks) == 0) {
			s.t.Fatalf("step %d applies, but checks no plan or no state", i+1)
		}

		step.ConfigPlanChecks.PostApplyPostRefresh = append(step.ConfigPlanChecks.PostApplyPostRefresh, plancheck.ExpectEmptyPlan())
	}

	test.CheckDestroy = func(*terraform.State) error {
		if s.look().ID == 0 {
			return fmt.Errorf("workspace %q is gone", s.Name)
		}

		return nil
	}
	test.ProtoV6ProviderFactories = map[string]func() (tfprotov6.ProviderServer, error){
		"wallaroo": providerserver.NewProtocol6WithError(provider.New("live")()),
	}
	resource.UnitTest(s.t, test)
}

func plans(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: checks}
}

var (
	creates  = action(plancheck.ResourceActionCreate)
	updates  = action(plancheck.ResourceActionUpdate)
	keeps    = action(plancheck.ResourceActionNoop)
	destroys = action(plancheck.ResourceActionDestroy)
)

func action(kind plancheck.ResourceActionType) func(address string) plancheck.PlanCheck {
	return func(address string) plancheck.PlanCheck { return plancheck.ExpectResourceAction(address, kind) }
}

func has(address, attribute string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), check)
}

var text = knownvalue.StringExact

// says matches an error that has these texts in this order, wherever the CLI wraps its lines.
func says(texts ...string) *regexp.Regexp {
	for i, words := range texts {
		parts := strings.Fields(words)
		for j := range parts {
			parts[j] = regexp.QuoteMeta(parts[j])
		}

		texts[i] = strings.Join(parts, `\s+`)
	}

	return regexp.MustCompile(`(?s)` + strings.Join(texts, `.*`))
}
