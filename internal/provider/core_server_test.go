package provider_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/emulatortest"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/provider"
)

// passwordBlock is a provider block that authenticates as the user who owns the guide's
// workspaces.
func passwordBlock(instance *emulatortest.Instance) values {
	return values{"endpoint": instance.URL, "username": emulatortest.Username, "password": emulatortest.Password}
}

func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func emptyEnvironment(string) string { return "" }

// template has the schemas, which no option changes.
var template = sync.OnceValues(func() (core, error) {
	server, err := newServer()
	if err != nil {
		return core{}, err
	}

	schema, err := server.GetProviderSchema(bg, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return core{}, err
	}

	identities, err := server.GetResourceIdentitySchemas(bg, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return core{}, err
	}

	return core{schema: schema, identity: identities.IdentitySchemas}, nil
})

// newServer serves a provider that reads no environment and waits in no time.
func newServer(options ...provider.Option) (tfprotov6.ProviderServer, error) {
	options = append([]provider.Option{provider.WithEnvironment(emptyEnvironment), provider.WithSleep(noSleep)}, options...)

	return providerserver.NewProtocol6WithError(provider.New("test", options...)())()
}

// newCore serves a provider that is not configured yet.
func newCore(t rapid.TB, options ...provider.Option) *core {
	t.Helper()

	c, err := template()
	if err != nil {
		t.Fatal(err)
	}

	c.t = t
	c.server, err = newServer(options...)
	c.must(err)

	return &c
}

// start is one run of a CLI: a fresh, configured provider.
func start(t rapid.TB, instance *emulatortest.Instance, options ...provider.Option) *core {
	t.Helper()

	c := newCore(t, options...)
	wantNone(t, c.configure(passwordBlock(instance)))

	return c
}

func (c *core) configure(block values) diagnostics {
	c.t.Helper()

	config := c.dynamic(c.schema.Provider.ValueType(), block)

	validated, err := c.server.ValidateProviderConfig(bg, &tfprotov6.ValidateProviderConfigRequest{Config: config})
	c.must(err)

	if diagnostics(validated.Diagnostics).failed() {
		return validated.Diagnostics
	}

	configured, err := c.server.ConfigureProvider(bg,
		&tfprotov6.ConfigureProviderRequest{Config: config, TerraformVersion: "1.11.4"})
	c.must(err)

	return append(validated.Diagnostics, configured.Diagnostics...)
}

func guide(t testing.TB) *emulatortest.Instance {
	t.Helper()

	return emulatortest.Start(t, emulator.Options{Seed: emulator.SeedGuide})
}

// imported is the workspace of that ID as an import of another run left it.
func imported(t testing.TB, instance *emulatortest.Instance, id string) *object {
	t.Helper()

	found, diags := start(t, instance).importID(workspaceKind, id)
	wantNone(t, diags)
	instance.ResetRequests()

	return found
}
