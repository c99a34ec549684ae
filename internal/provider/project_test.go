package provider_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// The people of the cases. Ann is the account that the provider authenticates with.
const (
	annMail, annID = "ann@example.com", "0a000000-0000-4000-8000-00000000000a"
	benMail, benID = "ben@example.com", "0b000000-0000-4000-8000-00000000000b"
	catMail, catID = "cat@example.com", "0c000000-0000-4000-8000-00000000000c"
	danMail, danID = "dan@example.com", "0d000000-0000-4000-8000-00000000000d"

	defaultWorkspace = annMail + " - Default Workspace"

	own, col = emulator.Owner, emulator.Collaborator
)

// people are the accounts of the cases, and people's workspaces: 8 is team-a, 10 team-b.
func people() emulator.Seed {
	return emulator.Seed{
		Users: []emulator.User{{ID: annID, Email: annMail}, {ID: benID, Email: benMail}, {ID: catID, Email: catMail}, {ID: danID, Email: danMail}},
		Workspaces: []emulator.Workspace{
			{ID: 1, Name: defaultWorkspace, Members: map[string]string{annID: emulator.Owner}},
			{ID: 8, Name: "team-a", Members: map[string]string{annID: emulator.Owner}},
			{ID: 10, Name: "team-b", Members: map[string]string{annID: emulator.Owner}},
		},
	}
}

// project is a configuration with its state. As with a CLI, each plan and each apply is
// a provider of its own.
type project struct {
	t        testing.TB
	instance *emulatortest.Instance
	provider values
	sleep    func(context.Context, time.Duration) error
	state    map[string]*object
	order    []string // addresses, in the order of their creation
}

func newProject(t testing.TB, api emulator.API) *project {
	t.Helper()

	return seededProject(t, api, people())
}

func seededProject(t testing.TB, api emulator.API, seed emulator.Seed) *project {
	t.Helper()

	instance := emulatortest.Start(t, emulator.Options{API: api, Seed: seed})
	p := &project{t: t, instance: instance, state: map[string]*object{}, sleep: noSleep}
	p.provider = values{"endpoint": instance.URL, "username": annMail, "password": emulatortest.Password}

	if api.GuideOnly {
		p.useToken()
	}

	return p
}

// useToken authenticates with an opaque token.
func (p *project) useToken() {
	p.provider = values{"endpoint": p.instance.URL, "token": emulatortest.Token}
}

// start serves a configured provider.
func (p *project) start() *core {
	p.t.Helper()

	run := newCore(p.t, provider.WithSleep(p.sleep))
	wantNoError(p.t, run.configure(p.provider))

	return run
}

// outcome is what one command reported and did, by address.
type outcome struct {
	refreshed, planned, applied diagnostics
	changes                     map[string]*change
}

func (o outcome) all() diagnostics { return slices.Concat(o.refreshed, o.planned, o.applied) }

// actions are what a plan wants to do, without what it leaves alone.
func (o outcome) actions() map[string]string {
	actions := map[string]string{}

	for at, planned := range o.changes {
		if action := planned.action(); action != "no-op" {
			actions[at] = action
		}
	}

	return actions
}

func (p *change) action() string {
	switch {
	case p.planned.IsNull():
		return "delete"
	case p.replace:
		return "replace"
	case p.prior == nil:
		return "create"
	case p.isEmpty():
		return "no-op"
	default:
		return "update"
	}
}

// plan refreshes the state and plans the blocks.
func (p *project) plan(blocks ...block) outcome {
	p.t.Helper()

	out, run := outcome{changes: map[string]*change{}}, p.start()

	for _, at := range slices.Clone(p.order) {
		found, diags := run.read(bg, p.state[at])
		out.refreshed = append(out.refreshed, diags...)

		p.put(at, found)
	}

	if out.refreshed.failed() {
		return out
	}

	for _, b := range blocks {
		planned, diags := run.planBlock(b, p.state[b.at], func(r ref) any { return p.planned(run, out, r) })
		out.planned = append(out.planned, diags...)

		if planned != nil {
			out.changes[b.at] = planned
		}
	}

	for at, prior := range p.state {
		if !slices.ContainsFunc(blocks, func(b block) bool { return b.at == at }) {
			out.planned = append(out.planned, run.planDestroy(prior)...)
			out.changes[at] = &change{kind: prior.kind, prior: prior, planned: tftypes.NewValue(run.typeOf(prior.kind), nil)}
		}
	}

	return out
}

// apply plans and applies the blocks one after the other, and removes what is left out
// of the configuration last.
func (p *project) apply(blocks ...block) outcome {
	p.t.Helper()

	out := p.plan(blocks...)
	if out.all().failed() {
		return out
	}

	run := p.start()

	for _, b := range blocks {
		out.applied = append(out.applied, p.applyBlock(run, b, out.changes[b.at])...)
	}

	for _, at := range slices.Backward(slices.Clone(p.order)) {
		if planned := out.changes[at]; planned != nil && planned.action() == "delete" {
			left, diags := run.destroy(bg, planned.prior)
			out.applied = append(out.applied, diags...)

			p.put(at, left)
		}
	}

	return out
}

// applyBlock plans a block again, with what is known by now, and holds that plan to the
// first one as core does.
func (p *project) applyBlock(run *core, b block, first *change) diagnostics {
	p.t.Helper()

	if b.before != nil {
		b.before(run)
	}

	for _, value := range b.config {
		if r, ok := value.(ref); ok && p.state[r.block] == nil {
			return nil // what it depends on has failed
		}
	}

	if first.action() == "no-op" {
		return nil
	}

	var (
		prior = first.prior
		diags diagnostics
	)

	if first.replace {
		left, destroyed := run.destroy(bg, prior)
		if diags = destroyed; destroyed.failed() {
			p.put(b.at, left)

			return diags
		}

		p.put(b.at, nil)

		prior = nil
	}

	known := func(r ref) any { return plain(p.t, run.fields(p.state[r.block].value)[r.attribute]) }
	final, again := run.planOnce(b.kind, run.config(b, prior, known, true), prior)

	if diags = append(diags, again...); again.failed() {
		return diags
	}

	run.checkFinal(b.at, first, final)

	if final.isEmpty() {
		return diags
	}

	made, applied := run.apply(bg, final)
	p.put(b.at, made)

	return append(diags, applied...)
}

// put keeps an object in state, or takes it out.
func (p *project) put(at string, found *object) {
	switch {
	case found == nil:
		delete(p.state, at)
		p.order = slices.DeleteFunc(p.order, func(other string) bool { return other == at })
	case p.state[at] == nil:
		p.order = append(p.order, at)
		fallthrough
	default:
		p.state[at] = found
	}
}

// planned is an attribute of a block that was planned before.
func (p *project) planned(run *core, out outcome, r ref) any {
	p.t.Helper()

	if out.changes[r.block] == nil {
		return unknown
	}

	value := run.fields(out.changes[r.block].planned)[r.attribute]
	if !value.IsKnown() {
		return unknown
	}

	return plain(p.t, value)
}

func (c *core) planBlock(b block, prior *object, resolve func(ref) any) (*change, diagnostics) {
	c.t.Helper()

	return c.planValue(b.kind, c.config(b, prior, resolve, false), c.config(b, nil, resolve, false), prior, b.replace)
}

// checkFinal holds the plan that an apply makes to the one that it carries out: "Provider
// produced inconsistent final plan" otherwise.
func (c *core) checkFinal(at string, first, final *change) {
	c.t.Helper()

	wanted, got := first.action(), final.action()
	isReplace := wanted == "replace" && got == "create"

	if wanted != got && !isReplace && (wanted != "update" || got != "no-op") || final.replace {
		c.t.Errorf("%s: inconsistent final plan: %s has become %s", at, wanted, got)
	}

	known := c.fields(final.planned)
	for name, value := range c.fields(first.planned) {
		if !compatible(value, known[name]) {
			c.t.Errorf("%s: inconsistent final plan for %s: planned %s, then %s", at, name, value, known[name])
		}
	}
}

// compatible reports whether a value can be what a planned one turned out to be.
func compatible(planned, value tftypes.Value) bool {
	if !planned.IsKnown() {
		return true
	}

	var wanted, got []tftypes.Value
	if planned.IsFullyKnown() || planned.As(&wanted) != nil || value.As(&got) != nil || value.IsNull() {
		return planned.Equal(value)
	}

	isSpare := slices.ContainsFunc(wanted, func(v tftypes.Value) bool { return !v.IsKnown() })
	for _, element := range wanted {
		if element.IsKnown() && !slices.ContainsFunc(got, element.Equal) {
			return false
		}
	}

	return isSpare && len(got) <= len(wanted)
}
