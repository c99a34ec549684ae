package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// TestAccCrash_showsNoSecret ends the provider in the middle of a create, so that the
// Go runtime writes out what every goroutine was at.
func TestAccCrash_showsNoSecret(t *testing.T) {
	t.Parallel()

	const (
		password = "canary-crash-password"
		header   = "canary-crash-header"
	)

	instance := startWithUsers(t, emulator.Options{})
	instance.SetUserPassword(emulator.HummelID, password)

	f := newFolder(t, instance, secretive+team("team-a", ""))
	f.Write("client_secret", emulator.APIClientSecret)
	f.Write("password", password)
	f.Write("header", header)
	f.Env = append(f.Env, "TF_LOG=TRACE", "GOTRACEBACK=all")

	arrived, release := make(chan struct{}), make(chan struct{})

	instance.SetOnRequest(func(r emulator.Request) {
		if r.Operation == "workspaces/create" {
			close(arrived)
		}
	})
	instance.Inject(emulator.Fault{Operation: "workspaces/create", AfterWork: true, Hold: release})
	t.Cleanup(func() { close(release) })

	apply := f.Start("apply", "-auto-approve")

	<-arrived

	for _, child := range childrenOf(t, apply.Cmd.Process.Pid) {
		if err := syscall.Kill(child, syscall.SIGQUIT); err != nil {
			t.Error(err)
		}
	}

	done := f.Wait(apply)
	if done.Code == 0 || !strings.Contains(done.Output, "SIGQUIT") || !strings.Contains(done.Output, "goroutine ") {
		t.Fatalf("exit code %d without a crash:\n%s", done.Code, done.Output)
	}

	wantNoLeak(t, map[string]string{"crash": done.Output}, []string{password, header, emulator.APIClientSecret})
}

// childrenOf finds the processes that a process has started.
func childrenOf(t *testing.T, parent int) []int {
	t.Helper()

	files, err := filepath.Glob("/proc/[0-9]*/status")
	if err != nil {
		t.Fatal(err)
	}

	var children []int

	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(content), fmt.Sprintf("\nPPid:\t%d\n", parent)) {
			continue
		}

		child, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}

		children = append(children, child)
	}

	if len(children) == 0 {
		t.Fatal("the CLI has started no provider")
	}

	return children
}
