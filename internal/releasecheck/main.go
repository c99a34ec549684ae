// Command releasecheck makes a release as the workflow does, without publishing anything, and checks that the
// registries would take it: that it is the same when made again elsewhere, that its archives, sums, signatures and
// SBOMs are right, and that every CLI at hand installs the provider from it.
//
// It needs git and GnuPG, writes below .cache and the temporary folder only, and leaves neither files nor processes.
// With -release it checks the files of a release that exists, with the keys in the user's own keyring.
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
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	version := flag.String("version", "", "the version to release, which the changelog has to know")
	files := flag.String("release", "", "a folder with the files of a release, to check only these")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()

	if err := run(ctx, strings.TrimPrefix(*version, "v"), *files); err != nil {
		fmt.Fprintln(os.Stderr, "release-check:", err)
		stop()
		os.Exit(1)
	}
}

// run checks the files of a release, or makes one and checks it.
func run(ctx context.Context, version, files string) error {
	if version == "" {
		return errors.New("the version is missing: -version 1.2.3")
	}
	if err := needTools(); err != nil {
		return err
	}
	if files != "" {
		return inspect(ctx, release{dir: files, version: version}, keyring{home: os.Getenv("GNUPGHOME")})
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	place := filepath.Join(root, ".cache", "release-check")
	if err := os.RemoveAll(place); err != nil {
		return err
	}
	if err := checkAll(ctx, root, place, version); err != nil {
		return fmt.Errorf("%w\n(what was made is in %s)", err, place)
	}
	return os.RemoveAll(place)
}

func needTools() error {
	var missing, packages []string
	for _, tool := range []struct{ name, from string }{{"git", "git"}, {"gpg", "gnupg"}, {"gpgconf", "gnupg"}} {
		if _, err := exec.LookPath(tool.name); err != nil {
			missing, packages = append(missing, tool.name), append(packages, tool.from)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("not found: %s; install what is missing, on Debian with: apt-get install %s",
		strings.Join(missing, ", "), strings.Join(slices.Compact(packages), " "))
}

// checkAll makes a release twice and checks it.
func checkAll(ctx context.Context, root, place, version string) (err error) {
	key, err := newKey(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, key.close()) }()

	// Made as uploaded: what comes after reads only what the release on GitHub would have.
	released := release{dir: filepath.Join(place, "released"), version: version}
	first := maker{dir: filepath.Join(place, "first"), version: version, key: key}
	second := maker{dir: filepath.Join(place, "somewhere", "else"), version: version, key: key}
	steps := []struct {
		what string
		do   func() error
	}{
		{"the configuration is valid", func() error { return first.checkout(ctx, root) }},
		{"a release with the changelog's notes", func() error { return first.release(ctx, released.dir) }},
		{"its files, sums, signatures, binaries and SBOMs", func() error { return inspect(ctx, released, key.keyring) }},
		{"a changed byte in the sums is refused", func() error { return checkForgery(ctx, released, key.keyring) }},
		{"the same files, made again elsewhere", func() error { return second.again(ctx, first.dir, released) }},
		{"the CLIs install it", func() error { return installAll(ctx, root, filepath.Join(place, "install"), released, key) }},
		{"the emulator runs", func() error { return runEmulator(ctx, released) }},
	}
	for _, step := range steps {
		start := time.Now()
		fmt.Println("==>", step.what)
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Printf("    %.0f s\n", time.Since(start).Seconds())
	}
	return nil
}
