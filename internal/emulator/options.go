package emulator

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// Seed names what a new instance holds.
type Seed string

// The seeds. Both have the same accounts and clients; see the constants HummelID to APIClientSecret. With Options.Issuer
// there are none of these accounts: SeedEmpty then has no workspace, and SeedGuide needs john.hummel@wallaroo.ai to be a
// user of the issuer.
const (
	// SeedEmpty has the accounts, and the default workspace (id 1) of john.hummel@wallaroo.ai.
	SeedEmpty Seed = "empty"
	// SeedAccounts has the accounts and no workspace: nobody has a default one.
	SeedAccounts Seed = "accounts"
	// SeedGuide has the six workspaces of Wallaroo's API guide, all owned by john.hummel@wallaroo.ai. The next id is 10.
	SeedGuide Seed = "guide"
)

// Options choose the seed, the clock and the variants of an instance. The zero value is a well-behaved recent instance
// with SeedEmpty.
type Options struct {
	// API is the variant of the API.
	API
	// Seed is what the instance starts with. Default: SeedEmpty.
	Seed Seed
	// Token is an opaque bearer token of john.hummel@wallaroo.ai, which never expires. Default: SeedToken. Other accounts
	// have one if User.Token is set.
	Token string
	// Issuer, if set, is the Keycloak whose tokens and users the instance takes instead of its own. There is then no login
	// server in the instance, and what the methods of the Server do to accounts and tokens has no effect.
	Issuer *Issuer
	// Now is the clock of everything that the instance stamps or lets expire. It is called from many goroutines.
	// Default: time.Now.
	Now func() time.Time
	// TokenLifetime is the life of access tokens, in whole seconds. Default: one hour.
	TokenLifetime time.Duration
	// RefreshTokenLifetime is the life of refresh tokens, in whole seconds. Default: 30 minutes, which is shorter than
	// that of an access token, as on a real instance.
	RefreshTokenLifetime time.Duration
	// BadPasswordStatus is the status of a refused login: 401 (default, Keycloak up to 26.5) or 400 (later).
	BadPasswordStatus int
	// LockAfter is how many wrong passwords lock an account. Its password is then refused like a wrong one, until
	// SetUserPassword; sessions go on. Default: 0, never.
	LockAfter int
	// SingleUseRefresh lets each refresh token be used once. A second use also spoils the newest token of the session.
	SingleUseRefresh bool

	// Latency is added before every answer, in real time.
	Latency time.Duration
	// OnRequest, if set, is called with every request before its work is done, with no lock held: it may call the
	// methods of the Server, as another actor would.
	OnRequest func(Request)
	// RecordHeaders names request headers whose values are recorded as they are, beside the usual few. Others are masked.
	RecordHeaders []string
	// Logger, if set, gets one line for every request. Bodies, tokens and e-mails are not logged.
	Logger *slog.Logger
}

// withDefaults returns the options with every default filled in.
func (o Options) withDefaults() Options {
	o.API = o.API.withDefaults()
	o.Seed = orDefault(o.Seed, SeedEmpty)
	o.Token = orDefault(o.Token, SeedToken)
	o.TokenLifetime = orDefault(o.TokenLifetime, time.Hour)
	o.RefreshTokenLifetime = orDefault(o.RefreshTokenLifetime, 30*time.Minute)
	o.BadPasswordStatus = orDefault(o.BadPasswordStatus, 401)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// validate names every option that is out of its range.
func (o Options) validate() error {
	var issued error
	if o.Issuer != nil && o.GuideOnly {
		issued = errors.New("GuideOnly does not go with an Issuer")
	}
	return errors.Join(
		o.API.validate(),
		issued,
		oneOf("Seed", o.Seed, SeedEmpty, SeedAccounts, SeedGuide),
		oneOf("BadPasswordStatus", o.BadPasswordStatus, 401, 400),
		atLeast("TokenLifetime", o.TokenLifetime, time.Second),
		atLeast("RefreshTokenLifetime", o.RefreshTokenLifetime, time.Second),
		atLeast("LockAfter", o.LockAfter, 0),
		atLeast("Latency", o.Latency, 0),
	)
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func oneOf[T comparable](name string, value T, allowed ...T) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%s is %v, must be one of %v", name, value, allowed)
}

func atLeast[T cmp.Ordered](name string, value, least T) error {
	if value >= least {
		return nil
	}
	return fmt.Errorf("%s is %v, must be at least %v", name, value, least)
}
