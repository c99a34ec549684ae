package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"sync"
)

// Products that a CLI can be.
const (
	Terraform = "Terraform"
	OpenTofu  = "OpenTofu"
)

// CLI is a Terraform or an OpenTofu.
type CLI struct {
	// Path is absolute.
	Path string
	// Product is Terraform or OpenTofu.
	Product string
	// Version is that of the product, such as "1.11.4".
	Version string
	// Minor is the second number of Version.
	Minor int
}

func (c CLI) String() string { return c.Product + " " + c.Version }

// findOnce serves a whole process: a test suite asks hundreds of times.
var findOnce = sync.OnceValues(func() (CLI, error) {
	ctx := context.Background()
	if path := os.Getenv("WALLAROO_TEST_CLI"); path != "" {
		cli, err := describe(ctx, path)
		if err != nil {
			err = fmt.Errorf("WALLAROO_TEST_CLI: %w", err)
		}

		return cli, err
	}

	if cli, ok := onPath(ctx); ok {
		return cli, nil
	}

	return Pinned(ctx)
})

// FindCLI returns the CLI to use, the first of:
//
//  1. the program that the environment variable WALLAROO_TEST_CLI names
//  2. terraform on the PATH, 1.5 or newer
//  3. tofu on the PATH, 1.6 or newer
//  4. the one of [Pinned]
func FindCLI() (CLI, error) { return findOnce() }

// onPath returns the first usable CLI on the PATH, and whether there is one.
func onPath(ctx context.Context) (CLI, bool) {
	for _, wanted := range []struct {
		name   string
		oldest int
	}{{"terraform", 5}, {"tofu", 6}} {
		switch cli, err := describe(ctx, wanted.name); {
		case errors.Is(err, exec.ErrNotFound):
		case err != nil:
			fmt.Fprintf(os.Stderr, "ignoring %s: %s\n", wanted.name, err)
		case cli.Minor < wanted.oldest:
			fmt.Fprintf(os.Stderr, "ignoring %s: %s is older than 1.%d\n", cli.Path, cli, wanted.oldest)
		default:
			return cli, true
		}
	}

	return CLI{}, false
}

var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(1\.(\d+)\.\S+)`)

// describe asks a program what it is.
func describe(ctx context.Context, name string) (CLI, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return CLI{}, err
	}

	if path, err = filepath.Abs(path); err != nil {
		return CLI{}, err
	}

	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = Environ()

	result, err := Run(cmd)
	if err != nil {
		return CLI{}, err
	}

	match := versionLine.FindStringSubmatch(result.Stdout)
	if match == nil {
		return CLI{}, fmt.Errorf("%s is neither Terraform 1 nor OpenTofu 1:\n%s", path, result.Output)
	}

	minor, err := strconv.Atoi(match[3])

	return CLI{Path: path, Product: match[1], Version: match[2], Minor: minor}, err
}

var pinnedVersion = regexp.MustCompile(`github\.com/opentofu/opentofu v(\S+)`)

// Pinned returns the OpenTofu of internal/tools/tofu/go.mod. It is built into bin/ when it is not there in that
// version, which takes some minutes.
func Pinned(ctx context.Context) (CLI, error) {
	root, err := Root()
	if err != nil {
		return CLI{}, err
	}

	module := filepath.Join(root, "internal", "tools", "tofu")

	requirements, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return CLI{}, err
	}

	match := pinnedVersion.FindStringSubmatch(string(requirements))
	if match == nil {
		return CLI{}, fmt.Errorf("%s requires no OpenTofu", module)
	}

	if cli, err := describe(ctx, pinnedPath(root)); err == nil && cli.Version == match[1] {
		return cli, nil
	}

	fmt.Fprintf(os.Stderr, "building OpenTofu %s, which takes some minutes\n", match[1])

	err = build(ctx, module, pinnedPath(root), "github.com/opentofu/opentofu/version.dev=no", "github.com/opentofu/opentofu/cmd/tofu")
	if err != nil {
		return CLI{}, err
	}

	return describe(ctx, pinnedPath(root))
}

func pinnedPath(root string) string { return filepath.Join(root, "bin", executable("tofu")) }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}

	return name
}
