package provider

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/inventory"
)

// base is what all constructs share: the inventory of the configured instance. It
// is nil during validation, and while provider settings are unknown.
type base struct {
	inventory *inventory.Inventory
}

func (b *base) configure(providerData any, diags *diag.Diagnostics) {
	if providerData == nil {
		return
	}

	shared, ok := providerData.(*inventory.Inventory)
	if !ok {
		diags.AddError("Unexpected provider data",
			fmt.Sprintf("Got %T. This is always a bug in the provider; please report it at %s/issues.", providerData, projectURL))

		return
	}

	b.inventory = shared
}

// ready reports that there is no instance to ask yet.
func (b *base) ready(diags *diag.Diagnostics) bool {
	if b.inventory == nil {
		diags.AddError("Provider is not configured until apply",
			"A setting of the provider block comes from something that is not applied yet, so there is no instance to ask. "+
				"Apply what the provider block depends on first, for example with -target, and run the command again.")
	}

	return b.inventory != nil
}

type resourceBase struct{ base }

func (b *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	b.configure(req.ProviderData, &resp.Diagnostics)
}

type dataSourceBase struct{ base }

func (b *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	b.configure(req.ProviderData, &resp.Diagnostics)
}

// completeIdentity is for reads. CLIs that know of no identities send none, and want
// one back even for what is gone.
func completeIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, value any, diags *diag.Diagnostics) {
	if identity.Raw.IsFullyNull() {
		diags.Append(identity.Set(ctx, value)...)
	}
}

// beside starts f and returns how to wait for its results: over a distance, two
// requests at once take half the time.
func beside[A, B any](f func() (A, B)) func() (A, B) {
	wait := sync.OnceValues(f)

	go wait()

	return wait
}
