package main

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// fakeServer answers for a provider that has one construct of each kind.
type fakeServer struct {
	tfprotov6.ProviderServer
	diagnostics []*tfprotov6.Diagnostic
}

func (s fakeServer) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	number := []*tfprotov6.SchemaAttribute{{Name: "n", Type: tftypes.Number, Computed: true}}
	schema := func(block *tfprotov6.SchemaBlock) map[string]*tfprotov6.Schema {
		return map[string]*tfprotov6.Schema{"fake_thing": {Version: 3, Block: block}}
	}

	return &tfprotov6.GetProviderSchemaResponse{
		Diagnostics: s.diagnostics,
		Provider: &tfprotov6.Schema{Block: &tfprotov6.SchemaBlock{
			Description: "The **fake** provider.", DescriptionKind: tfprotov6.StringKindMarkdown,
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "token", Type: tftypes.String, Optional: true, Sensitive: true, Deprecated: true}},
		}},
		ResourceSchemas: schema(&tfprotov6.SchemaBlock{
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "secret", Type: tftypes.Bool, Required: true, WriteOnly: true, Description: "Hidden."}},
			BlockTypes: []*tfprotov6.SchemaNestedBlock{{
				TypeName: "rule", Nesting: tfprotov6.SchemaNestedBlockNestingModeList, MaxItems: 2, Block: &tfprotov6.SchemaBlock{Attributes: number},
			}},
		}),
		DataSourceSchemas: schema(&tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
			{Name: "flat", Type: tftypes.Set{ElementType: tftypes.String}, Computed: true},
			{Name: "nested", NestedType: &tfprotov6.SchemaObject{Nesting: tfprotov6.SchemaObjectNestingModeSingle, Attributes: number}},
		}}),
		ListResourceSchemas: schema(&tfprotov6.SchemaBlock{}),
		Functions: map[string]*tfprotov6.Function{"join": {
			Summary: "Joins.", Description: "Joins *texts*.", DeprecationMessage: "Use another.",
			Parameters:        []*tfprotov6.FunctionParameter{{Name: "separator", Description: "Between two.", AllowNullValue: true, Type: tftypes.String}},
			VariadicParameter: &tfprotov6.FunctionParameter{Name: "texts", Type: tftypes.String},
			Return:            &tfprotov6.FunctionReturn{Type: tftypes.String},
		}},
	}, nil
}

func (fakeServer) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{IdentitySchemas: map[string]*tfprotov6.ResourceIdentitySchema{
		"fake_thing": {Version: 2, IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "id", Type: tftypes.Number, RequiredForImport: true, Description: "The ID."},
			{Name: "region", Type: tftypes.String, OptionalForImport: true},
		}},
	}}, nil
}

// want is what Terraform prints for such schemas.
const want = `{"format_version": "1.0", "provider_schemas": {"wallaroo": {
  "provider": {"version": 0, "block": {
    "attributes": {"token": {"type": "string", "description_kind": "plain", "deprecated": true, "optional": true, "sensitive": true}},
    "description": "The **fake** provider.", "description_kind": "markdown"}},
  "resource_schemas": {"fake_thing": {"version": 3, "block": {
    "attributes": {"secret": {"type": "bool", "description": "Hidden.", "description_kind": "plain", "required": true, "write_only": true}},
    "block_types": {"rule": {"nesting_mode": "list", "max_items": 2, "block": {
      "attributes": {"n": {"type": "number", "description_kind": "plain", "computed": true}}, "description_kind": "plain"}}},
    "description_kind": "plain"}}},
  "data_source_schemas": {"fake_thing": {"version": 3, "block": {"attributes": {
    "flat": {"type": ["set", "string"], "description_kind": "plain", "computed": true},
    "nested": {"nested_type": {"nesting_mode": "single", "attributes": {
      "n": {"type": "number", "description_kind": "plain", "computed": true}}}, "description_kind": "plain"}},
    "description_kind": "plain"}}},
  "list_resource_schemas": {"fake_thing": {"version": 3, "block": {"description_kind": "plain"}}},
  "resource_identity_schemas": {"fake_thing": {"version": 2, "attributes": {
    "id": {"type": "number", "description": "The ID.", "required_for_import": true},
    "region": {"type": "string", "optional_for_import": true}}}},
  "functions": {"join": {"description": "Joins *texts*.", "summary": "Joins.", "deprecation_message": "Use another.", "return_type": "string",
    "parameters": [{"name": "separator", "description": "Between two.", "is_nullable": true, "type": "string"}],
    "variadic_parameter": {"name": "texts", "type": "string"}}}
}}}`

func TestPrintSchemas(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer
	if err := printSchemas(t.Context(), &out, fakeServer{}); err != nil {
		t.Fatal(err)
	}

	var wanted, printed any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}

	if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(wanted, printed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPrintSchemas_brokenSchema(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	broken := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Broken schema", Detail: "The fake is broken."}

	err := printSchemas(t.Context(), &out, fakeServer{diagnostics: []*tfprotov6.Diagnostic{broken}})
	if err == nil || !strings.Contains(err.Error(), "Broken schema: The fake is broken.") || out.Len() > 0 {
		t.Errorf("error %v, printed %q; want the diagnostic alone", err, out.String())
	}
}
