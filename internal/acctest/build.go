package acctest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// Source is the address of the provider, with its host, so that both CLIs read it alike.
const Source = "registry.terraform.io/wallaroo-community/wallaroo"

// Requirements is the block of a configuration that names the provider by its source.
const Requirements = `terraform {
  required_providers {
    wallaroo = {
      source = "` + Source + `"
    }
  }
}
`

// hosts are those that the CLIs add to a source without one.
var hosts = []string{"registry.terraform.io", "registry.opentofu.org"}

const module = "github.com/wallaroo-community/terraform-provider-wallaroo"

var findRootOnce = sync.OnceValues(func() (string, error) {
	result, err := RunOK(exec.CommandContext(context.Background(), "go", "list", "-m", "-f", "{{.Dir}}", module))
	return strings.TrimSpace(result.Stdout), err
})

// Root returns the directory of the checkout. It works in any directory of it.
func Root() (string, error) { return findRootOnce() }

var buildProviderOnce = sync.OnceValues(func() (string, error) { return buildCached("terraform-provider-wallaroo", ".") })

// BuildProvider builds the provider, once a process, and returns the directory that it is in.
func BuildProvider() (string, error) { return buildProviderOnce() }

// buildCached builds a program into a directory of its own below .cache, which takes no time when it is up to date.
func buildCached(name, pkg string) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}

	dir := filepath.Join(root, ".cache", "acctest", name)

	return dir, build(context.Background(), root, filepath.Join(dir, executable(name)), "main.version=0.0.0-test", pkg)
}

// BuildMirror builds a provider into a filesystem mirror, from which either CLI installs wallaroo-community/NAME in
// that version. The package is that of the provider, such as ".", relative to the checkout.
func BuildMirror(ctx context.Context, mirror, name, version, pkg string) error {
	root, err := Root()
	if err != nil {
		return err
	}

	for _, host := range hosts {
		target := filepath.Join(mirror, host, "wallaroo-community", name, version, runtime.GOOS+"_"+runtime.GOARCH,
			executable("terraform-provider-"+name+"_v"+version))
		if err := build(ctx, root, target, "main.version="+version, pkg); err != nil {
			return err
		}
	}

	return nil
}

// build builds a package as a release has it, but for a variable that the linker sets. The package is relative to the
// given directory.
func build(ctx context.Context, dir, target, variable, pkg string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	// In the file system of the target Go renames what it has linked, so that no other process sees half a program.
	temporary := filepath.Join(root, ".cache", "tmp")
	if err := os.MkdirAll(temporary, 0o755); err != nil {
		return err
	}

	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X "+variable, "-o", target, pkg)
	cmd.Dir = dir

	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOTMPDIR="+temporary)

	_, err = RunOK(cmd)

	return err
}

// DevOverrides returns the CLI configuration with which both CLIs run the provider of that directory, without "init".
func DevOverrides(dir string) string {
	var overrides strings.Builder
	for _, host := range hosts {
		fmt.Fprintf(&overrides, "    %q = %q\n", host+"/wallaroo-community/wallaroo", filepath.ToSlash(dir))
	}

	return "provider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n  direct {}\n}\n"
}

// FilesystemMirror returns the CLI configuration with which both CLIs install the provider from that mirror, and all
// others from where they are.
func FilesystemMirror(dir string) string {
	return fmt.Sprintf(`provider_installation {
  filesystem_mirror {
    path    = %q
    include = ["%[2]s/wallaroo-community/*", "%[3]s/wallaroo-community/*"]
  }
  direct {
    exclude = ["%[2]s/wallaroo-community/*", "%[3]s/wallaroo-community/*"]
  }
}
`, filepath.ToSlash(dir), hosts[0], hosts[1])
}
