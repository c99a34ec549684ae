package provider_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// run plans and applies the configuration as a CLI does: each walk has a provider of
// its own, a failed plan changes nothing, and what depends on a failed resource is
// left out. It returns false if the plan failed.
func (w *world) run(t *rapid.T, ctx context.Context) (diagnostics, bool) {
	planning := w.start(t)

	refreshed, diags := w.refresh(ctx, planning)
	if diags.failed() {
		return diags, false
	}

	changes := map[string]*change{}

	for _, address := range w.addresses(refreshed) {
		block, ok := w.config[address]
		if !ok {
			diags = append(diags, planning.planDestroy(refreshed[address])...)

			continue
		}

		planned, reported := planning.plan(block.kind, w.blockOf(planning, block, refreshed), refreshed[address])
		diags = append(diags, reported...)
		changes[address] = planned
	}

	if diags.failed() {
		return diags, false
	}

	w.state = refreshed
	applying := w.start(t)

	for _, step := range w.order(t, changes) {
		if ctx.Err() != nil {
			break
		}

		diags = append(diags, w.applyOne(ctx, applying, step, changes[step])...)
	}

	return diags, true
}

func (w *world) refresh(ctx context.Context, c *core) (map[string]*object, diagnostics) {
	var diags diagnostics

	refreshed := map[string]*object{}

	for _, address := range slices.Sorted(maps.Keys(w.state)) {
		found, reported := c.read(ctx, w.state[address])
		diags = append(diags, reported...)

		if found != nil {
			refreshed[address] = found
		} else if w.state[address].kind == workspaceKind && len(reported.warnings()) == 0 {
			c.t.Fatalf("%s left the state without a warning", address)
		}
	}

	return refreshed, diags
}

func (w *world) addresses(state map[string]*object) []string {
	all := maps.Clone(state)
	for address := range w.config {
		if _, ok := all[address]; !ok {
			all[address] = nil
		}
	}

	return slices.Sorted(maps.Keys(all))
}

// blockOf is a block with its reference to a workspace resolved: unknown while the
// workspace is not in the state, or is to be replaced.
func (w *world) blockOf(c *core, s spec, state map[string]*object) values {
	block := maps.Clone(s.block)
	delete(block, "#user")

	switch {
	case s.kind == workspaceKind:
	case s.workspace == "":
		block["workspace_id"] = s.workspaceID
	case state[s.workspace] == nil || c.text(state[s.workspace], "name") != w.config[s.workspace].block["name"] || state[s.workspace].tainted:
		block["workspace_id"] = unknown
	default:
		block["workspace_id"] = c.number(state[s.workspace], "id")
	}

	return block
}

// order is one of those in which Terraform may apply: workspaces are created before
// their members and destroyed after them, the rest comes in any order.
func (w *world) order(t *rapid.T, changes map[string]*change) []string {
	shuffled := rapid.Permutation(w.addresses(w.state)).Draw(t, "order")
	rank := func(address string) int {
		isWorkspace := strings.HasPrefix(address, "w")
		switch {
		case isWorkspace && changes[address] != nil:
			return 0
		case isWorkspace:
			return 2
		default:
			return 1
		}
	}

	slices.SortStableFunc(shuffled, func(a, b string) int { return rank(a) - rank(b) })

	return shuffled
}

func (w *world) applyOne(ctx context.Context, c *core, address string, planned *change) diagnostics {
	prior := w.state[address]

	if planned == nil {
		left, diags := c.destroy(ctx, prior)
		w.keep(address, left, diags)

		return diags
	}

	if planned.isEmpty() {
		return nil
	}

	s := w.config[address]
	block := w.blockOf(c, s, w.state)

	if block["workspace_id"] == unknown {
		return nil // its workspace failed
	}

	// Core destroys first and then plans the create anew.
	var diags diagnostics

	if planned.replace {
		left, destroyed := c.destroy(ctx, prior)
		w.keep(address, left, destroyed)
		diags = append(diags, destroyed...)

		if left != nil {
			return diags
		}

		prior = nil
	}

	again, reported := c.plan(s.kind, block, prior)
	diags = append(diags, reported...)

	if reported.failed() {
		return diags
	}

	// A plan that adopts knows the ID. If the list fails after that, Terraform ends the
	// apply of that resource.
	if planned.kind == workspaceKind && prior == nil && w.isFaulty && len(reported.warnings()) > 0 {
		return diags
	}

	c.checkKept("the second plan", planned.planned, again.planned)

	made, applied := c.apply(ctx, again)
	w.keep(address, made, applied)

	return append(diags, applied...)
}

func (w *world) keep(address string, o *object, diags diagnostics) {
	if o == nil {
		delete(w.state, address)

		return
	}

	if o.tainted && !diags.failed() {
		o.tainted = false
	}

	w.state[address] = o
}

// unmanaged are the present members that others added, that the state does not hold,
// and that no set is responsible for.
func (w *world) unmanaged(t *rapid.T) map[int64]map[string]bool {
	left := map[int64]map[string]bool{}
	c := reader(t)

	for id, users := range w.foreign {
		if w.managesAll(t, id) {
			continue
		}

		members := w.instance.Members(id)
		left[id] = maps.Clone(users)
		maps.DeleteFunc(left[id], func(user string, _ bool) bool { return members[user] == "" })
	}

	for _, o := range w.state {
		if o.kind == userKind {
			delete(left[c.number(o, "workspace_id")], c.text(o, "user_id"))
		}
	}

	return left
}

// hasTwins reports whether two addresses of the state hold one member, as after a
// failed delete of a renamed address. Deleting one then removes the other's member,
// which Terraform does not show to the provider; the next plan finds it.
func (w *world) hasTwins(t *rapid.T) bool {
	c := reader(t)
	seen := map[string]bool{}

	for _, o := range w.state {
		if o.kind != userKind {
			continue
		}

		key := fmt.Sprint(c.number(o, "workspace_id"), c.text(o, "user_id"))
		if seen[key] {
			return true
		}

		seen[key] = true
	}

	return false
}

// check holds the world to its promises. Members of workspaces that a set manages, and
// users whom a block names, are Terraform's to remove.
func (w *world) check(t *rapid.T, unmanaged map[int64]map[string]bool, diags diagnostics) {
	names := map[string]int64{}

	for _, workspace := range w.instance.Workspaces() {
		if other, ok := names[workspace.Name]; ok {
			t.Fatalf("workspaces %d and %d are both %q", other, workspace.ID, workspace.Name)
		}

		names[workspace.Name] = workspace.ID

		if !slices.Contains(slices.Collect(maps.Values(workspace.Members)), emulator.Owner) {
			t.Fatalf("workspace %d has no owner: %v", workspace.ID, workspace.Members)
		}

		for user := range unmanaged[workspace.ID] {
			if _, ok := workspace.Members[user]; !ok {
				t.Fatalf("%s, whom Terraform does not manage, was removed from workspace %d", user, workspace.ID)
			}
		}
	}

	for _, o := range w.state {
		if o.tainted && o.kind == workspaceKind {
			t.Fatalf("a workspace is tainted: %s", o.value)
		}
	}

	for _, one := range diags.errors() {
		if !saysWhatNext(one.Detail) {
			t.Fatalf("an error without a next step: %s\n%s", one.Summary, one.Detail)
		}
	}
}

// managesAll reports whether a set is, or was in this run, responsible for a workspace.
func (w *world) managesAll(t *rapid.T, id int64) bool {
	c := reader(t)

	for _, s := range w.config {
		if s.kind == exclusiveKind && (s.workspaceID == id || s.workspace != "") {
			return true
		}
	}

	for _, o := range w.state {
		if o.kind == exclusiveKind && c.number(o, "workspace_id") == id {
			return true
		}
	}

	return false
}

// reader reads objects of a state; it serves no provider.
func reader(t *rapid.T) *core { return &core{t: t} }

func saysWhatNext(detail string) bool {
	return slices.ContainsFunc([]string{
		"Check ", "run the command again", "Run the command again", "Set ", "apply again", "Apply ", "import it", "adopt_existing", "Make another",
		"look at the instance", "Ask an ", "Give ", "Correct ", "-refresh=false", "next apply", "List ", "set `endpoint`", "Choose another", "Plan again",
	}, func(hint string) bool { return strings.Contains(detail, hint) })
}

// wantEmpty wants the plan of a new run to be empty.
func (w *world) wantEmpty(t *rapid.T) {
	c := w.start(t)

	refreshed, diags := w.refresh(context.Background(), c)
	wantNoError(t, diags)

	for _, address := range w.addresses(refreshed) {
		s, ok := w.config[address]
		if !ok {
			t.Fatalf("%s is still in the state", address)
		}

		planned, diags := c.plan(s.kind, w.blockOf(c, s, refreshed), refreshed[address])
		wantNoError(t, diags)

		if !planned.isEmpty() {
			t.Fatalf("%s: the plan after an apply is not empty (replace %v):\nconfig %v\nbefore %v\nplan   %s",
				address, planned.replace, s, refreshed[address], planned.planned)
		}
	}
}
