// Command install-mirror builds the provider into a filesystem mirror, and makes and prints the CLI configuration with
// which Terraform and OpenTofu install it from there.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

func main() {
	version := flag.String("version", "0.1.0", "version of the provider")
	mirror := flag.String("mirror", filepath.Join("bin", "mirror"), "`directory` of the mirror")

	flag.Parse()

	if err := install(context.Background(), strings.TrimPrefix(*version, "v"), *mirror); err != nil {
		fmt.Fprintln(os.Stderr, "install-mirror:", err)
		os.Exit(1)
	}
}

func install(ctx context.Context, version, mirror string) error {
	root, err := acctest.Root()
	if err != nil {
		return err
	}

	if mirror, err = filepath.Abs(mirror); err != nil {
		return err
	}

	if err := acctest.BuildMirror(ctx, mirror, "wallaroo", version, "."); err != nil {
		return err
	}
	// Where it is kept no CLI takes it for its own.
	config, file := acctest.FilesystemMirror(mirror), filepath.Join(root, "bin", "mirror.tfrc")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}

	if err := os.WriteFile(file, []byte(config), 0o644); err != nil {
		return err
	}

	fmt.Printf(`Installed %s for %s_%s.
Put this into the CLI configuration file (~/.terraformrc or ~/.tofurc; on
Windows terraform.rc or tofu.rc in %%APPDATA%%), or name the file that has it:
export TF_CLI_CONFIG_FILE='%s'

%s
After building the same version again, delete .terraform.lock.hcl where it is used.
`, version, runtime.GOOS, runtime.GOARCH, file, config)

	return nil
}
