package provider_test

import (
	"maps"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

// values is an object in a test's words: string, bool, int, []string, map[string]string,
// unknown or nil, by attribute. What is left out is null.
type values map[string]any

type unknownValue struct{}

// unknown is a value that comes from something not applied yet.
var unknown = unknownValue{}

func (c *core) typeOf(kind string) tftypes.Type {
	c.t.Helper()

	schema := c.schema.ResourceSchemas[kind]
	if schema == nil {
		c.t.Fatalf("no resource %s", kind)
	}

	return schema.ValueType()
}

func (c *core) fields(value tftypes.Value) map[string]tftypes.Value {
	c.t.Helper()

	fields := map[string]tftypes.Value{}
	c.must(value.As(&fields))

	return fields
}

func (c *core) encode(value tftypes.Value) *tfprotov6.DynamicValue {
	c.t.Helper()

	encoded, err := tfprotov6.NewDynamicValue(value.Type(), value)
	c.must(err)

	return &encoded
}

func (c *core) decode(kind tftypes.Type, value *tfprotov6.DynamicValue) tftypes.Value {
	c.t.Helper()

	if value == nil {
		return tftypes.NewValue(kind, nil)
	}

	decoded, err := value.Unmarshal(kind)
	c.must(err)

	return decoded
}

func (c *core) dynamic(kind tftypes.Type, object values) *tfprotov6.DynamicValue {
	c.t.Helper()

	return c.encode(c.value(kind, object))
}

// value builds an object of that type, and fails the test for a name it lacks.
func (c *core) value(kind tftypes.Type, object values) tftypes.Value {
	c.t.Helper()

	shape, ok := kind.(tftypes.Object)
	if !ok {
		c.t.Fatalf("not an object: %s", kind)
	}

	for name := range object {
		if shape.AttributeTypes[name] == nil {
			c.t.Fatalf("no attribute %s", name)
		}
	}

	fields := map[string]tftypes.Value{}
	for name, attribute := range shape.AttributeTypes {
		fields[name] = convert(attribute, object[name])
	}

	return tftypes.NewValue(kind, fields)
}

func convert(kind tftypes.Type, value any) tftypes.Value {
	switch v := value.(type) {
	case unknownValue:
		return tftypes.NewValue(kind, tftypes.UnknownValue)
	case []string:
		elements := make([]tftypes.Value, len(v))
		for i, text := range v {
			elements[i] = tftypes.NewValue(tftypes.String, text)
		}

		return tftypes.NewValue(kind, elements)
	case []any:
		elements := make([]tftypes.Value, len(v))
		for i, element := range v {
			elements[i] = convert(tftypes.String, element)
		}

		return tftypes.NewValue(kind, elements)
	case map[string]string:
		elements := map[string]tftypes.Value{}
		for name, text := range v {
			elements[name] = tftypes.NewValue(tftypes.String, text)
		}

		return tftypes.NewValue(kind, elements)
	case map[string]any:
		elements := map[string]tftypes.Value{}
		for name, element := range v {
			elements[name] = convert(tftypes.String, element)
		}

		return tftypes.NewValue(kind, elements)
	default:
		return tftypes.NewValue(kind, value)
	}
}

// text and number read one attribute of an object.
func (c *core) text(o *object, name string) string {
	c.t.Helper()

	return c.textOf(o.value, name)
}

func (c *core) textOf(value tftypes.Value, name string) string {
	c.t.Helper()

	text, _ := plain(c.t, c.fields(value)[name]).(string)

	return text
}

func (c *core) number(o *object, name string) int64 {
	c.t.Helper()

	return c.numberOf(o.value, name)
}

func (c *core) numberOf(value tftypes.Value, name string) int64 {
	c.t.Helper()

	number, ok := plain(c.t, c.fields(value)[name]).(int64)
	if !ok {
		c.t.Fatalf("%s is no number in %s", name, value)
	}

	return number
}

// plain is the value of a primitive attribute in a test's words.
func plain(t rapid.TB, value tftypes.Value) any {
	t.Helper()

	if value.IsNull() {
		return nil
	}

	var (
		text   string
		number big.Float
		truth  bool
	)

	switch {
	case value.Type().Is(tftypes.String) && value.As(&text) == nil:
		return text
	case value.Type().Is(tftypes.Number) && value.As(&number) == nil:
		whole, accuracy := number.Int64()
		if accuracy != big.Exact {
			t.Fatalf("not a whole number: %s", value)
		}

		return whole
	case value.As(&truth) == nil:
		return truth
	}

	t.Fatalf("not a primitive: %s", value)

	return nil
}

// with is base with some attributes more.
func with(base, more values) values {
	merged := values{}
	maps.Copy(merged, base)
	maps.Copy(merged, more)

	return merged
}
