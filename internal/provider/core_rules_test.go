package provider_test

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// proposed merges config over prior as core does for flat schemas: computed
// attributes that are not configured keep their prior value.
func (c *core) proposed(kind string, prior, config tftypes.Value) tftypes.Value {
	c.t.Helper()

	merged := maps.Clone(c.fields(config))
	before := map[string]tftypes.Value{}

	if !prior.IsNull() {
		before = c.fields(prior)
	}

	for _, attribute := range c.schema.ResourceSchemas[kind].Block.Attributes {
		if old, ok := before[attribute.Name]; ok && attribute.Computed && merged[attribute.Name].IsNull() {
			merged[attribute.Name] = old
		}
	}

	return tftypes.NewValue(c.typeOf(kind), merged)
}

// checkPlan holds a plan to the rule that each configured value is planned as it is,
// or as it was before if neither is null.
func (c *core) checkPlan(kind string, config, prior, planned tftypes.Value) {
	c.t.Helper()

	configured, plannedFields, before := c.fields(config), c.fields(planned), map[string]tftypes.Value{}
	if !prior.IsNull() {
		before = c.fields(prior)
	}

	for _, attribute := range c.schema.ResourceSchemas[kind].Block.Attributes {
		want, got := configured[attribute.Name], plannedFields[attribute.Name]
		if want.IsNull() && attribute.Computed {
			continue
		}

		old, ok := before[attribute.Name]
		kept := ok && got.Equal(old) && !old.IsNull() && !want.IsNull()

		if !got.Equal(want) && !kept {
			c.t.Errorf("%s: invalid plan for %s: configured %s, planned %s", kind, attribute.Name, want, got)
		}
	}
}

// checkKept holds a later object to what was known of it before.
func (c *core) checkKept(when string, planned, value tftypes.Value) {
	c.t.Helper()

	got := c.fields(value)
	for name, want := range c.fields(planned) {
		if want.IsFullyKnown() && !got[name].Equal(want) {
			c.t.Errorf("inconsistent result after %s for %s: planned %s, got %s", when, name, want, got[name])
		}
	}
}

// checkIdentity wants an identity that has the values of the object.
func (c *core) checkIdentity(kind string, object tftypes.Value, identity *tfprotov6.ResourceIdentityData) {
	c.t.Helper()

	if identity == nil || identity.IdentityData == nil {
		c.t.Errorf("%s: no identity", kind)

		return
	}

	value, fields := c.decode(c.identity[kind].ValueType(), identity.IdentityData), c.fields(object)
	for name, attribute := range c.fields(value) {
		if !attribute.Equal(fields[name]) || attribute.IsNull() || !attribute.IsKnown() {
			c.t.Errorf("%s: identity %s of %s", kind, value, object)
		}
	}
}
