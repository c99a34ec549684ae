//go:build sdk

package sdktest_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	// sdk is what the package index is asked for. The installation is kept until this changes.
	sdk = "wallaroo==2026.1.3"
	// oldestMinor is that of the oldest Python 3 that the SDK runs on.
	oldestMinor = 10
)

var (
	installOnce sync.Once
	// installed is the interpreter of the virtual environment; installFailure says in one line why there is none.
	installed, installFailure string
)

// environment returns a Python that has the SDK. It installs both on first use, below .cache of the checkout.
func environment(t *testing.T) string {
	t.Helper()
	installOnce.Do(func() { installed, installFailure = install(context.WithoutCancel(t.Context())) })
	if installFailure != "" {
		t.Fatal(installFailure)
	}
	return installed
}

func install(ctx context.Context) (python, failure string) {
	system, err := exec.LookPath("python3")
	if err != nil {
		return "", "python3 is not on the PATH: install Python 3.10 or later with its venv module"
	}
	if version := output(ctx, system, "--version"); !atLeast(version, oldestMinor) {
		return "", "python3 is " + version + ": install Python 3.10 or later with its venv module"
	}
	place, err := filepath.Abs(filepath.Join("..", "..", ".cache", "sdk"))
	if err != nil {
		return "", err.Error()
	}
	venv, done := filepath.Join(place, "venv"), filepath.Join(place, "installed")
	python = filepath.Join(venv, "bin", "python")
	if have, _ := os.ReadFile(done); string(have) == sdk && strings.HasPrefix(output(ctx, python, "--version"), "Python 3") {
		return python, ""
	}
	// Without the mark of a finished installation nothing of it can be trusted.
	if err := os.RemoveAll(place); err != nil {
		return "", err.Error()
	}
	if out, err := exec.CommandContext(ctx, system, "-m", "venv", venv).CombinedOutput(); err != nil {
		return "", "python3 cannot make a virtual environment: install its venv module (python3-venv)\n" + string(out)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	pip := exec.CommandContext(ctx, python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", sdk)
	if out, err := pip.CombinedOutput(); err != nil {
		return "", "installing " + sdk + ": " + err.Error() + "\n" + string(out)
	}
	if err := os.WriteFile(done, []byte(sdk), 0o600); err != nil {
		return "", err.Error()
	}
	return python, ""
}

// output returns the first line that a command prints, or "".
func output(ctx context.Context, name string, args ...string) string {
	out, _ := exec.CommandContext(ctx, name, args...).CombinedOutput()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}
