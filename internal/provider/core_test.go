package provider_test

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

const (
	workspaceKind = "wallaroo_workspace"
	userKind      = "wallaroo_workspace_user"
	exclusiveKind = "wallaroo_workspace_users_exclusive"

	// summaryRemains is the warning of a destroy, at plan time and at apply.
	summaryRemains      = "Workspace remains on the instance"
	summaryNameInUse    = "Workspace name already in use"
	summaryAdopt        = "Existing workspace will be adopted"
	summaryRename       = "Changing the name forces replacement"
	summaryUnconfigured = "Provider configuration not known until apply"
)

var bg = context.Background()

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

// validate is `terraform validate` of one resource.
func (c *core) validate(kind string, config values) diagnostics {
	c.t.Helper()

	return c.validateValue(kind, c.value(c.typeOf(kind), config))
}

func (c *core) validateValue(kind string, config tftypes.Value) diagnostics {
	c.t.Helper()

	resp, err := c.server.ValidateResourceConfig(bg, &tfprotov6.ValidateResourceConfigRequest{TypeName: kind, Config: c.encode(config)})
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

// plan plans config over prior, which is nil for a create.
func (c *core) plan(kind string, config values, prior *object) (*change, diagnostics) {
	c.t.Helper()

	value := c.value(c.typeOf(kind), config)

	return c.planValue(kind, value, value, prior, false)
}

// planValue validates and plans. A replacement is planned in two calls, and of the
// second, which is for fresh, only errors are kept, as Terraform does.
func (c *core) planValue(kind string, config, fresh tftypes.Value, prior *object, isReplaced bool) (*change, diagnostics) {
	c.t.Helper()

	if diags := c.validateValue(kind, fresh); diags.failed() {
		return nil, diags
	}

	planned, diags := c.planOnce(kind, config, prior)
	if diags.failed() || prior == nil || !planned.replace && !prior.tainted && !isReplaced {
		return planned, diags
	}

	create, again := c.planOnce(kind, fresh, nil)
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

	resp, err := c.server.PlanResourceChange(bg, req)
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

// apply carries out a change and returns the new object, nil if there is none. The
// destroy of a replacement comes first, with [core.destroy].
func (c *core) apply(ctx context.Context, p *change) (*object, diagnostics) {
	c.t.Helper()

	before := tftypes.NewValue(c.typeOf(p.kind), nil)
	if p.prior != nil && !p.replace {
		before = p.prior.value
	}

	return c.applyOnce(ctx, p.kind, before, p.planned, p.config, p.private, p.identity)
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
		c.checkIdentity(kind, value, resp.NewIdentity)
	}

	return &object{
		kind: kind, value: value, private: resp.Private, identity: resp.NewIdentity, tainted: diags.failed() && before.IsNull(),
	}, diags
}

// planDestroy is what `destroy`, and removing the block, asks first.
func (c *core) planDestroy(prior *object) diagnostics {
	c.t.Helper()

	null := tftypes.NewValue(c.typeOf(prior.kind), nil)
	resp, err := c.server.PlanResourceChange(bg, &tfprotov6.PlanResourceChangeRequest{
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

	c.checkIdentity(prior.kind, value, resp.NewIdentity)

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

	resp, err := c.server.ImportResourceState(bg, req)
	c.must(err)

	diags := diagnostics(resp.Diagnostics)
	if diags.failed() {
		return nil, diags
	}

	imported := resp.ImportedResources[0]
	found, read := c.read(bg, &object{
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

	validated, err := c.server.ValidateDataResourceConfig(bg, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: kind, Config: dynamic})
	c.must(err)

	if diagnostics(validated.Diagnostics).failed() {
		return tftypes.Value{}, validated.Diagnostics
	}

	resp, err := c.server.ReadDataSource(bg, &tfprotov6.ReadDataSourceRequest{TypeName: kind, Config: dynamic})
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

	made, diags := c.apply(bg, planned)
	wantNoError(c.t, diags)

	return made
}

// wantEmptyPlan refreshes an object in a run of its own, and plans the same config.
func (c *core) wantEmptyPlan(config values, prior *object) {
	c.t.Helper()

	found, diags := c.read(bg, prior)
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

// sent is the identity as this CLI sends it.
func (c *core) sent(identity *tfprotov6.ResourceIdentityData) *tfprotov6.ResourceIdentityData {
	if c.old {
		return nil
	}

	return identity
}

func (c *core) must(err error) {
	c.t.Helper()

	if err != nil {
		c.t.Fatal(err)
	}
}

func wantGone(t testing.TB, o *object) {
	t.Helper()

	if o != nil {
		t.Errorf("in the state: %s", o.value)
	}
}
