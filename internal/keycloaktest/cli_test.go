//go:build keycloak

package keycloaktest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	module      = "github.com/wallaroo-community/terraform-provider-wallaroo"
	source      = "registry.terraform.io/wallaroo-community/wallaroo"
	cliTimeout  = 5 * time.Minute
	exitChanges = 2 // of a plan with -detailed-exitcode
)

// programs are what a user has: a CLI, the provider and the emulator.
type programs struct {
	cli, dir string
	prepare  func() error
}

// newPrograms finds and builds them when the first test needs them, which can be while a Keycloak starts.
func newPrograms(t *testing.T) *programs {
	t.Helper()
	p := &programs{dir: t.TempDir()}
	ctx := context.WithoutCancel(t.Context())
	p.prepare = sync.OnceValue(func() error {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", p.dir+"/", module, module+"/cmd/wallaroo-emulator")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building the provider and the emulator: %w\n%s", err, out)
		}
		var notes bytes.Buffer
		find := exec.CommandContext(ctx, "bash", "../../scripts/find-cli")
		find.Stderr = &notes
		path, err := find.Output()
		if err != nil {
			return fmt.Errorf("finding a Terraform or OpenTofu: %w\n%s", err, notes.String())
		}
		p.cli = strings.TrimSpace(string(path))
		return nil
	})
	return p
}

// transcript is what a process writes, to read while it does.
type transcript struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// stage is an emulator that takes the tokens of a Keycloak, and has its users.
type stage struct {
	programs *programs
	// url is the emulator's address.
	url string
	// login stands before the Keycloak, and notes who asks for tokens.
	login *wallaroo
}

// newStage starts the command wallaroo-emulator, and stops it at the end of the test.
func newStage(t *testing.T, k *server, p *programs, flags ...string) *stage {
	t.Helper()
	if err := p.prepare(); err != nil {
		t.Fatal(err)
	}
	s := &stage{programs: p, login: newWallaroo(t, k)}
	var out transcript
	args := append([]string{"-listen", "127.0.0.1:0", "-issuer", s.login.URL + "/auth/realms/master"}, flags...)
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(p.dir, "wallaroo-emulator"), args...)
	cmd.Env = append(os.Environ(), "WALLAROO_EMULATOR_ISSUER_CLIENT_SECRET="+apiSecret)
	cmd.Stdout, cmd.Stderr = &out, &out
	tie(cmd)
	ended, err := launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, cmd, ended) })
	line := regexp.MustCompile(`(?m)^  export WALLAROO_URL=(http://127\.0\.0\.1:\d+)\n  export WALLAROO_AUTH_URL=(.*)$`)
	tick, end := time.NewTicker(10*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for {
		if found := line.FindStringSubmatch(out.String()); found != nil {
			if found[2] != s.login.URL {
				t.Fatalf("the emulator names another login server:\n%s", out.String())
			}
			s.url = found[1]
			return s
		}
		select {
		case <-ended:
			t.Fatalf("the emulator stopped at once:\n%s", out.String())
		case <-end:
			t.Fatalf("the emulator does not listen:\n%s", out.String())
		case <-tick.C:
		}
	}
}

// folder is a directory with a configuration, in which the CLI runs with nothing of this process's environment that could
// change what it does.
type folder struct {
	cli, dir string
	env      []string
}

func (s *stage) folder(t *testing.T, config string, credentials ...string) *folder {
	t.Helper()
	f := &folder{cli: s.programs.cli, dir: t.TempDir()}
	write := func(name, text string) string {
		path := filepath.Join(f.dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("main.tf", fmt.Sprintf("terraform {\n  required_providers {\n    wallaroo = {\n      source = %q\n    }\n  }\n}\n%s", source, config))
	settings := write("cli.tfrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, s.programs.dir))
	f.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + f.dir, "TMPDIR=" + os.TempDir(), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1",
		"TF_INPUT=0", "TF_CLI_CONFIG_FILE=" + settings, "WALLAROO_URL=" + s.url, "WALLAROO_AUTH_URL=" + s.login.URL,
	}, credentials...)
	return f
}

// run runs the CLI, which must end with that status, and returns what it printed.
func (f *folder) run(t *testing.T, status int, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), cliTimeout)
	defer cancel()
	var out transcript
	cmd := exec.CommandContext(ctx, f.cli, append(args, "-no-color")...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = f.dir, f.env, &out, &out, 10*time.Second
	tie(cmd)
	// The provider is in the group of the CLI, and must not outlive it.
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	ended, err := launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	<-ended
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != status {
		t.Fatalf("%s: %v, want status %d\n%s", strings.Join(args, " "), cmd.ProcessState, status, out.String())
	}
	return out.String()
}

// plan must find something to do, or nothing.
func (f *folder) plan(t *testing.T, status int) string {
	t.Helper()
	return f.run(t, status, "plan", "-detailed-exitcode", "-out=plan")
}

func (f *folder) apply(t *testing.T) string {
	t.Helper()
	return f.run(t, 0, "apply", "plan")
}

// outputs reads the one output "seen", which is an object.
func (f *folder) outputs(t *testing.T) object {
	t.Helper()
	return parse[object](t, []byte(f.run(t, 0, "output", "-json", "seen")))
}

// flat undoes how the CLI breaks and frames lines.
func flat(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(text)), " ")
}

func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(flat(text), part) {
			t.Errorf("the output lacks %q:\n%s", part, text)
		}
	}
}

// api calls the emulator as a user of the Keycloak would.
type api struct {
	url, token string
}

// as signs a user in.
func (s *stage) as(t *testing.T, name string) api {
	t.Helper()
	signing := tokenCase{form: byAPI + "&grant_type=password&username=" + name + "&password=" + password}
	answer := signing.send(t, s.login.URL, strings.NewReplacer())
	token, _ := parse[object](t, answer.Body)["access_token"].(string)
	if token == "" {
		t.Fatalf("signing in: %d %s", answer.Status, answer.Body)
	}
	return api{s.url, token}
}

func (a api) call(t *testing.T, operation string, body object) []byte {
	t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request := newRequest(t, http.MethodPost, a.url+"/v1/api/"+operation, bytes.NewReader(data))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+a.token)
	answer := do(t, request)
	if answer.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", operation, answer.Status, answer.Body)
	}
	return answer.Body
}

// workspaces maps the names that the caller sees to ids.
func (a api) workspaces(t *testing.T) map[string]int64 {
	t.Helper()
	answer := parse[struct {
		Workspaces []struct {
			ID   int64
			Name string
		}
	}](t, a.call(t, "workspaces/list", object{}))
	ids := map[string]int64{}
	for _, w := range answer.Workspaces {
		ids[w.Name] = w.ID
	}
	return ids
}

// roles maps the members of a workspace to their roles.
func (a api) roles(t *testing.T, workspaceID int64) map[string]string {
	t.Helper()
	answer := parse[struct {
		Users []struct {
			ID   string `json:"user_id"`
			Role string `json:"user_type"`
		}
	}](t, a.call(t, "workspaces/list_users", object{"workspace_id": workspaceID}))
	roles := map[string]string{}
	for _, u := range answer.Users {
		roles[u.ID] = u.Role
	}
	return roles
}

// signIns are the requests for tokens of anybody but the emulator, which reads the users with client credentials.
func (s *stage) signIns() []string {
	return slices.DeleteFunc(s.login.asked(), func(grant string) bool { return strings.HasPrefix(grant, "client_credentials") })
}
