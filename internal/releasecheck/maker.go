package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// maker makes a release in a checkout of its own.
type maker struct {
	dir     string
	version string
	key     key
}

// plainGit keeps the user's Git configuration out, also the files that Git reads where none is named.
var plainGit = []string{
	"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_SYSTEM=" + os.DevNull, "GIT_CONFIG_COUNT=2",
	"GIT_CONFIG_KEY_0=core.excludesFile", "GIT_CONFIG_VALUE_0=" + os.DevNull,
	"GIT_CONFIG_KEY_1=core.attributesFile", "GIT_CONFIG_VALUE_1=" + os.DevNull,
}

// committed makes each commit the same, whoever makes it and when.
var committed = append(slices.Clone(plainGit),
	"GIT_AUTHOR_NAME=release-check", "GIT_AUTHOR_EMAIL=release-check@localhost", "GIT_AUTHOR_DATE=2026-01-01T00:00:00Z",
	"GIT_COMMITTER_NAME=release-check", "GIT_COMMITTER_EMAIL=release-check@localhost", "GIT_COMMITTER_DATE=2026-01-01T00:00:00Z",
)

// checkout commits the working tree at root, with what is not committed yet, into a new repository with the version's
// tag. It leaves the repository at root alone, and does not need one.
func (m maker) checkout(ctx context.Context, root string) error {
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return err
	}
	there := command{dir: m.dir, env: committed}
	here := command{dir: root, env: append(slices.Clone(committed), "GIT_DIR="+filepath.Join(m.dir, ".git"), "GIT_WORK_TREE="+root)}
	for _, git := range []struct {
		command
		args []string
	}{
		{there, []string{"init", "--quiet", "--initial-branch=main"}},
		{here, []string{"add", "--all"}},
		{here, []string{"commit", "--quiet", "--message=The working tree"}},
		{there, []string{"reset", "--quiet", "--hard"}},
		{there, []string{"tag", "v" + m.version}},
		{there, []string{"remote", "add", "origin", "https://github.com/wallaroo-community/terraform-provider-wallaroo"}},
	} {
		if _, err := git.run(ctx, "git", git.args...); err != nil {
			return err
		}
	}
	_, err := m.command().run(ctx, "go", "tool", "-modfile=internal/tools/goreleaser/go.mod", "goreleaser", "check")
	return err
}

// command runs in the checkout, and can sign.
func (m maker) command(env ...string) command {
	own := []string{"GNUPGHOME=" + m.key.home, "GPG_FINGERPRINT=" + m.key.fingerprint}
	return command{dir: m.dir, env: slices.Concat(plainGit, own, env)}
}

// release makes the release as the workflow does, with a GitHub of its own that keeps the files in a folder.
func (m maker) release(ctx context.Context, uploads string) error {
	notes, err := m.command().run(ctx, "scripts/release-notes", m.version)
	if err != nil {
		return err
	}
	hub, err := newGitHub(uploads)
	if err != nil {
		return err
	}
	defer hub.close()
	config, err := os.ReadFile(filepath.Join(m.dir, ".goreleaser.yml"))
	if err != nil {
		return err
	}
	// Outside the checkout, which has to stay clean.
	ours := m.dir + ".goreleaser.yml"
	config = fmt.Appendf(config, "\ngithub_urls:\n  api: %[1]s\n  upload: %[1]s\n", hub.url)
	if err := os.WriteFile(ours, config, 0o644); err != nil {
		return err
	}
	_, err = m.command("GITHUB_TOKEN=none").run(ctx, "scripts/release", m.version, "--draft", "--config", ours)
	if err != nil {
		return err
	}
	return hub.check(notes)
}

// again makes the release of the checkout in origin once more, in another place with other settings, and compares.
func (m maker) again(ctx context.Context, origin string, released release) error {
	clone := command{env: committed}
	if err := os.MkdirAll(filepath.Dir(m.dir), 0o755); err != nil {
		return err
	}
	// Modes of files follow the umask.
	if _, err := clone.run(ctx, "sh", "-c", `umask 077 && exec git clone --quiet "$0" "$1"`, origin, m.dir); err != nil {
		return err
	}
	if err := m.compileAnew(ctx, released); err != nil {
		return err
	}
	_, err := m.command("TZ=Asia/Tokyo", "LC_ALL=C").run(ctx, "sh", "-c", `umask 077 && exec scripts/release "$0" --skip=publish`, m.version)
	if err != nil {
		return err
	}
	return compare(released, filepath.Join(m.dir, "dist"))
}

// compileAnew compiles this machine's provider with an empty build cache and compares. All other binaries come from
// what is compiled already, and so prove only linking and archiving the same: all of them anew take too long.
func (m maker) compileAnew(ctx context.Context, released release) error {
	tool, err := m.command().run(ctx, "go", "tool", "-n", "-modfile=internal/tools/goreleaser/go.mod", "goreleaser")
	if err != nil {
		return err
	}
	cache := m.dir + ".go-build"
	_, err = m.command("GOCACHE="+cache).run(ctx, strings.TrimSpace(tool),
		"build", "--clean", "--single-target", "--id=provider", "--skip=before", "--output="+m.dir+".provider")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(cache); err != nil {
		return err
	}
	made, err := os.ReadFile(m.dir + ".provider")
	if err != nil {
		return err
	}
	zipped, err := released.executable(released.provider(platform{runtime.GOOS, runtime.GOARCH}))
	if err != nil {
		return err
	}
	if sum(made) != sum(zipped) {
		return fmt.Errorf("compiled with an empty cache, the provider for %s/%s is another one", runtime.GOOS, runtime.GOARCH)
	}
	return nil
}
