//go:build sdk

package sdktest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// sdk is what the package index is asked for. An installation is kept until this changes.
const sdk = "wallaroo==2026.1.3"

// TestSDK runs the checks of sdk_test.py on the emulator as it is by default, and with the responses of other versions.
func TestSDK(t *testing.T) {
	t.Parallel()

	python := install(t)
	for name, c := range map[string]struct {
		flags     []string
		variables []string
	}{
		"default": {nil, []string{"CREATED_BY=" + emulator.HummelEmail, "DUPLICATE_STATUS=400", "BAD_PASSWORD_STATUS=401"}},
		"variants": {
			// The SDK renews a token ten seconds before its end: here before every call.
			[]string{"-created-by", "id", "-list-filter", "user_id", "-duplicate-name-status", "500", "-null-user-type", "-owners-only",
				"-bad-password-status", "400", "-token-lifetime", "5s"},
			[]string{"CREATED_BY=" + emulator.HummelID, "DUPLICATE_STATUS=500", "BAD_PASSWORD_STATUS=400", "LIST_FILTER=user_id"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			instance := acctest.ServeEmulator(t, c.flags...)
			// The SDK caches tokens below the home directory. A proxy has no business on the loopback address.
			home := t.TempDir()
			variables := append(instance.Credentials, "HOME="+home, "XDG_CACHE_HOME="+home, "NO_PROXY=*", "PYTHONDONTWRITEBYTECODE=1")
			run(t, exec.CommandContext(t.Context(), python, "sdk_test.py", "--verbose"), append(variables, c.variables...)...)
		})
	}
}

// install returns the interpreter of a virtual environment below .cache of the checkout that has the SDK.
// It needs a Python 3.10 or later, with the module venv.
func install(t *testing.T) string {
	t.Helper()

	root, err := acctest.Root()
	if err != nil {
		t.Fatal(err)
	}

	dir := filepath.Join(root, ".cache", "sdk")

	python, done := filepath.Join(dir, "venv", "bin", "python"), filepath.Join(dir, "installed")
	if have, _ := os.ReadFile(done); string(have) == sdk && exec.CommandContext(t.Context(), python, "--version").Run() == nil {
		return python
	}
	// Without the mark of a finished installation nothing of it can be trusted.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}

	run(t, exec.CommandContext(t.Context(), "python3", "-I", "-m", "venv", filepath.Join(dir, "venv")))
	run(t, exec.CommandContext(t.Context(), python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", sdk))
	// pip can succeed elsewhere than in the environment, if the user's settings say so.
	run(t, exec.CommandContext(t.Context(), python, "-I", "-c", "import wallaroo"))

	if err := os.WriteFile(done, []byte(sdk), 0o600); err != nil {
		t.Fatal(err)
	}

	return python
}

// elsewhere are variables that make Python look, or pip install, in other places than the environment.
var elsewhere = regexp.MustCompile(`^(PYTHON|PIP_(TARGET|USER|PREFIX|ROOT|DRY_RUN|NO_DEPS|DOWNLOAD)=)`)

// run runs a Python, which must succeed.
func run(t *testing.T, cmd *exec.Cmd, variables ...string) {
	t.Helper()

	for _, variable := range acctest.Environ(variables...) {
		if !elsewhere.MatchString(variable) {
			cmd.Env = append(cmd.Env, variable)
		}
	}

	result, err := acctest.RunOK(cmd)
	if err != nil {
		t.Fatal(err)
	}

	t.Log(result.Output)
}
