package acctest_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

func TestEnviron(t *testing.T) {
	t.Setenv("TF_LOG", "trace")
	t.Setenv("WALLAROO_TOKEN", "stranger")
	t.Setenv("GITHUB_TOKEN", "secret")
	t.Setenv("LANGUAGE_OF_TEST", "kept")

	got := acctest.Environ("WALLAROO_URL=http://127.0.0.1")
	for _, want := range []string{"LANGUAGE_OF_TEST=kept", "WALLAROO_URL=http://127.0.0.1"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing: %v", want, got)
		}
	}

	for _, foreign := range []string{"TF_LOG=trace", "WALLAROO_TOKEN=stranger", "GITHUB_TOKEN=secret"} {
		if slices.Contains(got, foreign) {
			t.Errorf("%s was kept", foreign)
		}
	}
}

// shell returns a command that runs a script.
func shell(t *testing.T, script string) *exec.Cmd {
	t.Helper()

	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash on the PATH")
	}

	return exec.CommandContext(t.Context(), bash, "-c", script)
}

func TestRun(t *testing.T) {
	t.Parallel()

	result, err := acctest.Run(shell(t, "echo out; echo '│ much to' >&2; echo '│ say' >&2; exit 3"))
	if err != nil {
		t.Fatal(err)
	}

	if result.Code != 3 || result.Stdout != "out\n" || !result.Contains("much to say") || result.Contains("say much") {
		t.Errorf("result is %+v", result)
	}

	if err := result.Err(3); err != nil {
		t.Errorf("exit code 3: %s", err)
	}

	if err := result.Err(0); err == nil || !strings.Contains(err.Error(), "exit code 3, want 0\n") || !strings.Contains(err.Error(), "│ say\n") {
		t.Errorf("error is %v", err)
	}

	if _, err := acctest.Run(exec.CommandContext(t.Context(), filepath.Join(t.TempDir(), "nothing"))); err == nil {
		t.Error("a program that is not there was run")
	}
}

func TestProcess_Await(t *testing.T) {
	t.Parallel()

	process, err := acctest.Start(shell(t, "echo one; echo two"))
	if err != nil {
		t.Fatal(err)
	}

	if match, err := process.Await(t.Context(), regexp.MustCompile(`(?m)^t(.*)$`)); err != nil || match[1] != "wo" {
		t.Errorf("match is %q, %v", match, err)
	}

	if _, err := process.Await(t.Context(), regexp.MustCompile("three")); err == nil || !strings.Contains(err.Error(), "one\ntwo") {
		t.Errorf("error is %v", err)
	}

	if result, err := process.Wait(); err != nil || result.Code != 0 {
		t.Errorf("result is %+v, %v", result, err)
	}

	endless, err := acctest.Start(shell(t, "exec sleep 600"))
	if err != nil {
		t.Fatal(err)
	}

	brief, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	if _, err := endless.Await(brief, regexp.MustCompile("one")); err == nil {
		t.Error("a text was found that nobody has written")
	}

	if err := endless.Cmd.Process.Kill(); err != nil {
		t.Error(err)
	}

	if result, err := endless.Wait(); err != nil || result.Code == 0 {
		t.Errorf("result is %+v, %v", result, err)
	}
}

func TestFindCLI(t *testing.T) {
	t.Parallel()

	cli, err := acctest.FindCLI()
	if err != nil {
		t.Fatal(err)
	}

	result, err := acctest.Run(exec.CommandContext(t.Context(), cli.Path, "version"))
	if err != nil {
		t.Fatal(err)
	}

	if !filepath.IsAbs(cli.Path) || cli.Minor == 0 || !result.Contains(cli.Product+" v"+cli.Version) {
		t.Errorf("%+v is not that of:\n%s", cli, result.Output)
	}
}

func TestStartEmulator(t *testing.T) {
	t.Parallel()

	served, err := acctest.StartEmulator(t.Context(), "-seed", "guide")
	if err != nil {
		t.Fatal(err)
	}

	if want := acctest.Credentials(served.URL); !slices.Equal(served.Credentials, want) {
		t.Errorf("credentials are %q, want %q", served.Credentials, want)
	}

	folder := acctest.NewFolder(t, served.Credentials...)
	folder.Write("main.tf", acctest.Requirements+`data "wallaroo_current_user" "me" {}`+"\n"+`output "me" { value = data.wallaroo_current_user.me.email }`)
	folder.Apply()

	var me string
	if folder.Output("me", &me); me != emulatortest.Username {
		t.Errorf("authenticated as %q", me)
	}

	if err := served.Stop(); err != nil {
		t.Error(err)
	}

	if wrong, err := acctest.StartEmulator(t.Context(), "-no-such-flag"); err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("started %v, %v", wrong, err)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
	folder := acctest.NewFolder(t, acctest.Credentials(instance.URL)...)
	// The source is without its host: either CLI must find the provider of this checkout by it.
	folder.Write("main.tf", `
		terraform {
		  required_providers {
		    wallaroo = { source = "wallaroo-community/wallaroo" }
		  }
		}
		resource "wallaroo_workspace" "a" { name = "kit" }
	`)

	plan := folder.Plan()
	if len(plan.ResourceChanges) != 1 || !plan.ResourceChanges[0].Change.Actions.Create() {
		t.Errorf("plan is %+v", plan)
	}

	folder.Run(2, "plan", "-detailed-exitcode")
	folder.Apply()
	folder.ExpectEmptyPlan()

	state := folder.State()
	if resources := state.Values.RootModule.Resources; len(resources) != 1 || resources[0].AttributeValues["name"] != "kit" {
		t.Errorf("state is %+v", state)
	}

	if instance.WorkspaceID("kit") == 0 {
		t.Error("the workspace is not on the instance")
	}
}

// TestFilesystemMirror installs the provider as "make install" lets users do it.
func TestFilesystemMirror(t *testing.T) {
	t.Parallel()

	mirror := filepath.Join(t.TempDir(), "mirror")
	if err := acctest.BuildMirror(t.Context(), mirror, "wallaroo", "1.2.3", "."); err != nil {
		t.Fatal(err)
	}

	folder := acctest.NewFolder(t)
	folder.Write("cli.tfrc", acctest.FilesystemMirror(mirror))

	folder.Env = append(folder.Env, "TF_CLI_CONFIG_FILE="+folder.Path("cli.tfrc"))
	for _, source := range []string{acctest.Source, "wallaroo-community/wallaroo"} {
		folder.Write("main.tf", strings.ReplaceAll(acctest.Requirements, acctest.Source, source))
		folder.Run(0, "init", "-upgrade").Expect("wallaroo-community/wallaroo v1.2.3")
	}
}
