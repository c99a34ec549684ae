package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// wantEmpty wants no change, no drift and no error of the blocks as they stand.
func (p *project) wantEmpty(blocks ...block) {
	p.t.Helper()

	before := maps.Clone(p.state)
	settled := make([]block, len(blocks))

	for i, b := range blocks {
		settled[i] = b
		settled[i].config, settled[i].replace = values{}, false

		for name, value := range b.config {
			settled[i].config[name] = evaluate(value, func(r ref) any { return r }, true)
		}
	}

	out := p.plan(settled...)
	if out.all().failed() || len(out.actions()) > 0 {
		p.t.Errorf("the second plan is not empty: %v%s", out.actions(), out.all())
	}

	for at, planned := range out.changes {
		if planned.action() == "update" {
			p.t.Errorf("%s: state %s\nplan %s", at, planned.prior.value, planned.planned)
		}
	}

	for at, was := range before {
		if now := p.state[at]; now == nil || !now.value.Equal(was.value) {
			p.t.Errorf("%s has drifted from %s", at, was.value)
		}
	}
}

// mustApply applies without an error, and wants an empty second plan.
func (p *project) mustApply(blocks ...block) outcome {
	p.t.Helper()

	out := p.apply(blocks...)
	wantNoError(p.t, out.all())
	p.wantEmpty(blocks...)

	return out
}

// wantState compares the primitive attributes of an object that are given.
func (p *project) wantState(at string, want values) {
	p.t.Helper()

	found := p.state[at]
	if found == nil {
		p.t.Fatalf("%s is not in state", at)
	}

	fields := map[string]tftypes.Value{}
	if err := found.value.As(&fields); err != nil {
		p.t.Fatal(err)
	}

	for name, value := range want {
		if texts, ok := value.([]string); ok {
			if got := textsOf(p.t, fields[name]); !slices.Equal(got, slices.Sorted(slices.Values(texts))) {
				p.t.Errorf("%s: %s is %q, want %q", at, name, got, texts)
			}

			continue
		}

		if number, ok := value.(int); ok {
			value = int64(number)
		}

		if got := plain(p.t, fields[name]); got != value {
			p.t.Errorf("%s: %s is %#v, want %#v", at, name, got, value)
		}
	}
}

// textsOf are the sorted elements of a set.
func textsOf(t testing.TB, set tftypes.Value) []string {
	t.Helper()

	var elements []tftypes.Value
	if err := set.As(&elements); err != nil {
		t.Fatal(err)
	}

	texts := make([]string, len(elements))
	for i, element := range elements {
		if err := element.As(&texts[i]); err != nil {
			t.Fatal(err)
		}
	}

	slices.Sort(texts)

	return texts
}

// wantMembers compares the members of a workspace on the instance.
func (p *project) wantMembers(id int64, want map[string]string) {
	p.t.Helper()

	accWantMembers(p.t, p.instance, id, want)
}

// wantWrites compares what was sent to change something since the last call of this.
func (p *project) wantWrites(want ...string) {
	p.t.Helper()

	if got := p.writes(); !slices.Equal(got, want) {
		p.t.Errorf("sent %q, want %q", got, want)
	}
}

// writes returns what was sent to change something, and forgets it.
func (p *project) writes() []string {
	var sent []string

	for _, request := range p.instance.Requests() {
		verb, isWrite := strings.CutPrefix(request.Operation, "workspaces/")
		if !isWrite || verb == "list" || verb == "list_users" {
			continue
		}

		body := map[string]any{}
		if err := json.Unmarshal([]byte(request.Body), &body); err != nil {
			p.t.Fatal(err)
		}

		words := []string{verb}

		for _, name := range []string{"workspace_id", "workspace_name", "email", "user_id", "user_type"} {
			if value, ok := body[name]; ok {
				words = append(words, fmt.Sprint(value))

				delete(body, name)
			}
		}

		if len(body) > 0 {
			p.t.Errorf("unexpected fields in %s", request.Body)
		}

		sent = append(sent, strings.Join(words, " "))
	}

	p.instance.ResetRequests()

	return sent
}

// mustImport imports into an address.
func (p *project) mustImport(at, kind, id string) {
	p.t.Helper()

	found, diags := p.start().importID(kind, id)
	wantNoError(p.t, diags)
	p.put(at, found)
}

func (p *project) wantAbsent(at string) {
	p.t.Helper()

	if found := p.state[at]; found != nil {
		p.t.Errorf("%s is in state: %s", at, found.value)
	}
}
