package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

const (
	workspacesKind = "wallaroo_workspaces"

	summaryBadSettings = "Invalid Wallaroo provider settings"
	summaryBadEndpoint = "Invalid Wallaroo endpoint"
	summaryList        = "Unable to list workspaces"

	exampleURL = "https://wallaroo.example.com"

	// canary is a secret that no message may show.
	canary = "canary-3141592653"
)

// configured is a provider with that block and that environment, and what its
// configuration reports.
func configured(t testing.TB, block values, environment map[string]string) (*core, diagnostics) {
	t.Helper()

	run := newCore(t, provider.WithEnvironment(func(name string) string { return environment[name] }))

	return run, run.configure(block)
}

// mustConfigure is a provider that is configured without a diagnostic.
func mustConfigure(t testing.TB, block values, environment map[string]string) *core {
	t.Helper()

	run, diags := configured(t, block, environment)
	wantNone(t, diags)

	return run
}

// listWorkspaces makes the provider authenticate and list.
func (c *core) listWorkspaces() diagnostics {
	c.t.Helper()

	_, diags := c.readData(workspacesKind, nil)

	return diags
}

// namesAll are attributes and their variables, as each message about them has them.
func namesAll(names ...string) []string {
	variables := map[string]string{
		"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL", "token": "WALLAROO_TOKEN",
		"username": "WALLAROO_USER", "password": "WALLAROO_PASSWORD", "client_id": "WALLAROO_CLIENT_ID",
		"client_secret": "WALLAROO_CLIENT_SECRET", "credentials_file": "WALLAROO_SDK_CREDENTIALS",
		"ca_certificate": "WALLAROO_CA_CERTIFICATE", "client_certificate": "WALLAROO_CLIENT_CERTIFICATE",
		"client_key": "WALLAROO_CLIENT_KEY",
	}

	var words []string
	for _, name := range names {
		words = append(words, "`"+name+"` ("+variables[name]+")")
	}

	return words
}

func wantNowhere(t testing.TB, diags diagnostics, secret string) {
	t.Helper()

	if strings.Contains(diags.String(), secret) {
		t.Errorf("a message shows %q: %s", secret, diags)
	}
}

func TestProvider_variables(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": exampleURL, "token": "t"}

	for variable, bad := range map[string][]string{
		"WALLAROO_REQUEST_TIMEOUT":         {"0", "-1", "3601", "1.5", "1s", " 5", "45 seconds", "99999999999999999999"},
		"WALLAROO_MAX_RETRIES":             {"-1", "101", "many", "0x1"},
		"WALLAROO_MAX_CONCURRENT_REQUESTS": {"0", "101", "-5", "1e1"},
		"WALLAROO_INSECURE_SKIP_VERIFY":    {"yes", "on", "2", "tRUE"},
		"WALLAROO_ALLOW_PLAIN_HTTP":        {"no", "off", "-1", "nil"},
		"WALLAROO_DELETION_POLICY":         {"prevent"},
	} {
		for _, value := range bad {
			_, diags := configured(t, block, map[string]string{variable: value})
			wantError(t, diags, summaryBadSettings, variable, "must be")
		}
	}

	for variable, good := range map[string][]string{
		"WALLAROO_REQUEST_TIMEOUT":         {"", "1", "45", "3600"},
		"WALLAROO_MAX_RETRIES":             {"", "0", "4", "100"},
		"WALLAROO_MAX_CONCURRENT_REQUESTS": {"", "1", "100"},
		"WALLAROO_INSECURE_SKIP_VERIFY":    {"", "false", "0", "F", "FALSE"},
		"WALLAROO_ALLOW_PLAIN_HTTP":        {"", "false", "0", "true", "1", "T", "True"},
		"WALLAROO_DELETION_POLICY":         {"", "ABANDON", "PREVENT"},
	} {
		for _, value := range good {
			mustConfigure(t, block, map[string]string{variable: value})
		}
	}
}

func TestProvider_blockValues(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": exampleURL, "token": "t"}

	for attribute, bad := range map[string][]int{
		"request_timeout": {0, -1, 3601}, "max_retries": {-1, 101}, "max_concurrent_requests": {0, 101},
	} {
		for _, value := range bad {
			_, diags := configured(t, with(block, values{attribute: value}), nil)
			wantError(t, diags, "Invalid Attribute Value", attribute, "between", fmt.Sprint(value))
		}
	}

	_, diags := configured(t, with(block, values{"deletion_policy": "KEEP"}), nil)
	wantError(t, diags, "Invalid Attribute Value Match", "deletion_policy", "ABANDON", "PREVENT", "KEEP")

	for _, policy := range []string{"", "ABANDON", "PREVENT"} {
		mustConfigure(t, with(block, values{"deletion_policy": policy}), nil)
	}

	mustConfigure(t, with(block, values{"deletion_policy": "ABANDON"}), map[string]string{"WALLAROO_DELETION_POLICY": "prevent"})
}

// A value that is not known until apply leaves the provider without an instance.
func TestProvider_unknownSettings(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	environment := map[string]string{"WALLAROO_URL": instance.URL, "WALLAROO_TOKEN": "t"}

	for _, attribute := range []string{
		"endpoint", "auth_endpoint", "token", "username", "password", "client_id", "client_secret", "credentials_file", "ca_certificate",
		"client_certificate", "client_key", "insecure_skip_verify", "allow_plain_http", "headers", "request_timeout", "max_retries", "max_concurrent_requests",
	} {
		run := mustConfigure(t, with(passwordBlock(instance), values{attribute: unknown}), environment)
		wantError(t, run.listWorkspaces(), summaryUnconfigured, "-target")
	}

	run := mustConfigure(t, with(passwordBlock(instance), values{"headers": map[string]any{"X-A": "a", "X-B": unknown}}), nil)
	wantError(t, run.listWorkspaces(), summaryUnconfigured)
	wantNoRequests(t, instance)
}

func TestProvider_headers(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := mustConfigure(t, with(passwordBlock(instance), values{"headers": map[string]string{"x-gateway-key": "open sesame", "CF-Access": ""}}), nil)
	wantNone(t, run.listWorkspaces())
	wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})

	for _, request := range instance.Requests() {
		for name, want := range map[string]string{
			"X-Gateway-Key": "open sesame", "Cf-Access": "",
			"User-Agent": "terraform-provider-wallaroo/test (+https://github.com/wallaroo-community/terraform-provider-wallaroo) Terraform/1.11.4",
		} {
			if got := request.Header.Get(name); got != want {
				t.Errorf("%s: %s = %q", request.Operation, name, got)
			}
		}
	}

	for name, one := range map[string]struct {
		headers map[string]any
		word    string
	}{
		"authorization": {map[string]any{"aUTHORIZATION": "Bearer " + canary}, "`headers`"},
		"line break":    {map[string]any{"X-Gateway": canary + "\r\nAuthorization: Bearer x"}, "`headers`"},
		"null":          {map[string]any{"X-A": "a", "X-B": nil}, `"X-B" in ` + "`headers` is null"},
	} {
		_, diags := configured(t, values{"endpoint": exampleURL, "token": "t", "headers": one.headers}, nil)
		wantError(t, diags, summaryBadSettings, one.word)
		wantNowhere(t, diags, canary)

		if at := diags[0].Attribute.String(); !strings.Contains(at, "headers") {
			t.Errorf("%s: reported at %q", name, at)
		}
	}
}

// A run may be configured twice by one process; the second configuration counts.
func TestProvider_configuredTwice(t *testing.T) {
	t.Parallel()

	first, second := guide(t), guide(t)
	run := start(t, first)
	wantNone(t, run.listWorkspaces())
	wantNone(t, run.configure(passwordBlock(second)))
	wantNone(t, run.listWorkspaces())

	for _, instance := range []*emulatortest.Instance{first, second} {
		wantRequests(t, instance, map[string]int{"token": 1, "workspaces/list": 1})
	}
}

// The context of Configure ends with it, as core does it. What is configured must
// not end too.
func TestProvider_outlivesItsConfigure(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	run := newCore(t)
	ctx, cancel := context.WithCancel(bg)

	resp, err := run.server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		Config: run.dynamic(run.schema.Provider.ValueType(), passwordBlock(instance)),
	})
	run.must(err)
	wantNone(t, resp.Diagnostics)
	wantNoRequests(t, instance)
	cancel()
	wantNone(t, run.listWorkspaces())
}

// The policy of the provider block applies to workspaces that set none, also while the
// instance is not known.
func TestProvider_deletionPolicyOfWorkspaces(t *testing.T) {
	t.Parallel()

	instance := guide(t)
	prior := imported(t, instance, "8")
	prevent := map[string]string{"WALLAROO_DELETION_POLICY": "PREVENT"}

	for _, one := range []struct {
		block       values
		environment map[string]string
		isProtected bool
	}{
		{values{"deletion_policy": "PREVENT"}, nil, true},
		{values{"deletion_policy": "PREVENT", "endpoint": unknown}, nil, true},
		{nil, prevent, true},
		{values{"deletion_policy": ""}, prevent, true},
		{values{"deletion_policy": "ABANDON"}, prevent, false},
		{values{"deletion_policy": unknown}, prevent, false},
	} {
		run := mustConfigure(t, with(passwordBlock(instance), one.block), one.environment)
		if diags := run.planDestroy(prior); diags.failed() != one.isProtected || one.isProtected && !strings.Contains(diags.String(), "PREVENT") {
			t.Errorf("%v %v: %s", one.block, one.environment, diags)
		}
	}
}

// The address of the identity provider comes from the environment if the block has none:
// the password goes there, and not to the instance.
func TestProvider_authEndpoint(t *testing.T) {
	t.Parallel()

	for name, block := range map[string]values{"block": {}, "environment": {"auth_endpoint": ""}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api, auth := guide(t), guide(t)
			block := with(passwordBlock(api), block)

			if name == "block" {
				block["auth_endpoint"] = auth.URL + "/auth/"
			}

			run := mustConfigure(t, with(block, values{"max_retries": 0}), map[string]string{"WALLAROO_AUTH_URL": auth.URL})
			run.listWorkspaces()

			if api.Count("token") != 0 || auth.Count("token") == 0 || api.Count("workspaces/list") == 0 {
				t.Errorf("sent %v to the instance and %v to the identity provider", api.Requests(), auth.Requests())
			}
		})
	}
}

func TestProvider_badEndpoints(t *testing.T) {
	t.Parallel()

	for endpoint, words := range map[string][]string{
		"http://api-lb:8080": {"unencrypted HTTP", "allow_plain_http"},
		"https://user:" + canary + "@wallaroo.example.com":  {"user information"},
		"https://user:" + canary + "/@wallaroo.example.com": {"not a valid URL"},
		exampleURL + "/?key=" + canary:                      {"query"},
		exampleURL + "/#" + canary:                          {"fragment"},
		"wallaroo.example.com":                              {`must begin with "https://"`},
		"   ":                                               {"empty"},
	} {
		for attribute, variable := range map[string]string{"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL"} {
			words := append([]string{"`" + attribute + "` (" + variable + ") ", exampleURL}, words...)
			block := values{"endpoint": exampleURL, "token": "t"}

			_, diags := configured(t, with(block, values{attribute: endpoint}), nil)
			wantError(t, diags, summaryBadEndpoint, words...)
			wantNowhere(t, diags, canary)

			delete(block, attribute)

			_, diags = configured(t, block, map[string]string{"WALLAROO_URL": exampleURL, variable: endpoint})
			wantError(t, diags, summaryBadEndpoint, words...)
			wantNowhere(t, diags, canary)
		}
	}

	_, diags := configured(t, values{"token": "t"}, nil)
	wantError(t, diags, "Missing Wallaroo endpoint", append(namesAll("endpoint"), "https://")...)
}

func TestProvider_allowPlainHTTP(t *testing.T) {
	t.Parallel()

	block := values{"endpoint": "http://api-lb:8080", "auth_endpoint": "http://keycloak:8080", "token": "t"}
	allowed := map[string]string{"WALLAROO_ALLOW_PLAIN_HTTP": "true"}

	mustConfigure(t, with(block, values{"allow_plain_http": true}), nil)
	mustConfigure(t, block, allowed)

	for _, value := range []any{false, nil} {
		_, diags := configured(t, with(block, values{"allow_plain_http": value}), map[string]string{})
		if len(diags.errors()) != 2 {
			t.Errorf("want one error for each address, got: %s", diags)
		}
	}

	_, diags := configured(t, with(block, values{"allow_plain_http": false}), allowed)
	if !diags.failed() {
		t.Error("the variable takes precedence over the block")
	}
}
