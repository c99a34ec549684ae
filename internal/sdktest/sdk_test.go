//go:build sdk

package sdktest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// TestContract runs the contract against the command wallaroo-emulator, as a user of it would.
func TestContract(t *testing.T) {
	t.Parallel()
	url := command(t)
	contract(t, url, "created-by", emulator.HummelEmail)
}

// TestContractOfVariants runs the contract against the answers of other versions, and looks at what the SDK sent.
func TestContractOfVariants(t *testing.T) {
	t.Parallel()
	instance := emulatortest.Start(t, emulator.Options{
		Seed:              emulator.SeedGuide,
		TokenLifetime:     5 * time.Second, // the SDK renews ten seconds early: before every call
		BadPasswordStatus: 400,
		API: emulator.API{
			CreatedBy:           emulator.CreatedByID,
			ListFilter:          emulator.ListFilterUserID,
			DuplicateNameStatus: 500,
			NullUserType:        true,
			OwnersOnly:          true,
		},
	})
	contract(t, instance.URL, "created-by", emulator.HummelID,
		"bad-password", "400", "duplicate", "500", "filtered", "")
	sent := map[string]bool{}
	for _, request := range instance.Requests() {
		if request.Operation == "token" && strings.Contains(request.Body, "client_secret") {
			t.Errorf("the SDK sent a secret: %s", request.Body)
		}
		if request.Operation != "workspaces/add_user" {
			continue
		}
		var body struct {
			UserType string `json:"user_type"`
			URL      string `json:"url"`
		}
		if err := json.Unmarshal([]byte(request.Body), &body); err != nil {
			t.Fatal(err)
		}
		if body.URL != "" {
			sent[body.UserType] = true
		}
	}
	if len(sent) != 2 || !sent["owner"] || !sent["collaborator"] {
		t.Errorf("the SDK's Workspace class sent the roles %v, want owner and collaborator in lower case", sent)
	}
	if instance.Count("token") < 20 {
		t.Errorf("only %d tokens were asked for: they were not renewed", instance.Count("token"))
	}
}

// contract runs the script and makes a subtest of each line that it prints.
func contract(t *testing.T, url string, options ...string) {
	t.Helper()
	options = append(options, "url", url, "name", "sdk-contract", "user", emulator.HummelEmail, "user-id", emulator.HummelID,
		"other", emulator.HansarickEmail, "other-id", emulator.HansarickID, "admin", emulator.AdminUsername,
		"password", emulator.SeedPassword)
	args := []string{"contract.py"}
	for i := 0; i < len(options); i += 2 {
		if args = append(args, "--"+options[i]); options[i+1] != "" {
			args = append(args, options[i+1])
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, args...)
	// The SDK caches tokens below the home directory. A proxy has no business on the loopback address.
	home := t.TempDir()
	cmd.Env = []string{"HOME=" + home, "XDG_CACHE_HOME=" + home, "PATH=" + os.Getenv("PATH"), "NO_PROXY=*"}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	checks := 0
	for line := range strings.Lines(string(stdout)) {
		verdict, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, reason, _ := strings.Cut(rest, ": ")
		checks++
		t.Run(name, func(t *testing.T) {
			if verdict != "pass" {
				t.Error(reason)
			}
		})
	}
	if checks == 0 || (err != nil && !t.Failed()) {
		t.Fatalf("contract.py: %v\n%s", err, stderr.String())
	}
}

// command builds and starts wallaroo-emulator on a free port, and stops it at the end of the test.
func command(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "wallaroo-emulator")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../cmd/wallaroo-emulator")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the emulator: %v\n%s", err, out)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary, "-listen", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := regexp.MustCompile(`^listening on (http://127\.0\.0\.1:\d+)$`)
	url := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		defer close(url)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if found := listening.FindStringSubmatch(lines.Text()); found != nil {
				url <- found[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("stopping the emulator: %v", err)
		}
	})
	select {
	case address, ok := <-url:
		if ok {
			return address
		}
		t.Fatal("the emulator stopped at once")
	case <-time.After(time.Minute):
		t.Fatal("the emulator does not listen")
	}
	return ""
}

// atLeast reports whether a version such as "Python 3.11.7" is 3.minor or later.
func atLeast(version string, minor int) bool {
	found := regexp.MustCompile(`^Python 3\.(\d+)`).FindStringSubmatch(version)
	if found == nil {
		return false
	}
	got, err := strconv.Atoi(found[1])
	return err == nil && got >= minor
}
