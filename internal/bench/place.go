package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// version is that of the providers in the mirror. Only the benchmark sees it.
const version = "0.1.0"

// patience is how long a command may go on after an interruption. A CLI ends its own children when it has time.
const patience = 30 * time.Second

// place knows where everything is.
type place struct {
	// root is the checkout.
	root string
	// work holds all that a run makes.
	work string
	// cli is the path of Terraform or OpenTofu.
	cli string
}

func newPlace(ctx context.Context) (place, error) {
	module, err := output(command(ctx, "", nil, "go", "env", "GOMOD"))
	if err != nil {
		return place{}, err
	}
	p := place{root: filepath.Dir(module)}
	if p.cli, err = output(command(ctx, p.root, nil, filepath.Join(p.root, "scripts", "find-cli"))); err != nil {
		return p, err
	}
	if err := os.MkdirAll(p.results(), 0o755); err != nil {
		return p, err
	}
	p.work, err = os.MkdirTemp(p.results(), "run-")
	return p, err
}

func (p place) results() string   { return filepath.Join(p.root, ".cache", "bench") }
func (p place) mirror() string    { return filepath.Join(p.work, "mirror") }
func (p place) cliConfig() string { return filepath.Join(p.work, "cli.tfrc") }

// prepare builds both providers into a mirror.
func (p place) prepare(ctx context.Context) error {
	settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(p.mirror()))
	return errors.Join(
		os.WriteFile(p.cliConfig(), []byte(settings), 0o600),
		p.build(ctx, "wallaroo", "."),
		p.build(ctx, "idle", "./internal/bench/idle"),
	)
}

// build compiles a provider with the flags of "make build". Each CLI looks for it below its own registry.
func (p place) build(ctx context.Context, name, source string) error {
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		target := filepath.Join(p.mirror(), registry, "wallaroo-community", name, version,
			runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-"+name+"_v"+version)
		if runtime.GOOS == "windows" {
			target += ".exe"
		}
		cmd := command(ctx, p.root, append(os.Environ(), "CGO_ENABLED=0"), "go", "build", "-trimpath", "-buildvcs=false",
			"-ldflags", "-s -w -X main.version="+version, "-o", target, source)
		if _, err := output(cmd); err != nil {
			return err
		}
	}
	return nil
}

// environment is what a CLI sees: nothing that would make it act with other plugins or flags, or on another instance.
func (p place) environment(more ...string) []string {
	var kept []string
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(entry), "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "WALLAROO_") {
			kept = append(kept, entry)
		}
	}
	return append(append(kept, "TF_CLI_CONFIG_FILE="+p.cliConfig(), "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1"), more...)
}

// command returns a command that an interruption does not end at once: Ctrl-C reaches it without help.
func command(ctx context.Context, dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = dir, env, patience
	cmd.Cancel = func() error { return nil }
	return cmd
}

// output runs a command and returns what it prints, which goes into its error as well.
func output(cmd *exec.Cmd) (string, error) {
	var stdout, all bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &all
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(append(stdout.Bytes(), all.Bytes()...)))
	}
	return strings.TrimSpace(stdout.String()), nil
}
