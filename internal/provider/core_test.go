package provider_test

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// values is an object in a test's words: string, bool, int, []string, map[string]string,
// unknown or nil, by attribute. What is left out is null.
type values map[string]any

type unknownValue struct{}

// unknown is a value that comes from something not applied yet.
var unknown = unknownValue{}

// core drives the provider through the protocol as Terraform's core does, and holds
// it to the same rules. It shows what no CLI test can: warnings, and what a CLI
// without resource identity sees.
type core struct {
	t        rapid.TB
	server   tfprotov6.ProviderServer
	schema   *tfprotov6.GetProviderSchemaResponse
	identity map[string]*tfprotov6.ResourceIdentitySchema
	// old CLIs know no resource identity.
	old bool
}

// object is a resource instance in the state.
type object struct {
	kind     string
	value    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// signedIn is a provider block that signs in to an instance as the seed's owner.
func signedIn(instance *emulatortest.Instance) values {
	return values{"endpoint": instance.URL, "username": emulatortest.Username, "password": emulatortest.Password}
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func emptyEnvironment(string) string { return "" }

// newCore serves a provider that is not configured yet. It waits in no time.
func newCore(t rapid.TB, options ...provider.Option) *core {
	t.Helper()

	options = append([]provider.Option{provider.WithEnvironment(emptyEnvironment), provider.WithSleep(noSleep)}, options...)

	server, err := providerserver.NewProtocol6WithError(provider.New("test", options...)())()
	if err != nil {
		t.Fatal(err)
	}

	c := &core{t: t, server: server}

	if c.schema, err = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}

	identities, err := server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}

	c.identity = identities.IdentitySchemas

	return c
}

// start is one run of a CLI: a fresh, configured provider.
func start(t rapid.TB, instance *emulatortest.Instance, options ...provider.Option) *core {
	t.Helper()

	c := newCore(t, options...)
	wantNone(t, c.configure(signedIn(instance)))

	return c
}

func (c *core) configure(block values) diagnostics {
	c.t.Helper()

	config := c.dynamic(c.schema.Provider.ValueType(), block)

	validated, err := c.server.ValidateProviderConfig(context.Background(), &tfprotov6.ValidateProviderConfigRequest{Config: config})
	c.must(err)

	if diagnostics(validated.Diagnostics).failed() {
		return validated.Diagnostics
	}

	configured, err := c.server.ConfigureProvider(context.Background(),
		&tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	c.must(err)

	return append(validated.Diagnostics, configured.Diagnostics...)
}

// validate is `terraform validate` of one resource.
func (c *core) validate(kind string, config values) diagnostics {
	c.t.Helper()

	resp, err := c.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{
		TypeName: kind, Config: c.dynamic(c.typeOf(kind), config),
	})
	c.must(err)

	return resp.Diagnostics
}

// change is what a plan wants to do with one resource instance.
type change struct {
	kind     string
	config   tftypes.Value
	prior    *object
	planned  tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	replace  bool
}

func (p *change) isEmpty() bool {
	return p.prior != nil && !p.replace && p.planned.Equal(p.prior.value)
}

// plan plans config over prior, which is nil for a create. A replacement is planned
// in two calls, and of the second only errors are kept, as Terraform does.
func (c *core) plan(kind string, config values, prior *object) (*change, diagnostics) {
	c.t.Helper()

	if diags := c.validate(kind, config); diags.failed() {
		return nil, diags
	}

	value := c.value(c.typeOf(kind), config)

	planned, diags := c.planOnce(kind, value, prior)
	if diags.failed() || prior == nil || !planned.replace && !prior.tainted {
		return planned, diags
	}

	create, again := c.planOnce(kind, value, nil)
	if again.failed() {
		return nil, append(diags, again...)
	}

	create.prior, create.replace = prior, true

	return create, diags
}

func (c *core) planOnce(kind string, config tftypes.Value, prior *object) (*change, diagnostics) {
	c.t.Helper()

	before := tftypes.NewValue(c.typeOf(kind), nil)
	req := &tfprotov6.PlanResourceChangeRequest{TypeName: kind, Config: c.encode(config)}

	if prior != nil {
		before = prior.value
		req.PriorPrivate = prior.private
		req.PriorIdentity = c.sent(prior.identity)
	}

	req.PriorState = c.encode(before)
	req.ProposedNewState = c.encode(c.proposed(kind, before, config))

	resp, err := c.server.PlanResourceChange(context.Background(), req)
	c.must(err)

	if diagnostics(resp.Diagnostics).failed() {
		return nil, resp.Diagnostics
	}

	planned := c.decode(c.typeOf(kind), resp.PlannedState)
	c.checkPlan(kind, config, before, planned)

	return &change{
		kind: kind, config: config, prior: prior, planned: planned, private: resp.PlannedPrivate,
		identity: resp.PlannedIdentity, replace: len(resp.RequiresReplace) > 0,
	}, resp.Diagnostics
}

// apply carries out a change and returns the new object, nil if there is none. After the
// destroy of a replacement it plans the create once more, as Terraform does.
func (c *core) apply(ctx context.Context, p *change) (*object, diagnostics) {
	c.t.Helper()

	var diags diagnostics

	if p.replace {
		left, destroyed := c.destroy(ctx, p.prior)
		diags = append(diags, destroyed...)

		if diags.failed() {
			return left, diags
		}

		again, planned := c.planOnce(p.kind, p.config, nil)
		diags = append(diags, planned...)

		if planned.failed() {
			return nil, diags
		}

		c.checkKept("the second plan", p.planned, again.planned)

		p = again
	}

	before := tftypes.NewValue(c.typeOf(p.kind), nil)
	if p.prior != nil {
		before = p.prior.value
	}

	object, applied := c.applyOnce(ctx, p.kind, before, p.planned, p.config, p.private, p.identity)

	return object, append(diags, applied...)
}

func (c *core) applyOnce(
	ctx context.Context, kind string, before, planned, config tftypes.Value, private []byte, identity *tfprotov6.ResourceIdentityData,
) (*object, diagnostics) {
	c.t.Helper()

	resp, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: kind, PriorState: c.encode(before), PlannedState: c.encode(planned), Config: c.encode(config),
		PlannedPrivate: private, PlannedIdentity: c.sent(identity),
	})
	c.must(err)

	diags := diagnostics(resp.Diagnostics)
	value := c.decode(c.typeOf(kind), resp.NewState)

	if value.IsNull() {
		return nil, diags
	}

	if !value.IsFullyKnown() {
		c.t.Errorf("%s: unknown values after apply: %s", kind, value)
	}

	if !diags.failed() {
		c.checkKept("apply", planned, value)
		c.checkIdentity(kind, resp.NewIdentity)
	}

	return &object{
		kind: kind, value: value, private: resp.Private, identity: resp.NewIdentity, tainted: diags.failed() && before.IsNull(),
	}, diags
}

// planDestroy is what `destroy`, and removing the block, asks first.
func (c *core) planDestroy(prior *object) diagnostics {
	c.t.Helper()

	null := tftypes.NewValue(c.typeOf(prior.kind), nil)
	resp, err := c.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: prior.kind, PriorState: c.encode(prior.value), ProposedNewState: c.encode(null), Config: c.encode(null),
		PriorPrivate: prior.private, PriorIdentity: c.sent(prior.identity),
	})
	c.must(err)

	return resp.Diagnostics
}

func (c *core) destroy(ctx context.Context, prior *object) (*object, diagnostics) {
	c.t.Helper()

	null := tftypes.NewValue(c.typeOf(prior.kind), nil)

	left, diags := c.applyOnce(ctx, prior.kind, prior.value, null, null, prior.private, prior.identity)
	if left != nil {
		left.tainted = prior.tainted
	}

	return left, diags
}

// read refreshes an object. It is nil when the provider says that it is gone.
func (c *core) read(ctx context.Context, prior *object) (*object, diagnostics) {
	c.t.Helper()

	resp, err := c.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: prior.kind, CurrentState: c.encode(prior.value), Private: prior.private, CurrentIdentity: c.sent(prior.identity),
	})
	c.must(err)

	diags := diagnostics(resp.Diagnostics)
	if diags.failed() {
		return prior, diags
	}

	value := c.decode(c.typeOf(prior.kind), resp.NewState)
	if value.IsNull() {
		return nil, diags
	}

	c.checkIdentity(prior.kind, resp.NewIdentity)

	return &object{kind: prior.kind, value: value, private: resp.Private, identity: resp.NewIdentity, tainted: prior.tainted}, diags
}

// importID imports by id, and reads what was imported, as Terraform does.
func (c *core) importID(kind, id string) (*object, diagnostics) {
	c.t.Helper()

	return c.importRequest(&tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
}

func (c *core) importIdentity(kind string, identity values) (*object, diagnostics) {
	c.t.Helper()

	return c.importRequest(&tfprotov6.ImportResourceStateRequest{
		TypeName: kind,
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: c.dynamic(c.identity[kind].ValueType(), identity)},
	})
}

func (c *core) importRequest(req *tfprotov6.ImportResourceStateRequest) (*object, diagnostics) {
	c.t.Helper()

	resp, err := c.server.ImportResourceState(context.Background(), req)
	c.must(err)

	diags := diagnostics(resp.Diagnostics)
	if diags.failed() {
		return nil, diags
	}

	imported := resp.ImportedResources[0]
	found, read := c.read(context.Background(), &object{
		kind: req.TypeName, value: c.decode(c.typeOf(req.TypeName), imported.State), private: imported.Private, identity: imported.Identity,
	})

	return found, append(diags, read...)
}

// readData reads a data source.
func (c *core) readData(kind string, config values) (tftypes.Value, diagnostics) {
	c.t.Helper()

	schema := c.schema.DataSourceSchemas[kind]
	if schema == nil {
		c.t.Fatalf("no data source %s", kind)
	}

	dynamic := c.dynamic(schema.ValueType(), config)

	validated, err := c.server.ValidateDataResourceConfig(context.Background(), &tfprotov6.ValidateDataResourceConfigRequest{TypeName: kind, Config: dynamic})
	c.must(err)

	if diagnostics(validated.Diagnostics).failed() {
		return tftypes.Value{}, validated.Diagnostics
	}

	resp, err := c.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: kind, Config: dynamic})
	c.must(err)

	if diagnostics(resp.Diagnostics).failed() {
		return tftypes.Value{}, resp.Diagnostics
	}

	return c.decode(schema.ValueType(), resp.State), resp.Diagnostics
}

// create plans and applies a new object, and fails the test unless both are clean
// of errors.
func (c *core) create(kind string, config values) *object {
	c.t.Helper()

	planned, diags := c.plan(kind, config, nil)
	wantNoError(c.t, diags)

	made, diags := c.apply(context.Background(), planned)
	wantNoError(c.t, diags)

	return made
}

// wantEmptyPlan refreshes an object in a run of its own, and plans the same config.
func (c *core) wantEmptyPlan(config values, prior *object) {
	c.t.Helper()

	found, diags := c.read(context.Background(), prior)
	wantNoError(c.t, diags)

	if found == nil {
		c.t.Fatalf("%s is gone: %v", prior.kind, diags)
	}

	planned, diags := c.plan(prior.kind, config, found)
	wantNoError(c.t, diags)

	if planned != nil && !planned.isEmpty() {
		c.t.Errorf("%s: plan is not empty:\nstate %s\nplan  %s (replace %v)", prior.kind, found.value, planned.planned, planned.replace)
	}
}

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

func (c *core) checkIdentity(kind string, identity *tfprotov6.ResourceIdentityData) {
	c.t.Helper()

	if identity == nil || identity.IdentityData == nil {
		c.t.Errorf("%s: no identity", kind)

		return
	}

	if value := c.decode(c.identity[kind].ValueType(), identity.IdentityData); !value.IsFullyKnown() || value.IsNull() {
		c.t.Errorf("%s: identity is not known: %s", kind, value)
	}
}

// sent is the identity as this CLI sends it.
func (c *core) sent(identity *tfprotov6.ResourceIdentityData) *tfprotov6.ResourceIdentityData {
	if c.old {
		return nil
	}

	return identity
}

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

func (c *core) must(err error) {
	c.t.Helper()

	if err != nil {
		c.t.Fatal(err)
	}
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

// text, number and the like read one attribute of an object.
func (c *core) text(o *object, name string) string {
	c.t.Helper()

	return c.textOf(o.value, name)
}

func (c *core) textOf(value tftypes.Value, name string) string {
	c.t.Helper()

	var text *string

	c.must(c.fields(value)[name].As(&text))

	if text == nil {
		return ""
	}

	return *text
}

func (c *core) number(o *object, name string) int64 {
	c.t.Helper()

	return c.numberOf(o.value, name)
}

// diagnostics are what one or more calls reported.
type diagnostics []*tfprotov6.Diagnostic

func (d diagnostics) failed() bool { return len(d.errors()) > 0 }

func (d diagnostics) errors() diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != tfprotov6.DiagnosticSeverityError })
}

func (d diagnostics) warnings() diagnostics {
	return slices.DeleteFunc(slices.Clone(d), func(one *tfprotov6.Diagnostic) bool { return one.Severity != tfprotov6.DiagnosticSeverityWarning })
}

func (d diagnostics) String() string {
	var text strings.Builder
	for _, one := range d {
		fmt.Fprintf(&text, "\n%s: %s\n%s\n", one.Severity, one.Summary, one.Detail)
	}

	return text.String()
}

func wantNone(t rapid.TB, diags diagnostics) {
	t.Helper()

	if len(diags) > 0 {
		t.Fatalf("unexpected diagnostics: %s", diags)
	}
}

func wantNoError(t rapid.TB, diags diagnostics) {
	t.Helper()

	if diags.failed() {
		t.Fatalf("unexpected error: %s", diags)
	}
}

// wantError wants exactly one error, with that summary and those words in its detail.
func wantError(t rapid.TB, diags diagnostics, summary string, words ...string) {
	t.Helper()
	wantOne(t, "error", diags.errors(), summary, words)
}

// wantWarning wants exactly one warning and no error.
func wantWarning(t rapid.TB, diags diagnostics, summary string, words ...string) {
	t.Helper()
	wantNoError(t, diags)
	wantOne(t, "warning", diags.warnings(), summary, words)
}

func wantOne(t rapid.TB, kind string, diags diagnostics, summary string, words []string) {
	t.Helper()

	if len(diags) != 1 || diags[0].Summary != summary {
		t.Fatalf("want one %s %q, got: %s", kind, summary, diags)
	}

	for _, word := range words {
		if !strings.Contains(diags[0].Detail, word) {
			t.Errorf("%s %q does not say %q:\n%s", kind, summary, word, diags[0].Detail)
		}
	}
}

// wantRequests compares how often each operation was asked for. What is left out
// must not have been asked for at all.
func wantRequests(t testing.TB, instance *emulatortest.Instance, want map[string]int) {
	t.Helper()

	got := map[string]int{}
	for _, request := range instance.Requests() {
		got[request.Operation]++
	}

	if !maps.Equal(got, want) {
		t.Errorf("requests: got %v, want %v", got, want)
	}
}

func (c *core) numberOf(value tftypes.Value, name string) int64 {
	c.t.Helper()

	var number big.Float

	c.must(c.fields(value)[name].As(&number))

	whole, exact := number.Int64()
	if exact != big.Exact {
		c.t.Fatalf("%s is not a whole number: %s", name, number.String())
	}

	return whole
}

func guide(t testing.TB) *emulatortest.Instance {
	t.Helper()

	return emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
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
		whole, _ := number.Int64()

		return whole
	case value.As(&truth) == nil:
		return truth
	}

	t.Fatalf("not a primitive: %s", value)

	return nil
}
