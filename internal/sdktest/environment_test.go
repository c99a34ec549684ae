//go:build sdk

package sdktest_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const (
	// sdk is what the package index is asked for. The installation is kept until this changes.
	sdk = "wallaroo==2026.1.3"
	// oldestMinor is that of the oldest Python 3 that the SDK runs on.
	oldestMinor = 10
)

// python is the interpreter of a virtual environment that has the SDK.
var python string

// TestMain says once what is missing, instead of in each test.
func TestMain(m *testing.M) {
	var failure string
	if python, failure = install(context.Background()); failure != "" {
		fmt.Fprintln(os.Stderr, "test-sdk:", failure)
		os.Exit(1)
	}
	m.Run()
}

// install makes the environment on first use, below .cache of the checkout.
func install(ctx context.Context) (interpreter, failure string) {
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
	interpreter = filepath.Join(venv, "bin", "python")
	if have, _ := os.ReadFile(done); string(have) == sdk && strings.HasPrefix(output(ctx, interpreter, "--version"), "Python 3") {
		return interpreter, ""
	}
	// Without the mark of a finished installation nothing of it can be trusted.
	if err := os.RemoveAll(place); err != nil {
		return "", err.Error()
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := isolated(ctx, system, "-m", "venv", venv); err != nil {
		return "", "python3 cannot make a virtual environment: install its venv module (python3-venv): " + err.Error()
	}
	// pip can succeed elsewhere than in the environment, if the user's settings say so.
	for _, step := range [][]string{
		{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", sdk},
		{"-c", "import wallaroo"},
	} {
		if err := isolated(ctx, interpreter, step...); err != nil {
			return "", "installing " + sdk + ": " + err.Error()
		}
	}
	if err := os.WriteFile(done, []byte(sdk), 0o600); err != nil {
		return "", err.Error()
	}
	return interpreter, ""
}

// isolated runs a Python without what the user's environment adds to one, and without where it makes pip put things.
func isolated(ctx context.Context, python string, args ...string) error {
	cmd := exec.CommandContext(ctx, python, append([]string{"-I"}, args...)...)
	for _, variable := range os.Environ() {
		if !elsewhere.MatchString(variable) {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

var elsewhere = regexp.MustCompile(`^(PYTHON|PIP_(TARGET|USER|PREFIX|ROOT|DRY_RUN|NO_DEPS|DOWNLOAD)=)`)

// output returns the first line that a command prints, or "".
func output(ctx context.Context, name string, args ...string) string {
	out, _ := exec.CommandContext(ctx, name, args...).CombinedOutput()
	line, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(line)
}
