package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// command is one run of a program: in a folder, with variables in addition to the environment.
type command struct {
	dir string
	env []string
}

// foreign begins the names of variables that would make a release or a CLI differ from machine to machine.
var foreign = []string{
	"GIT_", "GITHUB_", "GITLAB_", "GITEA_", "GNUPGHOME=", "GPG_", "GORELEASER_", "TF_", "TOFU_",
	"GOEXPERIMENT=", "SOURCE_DATE_EPOCH=",
}

// run returns what the program writes to its standard output. Its error quotes the end of what it wrote.
func (c command) run(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	inGroup(cmd)
	cmd.Dir = c.dir
	for _, variable := range os.Environ() {
		if !hasPrefix(variable, foreign) {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, c.env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(stdout.String()+stderr.String(), 60))
	}
	return stdout.String(), nil
}

func hasPrefix(s string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
