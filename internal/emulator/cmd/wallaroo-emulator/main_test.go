package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
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

func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestServesUntilStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var stdout, stderr output
	status := make(chan int, 1)
	go func() { status <- run(ctx, []string{"-listen", "127.0.0.1:0", "-verbose"}, &stdout, &stderr) }()
	listening := regexp.MustCompile(`(?m)^listening on (http://127\.0\.0\.1:\d+)$`)
	var url string
	for deadline := time.Now().Add(20 * time.Second); url == ""; time.Sleep(5 * time.Millisecond) {
		if found := listening.FindStringSubmatch(stdout.String()); found != nil {
			url = found[1]
		} else if time.Now().After(deadline) {
			t.Fatalf("not listening:\n%s%s", stdout.String(), stderr.String())
		}
	}
	if body := get(t, url+"/v1/api/config"); !strings.Contains(body, "default_arch") {
		t.Errorf("config is %s", body)
	}
	cancel()
	if got := <-status; got != 0 {
		t.Errorf("exit status %d: %s", got, stderr.String())
	}
	for _, part := range []string{
		"an emulator and not a Wallaroo instance", "seed: guide", "export WALLAROO_URL=" + url,
		"export WALLAROO_USER=john.hummel@wallaroo.ai", "export WALLAROO_PASSWORD=emulator",
		"export WALLAROO_CLIENT_ID=api-client", "export WALLAROO_CLIENT_SECRET=emulator-secret",
	} {
		if !strings.Contains(stdout.String(), part) {
			t.Errorf("greeting lacks %q:\n%s", part, stdout.String())
		}
	}
	if !strings.Contains(stderr.String(), "path=/v1/api/config") {
		t.Errorf("log is %q", stderr.String())
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args string
		text string
	}{
		"all interfaces": {"-listen :8080", "not a loopback address; give -allow-remote"},
		"remote address": {"-listen 192.0.2.1:80", "not a loopback address"},
		"host name":      {"-listen example.com:80", "not a loopback address"},
		"no port":        {"-listen 127.0.0.1", "missing port"},
		"seed":           {"-seed x", `invalid value "x" for flag -seed: must be one of guide, empty`},
		"status":         {"-users-query 500", "must be one of 0, 401, 403, 404"},
		"lifetime":       {"-token-lifetime 1ms", "TokenLifetime is 1ms, must be at least 1s"},
		"two":            {"-token-lifetime 1ms -latency -1s", "; Latency is -1s"},
		"unknown flag":   {"-nope", "flag provided but not defined"},
		"argument":       {"serve", `unexpected argument "serve"`},
	} {
		var stdout, stderr output
		status := run(t.Context(), strings.Fields(c.args), &stdout, &stderr)
		text := stderr.String()
		if status != 2 || !strings.Contains(text, c.text) || strings.Count(text, "\n") != 1 || stdout.String() != "" {
			t.Errorf("%s: %d, %q", name, status, text)
		}
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
	var stdout, stderr output
	address := listener.Addr().String()
	status := run(t.Context(), []string{"-listen", address}, &stdout, &stderr)
	if text := stderr.String(); status != 1 || !strings.HasPrefix(text, "wallaroo-emulator: cannot listen on "+address) ||
		strings.Count(text, "\n") != 1 {
		t.Errorf("%d, %q", status, text)
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	var stdout, stderr output
	if status := run(t.Context(), []string{"-version"}, &stdout, &stderr); status != 0 || stdout.String() != "wallaroo-emulator dev\n" {
		t.Errorf("%d, %q", status, stdout.String())
	}
	if status := run(t.Context(), []string{"-h"}, &stdout, &stderr); status != 0 || !strings.Contains(stderr.String(), "-list-filter") {
		t.Errorf("%d, %q", status, stderr.String())
	}
}

func TestFlagsBecomeOptions(t *testing.T) {
	t.Parallel()
	got, err := parseFlags(strings.Fields("-listen 0.0.0.0:1 -allow-remote -seed empty -token-lifetime 60s -refresh-lifetime 2m"+
		" -created-by id -list-filter user_ids -roles sticky -duplicate-names -duplicate-name-status 500 -users-query 403"+
		" -null-user-type -bad-password-status 400 -owners-only -latency 5ms"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := emulator.Options{
		Seed:                 emulator.SeedEmpty,
		TokenLifetime:        time.Minute,
		RefreshTokenLifetime: 2 * time.Minute,
		BadPasswordStatus:    400,
		CreatedBy:            emulator.CreatedByID,
		ListFilter:           emulator.ListFilterUserIDs,
		Roles:                emulator.RolesSticky,
		DuplicateNames:       true,
		DuplicateNameStatus:  500,
		OwnersOnly:           true,
		NullUserType:         true,
		UsersQueryStatus:     403,
		Latency:              5 * time.Millisecond,
	}
	if diff := cmp.Diff(want, got.options, cmpopts.IgnoreFields(emulator.Options{}, "Now", "OnRequest", "Logger")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := parseFlags([]string{"-listen", "[::1]:0"}, io.Discard); err != nil {
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
