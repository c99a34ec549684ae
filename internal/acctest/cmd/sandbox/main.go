// Command sandbox runs a command beside an emulator of its own, in an environment in which Terraform or OpenTofu
// installs the provider of this checkout, and the provider authenticates to the emulator:
//
//	sandbox [-emulator FLAGS] COMMAND [ARGUMENT]...
//
// The command is told in WALLAROO_TEST_CLI which CLI to run, and in SANDBOX the path of an empty directory. When it
// ends, or the sandbox is interrupted or terminated, nothing of all that is left.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

func main() {
	flags := flag.String("emulator", "", "`flags` of the emulator, separated by spaces")

	flag.Parse()

	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, strings.Fields(*flags), flag.Args())

	stop()

	if exit, exited := errors.AsType[*exec.ExitError](err); exited && exit.ExitCode() > 0 {
		os.Exit(exit.ExitCode())
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, flags, command []string) (err error) {
	cli, err := acctest.FindCLI()
	if err != nil {
		return err
	}

	root, err := acctest.Root()
	if err != nil {
		return err
	}

	mirror := filepath.Join(root, ".cache", "acctest", "mirror")

	if err := acctest.BuildMirror(ctx, mirror, "wallaroo", "0.1.0", "."); err != nil {
		return err
	}

	work, err := os.MkdirTemp("", "sandbox-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()

	config, dir := filepath.Join(work, "cli.tfrc"), filepath.Join(work, "sandbox")

	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(config, []byte(acctest.FilesystemMirror(mirror)), 0o600)); err != nil {
		return err
	}

	emulator, err := acctest.StartEmulator(ctx, flags...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, emulator.Stop()) }()

	cmd := exec.CommandContext(ctx, command[0], command[1:]...)

	acctest.InGroup(cmd)
	defer acctest.EndGroup(cmd)

	cmd.Env = append(acctest.Environ(emulator.Credentials...),
		"WALLAROO_TEST_CLI="+cli.Path, "TF_CLI_CONFIG_FILE="+config, "SANDBOX="+dir)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr

	return cmd.Run()
}
