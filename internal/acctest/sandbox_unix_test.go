//go:build unix

package acctest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/acctest"
)

// startSandbox runs a script in the command sandbox, whose temporary directory is the one that is returned.
func startSandbox(t *testing.T, script string) (sandbox *acctest.Process, temporary string) {
	t.Helper()
	dir := t.TempDir()

	program := filepath.Join(dir, "sandbox")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/sandbox").CombinedOutput(); err != nil {
		t.Fatalf("%s\n%s", err, out)
	}

	temporary = filepath.Join(dir, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}

	cmd := exec.CommandContext(t.Context(), program, "sh", "-c", script)

	cmd.Env = append(os.Environ(), "TMPDIR="+temporary, "WALLAROO_TOKEN=stranger")

	sandbox, err := acctest.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}

	return sandbox, temporary
}

func expectNothingLeft(t *testing.T, temporary string) {
	t.Helper()

	entries, err := os.ReadDir(temporary)
	if err != nil || len(entries) > 0 {
		t.Errorf("files are left: %v, %v", entries, err)
	}
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	sandbox, temporary := startSandbox(t, `
		cd "$SANDBOX"
		cat >main.tf <<-'END'
			terraform {
			  required_providers {
			    wallaroo = { source = "wallaroo-community/wallaroo" }
			  }
			}
			data "wallaroo_workspaces" "all" {}
			output "found" { value = "found ${length(data.wallaroo_workspaces.all.workspaces)}" }
		END
		"$WALLAROO_TEST_CLI" init >init.log || exit 4
		"$WALLAROO_TEST_CLI" apply -auto-approve -no-color
		exit 3
	`)

	result, err := sandbox.Wait()
	if err != nil {
		t.Fatal(err)
	}

	if result.Code != 3 || !result.Contains(`found = "found 6`) {
		t.Errorf("result is %+v", result)
	}

	expectNothingLeft(t, temporary)
}

// TestSandbox_terminated has a process in the background, which no shell interrupts.
func TestSandbox_terminated(t *testing.T) {
	t.Parallel()

	sandbox, temporary := startSandbox(t, `sleep 3600 & echo started; wait`)
	if _, err := sandbox.Await(t.Context(), regexp.MustCompile(`started`)); err != nil {
		t.Fatal(err)
	}

	if err := sandbox.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// The output ends with the last process that has it.
	ended := make(chan acctest.Result, 1)

	go func() {
		result, _ := sandbox.Wait()
		ended <- result
	}()

	select {
	case result := <-ended:
		if result.Code != 1 {
			t.Errorf("result is %+v", result)
		}
	case <-time.After(time.Minute):
		t.Fatal("a process is left")
	}

	expectNothingLeft(t, temporary)
}
