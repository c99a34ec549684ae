package examplestest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// binaries is the folder of the provider that all tests share.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "examplestest"); err != nil {
		panic(err)
	}
	status := m.Run()
	if err := os.RemoveAll(binaries); err != nil {
		panic(err)
	}
	os.Exit(status)
}

// buildProvider builds the provider once for all tests.
var buildProvider = sync.OnceValue(func() error {
	name := "terraform-provider-wallaroo"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-o", filepath.Join(binaries, name),
		"github.com/wallaroo-community/terraform-provider-wallaroo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
})

// command is the Terraform or OpenTofu that make found.
type command struct {
	path string
	// name is terraform or tofu.
	name string
}

// findCLI fails a test without a CLI, and skips one whose CLI knows no functions of providers.
func findCLI(t *testing.T) command {
	t.Helper()
	path := os.Getenv("WALLAROO_TEST_CLI")
	if path == "" {
		path = os.Getenv("TF_ACC_TERRAFORM_PATH")
	}
	if path == "" {
		t.Fatal("no Terraform or OpenTofu to run the examples with: run `make test`")
	}
	found, err := askVersion(path)
	if err != nil {
		t.Fatal(err)
	}
	if found.minor < 8 {
		t.Skipf("the examples need Terraform or OpenTofu 1.8, and %s is %s 1.%d", path, found.name, found.minor)
	}
	return command{path: path, name: found.name}
}

type version struct {
	name  string
	minor int
}

func askVersion(path string) (version, error) {
	cmd := exec.CommandContext(context.Background(), path, "version")
	cmd.Env = append(cleanEnvironment(), "CHECKPOINT_DISABLE=1")
	output, err := cmd.Output()
	if err != nil {
		return version{}, fmt.Errorf("%s version: %w", path, err)
	}
	words := regexp.MustCompile(`^(Terraform|OpenTofu) v1\.(\d+)\.`).FindStringSubmatch(string(output))
	if words == nil {
		return version{}, fmt.Errorf("%s is neither Terraform 1 nor OpenTofu 1: %s", path, output)
	}
	minor, err := strconv.Atoi(words[2])
	if words[1] == "OpenTofu" {
		return version{name: "tofu", minor: minor}, err
	}
	return version{name: "terraform", minor: minor}, err
}

// cleanEnvironment drops what would make a CLI act on another instance, with other plugins, or with other flags.
func cleanEnvironment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "TF_") && !strings.HasPrefix(entry, "WALLAROO_") && !strings.HasPrefix(entry, "GITHUB_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// workdir is a copy of the examples, with one of them to run.
type workdir struct {
	t   *testing.T
	cli command
	// root is the copy of examples/, dir the example in it.
	root, dir string
	env       []string
	stdin     string
	instance  *emulatortest.Instance
}

// copyExamples copies the examples, and gets ready the one at the given path. A nil instance is none.
func copyExamples(t *testing.T, instance *emulatortest.Instance, example string) workdir {
	t.Helper()
	cli := findCLI(t)
	root := filepath.Join(t.TempDir(), "examples")
	copyTree(t, root, filepath.Join("..", "..", "examples"))
	return enter(t, cli, instance, root, example)
}

// enter makes ready an example in a copy.
func enter(t *testing.T, cli command, instance *emulatortest.Instance, root, example string) workdir {
	t.Helper()
	if err := buildProvider(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(root, "cli.tfrc")
	write(t, config, fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"wallaroo-community/wallaroo\" = %q\n  }\n  direct {}\n}\n",
		filepath.ToSlash(binaries)))
	env := append(cleanEnvironment(), "TF_CLI_CONFIG_FILE="+config, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "NO_COLOR=1",
		"TF_CLI_ARGS=-no-color")
	if instance != nil {
		env = append(env, "WALLAROO_URL="+instance.URL, "WALLAROO_USER="+emulatortest.Username, "WALLAROO_PASSWORD="+emulatortest.Password)
	}
	return workdir{t: t, cli: cli, root: root, dir: filepath.Join(root, filepath.FromSlash(example)), env: env, instance: instance}
}

// again is a copy of an example as it is now, with its state, for another instance.
func (w workdir) again(t *testing.T, instance *emulatortest.Instance) workdir {
	t.Helper()
	root := filepath.Join(t.TempDir(), "examples")
	if err := os.CopyFS(root, os.DirFS(w.root)); err != nil {
		t.Fatal(err)
	}
	example, err := filepath.Rel(w.root, w.dir)
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, w.cli, instance, root, example)
}

// copyTree leaves out what the CLIs write.
func copyTree(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir() && entry.Name() == ".terraform":
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Name() == ".terraform.lock.hcl":
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// result is what a program said.
type result struct {
	status         int
	stdout, stderr string
}

func (r result) String() string { return r.stdout + r.stderr }

// start runs a program in the folder of the example, whatever comes of it.
func (w workdir) start(path string, args ...string) result {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), path, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = w.dir, w.env, strings.NewReader(w.stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return result{status: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// run runs the CLI, which must exit with the given status.
func (w workdir) run(want int, args ...string) result {
	w.t.Helper()
	got := w.start(w.cli.path, args...)
	if got.status != want {
		w.t.Fatalf("%s %s: exit status %d, want %d\n%s", w.cli.name, strings.Join(args, " "), got.status, want, got)
	}
	return got
}

// apply applies the example.
func (w workdir) apply(args ...string) result {
	w.t.Helper()
	w.run(0, "get")
	return w.run(0, append([]string{"apply", "-auto-approve", "-compact-warnings"}, args...)...)
}

// wantEmptyPlan wants nothing to be left to do.
func (w workdir) wantEmptyPlan(args ...string) {
	w.t.Helper()
	w.run(0, append([]string{"plan", "-detailed-exitcode"}, args...)...)
}

// output reads an output of the example.
func (w workdir) output(name string, into any) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(w.run(0, "output", "-json", name).stdout), into); err != nil {
		w.t.Fatal(err)
	}
}

// Users beside those of the seed.
const (
	eveID    = "e5e00000-0000-4000-8000-000000000005"
	eveEmail = "eve@example.com"
)

// newInstance is the guide's instance, and eve.
func newInstance(t *testing.T) *emulatortest.Instance {
	t.Helper()
	instance := emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
	instance.AddUser(emulator.User{ID: eveID, Email: eveEmail})
	return instance
}

// clone is another instance with the same workspaces.
func clone(t *testing.T, from *emulatortest.Instance) *emulatortest.Instance {
	t.Helper()
	instance := newInstance(t)
	for _, workspace := range from.Workspaces() {
		if _, ok := instance.Workspace(workspace.ID); !ok {
			instance.AddWorkspace(workspace)
		}
	}
	return instance
}
