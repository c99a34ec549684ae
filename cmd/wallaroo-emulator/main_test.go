package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
)

// output is a buffer that the program and a test may use at once.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()

	return o.text.String()
}

func post(t *testing.T, url, token, body string) string {
	t.Helper()

	if token != "" {
		token = "Bearer " + token
	}

	return emulatortest.MustSend(t, http.MethodPost, url, body, "Content-Type: "+emulatortest.Form, "Authorization: "+token).Body
}

func noEnv(string) string { return "" }

// program is the program, running until the test ends.
type program struct {
	url            string
	stdout, stderr *output
	stop           func()
}

func start(t *testing.T, getenv func(string) string, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())

	p, ended := &program{stdout: &output{}, stderr: &output{}}, make(chan struct{})
	go func() {
		defer close(ended)

		if status := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), getenv, p.stdout, p.stderr); status != 0 {
			t.Errorf("exit status %d: %s", status, p.stderr)
		}
	}()

	p.stop = func() { cancel(); <-ended }
	t.Cleanup(p.stop)

	line := regexp.MustCompile(`(?m)^listening on (http://127\.0\.0\.1:\d+)$`)
	for deadline := time.Now().Add(20 * time.Second); p.url == ""; time.Sleep(5 * time.Millisecond) {
		if found := line.FindStringSubmatch(p.stdout.String()); found != nil {
			p.url = found[1]
		} else if time.Now().After(deadline) {
			t.Fatalf("not listening:\n%s%s", p.stdout, p.stderr)
		}
	}

	return p
}

// wantGreeting checks parts of what the program says when it starts.
func (p *program) wantGreeting(t *testing.T, parts ...string) {
	t.Helper()

	for _, part := range append(parts, "an emulator and not a Wallaroo instance", "export WALLAROO_URL="+p.url+"\n") {
		if !strings.Contains(p.stdout.String(), part) {
			t.Errorf("greeting lacks %q:\n%s", part, p.stdout)
		}
	}
}

// wantFailure runs a program that must end at once, with one line that says why.
func wantFailure(t *testing.T, status int, want string, args ...string) {
	t.Helper()

	var stdout, stderr output

	got := run(t.Context(), args, noEnv, &stdout, &stderr)

	text := stderr.String()
	if got != status || !strings.Contains(text, want) || strings.Count(text, "\n") != 1 || stdout.String() != "" {
		t.Errorf("%q: exit status %d, %q; want %d, %q", args, got, text, status, want)
	}
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()

	p := start(t, noEnv, "-verbose")
	if got := post(t, p.url+"/v1/api/workspaces/list", emulator.SeedToken, `{}`); !strings.Contains(got, "clip-demo") {
		t.Errorf("workspaces are %s", got)
	}

	p.stop()
	p.wantGreeting(t, "seed: guide", "export WALLAROO_USER=john.hummel@wallaroo.ai", "export WALLAROO_PASSWORD=emulator",
		"export WALLAROO_CLIENT_ID=api-client", "export WALLAROO_CLIENT_SECRET=emulator-secret", "export WALLAROO_TOKEN=emulator-token",
		"Other users, with the password emulator unless the seed sets another: john.hansarick@wallaroo.ai, admin (has access to every workspace)")

	if !strings.Contains(p.stderr.String(), "path=/v1/api/workspaces/list") {
		t.Errorf("log is %q", p.stderr)
	}
}

func TestGuideAPI(t *testing.T) {
	t.Parallel()
	p := start(t, noEnv, "-api", "guide", "-token", "of-hummel", "-user", "ann@example.com")
	p.wantGreeting(t, "export WALLAROO_TOKEN=of-hummel\n")

	if strings.Contains(p.stdout.String(), "PASSWORD") {
		t.Errorf("there are no passwords:\n%s", p.stdout)
	}

	if got := post(t, p.url+"/v1/api/workspaces/add_user", "of-hummel", `{"workspace_id":5,"email":"ann@example.com"}`); got != "{}" {
		t.Errorf("add_user: %s", got)
	}

	if got := post(t, p.url+emulatortest.TokenPath, "", ""); !strings.Contains(got, "no such path") {
		t.Errorf("the token endpoint: %s", got)
	}
}

func TestSeedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "team.json")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"users":[{"email":"ann@example.com","password":"secret"}],"workspaces":[{"name":"fraud","members":{"ann@example.com":"OWNER"}}]}`)

	p := start(t, noEnv, "-seed", file, "-user", "bob@example.com")
	p.wantGreeting(t, "seed: "+file, "export WALLAROO_USER=ann@example.com\n", "export WALLAROO_PASSWORD=secret\n", "another: bob@example.com\n")

	if got := post(t, p.url+"/v1/api/workspaces/list", emulator.SeedToken, `{}`); !strings.Contains(got, `"name":"fraud"`) || strings.Contains(got, "clip-demo") {
		t.Errorf("workspaces are %s", got)
	}

	for text, want := range map[string]string{
		`{"user":[]}`: "-seed " + file + `: json: unknown field "user"`,
		`{"users":[{"email":"ann@example.com"}],"workspaces":[{"name":"fraud","members":{"bob":"OWNER"}}]}`: `seed: workspace "fraud": member "bob" is no user`,
	} {
		write(text)
		wantFailure(t, 2, want, "-seed", file)
	}
}

// TestIssuer has another emulator as the Keycloak.
func TestIssuer(t *testing.T) {
	t.Parallel()
	keycloak := emulatortest.Start(t, emulator.Options{})
	env := func(name string) string { return map[string]string{secretVariable: emulatortest.ClientSecret}[name] }
	login := post(t, keycloak.URL+emulatortest.TokenPath, "",
		"grant_type=password&client_id=sdk-client&username="+emulatortest.Username+"&password="+emulatortest.Password)

	token := regexp.MustCompile(`"access_token":"([^"]+)"`).FindStringSubmatch(login)
	if token == nil {
		t.Fatal(login)
	}

	for seed, workspaces := range map[string]string{"accounts": `{"workspaces":[]}`, "guide": "onnx-tutorial"} {
		args := []string{"-issuer", keycloak.URL + "/auth/realms/master/"}
		if seed == "guide" {
			args = append(args, "-seed", seed)
		}

		p := start(t, env, args...)
		if got := post(t, p.url+"/v1/api/workspaces/list", token[1], "{}"); !strings.Contains(got, workspaces) {
			t.Errorf("seed %s: %s", seed, got)
		}

		p.wantGreeting(t, "seed: "+seed+"\n", "users are those of the Keycloak at "+keycloak.URL+".", "export WALLAROO_AUTH_URL="+keycloak.URL+"\n")

		if all := p.stdout.String() + p.stderr.String(); strings.Contains(all, emulatortest.ClientSecret) {
			t.Errorf("a secret is printed:\n%s", all)
		}
	}
}

func TestIssuerIsRefused(t *testing.T) {
	t.Parallel()
	keycloak := emulatortest.Start(t, emulator.Options{})
	keycloak.DeleteUser(emulator.HummelID)

	issuer, secret := "-issuer "+keycloak.URL+"/auth/realms/master ", "-issuer-client-secret "+emulatortest.ClientSecret
	for _, c := range []struct {
		args   string
		status int
		text   string
	}{
		{"-issuer http://127.0.0.1:1/auth/realms/master " + secret, 1, "no Keycloak answers at http://127.0.0.1:1/auth/realms/master"},
		{issuer + "-issuer-client-secret x", 1, `the client is refused: 401 "unauthorized_client`},
		{issuer + "-issuer-client-id x " + secret, 1, `the client is refused: 401 "invalid_client`},
		{issuer + "-seed guide " + secret, 2, `seed: workspace "john.hummel@wallaroo.ai - Default Workspace": member "john.hummel@wallaroo.ai" is no user`},
	} {
		wantFailure(t, c.status, c.text, strings.Fields(c.args)...)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()

	for args, text := range map[string]string{
		"-listen :8080":                 "not a loopback address; give -allow-remote",
		"-listen 192.0.2.1:80":          "not a loopback address",
		"-listen example.com:80":        "not a loopback address",
		"-listen 127.0.0.1":             "missing port",
		"-seed x":                       "-seed must be guide, empty, accounts or a JSON file: open x: no such file",
		"-users-query 418":              "must be one of works, 400, 401, 403, 404, 405, 500, 501, empty, html, closed",
		"-token-lifetime 1ms":           "for flag -token-lifetime: must be a time such as 90s or 5m, and at least 1s",
		"-token-lifetime 0s":            "for flag -token-lifetime: must be a time such as 90s or 5m, and at least 1s",
		"-refresh-lifetime 60":          "for flag -refresh-lifetime: must be a time such as 90s or 5m, and at least 1s",
		"-latency -1s":                  "for flag -latency: must be a time such as 90s or 5m, and at least 0s",
		"-user ann":                     "for flag -user: must be an email",
		"-issuer http://127.0.0.1:8180": "-issuer: the issuer must be the URL of the realm master",
		"-issuer http://127.0.0.1:8180/auth/realms/master":                    "-issuer needs the secret of the client api-client: set WALLAROO_EMULATOR_ISSUER_CLIENT_SECRET",
		"-issuer http://192.0.2.1/auth/realms/master -issuer-client-secret x": "the client's secret would travel unencrypted",
		"-issuer-client-secret x":                                             "-issuer-client-secret needs -issuer",
		"-issuer https://192.0.2.1/auth/realms/master -token-lifetime 1m":     "-token-lifetime does not go with -issuer, which has its own users and tokens",
		"-api x":                   "must be one of recent, guide",
		"-api guide -roles sticky": "-roles does not go with -api guide",
		"-api guide -issuer http://127.0.0.1:8180/auth/realms/master": "-issuer does not go with -api guide",
		"-nope": "flag provided but not defined: -nope; -h lists all flags",
		"serve": `unexpected argument "serve"`,
	} {
		wantFailure(t, 2, text, strings.Fields(args)...)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()

	var config net.ListenConfig

	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = listener.Close() }()

	address := listener.Addr().String()
	wantFailure(t, 1, "wallaroo-emulator: cannot listen on "+address, "-listen", address)
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()

	var stdout, stderr output
	if status := run(t.Context(), []string{"-version"}, noEnv, &stdout, &stderr); status != 0 || stdout.String() != "wallaroo-emulator dev\n" {
		t.Errorf("%d, %q", status, stdout.String())
	}

	if status := run(t.Context(), []string{"-h"}, noEnv, &stdout, &stderr); status != 0 || !strings.Contains(stderr.String(), "-list-filter") || !strings.Contains(stderr.String(), `"users": [{"email"`) {
		t.Errorf("%d, %q", status, stderr.String())
	}
}

func TestFlagsBecomeOptions(t *testing.T) {
	t.Parallel()

	got, err := parseFlags(strings.Fields("-listen 0.0.0.0:1 -allow-remote -seed empty -user ann@example.com -user bob@example.com -token-lifetime 60s -refresh-lifetime 2m"+
		" -created-by id -list-filter user_ids -roles sticky -duplicate-names -duplicate-name-status 500 -users-query 403"+
		" -null-user-type -bad-password-status 400 -owners-only -user-type upper -token t -latency 5ms"), noEnv, io.Discard)
	if err != nil {
		t.Fatal(err)
	}

	want := emulator.Options{
		Seed:                 emulator.Seed{Users: append(slices.Clone(emulator.SeedEmpty.Users), emulator.User{Email: "ann@example.com"}, emulator.User{Email: "bob@example.com"}), Workspaces: emulator.SeedEmpty.Workspaces},
		TokenLifetime:        time.Minute,
		RefreshTokenLifetime: 2 * time.Minute,
		BadPasswordStatus:    400,
		API: emulator.API{
			CreatedBy:           emulator.CreatedByID,
			ListFilter:          emulator.ListFilterUserIDs,
			UserType:            emulator.UserTypeUpper,
			Roles:               emulator.RolesSticky,
			DuplicateNames:      true,
			DuplicateNameStatus: 500,
			OwnersOnly:          true,
			NullUserType:        true,
			UsersQuery:          "403",
		},
		Token:   "t",
		Latency: 5 * time.Millisecond,
	}
	if diff := cmp.Diff(want, got.options, cmpopts.IgnoreFields(emulator.Options{}, "Now", "Logger")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	if _, err := parseFlags([]string{"-listen", "[::1]:0"}, noEnv, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestReachable(t *testing.T) {
	t.Parallel()

	for want, address := range map[string]net.TCPAddr{
		"127.0.0.1:80":  {IP: net.IPv4zero, Port: 80},
		"127.0.0.1:81":  {IP: net.IPv6unspecified, Port: 81},
		"[::1]:82":      {IP: net.IPv6loopback, Port: 82},
		"192.0.2.1:443": {IP: net.IPv4(192, 0, 2, 1), Port: 443},
	} {
		if got := reachable(&address); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
