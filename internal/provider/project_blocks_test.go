package provider_test

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// ref is an attribute of another block, and late a value that is known after something
// else was applied.
type (
	ref  struct{ block, attribute string }
	late struct{ value any }
)

// block is a resource of a configuration.
type block struct {
	at     string // its address
	kind   string
	config values
	// before is what others do in an apply before it is this block's turn: what the
	// block depends on.
	before  func(run *core)
	ignore  []string // ignore_changes
	replace bool     // replace_triggered_by
}

func workspaceBlock(at string, config values) block {
	return block{at: at, kind: workspaceKind, config: config}
}

func memberBlock(at string, config values) block {
	return block{at: at, kind: userKind, config: config}
}

func setBlock(config values) block { return block{at: "set", kind: exclusiveKind, config: config} }

func (b block) after(before func(run *core)) block {
	b.before = before

	return b
}

// config evaluates a block. ignore_changes has the values of the prior object.
func (c *core) config(b block, prior *object, resolve func(ref) any, isLate bool) tftypes.Value {
	c.t.Helper()

	evaluated := values{}
	for name, value := range b.config {
		evaluated[name] = evaluate(value, resolve, isLate)
	}

	if prior == nil {
		return c.value(c.typeOf(b.kind), evaluated)
	}

	fields := c.fields(c.value(c.typeOf(b.kind), evaluated))
	for _, name := range b.ignore {
		fields[name] = c.fields(prior.value)[name]
	}

	return tftypes.NewValue(c.typeOf(b.kind), fields)
}

func evaluate(value any, resolve func(ref) any, isLate bool) any {
	switch v := value.(type) {
	case ref:
		return resolve(v)
	case late:
		if isLate {
			return v.value
		}

		return unknown
	case []any:
		var elements []tftypes.Value
		for _, element := range v {
			if text := convert(tftypes.String, evaluate(element, resolve, isLate)); !text.IsKnown() || !slices.ContainsFunc(elements, text.Equal) {
				elements = append(elements, text)
			}
		}

		return elements
	default:
		return value
	}
}
