package emulator

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// Options choose the seed, the clock and the variants of an instance. The zero value is a well-behaved recent instance
// with SeedEmpty.
type Options struct {
	// API is the variant of the API.
	API
	// Seed is what the instance starts with. Default: SeedEmpty, or nothing with an Issuer.
	Seed Seed
	// Token is an opaque bearer token of the first user of the seed, unless User.Token gives them another. Default: SeedToken.
	Token string
	// Issuer, if set, is the Keycloak whose tokens and users the instance takes instead of its own. What the methods of the
	// Server do to accounts and tokens then has no effect.
	Issuer *keycloak.Issuer
	// Now is the clock of everything that the instance stamps or lets expire. It is called from many goroutines.
	// Default: time.Now.
	Now func() time.Time
	// TokenLifetime is the life of access tokens, in whole seconds. Default: one hour.
	TokenLifetime time.Duration
	// RefreshTokenLifetime is the life of refresh tokens, in whole seconds. Default: 30 minutes, which is shorter than
	// that of an access token, as on a real instance.
	RefreshTokenLifetime time.Duration
	// BadPasswordStatus is the status of wrong credentials: 401 (default, Keycloak up to 26.5) or 400 (later).
	BadPasswordStatus int

	// Latency is added before every response, in real time.
	Latency time.Duration
	// Logger, if set, gets one line for every request. Bodies, tokens and emails are not logged.
	Logger *slog.Logger
}

// withDefaults returns the options with every default filled in.
func (o Options) withDefaults() Options {
	if len(o.Seed.Users) == 0 && len(o.Seed.Workspaces) == 0 && o.Issuer == nil {
		o.Seed = SeedEmpty
	}

	o.Token = cmp.Or(o.Token, SeedToken)
	if o.Now == nil {
		o.Now = time.Now
	}

	return o
}
