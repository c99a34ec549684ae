package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

// providerData is passed to all constructs by Configure.
type providerData struct {
	inventory      *inventory.Inventory
	deletionPolicy string
}

// base is embedded by all constructs.
type base struct {
	// inventory is of the configured instance. It is nil during validation, and
	// while provider settings are unknown.
	inventory *inventory.Inventory
	// deletionPolicy applies to the workspaces that set none of their own. It is
	// empty where the provider block and the environment do not set one, and
	// during validation.
	deletionPolicy string
}

func (b *base) configure(data any, diags *diag.Diagnostics) {
	if data == nil {
		return
	}

	shared, ok := data.(providerData)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Got %T. This is always a bug in the provider; please report it at %s/issues.", data, projectURL))

		return
	}

	b.inventory, b.deletionPolicy = shared.inventory, shared.deletionPolicy
}

// requireConfigured reports whether there is an instance to call, and adds an error if
// not.
func (b *base) requireConfigured(diags *diag.Diagnostics) bool {
	if b.inventory == nil {
		diags.AddError("Provider configuration not known until apply",
			"The provider configuration contains values that are not known until apply, so there is no instance to call. "+
				"Apply what the provider configuration depends on first, for example with -target, and run the command again.")
	}

	return b.inventory != nil
}

// isApplying reports whether this process has begun to change something. A plan is then
// one that Terraform makes once more while it applies: what the first one warned of is
// not repeated, and what would be wrong is left to the apply. Plans that are repeated
// before the first change cannot be recognized.
func (b *base) isApplying() bool { return b.inventory != nil && b.inventory.IsApplying() }

type resourceBase struct{ base }

func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.configure(req.ProviderData, &resp.Diagnostics)
}

type dataSourceBase struct{ base }

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.configure(req.ProviderData, &resp.Diagnostics)
}

// beginRead reads the state that is to be refreshed, and reports whether there is an
// instance to compare it with. It sets the identity: CLIs that know of no identities
// send none, and want one back even for what is gone.
func beginRead[I any](
	ctx context.Context, shared *inventory.Inventory, state interface{ identity() I }, req resource.ReadRequest, resp *resource.ReadResponse,
) bool {
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)

	if resp.Diagnostics.HasError() {
		return false
	}

	if resp.Identity.Raw.IsFullyNull() {
		resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	}

	if shared == nil {
		addNotRefreshedWarning(&resp.Diagnostics)
	}

	return shared != nil
}

// async starts f and returns how to wait for its results: over a distance, two
// requests at once take half the time.
func async[A, B any](f func() (A, B)) func() (A, B) {
	wait := sync.OnceValues(f)

	go wait()

	return wait
}
