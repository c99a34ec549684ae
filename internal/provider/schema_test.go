package provider_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// described visits each description of a block, under a name such as
// "resource wallaroo_workspace.name".
func described(construct string, block *tfprotov6.SchemaBlock, visit func(name, text string)) {
	visit(construct, block.Description)
	describedAttributes(construct, block.Attributes, visit)

	for _, nested := range block.BlockTypes {
		described(construct+"."+nested.TypeName, nested.Block, visit)
	}
}

func describedAttributes(parent string, attributes []*tfprotov6.SchemaAttribute, visit func(name, text string)) {
	for _, attribute := range attributes {
		name := parent + "." + attribute.Name
		visit(name, attribute.Description)

		if attribute.NestedType != nil {
			describedAttributes(name, attribute.NestedType.Attributes, visit)
		}
	}
}

// everyDescription visits all that the provider says of itself.
func everyDescription(t testing.TB, visit func(name, text string)) {
	t.Helper()

	run := newCore(t)
	wantNone(t, run.schema.Diagnostics)

	for kind, schemas := range map[string]map[string]*tfprotov6.Schema{
		"provider": {"wallaroo": run.schema.Provider}, "resource": run.schema.ResourceSchemas,
		"data source": run.schema.DataSourceSchemas, "list resource": run.schema.ListResourceSchemas,
	} {
		for name, schema := range schemas {
			described(kind+" "+name, schema.Block, visit)
		}
	}

	for name, function := range run.schema.Functions {
		visit("function "+name, function.Description)

		for _, parameter := range function.Parameters {
			visit("function "+name+"."+parameter.Name, parameter.Description)
		}
	}

	for name, identity := range run.identity {
		for _, attribute := range identity.IdentityAttributes {
			visit("identity "+name+"."+attribute.Name, attribute.Description)
		}
	}

	if n := len(run.schema.EphemeralResourceSchemas) + len(run.schema.ActionSchemas); n > 0 {
		t.Errorf("%d constructs of other kinds", n)
	}
}

// The framework validates each implementation when it answers this call: names,
// types, defaults, and where validators and modifiers may stand.
func TestSchema_isValid(t *testing.T) {
	t.Parallel()

	server, err := newServer()
	if err != nil {
		t.Fatal(err)
	}

	schemas, err := server.GetProviderSchema(bg, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	wantNone(t, schemas.Diagnostics)

	identities, err := server.GetResourceIdentitySchemas(bg, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}

	wantNone(t, identities.Diagnostics)

	metadata, err := server.GetMetadata(bg, &tfprotov6.GetMetadataRequest{})
	if err != nil {
		t.Fatal(err)
	}

	wantNone(t, metadata.Diagnostics)

	for name := range schemas.ResourceSchemas {
		if identities.IdentitySchemas[name] == nil {
			t.Errorf("resource %s has no identity", name)
		}
	}

	for name := range schemas.ListResourceSchemas {
		if schemas.ResourceSchemas[name] == nil {
			t.Errorf("list resource %s lists no resource of this name", name)
		}
	}
}

// An acronym may begin a sentence, a list item may not end one.
var sentences = regexp.MustCompile("(?s)\\A(`|[A-Z]).*\\.\\z")

func TestSchema_everythingIsDescribed(t *testing.T) {
	t.Parallel()

	seen := 0

	everyDescription(t, func(name, text string) {
		seen++

		switch {
		case text == "":
			t.Errorf("%s is not described", name)
		case !sentences.MatchString(text):
			t.Errorf("%s: not a sentence that begins with a capital and ends with a full stop: %q", name, text)
		case text != strings.TrimSpace(text), strings.Contains(text, "  "), strings.Contains(text, ".."):
			t.Errorf("%s: stray white space or full stops: %q", name, text)
		}
	})

	if seen < 40 {
		t.Errorf("only %d descriptions were seen", seen)
	}
}

// Each setting that can come from the environment says from where, and its default.
func TestSchema_settingsNameTheirVariables(t *testing.T) {
	t.Parallel()

	want := map[string]string{
		"endpoint": "WALLAROO_URL", "auth_endpoint": "WALLAROO_AUTH_URL", "token": "WALLAROO_TOKEN", "username": "WALLAROO_USER",
		"password": "WALLAROO_PASSWORD", "client_id": "WALLAROO_CLIENT_ID", "client_secret": "WALLAROO_CLIENT_SECRET",
		"credentials_file": "WALLAROO_SDK_CREDENTIALS", "ca_certificate": "WALLAROO_CA_CERTIFICATE",
		"client_certificate": "WALLAROO_CLIENT_CERTIFICATE", "client_key": "WALLAROO_CLIENT_KEY",
		"insecure_skip_verify": "WALLAROO_INSECURE_SKIP_VERIFY", "allow_plain_http": "WALLAROO_ALLOW_PLAIN_HTTP", "headers": "",
		"request_timeout": "WALLAROO_REQUEST_TIMEOUT", "max_retries": "WALLAROO_MAX_RETRIES",
		"max_concurrent_requests": "WALLAROO_MAX_CONCURRENT_REQUESTS", "deletion_policy": "WALLAROO_DELETION_POLICY",
	}
	defaults := map[string]string{
		"auth_endpoint": "`endpoint`", "insecure_skip_verify": "`false`", "allow_plain_http": "`false`",
		"request_timeout": "`45`", "max_retries": "`4`", "max_concurrent_requests": "`10`",
		"deletion_policy": "`ABANDON`",
	}
	secret := []string{"token", "password", "client_secret", "client_key", "headers"}

	attributes := newCore(t).schema.Provider.Block.Attributes
	if len(attributes) != len(want) {
		t.Errorf("%d settings, want %d", len(attributes), len(want))
	}

	for _, attribute := range attributes {
		if variable := want[attribute.Name]; variable != "" && !strings.Contains(attribute.Description, "Environment variable: `"+variable+"`.") {
			t.Errorf("%s does not name %s: %q", attribute.Name, variable, attribute.Description)
		}

		if value := defaults[attribute.Name]; value != "" && !strings.Contains(attribute.Description, "Defaults to "+value) {
			t.Errorf("%s does not tell its default %s: %q", attribute.Name, value, attribute.Description)
		}

		if attribute.Sensitive != slices.Contains(secret, attribute.Name) {
			t.Errorf("%s: sensitive = %v", attribute.Name, attribute.Sensitive)
		}

		if !attribute.Optional || attribute.Required || attribute.Computed {
			t.Errorf("%s is not just optional", attribute.Name)
		}
	}
}

// What changes on an instance without Terraform would be drift in a resource.
func TestSchema_workspace(t *testing.T) {
	t.Parallel()

	run := newCore(t)

	var shape []string
	for _, attribute := range run.schema.ResourceSchemas[workspaceKind].Block.Attributes {
		shape = append(shape, fmt.Sprintf("%s required=%v optional=%v computed=%v", attribute.Name, attribute.Required, attribute.Optional, attribute.Computed))
	}

	slices.Sort(shape)

	want := []string{
		"adopt_existing required=false optional=true computed=false",
		"archived required=false optional=false computed=true",
		"created_at required=false optional=false computed=true",
		"created_by required=false optional=false computed=true",
		"deletion_policy required=false optional=true computed=false",
		"id required=false optional=false computed=true",
		"name required=true optional=false computed=false",
	}
	if !slices.Equal(shape, want) {
		t.Errorf("got %q", shape)
	}

	identity := run.identity[workspaceKind].IdentityAttributes
	if len(identity) != 1 || identity[0].Name != "id" || !identity[0].RequiredForImport {
		t.Errorf("identity %+v", identity)
	}
}
