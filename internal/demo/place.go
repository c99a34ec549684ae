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
)

// version is that of the provider in the mirror. Only the tour sees it.
const version = "0.1.0"

// place knows where everything is.
type place struct {
	// root is the checkout.
	root string
	// work holds all that the tour makes.
	work string
}

func newPlace(ctx context.Context) (place, error) {
	module, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return place{}, fmt.Errorf("go env GOMOD: %w", err)
	}
	root := filepath.Dir(strings.TrimSpace(string(module)))
	p := place{root: root, work: filepath.Join(root, ".cache", "demo")}
	if _, err := os.Stat(p.example()); err != nil {
		return place{}, fmt.Errorf("the demo runs from a checkout of the provider, with \"make demo\": %w", err)
	}
	return p, nil
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

// prepare makes the work folder afresh: old state, plans and lock files would tell of an instance that is gone.
func (p place) prepare() error {
	main, err := os.ReadFile(p.example())
	if err != nil {
		return err
	}
	settings := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(p.mirror()))
	return errors.Join(
		os.RemoveAll(p.work),
		os.MkdirAll(p.config(), 0o755),
		os.WriteFile(filepath.Join(p.config(), "main.tf"), main, 0o600),
		os.WriteFile(p.cliConfig(), []byte(settings), 0o600),
	)
}

// build compiles a command of the checkout with the flags of "make build", and so mostly from its cache.
func (p place) build(ctx context.Context, target, source string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version,
		"-o", target, source)
	cmd.Dir = p.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n\n%s", source, err, bytes.TrimSpace(output))
	}
	return nil
}
