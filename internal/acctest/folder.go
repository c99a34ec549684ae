package acctest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
)

// Folder is a working directory of one test. A CLI runs there with the provider as it is in the checkout. Its methods
// fail the test when something is not as it should be.
type Folder struct {
	CLI CLI
	Dir string
	// Env is the whole environment of what runs there.
	Env []string

	t testing.TB
}

// NewFolder makes a folder. Programs in it have a clean environment with the given variables.
func NewFolder(t testing.TB, variables ...string) *Folder {
	t.Helper()

	cli, err := FindCLI()
	if err != nil {
		t.Fatal(err)
	}

	provider, err := BuildProvider()
	if err != nil {
		t.Fatal(err)
	}

	f := &Folder{t: t, CLI: cli, Dir: t.TempDir()}

	config := filepath.Join(t.TempDir(), "cli.tfrc")
	if err := os.WriteFile(config, []byte(DevOverrides(provider)), 0o600); err != nil {
		t.Fatal(err)
	}

	f.Env = append(Environ("TF_CLI_CONFIG_FILE="+config, "TF_CLI_ARGS=-no-color"), variables...)

	return f
}

// Outcome is a Result in a test.
type Outcome struct {
	Result

	t testing.TB
}

// Expect fails the test unless the output has these texts, in any order.
func (o Outcome) Expect(texts ...string) {
	o.t.Helper()

	for _, text := range texts {
		if !o.Contains(text) {
			o.t.Errorf("%s does not say %q:\n%s", o.Command, text, o.Output)
		}
	}
}

// Path returns the path of a file in the folder.
func (f *Folder) Path(name string) string { return filepath.Join(f.Dir, filepath.FromSlash(name)) }

// Write writes a file.
func (f *Folder) Write(name, text string) {
	f.t.Helper()

	if err := os.MkdirAll(filepath.Dir(f.Path(name)), 0o700); err != nil {
		f.t.Fatal(err)
	}

	if err := os.WriteFile(f.Path(name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// Read reads a file.
func (f *Folder) Read(name string) string {
	f.t.Helper()

	text, err := os.ReadFile(f.Path(name))
	if err != nil {
		f.t.Fatal(err)
	}

	return string(text)
}

// Command returns a command that runs a program in the folder, and that ends with the test at the latest.
func (f *Folder) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(f.t.Context(), program, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = f.Dir, f.Env, 10*time.Second

	return cmd
}

// Start starts the CLI.
func (f *Folder) Start(args ...string) *Process {
	f.t.Helper()

	process, err := Start(f.Command(f.CLI.Path, args...))
	if err != nil {
		f.t.Fatal(err)
	}

	return process
}

// Wait waits for what was started to end.
func (f *Folder) Wait(p *Process) Outcome {
	f.t.Helper()

	result, err := p.Wait()
	if err != nil {
		f.t.Fatal(err)
	}

	return Outcome{Result: result, t: f.t}
}

// Run runs the CLI, which must end with that exit code.
func (f *Folder) Run(code int, args ...string) Outcome {
	f.t.Helper()

	outcome := f.Wait(f.Start(args...))
	if err := outcome.Err(code); err != nil {
		f.t.Fatal(err)
	}

	return outcome
}

// Apply applies the configuration.
func (f *Folder) Apply(args ...string) Outcome {
	f.t.Helper()
	return f.Run(0, append([]string{"apply", "-auto-approve"}, args...)...)
}

// ExpectEmptyPlan fails the test if there is anything to do.
func (f *Folder) ExpectEmptyPlan(args ...string) {
	f.t.Helper()
	f.Run(0, append([]string{"plan", "-detailed-exitcode"}, args...)...)
}

// Plan plans, and returns the plan that it leaves in the file "plan".
func (f *Folder) Plan(args ...string) *tfjson.Plan {
	f.t.Helper()
	f.Run(0, append([]string{"plan", "-out=plan"}, args...)...)

	var plan tfjson.Plan
	f.parse(&plan, "show", "-json", "plan")

	return &plan
}

// State returns the state.
func (f *Folder) State() *tfjson.State {
	f.t.Helper()

	var state tfjson.State
	f.parse(&state, "show", "-json")

	return &state
}

// Output reads an output value.
func (f *Folder) Output(name string, target any) {
	f.t.Helper()
	f.parse(target, "output", "-json", name)
}

func (f *Folder) parse(target any, args ...string) {
	f.t.Helper()

	if result := f.Run(0, args...); json.Unmarshal([]byte(result.Stdout), target) != nil {
		f.t.Fatalf("%s is not the expected JSON:\n%s", result.Command, result.Output)
	}
}
