package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// printed is the output for the fake provider, decoded without types.
func printed(t *testing.T) map[string]any {
	t.Helper()

	var out bytes.Buffer
	if err := run(t.Context(), &out, "fake", providerserver.NewProtocol6(fakeProvider{})()); err != nil {
		t.Fatal(err)
	}

	var decoded map[string]any
	if err := json.Unmarshal(out.Bytes(), &decoded); err != nil {
		t.Fatal(err)
	}

	return decoded
}

func TestRun(t *testing.T) {
	t.Parallel()

	decoded := printed(t)

	// Each value is what Terraform prints at that path for such a schema.
	for path, want := range map[string]string{
		"format_version":                                                                        `"1.0"`,
		"provider.block.description":                                                            `"The **fake** provider."`,
		"provider.block.description_kind":                                                       `"markdown"`,
		"provider.block.attributes.token":                                                       `{"type":"string","description":"The token.","description_kind":"plain","optional":true,"sensitive":true}`,
		"provider.block.attributes.old.deprecated":                                              `true`,
		"resource_schemas.fake_thing.version":                                                   `3`,
		"resource_schemas.fake_thing.block.attributes.id":                                       `{"type":"number","description_kind":"plain","computed":true}`,
		"resource_schemas.fake_thing.block.attributes.name":                                     `{"type":"string","description":"The ` + "`name`" + `.","description_kind":"markdown","required":true}`,
		"resource_schemas.fake_thing.block.attributes.secret.write_only":                        `true`,
		"resource_schemas.fake_thing.block.block_types.rule.nesting_mode":                       `"list"`,
		"resource_schemas.fake_thing.block.block_types.rule.block.attributes.port":              `{"type":"number","description_kind":"plain","optional":true}`,
		"data_source_schemas.fake_things.block.attributes.list.type":                            `["list","string"]`,
		"data_source_schemas.fake_things.block.attributes.set.type":                             `["set","number"]`,
		"data_source_schemas.fake_things.block.attributes.map.type":                             `["map","bool"]`,
		"data_source_schemas.fake_things.block.attributes.nested_one.nested_type":               `{"nesting_mode":"single","attributes":{"id":{"type":"number","description_kind":"plain","computed":true}}}`,
		"data_source_schemas.fake_things.block.attributes.nested_list.nested_type.nesting_mode": `"list"`,
		"data_source_schemas.fake_things.block.attributes.nested_set.nested_type.nesting_mode":  `"set"`,
		"data_source_schemas.fake_things.block.attributes.nested_map.nested_type.nesting_mode":  `"map"`,
		"list_resource_schemas.fake_thing.block.attributes.name_prefix.optional":                `true`,
		"resource_identity_schemas.fake_thing": `{"version":2,"attributes":{
			"id":{"type":"number","description":"The id.","required_for_import":true},
			"region":{"type":"string","optional_for_import":true}}}`,
		"functions.join": `{"description":"Joins *texts*.","summary":"Joins.","return_type":"string",
			"parameters":[{"name":"separator","description":"Between two texts.","is_nullable":true,"type":"string"}],
			"variadic_parameter":{"name":"texts","description":"The texts.","type":"string"}}`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()

			var wanted any
			if err := json.Unmarshal([]byte(want), &wanted); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(wanted, at(t, decoded, path)); diff != "" {
				t.Errorf("differs (-want +got):\n%s", diff)
			}
		})
	}
}

// at walks from the document, or from its one provider, to the named value.
func at(t *testing.T, document map[string]any, path string) any {
	t.Helper()

	value := any(document)
	if path != "format_version" {
		path = "provider_schemas.fake." + path
	}

	for _, name := range strings.Split(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			t.Fatalf("nothing at %q in %s", name, path)
		}

		value = object[name]
	}

	return value
}

func TestRun_nestedTypeHasNoType(t *testing.T) {
	t.Parallel()

	nested, ok := at(t, printed(t), "data_source_schemas.fake_things.block.attributes.nested_one").(map[string]any)
	if !ok {
		t.Fatal("no nested attribute")
	}

	if kind, found := nested["type"]; found {
		t.Errorf("a nested attribute also has the type %v, which readers refuse", kind)
	}
}

func TestRun_brokenSchema(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	err := run(t.Context(), &out, "fake", providerserver.NewProtocol6(fakeProvider{broken: true})())
	if err == nil || !strings.Contains(err.Error(), "Broken schema: The fake is broken.") {
		t.Errorf("error = %v, want the diagnostic", err)
	}

	if out.Len() > 0 {
		t.Errorf("printed %q besides the error", out.String())
	}
}
