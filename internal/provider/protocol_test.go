package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// createAndUpdate are configurations of one object of each kind: it is created, then
// updated in place.
var createAndUpdate = map[string][2]values{
	workspaceKind: {{"name": "team-a"}, {"name": "team-a", "deletion_policy": "ABANDON"}},
	userKind:      {{"workspace_id": 8, "email": emulator.HansarickEmail}, {"workspace_id": 8, "email": emulator.HansarickEmail, "user_type": "OWNER"}},
	exclusiveKind: {
		{"workspace_id": 8, "owners": []string{emulator.HummelEmail}},
		{"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickEmail}},
	},
}

var importIDs = map[string]string{workspaceKind: "team-a", userKind: "8/" + emulator.HansarickEmail, exclusiveKind: "8"}

// A CLI that knows no identities sends none, in no call. It gets one back each time,
// which the core of these tests checks.
func TestProtocol_oldCLI(t *testing.T) {
	t.Parallel()

	for kind, configs := range createAndUpdate {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			run := func() *core {
				c := start(t, instance)
				c.old = true

				return c
			}

			made := run().create(kind, configs[0])
			run().wantEmptyPlan(configs[0], made)

			c := run()
			planned, diags := c.plan(kind, configs[1], made)
			wantNoError(t, diags)

			if planned.replace || planned.isEmpty() {
				t.Fatalf("not a change in place: %s", planned.planned)
			}

			made, diags = c.apply(bg, planned)
			wantNone(t, diags)
			run().wantEmptyPlan(configs[1], made)

			found, diags := run().importID(kind, importIDs[kind])
			wantNone(t, diags)

			if kind != workspaceKind { // an import does not tell the policy
				run().wantEmptyPlan(configs[1], found)
			}

			c = run()
			wantNoError(t, c.planDestroy(found))

			left, diags := c.destroy(bg, found)
			wantNoError(t, diags)
			wantGone(t, left)

			// What is gone from the instance: the member, or the workspace.
			if kind == userKind {
				instance.RemoveMember(8, emulator.HansarickID)

				gone, diags := run().read(bg, made)
				wantNone(t, diags)
				wantGone(t, gone)
			}

			instance.HideWorkspace(workspaceOf(c, made), true)

			gone, diags := run().read(bg, made)
			wantWarning(t, diags, "Workspace no longer accessible")
			wantGone(t, gone)
		})
	}
}

func workspaceOf(c *core, o *object) int64 {
	if o.kind == workspaceKind {
		return c.number(o, "id")
	}

	return c.number(o, "workspace_id")
}

// A plan right after an import, with no read between them, has nothing to do.
func TestProtocol_importWithoutRead(t *testing.T) {
	t.Parallel()

	for kind, configs := range createAndUpdate {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			start(t, instance).create(kind, configs[0])

			run := start(t, instance)

			resp, err := run.server.ImportResourceState(bg, &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: importIDs[kind]})
			run.must(err)
			wantNone(t, resp.Diagnostics)

			found := resp.ImportedResources[0]

			prior := &object{kind: kind, value: run.decode(run.typeOf(kind), found.State), private: found.Private, identity: found.Identity}
			run.checkIdentity(kind, prior.value, prior.identity)

			for name, value := range run.fields(prior.value) {
				if !value.IsFullyKnown() {
					t.Errorf("%s is not known", name)
				}
			}

			planned, diags := run.plan(kind, configs[0], prior)
			wantNone(t, diags)

			if !planned.isEmpty() {
				t.Errorf("plan is not empty: %s", planned.planned)
			}
		})
	}
}

// Every attribute may come from something that is not applied yet: each alone and all
// together, for a new object and for one that is there, and with a provider that is
// not configured yet. A plan that meets that never fails.
func TestProtocol_unknownsEverywhere(t *testing.T) {
	t.Parallel()

	for kind, configs := range createAndUpdate {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			instance := guide(t)
			made := start(t, instance).create(kind, configs[0])
			unconfigured, diags := configured(t, values{"endpoint": unknown}, nil)
			wantNone(t, diags)

			all := values{}
			variants := map[string]values{}
			run := start(t, instance)

			for _, attribute := range run.schema.ResourceSchemas[kind].Block.Attributes {
				if !attribute.Optional && !attribute.Required {
					continue
				}

				all[attribute.Name] = unknown
				variants[attribute.Name] = with(configs[1], values{attribute.Name: unknown})
			}

			variants["all"] = all

			if kind == exclusiveKind {
				variants["an element"] = with(configs[1], values{"owners": []any{emulator.HummelEmail, unknown}})
			}

			for name, config := range variants {
				for _, c := range []*core{run, unconfigured} {
					for _, prior := range []*object{nil, made} {
						if kind == workspaceKind && prior == nil && c == run && name != "all" && name != "name" {
							continue // the name is in use: an error that is right
						}

						planned, diags := c.plan(kind, config, prior)
						if diags.failed() {
							t.Errorf("%s unknown, prior %v: %s", name, prior != nil, diags)
						}

						if !diags.failed() && planned == nil {
							t.Errorf("%s unknown: no plan", name)
						}
					}
				}
			}
		})
	}
}
