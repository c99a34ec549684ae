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

// version is that of the provider in the mirror. Only the tour sees it.
const version = "0.1.0"

// place knows where everything is.
type place struct {
	// root is the checkout.
	root string
	// work holds all that the tour makes. Each run has its own, so that two at the same time do not meet.
	work string
}

func newPlace(ctx context.Context) (place, error) {
	module, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return place{}, fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(module)))
	p := place{root: root}
	if _, err := os.Stat(p.example()); err != nil {
		return place{}, fmt.Errorf("the demo runs from a checkout of the provider, with \"make demo\": %w", err)
	}
	parent := filepath.Join(root, ".cache", "demo")
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return place{}, err
	}
	p.work, err = os.MkdirTemp(parent, "run-")
	return p, err
}

func (p place) example() string    { return filepath.Join(p.root, "examples", "demo", "main.tf") }
func (p place) config() string     { return filepath.Join(p.work, "config") }
func (p place) cliConfig() string  { return filepath.Join(p.work, "cli.tfrc") }
func (p place) mirror() string     { return filepath.Join(p.work, "mirror") }
func (p place) requests() string   { return filepath.Join(p.work, "requests.log") }
func (p place) emulator() string   { return filepath.Join(p.work, executable("wallaroo-emulator")) }
func (p place) planFile() string   { return filepath.Join(p.work, "plan") }
func (p place) imported() string   { return filepath.Join(p.config(), "import.tf") }
func (p place) refused() string    { return filepath.Join(p.config(), "refused.tf") }
func (p place) toolFolder() string { return filepath.Join(p.root, "bin") }

// provider is the path at which the CLIs look for an unpacked provider in a mirror.
func (p place) provider() string {
	return filepath.Join(p.mirror(), "registry.terraform.io", "wallaroo-community", "wallaroo", version,
		runtime.GOOS+"_"+runtime.GOARCH, executable("terraform-provider-wallaroo_v"+version))
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// prepare lays out the work folder.
func (p place) prepare() error {
	main, err := os.ReadFile(p.example())
	if err != nil {
		return err
	}
	settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(p.mirror()))
	return errors.Join(
		os.Mkdir(p.config(), 0o755),
		os.WriteFile(filepath.Join(p.config(), "main.tf"), main, 0o600),
		os.WriteFile(p.cliConfig(), []byte(settings), 0o600),
	)
}

// build compiles a command of the checkout with the flags of "make build", and so mostly from its cache.
func (p place) build(ctx context.Context, target, source string) error {
	cmd := patiently(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version,
		"-o", target, source)
	cmd.Dir = p.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := cmd.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("go build %s: %w\n\n%s", source, err, bytes.TrimSpace(output))
	}
	return nil
}

// patience is how long a command may go on after an interruption.
const patience = 15 * time.Second

// patiently returns a command that an interruption does not end at once. Ctrl-C reaches it without help, and a second
// signal would make it leave its own children behind; without Ctrl-C it ends soon anyway.
func patiently(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return nil }
	cmd.WaitDelay = patience
	return cmd
}
