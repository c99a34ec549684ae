package provider_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

			// What is gone from the instance.
			id := int64(8)
			if kind == workspaceKind {
				id = c.number(made, "id")
			}

			instance.HideWorkspace(id, true)

			gone, diags := run().read(bg, made)
			wantWarning(t, diags, "Workspace no longer accessible")
			wantGone(t, gone)
		})
	}
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
			run.checkIdentity(kind, found.Identity)

			prior := &object{kind: kind, value: run.decode(run.typeOf(kind), found.State), private: found.Private, identity: found.Identity}
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

						planned, diags := c.planValue(kind, c.value(c.typeOf(kind), elements(config)), prior)
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

// elements turns lists with unknown elements into values.
func elements(config values) values {
	converted := values{}

	for name, value := range config {
		list, ok := value.([]any)
		if !ok {
			converted[name] = value

			continue
		}

		var members []tftypes.Value
		for _, element := range list {
			members = append(members, convert(tftypes.String, element))
		}

		converted[name] = members
	}

	return converted
}

// planValue is plan for a configuration that is a value already.
func (c *core) planValue(kind string, config tftypes.Value, prior *object) (*change, diagnostics) {
	c.t.Helper()

	resp, err := c.server.ValidateResourceConfig(bg, &tfprotov6.ValidateResourceConfigRequest{TypeName: kind, Config: c.encode(config)})
	c.must(err)

	if diagnostics(resp.Diagnostics).failed() {
		return nil, resp.Diagnostics
	}

	return c.planOnce(kind, config, prior)
}

// A state that version 0 of the schema has written; the other kinds have theirs beside
// the tests of the workspace.
func TestUpgradeResourceState_exclusiveVersion0(t *testing.T) {
	t.Parallel()

	const recorded = `{"collaborators":["57d61aed-3058-4327-9e65-a5d39a9718c0"],"owners":["john.hummel@wallaroo.ai"],"workspace_id":8}`

	run := newCore(t)

	resp, err := run.server.UpgradeResourceState(bg, &tfprotov6.UpgradeResourceStateRequest{
		TypeName: exclusiveKind, Version: 0, RawState: &tfprotov6.RawState{JSON: []byte(recorded)},
	})
	run.must(err)
	wantNone(t, resp.Diagnostics)

	want := run.value(run.typeOf(exclusiveKind), values{
		"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickID},
	})
	if got := run.decode(run.typeOf(exclusiveKind), resp.UpgradedState); !got.Equal(want) {
		t.Errorf("upgraded to %s, want %s", got, want)
	}

	// What a run goes on from is that state alone, without private data or identity.
	instance := guide(t)
	instance.SetMember(8, emulator.HansarickID, emulator.Collaborator)

	prior := &object{kind: exclusiveKind, value: run.decode(run.typeOf(exclusiveKind), resp.UpgradedState)}
	start(t, instance).wantEmptyPlan(values{
		"workspace_id": 8, "owners": []string{emulator.HummelEmail}, "collaborators": []string{emulator.HansarickID},
	}, prior)
}
