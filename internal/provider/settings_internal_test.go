package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	frameworkprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/wallaroo"
)

const (
	pemText      = "-----BEGIN CERTIFICATE-----\nblock"
	otherPEMText = "-----BEGIN CERTIFICATE-----\nenvironment"
)

// modelOf decodes a provider block as the framework does.
func modelOf(t *testing.T, block map[string]any) providerModel {
	t.Helper()

	var (
		resp  frameworkprovider.SchemaResponse
		model providerModel
	)

	new(wallarooProvider).Schema(t.Context(), frameworkprovider.SchemaRequest{}, &resp)

	object, ok := resp.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}

	fields := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		fields[name] = tftypes.NewValue(kind, block[name])
	}

	config := tfsdk.Config{Schema: resp.Schema, Raw: tftypes.NewValue(object, fields)}
	if diags := config.Get(t.Context(), &model); diags.HasError() {
		t.Fatal(diags)
	}

	return model
}

// resolved returns the settings of the client, and what was reported about them.
func resolved(t *testing.T, block map[string]any, environment map[string]string) (wallaroo.Config, diag.Diagnostics) {
	t.Helper()

	var diags diag.Diagnostics

	s := settings{block: modelOf(t, block), getenv: func(name string) string { return environment[name] }, diags: &diags}

	return s.resolve(), diags
}

// Every attribute and every variable reaches the client. The block takes precedence.
func TestSettings(t *testing.T) {
	t.Parallel()

	block := map[string]any{
		"endpoint": "https://block.example.com", "auth_endpoint": "https://auth.block.example.com", "username": "u", "password": "p",
		"client_id": "c", "client_secret": "s", "ca_certificate": pemText, "client_certificate": pemText, "client_key": pemText,
		"insecure_skip_verify": true, "allow_plain_http": true, "request_timeout": 30, "max_retries": 2, "max_concurrent_requests": 3,
		"headers": map[string]tftypes.Value{"X-Gateway": tftypes.NewValue(tftypes.String, "yes"), "X-Empty": tftypes.NewValue(tftypes.String, "")},
	}
	fromBlock := wallaroo.Config{
		Endpoint: "https://block.example.com", AuthEndpoint: "https://auth.block.example.com", AllowPlainHTTP: true, InsecureSkipVerify: true,
		Credentials:   wallaroo.Credentials{Username: "u", Password: "p", ClientID: "c", ClientSecret: "s"},
		CACertificate: []byte(pemText), ClientCertificate: []byte(pemText), ClientKey: []byte(pemText), Headers: map[string]string{"X-Gateway": "yes"},
		RequestTimeout: 30 * time.Second, MaxRetries: 2, MaxConcurrentRequests: 3,
	}
	environment := map[string]string{
		"WALLAROO_URL": "https://environment.example.com", "WALLAROO_AUTH_URL": "https://auth.environment.example.com",
		"WALLAROO_USER": "env-u", "WALLAROO_PASSWORD": "env-p", "WALLAROO_CLIENT_ID": "env-c", "WALLAROO_CLIENT_SECRET": "env-s",
		"WALLAROO_CA_CERTIFICATE": otherPEMText, "WALLAROO_CLIENT_CERTIFICATE": otherPEMText, "WALLAROO_CLIENT_KEY": otherPEMText,
		"WALLAROO_INSECURE_SKIP_VERIFY": "true", "WALLAROO_ALLOW_PLAIN_HTTP": "1",
		"WALLAROO_REQUEST_TIMEOUT": "60", "WALLAROO_MAX_RETRIES": "0", "WALLAROO_MAX_CONCURRENT_REQUESTS": "5",
	}
	fromEnvironment := wallaroo.Config{
		Endpoint: "https://environment.example.com", AuthEndpoint: "https://auth.environment.example.com", AllowPlainHTTP: true, InsecureSkipVerify: true,
		Credentials:   wallaroo.Credentials{Username: "env-u", Password: "env-p", ClientID: "env-c", ClientSecret: "env-s"},
		CACertificate: []byte(otherPEMText), ClientCertificate: []byte(otherPEMText), ClientKey: []byte(otherPEMText), Headers: map[string]string{},
		RequestTimeout: time.Minute, MaxRetries: 0, MaxConcurrentRequests: 5,
	}
	defaults := wallaroo.Config{
		Endpoint: "https://wallaroo.example.com", Credentials: wallaroo.Credentials{Token: "t"}, CACertificate: []byte{}, ClientCertificate: []byte{},
		ClientKey: []byte{}, Headers: map[string]string{}, MaxRetries: 4,
	}
	bad := map[string]string{
		"WALLAROO_INSECURE_SKIP_VERIFY": "maybe", "WALLAROO_ALLOW_PLAIN_HTTP": "maybe",
		"WALLAROO_REQUEST_TIMEOUT": "soon", "WALLAROO_MAX_RETRIES": "-1", "WALLAROO_MAX_CONCURRENT_REQUESTS": "0",
	}
	// An empty text means not set.
	empty := map[string]any{}
	for _, name := range []string{
		"endpoint", "auth_endpoint", "token", "username", "password", "client_id", "client_secret", "credentials_file",
		"ca_certificate", "client_certificate", "client_key",
	} {
		empty[name] = ""
	}

	off := map[string]any{"endpoint": "https://wallaroo.example.com", "token": "t", "insecure_skip_verify": false, "allow_plain_http": false}
	noVariables := map[string]string{}

	for name := range environment {
		noVariables[name] = ""
	}

	for name, test := range map[string]struct {
		block       map[string]any
		environment map[string]string
		want        wallaroo.Config
	}{
		"block":                   {block, nil, fromBlock},
		"environment":             {nil, environment, fromEnvironment},
		"block and environment":   {block, environment, fromBlock},
		"block and bad variables": {block, bad, fromBlock},
		"false in the block":      {off, map[string]string{"WALLAROO_INSECURE_SKIP_VERIFY": "true", "WALLAROO_ALLOW_PLAIN_HTTP": "true"}, defaults},
		"empty block":             {empty, environment, fromEnvironment},
		"empty variables":         {map[string]any{"endpoint": "https://wallaroo.example.com", "token": "t"}, noVariables, defaults},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, diags := resolved(t, test.block, test.environment)
			if diff := cmp.Diff(test.want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Sleep" }, cmp.Ignore())); diff != "" || len(diags) > 0 {
				t.Errorf("(-want +got):\n%s%v", diff, diags)
			}
		})
	}
}

// Credentials are taken from the block or from the environment, and never mixed.
func TestSettings_credentials(t *testing.T) {
	t.Parallel()

	all := map[string]string{
		"WALLAROO_USER": "env-u", "WALLAROO_PASSWORD": "env-p", "WALLAROO_CLIENT_ID": "env-c", "WALLAROO_CLIENT_SECRET": "env-s",
		"WALLAROO_TOKEN": "env-t", "WALLAROO_SDK_CREDENTIALS": "env-f",
	}

	for name, test := range map[string]struct {
		block map[string]any
		want  wallaroo.Credentials
		from  source
	}{
		"user":             {map[string]any{"username": "u", "password": "p"}, wallaroo.Credentials{Username: "u", Password: "p"}, fromBlock},
		"token":            {map[string]any{"token": "t"}, wallaroo.Credentials{Token: "t"}, fromBlock},
		"file":             {map[string]any{"credentials_file": "f"}, wallaroo.Credentials{File: "f"}, fromBlock},
		"half a user":      {map[string]any{"password": "p"}, wallaroo.Credentials{Password: "p"}, fromBlock},
		"half and empty":   {map[string]any{"username": "u", "password": ""}, wallaroo.Credentials{Username: "u"}, fromBlock},
		"secret":           {map[string]any{"client_secret": "s"}, wallaroo.Credentials{ClientSecret: "s"}, fromBlock},
		"secret and ID":    {map[string]any{"client_secret": "s", "client_id": "c"}, wallaroo.Credentials{ClientSecret: "s", ClientID: "c"}, fromBlock},
		"unknown password": {map[string]any{"password": tftypes.UnknownValue}, wallaroo.Credentials{}, fromUnknown},
		"unknown and more": {map[string]any{"password": tftypes.UnknownValue, "username": "u"}, wallaroo.Credentials{Username: "u"}, fromUnknown},
		"client ID alone": {map[string]any{"client_id": "c"}, wallaroo.Credentials{
			Username: "env-u", Password: "env-p", ClientID: "c", ClientSecret: "env-s", Token: "env-t", File: "env-f",
		}, fromEnvironment},
		"nothing": {map[string]any{"endpoint": "https://wallaroo.example.com", "username": ""}, wallaroo.Credentials{
			Username: "env-u", Password: "env-p", ClientID: "env-c", ClientSecret: "env-s", Token: "env-t", File: "env-f",
		}, fromEnvironment},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := settings{block: modelOf(t, test.block), getenv: func(name string) string { return all[name] }, diags: &diag.Diagnostics{}}

			got, from := s.credentials()
			if from != test.from || got != test.want {
				t.Errorf("got %+v from %d", got, from)
			}
		})
	}
}
