package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cli is Terraform or OpenTofu in the folder of the configuration.
type cli struct {
	path string
	// version is the CLI's own name and version.
	version  string
	dir      string
	planFile string
	// env is the environment; signIn is what the provider needs to reach the instance.
	env, signIn []string
}

// findCLI takes the CLI that make found, and without make looks in the same places.
func findCLI(p place) (*cli, error) {
	names := []string{os.Getenv("WALLAROO_TEST_CLI")}
	if names[0] == "" {
		names = []string{"terraform", "tofu", filepath.Join(p.toolFolder(), executable("tofu"))}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		path, err = filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		env := append(cleanEnvironment(os.Environ()),
			"TF_CLI_CONFIG_FILE="+p.cliConfig(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
		return &cli{path: path, dir: p.config(), planFile: p.planFile(), env: env}, nil
	}
	return nil, fmt.Errorf("no CLI found as %s: run \"make demo\", which builds OpenTofu if there is neither Terraform nor OpenTofu",
		strings.Join(names, ", "))
}

// cleanEnvironment drops what would make the tour act on another instance, with other plugins, or with other flags.
func cleanEnvironment(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(strings.ToUpper(entry), "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "WALLAROO_") && !strings.HasPrefix(name, "CHECKPOINT_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// run runs the CLI. Any exit status but the wanted one is an error.
func (c *cli) run(ctx context.Context, want int, args ...string) (output, error) {
	cmd := patiently(ctx, c.path, args...)
	cmd.Dir = c.dir
	cmd.Env = append(append([]string{}, c.env...), c.signIn...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	err := cmd.Run()
	out := output{command: strings.Join(append([]string{filepath.Base(c.path)}, args...), " "), text: text.String()}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return out, fmt.Errorf("%s: %w", out.command, err)
	}
	if out.status = cmd.ProcessState.ExitCode(); out.status != want {
		return out, out.surprise("the exit status should be %d", want)
	}
	return out, nil
}

// The exit statuses of a plan.
const (
	nothingToDo   = 0
	somethingToDo = 2
)

// plan writes a plan and returns what it would do. The wanted status tells whether there should be anything.
func (c *cli) plan(ctx context.Context, want int, flags ...string) (output, []change, error) {
	args := append([]string{"plan", "-json", "-detailed-exitcode", "-out=" + c.planFile}, flags...)
	out, err := c.run(ctx, want, args...)
	if err != nil {
		return out, nil, err
	}
	shown, err := c.run(ctx, 0, "show", "-json", c.planFile)
	if err != nil {
		return out, nil, err
	}
	var plan struct {
		Changes []change `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(shown.text), &plan); err != nil {
		return out, nil, shown.surprise("the plan should be JSON: %v", err)
	}
	return out, withEffect(plan.Changes), nil
}

// apply applies the plan that was written last.
func (c *cli) apply(ctx context.Context) (output, error) {
	return c.run(ctx, 0, "apply", "-json", "-auto-approve", c.planFile)
}

// expectEmptyPlan is an error if there is anything to do, or anything to warn of.
func (c *cli) expectEmptyPlan(ctx context.Context, flags ...string) error {
	out, changes, err := c.plan(ctx, nothingToDo, flags...)
	if err == nil && len(changes)+len(out.diagnostics()) > 0 {
		err = out.surprise("the plan should be empty and quiet")
	}
	return err
}
