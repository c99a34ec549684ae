package livetest_test

import (
	"strings"
	"testing"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/livetest"
)

// complete is an environment that lacks nothing.
func complete() map[string]string {
	return map[string]string{
		"WALLAROO_LIVE": "1", "WALLAROO_LIVE_PREFIX": "live-test", "WALLAROO_LIVE_MEMBER": "ann@example.com",
		"WALLAROO_URL": "https://wallaroo.example.com", "WALLAROO_USER": "me@example.com", "WALLAROO_PASSWORD": "secret",
	}
}

func read(environment map[string]string) (livetest.Settings, error) {
	return livetest.Read(func(name string) string { return environment[name] })
}

func TestRead(t *testing.T) {
	t.Parallel()

	settings, err := read(complete())
	if err != nil {
		t.Fatal(err)
	}

	if settings.Prefix != "live-test" || settings.MemberEmail != "ann@example.com" || settings.Config.Endpoint != "https://wallaroo.example.com" ||
		settings.Config.Credentials.Username != "me@example.com" {
		t.Errorf("settings are %+v", settings)
	}
}

func TestRead_nothingGiven(t *testing.T) {
	t.Parallel()

	_, err := read(nil)
	if err == nil {
		t.Fatal("no error")
	}

	for _, name := range []string{
		"WALLAROO_LIVE=1", "WALLAROO_LIVE_PREFIX", "WALLAROO_LIVE_MEMBER", "WALLAROO_URL", "WALLAROO_USER", "WALLAROO_PASSWORD",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %s", name, err)
		}
	}
}

func TestRead_oneVariable(t *testing.T) {
	t.Parallel()

	refused := func(name, value string) {
		environment := complete()

		environment[name] = value
		if _, err := read(environment); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%q: %v", name, value, err)
		}
	}
	for name, value := range map[string]string{
		"WALLAROO_LIVE": "true", "WALLAROO_LIVE_MEMBER": "", "WALLAROO_URL": "http://wallaroo.example.com", "WALLAROO_PASSWORD": "",
		"WALLAROO_MAX_RETRIES": "-1", "WALLAROO_SDK_CREDENTIALS": "/no/such/file",
	} {
		refused(name, value)
	}

	for _, prefix := range []string{"ab", "Team", "1team", "team_a", "team.a", strings.Repeat("a", 41)} {
		refused("WALLAROO_LIVE_PREFIX", prefix)
	}
}
