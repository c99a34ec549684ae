package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

const publicAddress = "registry.terraform.io/wallaroo-community/wallaroo"

// buildProvider builds the provider as it is shipped, and returns the directory that
// it is in.
func buildProvider(t testing.TB) string {
	t.Helper()

	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false",
		"-o", filepath.Join(dir, "terraform-provider-wallaroo"), ".")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")

	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %s\n%s", err, out)
	}

	return dir
}

// folder is a directory with a configuration, in which a real CLI runs a real provider
// process, with nothing of this process's environment that could change what they do.
type folder struct {
	t   testing.TB
	cli string
	dir string
	env []string
}

// newFolder makes a folder with that configuration. Its provider takes its settings
// from the environment, and so the configuration needs no provider block.
func newFolder(t testing.TB, providerDir string, instance *emulatortest.Instance, body string) *folder {
	t.Helper()

	f := &folder{t: t, cli: accCLI(t), dir: t.TempDir()}
	f.write("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", publicAddress, providerDir))
	f.write("requirements.tf", fmt.Sprintf("terraform {\n  required_providers {\n    wallaroo = {\n      source = %q\n    }\n  }\n}\n", publicAddress))
	f.write("main.tf", body)
	f.env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + f.dir,
		"TMPDIR=" + os.TempDir(),
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE=" + filepath.Join(f.dir, "cli.tfrc"),
		"TF_INPUT=0",
		"WALLAROO_URL=" + instance.URL,
		"WALLAROO_USER=" + emulatortest.Username,
		"WALLAROO_PASSWORD=" + emulatortest.Password,
	}

	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()

	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) read(name string) string {
	f.t.Helper()

	text, err := os.ReadFile(filepath.Join(f.dir, name))
	if err != nil {
		f.t.Fatal(err)
	}

	return string(text)
}

// running is a CLI command under way.
type running struct {
	t       testing.TB
	name    string
	command *exec.Cmd
	output  *transcript
}

// start runs one command, such as start("plan", "-out=p").
func (f *folder) start(args ...string) *running {
	f.t.Helper()

	r := &running{t: f.t, name: strings.Join(args, " "), output: &transcript{}}
	r.command = exec.CommandContext(f.t.Context(), f.cli, append(args, "-no-color")...)
	r.command.Dir, r.command.Env = f.dir, f.env
	r.command.Stdout, r.command.Stderr = r.output, r.output
	r.command.WaitDelay = 10 * time.Second

	if err := r.command.Start(); err != nil {
		f.t.Fatal(err)
	}

	return r
}

// wait returns how the command ended.
func (r *running) wait() outcome {
	r.t.Helper()

	var failed *exec.ExitError

	if err := r.command.Wait(); err != nil && !errors.As(err, &failed) {
		r.t.Fatalf("%s: %s\n%s", r.name, err, r.output.String())
	}

	return outcome{t: r.t, name: r.name, code: r.command.ProcessState.ExitCode(), text: r.output.String()}
}

// run runs a command that must end with that exit code.
func (f *folder) run(code int, args ...string) outcome {
	f.t.Helper()

	done := f.start(args...).wait()
	if done.code != code {
		f.t.Fatalf("%s: exit code %d, want %d\n%s", done.name, done.code, code, done.readable())
	}

	return done
}

// apply must succeed.
func (f *folder) apply(args ...string) outcome {
	f.t.Helper()

	return f.run(0, append([]string{"apply", "-auto-approve"}, args...)...)
}

// wantEmptyPlan refreshes and plans.
func (f *folder) wantEmptyPlan() {
	f.t.Helper()
	f.run(0, "plan", "-detailed-exitcode")
}

// savedPlan is the part of a plan's JSON form that tests look at.
type savedPlan struct {
	ResourceDrift []struct {
		Address string `json:"address"`
	} `json:"resource_drift"`
}

// savedState is the part of a state's JSON form that tests look at.
type savedState struct {
	Values struct {
		RootModule struct {
			Resources []struct {
				Address string         `json:"address"`
				Tainted bool           `json:"tainted"`
				Values  map[string]any `json:"values"`
			} `json:"resources"`
		} `json:"root_module"`
	} `json:"values"`
}

// show reads a saved plan or, without a name, the state.
func (f *folder) show(target any, name ...string) {
	f.t.Helper()

	done := f.run(0, append([]string{"show", "-json"}, name...)...)
	if err := json.Unmarshal([]byte(done.text[strings.Index(done.text, "{"):]), target); err != nil {
		f.t.Fatalf("%s: %s\n%s", done.name, err, done.text)
	}
}

// outcome is a command that has ended.
type outcome struct {
	t    testing.TB
	name string
	code int
	text string
}

// says wants these texts in the output, in any order. The CLI wraps lines wherever it
// likes.
func (o outcome) says(texts ...string) {
	o.t.Helper()

	for _, text := range texts {
		if !o.has(text) {
			o.t.Errorf("%s does not say %q:\n%s", o.name, text, o.readable())
		}
	}
}

func (o outcome) has(text string) bool { return strings.Contains(folded(o.text), folded(text)) }

// readable is the output without logs.
func (o outcome) readable() string {
	return regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\S+ \[[A-Z]+\].*\n`).ReplaceAllString(o.text, "")
}

func folded(text string) string { return strings.Join(strings.Fields(text), " ") }

// transcript is what a command has printed so far.
type transcript struct {
	mu   sync.Mutex // guards what follows
	text bytes.Buffer
	// awaited are texts whose channel is closed when they have been printed.
	awaited map[string]chan struct{}
}

func (p *transcript) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	n, err := p.text.Write(data)

	for text, seen := range p.awaited {
		if strings.Contains(p.text.String(), text) {
			close(seen)
			delete(p.awaited, text)
		}
	}

	return n, err
}

func (p *transcript) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()

	return p.text.String()
}

// await returns when a text has been printed, and fails the test if that takes too long.
func (r *running) await(text string) {
	r.t.Helper()

	seen := make(chan struct{})

	r.output.mu.Lock()
	if strings.Contains(r.output.text.String(), text) {
		close(seen)
	} else {
		r.output.awaited = map[string]chan struct{}{text: seen}
	}
	r.output.mu.Unlock()

	select {
	case <-seen:
	case <-time.After(time.Minute):
		r.t.Fatalf("%s did not print %q:\n%s", r.name, text, r.output.String())
	}
}
