package provider_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

const benchKind = "wallaroo_workspace_user"

// BenchmarkStart is what a process does before the first question of the CLI is
// answered: the server, and all schemas.
func BenchmarkStart(b *testing.B) {
	ctx := context.Background()

	b.ReportAllocs()

	for b.Loop() {
		server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
		if err != nil {
			b.Fatal(err)
		}

		if _, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkConfigure is a configured provider, on top of BenchmarkStart. It asks
// nobody.
func BenchmarkConfigure(b *testing.B) {
	instance := guide(b)
	c := newCore(b)
	config := c.dynamic(c.schema.Provider.ValueType(), passwordBlock(instance))

	b.ReportAllocs()

	for b.Loop() {
		resp, err := c.server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: config})
		c.must(err)
		wantNone(b, resp.Diagnostics)
	}
}

// BenchmarkWorkspaceUser is one call of each kind about one of fifty members, when
// all that is shared has been read.
func BenchmarkWorkspaceUser(b *testing.B) {
	instance := guide(b)
	for i := range 50 {
		instance.SetMember(5, instance.AddUser(emulator.User{Email: fmt.Sprintf("other-%02d@example.com", i)}), emulator.Collaborator)
	}

	c := start(b, instance)
	config := values{"workspace_id": 5, "email": emulator.HansarickEmail}
	prior := c.create(benchKind, config)

	b.Run("validate", func(b *testing.B) {
		req := &tfprotov6.ValidateResourceConfigRequest{TypeName: benchKind, Config: c.dynamic(c.typeOf(benchKind), config)}

		benchCall(b, func(ctx context.Context) (diagnostics, error) {
			resp, err := c.server.ValidateResourceConfig(ctx, req)

			return resp.Diagnostics, err
		})
	})
	b.Run("read", func(b *testing.B) { benchRead(b, c, benchKind, prior) })
	b.Run("plan/nothing", func(b *testing.B) { benchPlan(b, c, benchKind, config, prior) })
	b.Run("plan/create", func(b *testing.B) { benchPlan(b, c, benchKind, config, nil) })
	// The user is a member already, so that nothing is sent.
	b.Run("create/nothing", func(b *testing.B) {
		req := c.createRequest(config)

		benchCall(b, func(ctx context.Context) (diagnostics, error) {
			resp, err := c.server.ApplyResourceChange(ctx, req)

			return resp.Diagnostics, err
		})
	})
}

// BenchmarkUsersExclusive is one call of each kind about fifty members in one set,
// when all that is shared has been read.
func BenchmarkUsersExclusive(b *testing.B) {
	instance := guide(b)

	var team []string

	for i := range 50 {
		instance.AddUser(emulator.User{Email: newcomer(i)})
		team = append(team, newcomer(i))
	}

	c := start(b, instance)
	config := values{"workspace_id": 5, "owners": []string{emulator.HummelEmail}, "collaborators": team}
	prior := c.create(exclusiveKind, config)

	b.Run("read", func(b *testing.B) { benchRead(b, c, exclusiveKind, prior) })
	b.Run("plan/nothing", func(b *testing.B) { benchPlan(b, c, exclusiveKind, config, prior) })
}

// BenchmarkAdd is a create that sends one request. The emulator's share is in it.
func BenchmarkAdd(b *testing.B) {
	const users = 200

	instance := guide(b)
	for i := range users {
		instance.AddUser(emulator.User{Email: newcomer(i)})
	}

	c := start(b, instance)
	workspace := 0

	b.ReportAllocs()

	for i := 0; b.Loop(); i++ {
		b.StopTimer()

		if i%users == 0 {
			workspace = c.newWorkspace(instance, i)
		}

		req := c.createRequest(values{"workspace_id": workspace, "email": newcomer(i % users)})

		b.StartTimer()

		resp, err := c.server.ApplyResourceChange(context.Background(), req)
		c.must(err)
		wantNone(b, resp.Diagnostics)
	}
}

func newcomer(i int) string { return fmt.Sprintf("newcomer-%03d@example.com", i) }

// newWorkspace puts a workspace in place whose members the provider knows.
func (c *core) newWorkspace(instance *emulatortest.Instance, i int) int {
	c.t.Helper()

	id := int(instance.AddWorkspace(emulator.Workspace{
		Name: fmt.Sprintf("bench-%d", i), Members: map[string]string{emulator.HummelID: emulator.Owner},
	}))
	c.create(benchKind, values{"workspace_id": id, "email": emulator.HansarickEmail})

	return id
}

func (c *core) createRequest(config values) *tfprotov6.ApplyResourceChangeRequest {
	c.t.Helper()

	planned, diags := c.plan(benchKind, config, nil)
	wantNone(c.t, diags)

	return &tfprotov6.ApplyResourceChangeRequest{
		TypeName: benchKind, PriorState: c.encode(tftypes.NewValue(c.typeOf(benchKind), nil)), PlannedState: c.encode(planned.planned),
		Config: c.encode(planned.config), PlannedPrivate: planned.private, PlannedIdentity: planned.identity,
	}
}

func benchRead(b *testing.B, c *core, kind string, prior *object) {
	b.Helper()

	req := &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: c.encode(prior.value), Private: prior.private, CurrentIdentity: prior.identity,
	}

	benchCall(b, func(ctx context.Context) (diagnostics, error) {
		resp, err := c.server.ReadResource(ctx, req)

		return resp.Diagnostics, err
	})
}

func benchPlan(b *testing.B, c *core, kind string, config values, prior *object) {
	b.Helper()

	value, before := c.value(c.typeOf(kind), config), tftypes.NewValue(c.typeOf(kind), nil)
	req := &tfprotov6.PlanResourceChangeRequest{TypeName: kind, Config: c.encode(value)}

	if prior != nil {
		before, req.PriorPrivate, req.PriorIdentity = prior.value, prior.private, prior.identity
	}

	req.PriorState, req.ProposedNewState = c.encode(before), c.encode(c.proposed(kind, before, value))

	benchCall(b, func(ctx context.Context) (diagnostics, error) {
		resp, err := c.server.PlanResourceChange(ctx, req)

		return resp.Diagnostics, err
	})
}

func benchCall(b *testing.B, once func(context.Context) (diagnostics, error)) {
	b.Helper()
	b.ReportAllocs()

	for b.Loop() {
		diags, err := once(context.Background())
		if err != nil || len(diags) > 0 {
			b.Fatal(err, diags)
		}
	}
}
