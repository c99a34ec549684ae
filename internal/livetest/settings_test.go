package livetest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/livetest"
	wallarooprovider "github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
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

func TestRead_nothingGiven(t *testing.T) {
	t.Parallel()
	_, err := read(nil)
	if err == nil {
		t.Fatal("no error")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %s", err)
	}
	for _, name := range []string{
		"WALLAROO_LIVE=1 (", "WALLAROO_LIVE_PREFIX (", "WALLAROO_LIVE_MEMBER (", "WALLAROO_URL (", "WALLAROO_USER and WALLAROO_PASSWORD (",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %s", name, err)
		}
	}
}

func TestRead_oneVariable(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"WALLAROO_LIVE": "true", "WALLAROO_LIVE_MEMBER": "", "WALLAROO_URL": "", "WALLAROO_PASSWORD": "",
		"WALLAROO_ALLOW_PLAIN_HTTP": "maybe", "WALLAROO_MAX_RETRIES": "-1", "WALLAROO_CA_CERTIFICATE": "/no/such/file",
		"WALLAROO_SDK_CREDENTIALS": "/no/such/file",
	} {
		environment := complete()
		environment[name] = value
		if _, err := read(environment); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s=%q: %v", name, value, err)
		}
	}
	for _, prefix := range []string{"ab", "Team", "1team", "team_a", "team.a", strings.Repeat("a", 41)} {
		environment := complete()
		environment["WALLAROO_LIVE_PREFIX"] = prefix
		if _, err := read(environment); err == nil || !strings.Contains(err.Error(), "WALLAROO_LIVE_PREFIX must be") {
			t.Errorf("prefix %q: %v", prefix, err)
		}
	}
}

// What is there is not called missing.
func TestRead_half(t *testing.T) {
	t.Parallel()
	for want, change := range map[string][2]string{
		"not set: WALLAROO_PASSWORD (that of WALLAROO_USER)":      {"WALLAROO_PASSWORD", ""},
		"not set: WALLAROO_USER (whose WALLAROO_PASSWORD is set)": {"WALLAROO_USER", ""},
		"WALLAROO_LIVE must be 1 if you consent":                  {"WALLAROO_LIVE", "yes"},
	} {
		environment := complete()
		environment[change[0]] = change[1]
		if _, err := read(environment); err == nil || err.Error() != want {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func TestRead_waysToSignIn(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "creds.json")
	content := `{"username": "u", "password": "p", "confidentialClient": "c", "confidentialPassword": "s"}`
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		given map[string]string
		want  wallaroo.Credentials
	}{
		"user":   {map[string]string{"WALLAROO_USER": "u", "WALLAROO_PASSWORD": "p"}, wallaroo.Credentials{Username: "u", Password: "p"}},
		"token":  {map[string]string{"WALLAROO_TOKEN": "t"}, wallaroo.Credentials{Token: "t"}},
		"client": {map[string]string{"WALLAROO_CLIENT_ID": "c", "WALLAROO_CLIENT_SECRET": "s"}, wallaroo.Credentials{ClientID: "c", ClientSecret: "s"}},
		"file": {
			map[string]string{"WALLAROO_SDK_CREDENTIALS": file},
			wallaroo.Credentials{Username: "u", Password: "p", ClientID: "c", ClientSecret: "s"},
		},
	} {
		environment := complete()
		delete(environment, "WALLAROO_USER")
		delete(environment, "WALLAROO_PASSWORD")
		for variable, value := range test.given {
			environment[variable] = value
		}
		settings, err := read(environment)
		if err != nil || settings.Config.Credentials != test.want {
			t.Errorf("%s: got %+v, %v, want %+v", name, settings.Config.Credentials, err, test.want)
		}
	}
}

// The suite looks at the instance with its own client, which must reach it wherever the provider does.
func TestRead_everyVariableOfTheProvider(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	_, _ = livetest.Read(func(name string) string {
		asked[name] = true
		return ""
	})
	var schema provider.SchemaResponse
	wallarooprovider.New("test")().Schema(t.Context(), provider.SchemaRequest{}, &schema)
	documented := regexp.MustCompile("Environment variable: `(WALLAROO_[A-Z_]+)`")
	found := 0
	for name, attribute := range schema.Schema.Attributes {
		for _, match := range documented.FindAllStringSubmatch(attribute.GetMarkdownDescription(), -1) {
			if found++; !asked[match[1]] {
				t.Errorf("%s of attribute %s is not read", match[1], name)
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d variables are documented: the test looks for the wrong words", found)
	}
}
