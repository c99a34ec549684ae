package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
)

// errHelp says that the flags were asked for and printed.
var errHelp = flag.ErrHelp

// settings are what the flags say.
type settings struct {
	listen      string
	allowRemote bool
	verbose     bool
	version     bool
	api         string
	options     emulator.Options
	issuer      emulator.IssuerConfig
}

// apiGuide is the value of -api for the API guide's API.
const apiGuide = "guide"

// guideLacks are the flags of what the API guide settles, or does not have.
var guideLacks = []string{
	"issuer", "token-lifetime", "refresh-lifetime", "bad-password-status", "lock-after", "single-use-refresh", "created-by",
	"list-filter", "roles", "duplicate-names", "duplicate-name-status", "owners-only", "null-user-type", "users-query", "user-type",
}

// secretVariable keeps the secret out of the list of processes, where flags show.
const secretVariable = "WALLAROO_EMULATOR_ISSUER_CLIENT_SECRET"

func parseFlags(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("wallaroo-emulator", flag.ContinueOnError)
	// The package prints the whole usage after every mistake; one line is clearer.
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow an address that other machines can reach, and plain http to a remote issuer")
	flags.BoolVar(&s.verbose, "verbose", false, "log every request to standard error")
	flags.BoolVar(&s.version, "version", false, "print the version and stop")
	variant(flags, &s.api, "api", "what the instance serves; guide is Wallaroo's API guide and nothing more: five endpoints,"+
		" no Keycloak, and the bearer token of -token", "recent", apiGuide)
	optionFlags(flags, &s.options)
	issuerFlags(flags, &s.issuer)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		return s, errHelp
	case err != nil:
		return s, fmt.Errorf("%w; -h lists all flags", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err := checkListen(s.listen, s.allowRemote); err != nil {
		return s, err
	}
	if s.api == apiGuide {
		if err := refuse(flags, "does not go with -api guide", guideLacks...); err != nil {
			return s, err
		}
		s.options.API = emulator.GuideAPI()
	}
	return s, s.completeIssuer(flags, getenv)
}

// optionFlags adds one flag for each option of the emulator.
func optionFlags(flags *flag.FlagSet, o *emulator.Options) {
	flags.StringVar(&o.Token, "token", emulator.SeedToken, "an opaque bearer `token` of "+emulator.HummelEmail+", accepted beside those of the token endpoint")
	variant(flags, &o.Seed, "seed", "what the instance starts with; with -issuer empty is the default, and guide needs "+emulator.HummelEmail+
		" to be a user there", emulator.SeedGuide, emulator.SeedEmpty, emulator.SeedAccounts)
	duration(flags, &o.TokenLifetime, "token-lifetime", "life of access tokens", time.Hour, time.Second)
	duration(flags, &o.RefreshTokenLifetime, "refresh-lifetime", "life of refresh tokens", 30*time.Minute, time.Second)
	variant(flags, &o.BadPasswordStatus, "bad-password-status", "status of a refused login", 401, 400)
	flags.Func("lock-after", "`NUMBER` of wrong passwords that lock an account, 0 for never (default 0)", func(given string) error {
		number, err := strconv.ParseUint(given, 10, 31)
		if err != nil {
			return errors.New("must be a whole number")
		}
		o.LockAfter = int(number)
		return nil
	})
	flags.BoolVar(&o.SingleUseRefresh, "single-use-refresh", false, "let each refresh token be used once")
	variant(flags, &o.CreatedBy, "created-by", "what created_by of new workspaces holds",
		emulator.CreatedByEmail, emulator.CreatedByID)
	variant(flags, &o.ListFilter, "list-filter", "the filter that workspaces/list honours",
		emulator.ListFilterIgnored, emulator.ListFilterUserID, emulator.ListFilterUserIDs)
	variant(flags, &o.Roles, "roles", "what adding a member again does to the role",
		emulator.RolesUpsert, emulator.RolesSticky)
	flags.BoolVar(&o.DuplicateNames, "duplicate-names", false, "let two workspaces have one name")
	variant(flags, &o.DuplicateNameStatus, "duplicate-name-status", "status of a refused duplicate name", 400, 409, 500)
	flags.BoolVar(&o.OwnersOnly, "owners-only", false, "let only owners and admins change the users of a workspace")
	flags.BoolVar(&o.NullUserType, "null-user-type", false, "list collaborators with a null role")
	variant(flags, &o.UsersQuery, "users-query", "what users/query answers",
		emulator.UsersQueryWorks, "400", "401", "403", "404", "405", "500", "501",
		emulator.UsersQueryEmpty, emulator.UsersQueryHTML, emulator.UsersQueryClosed)
	variant(flags, &o.UserType, "user-type", "how add_user treats the field user_type", emulator.UserTypeHonored,
		emulator.UserTypeIgnored, emulator.UserTypeRefused, emulator.UserTypeUpper, emulator.UserTypeLower)
	duration(flags, &o.Latency, "latency", "pause before every answer", 0, 0)
}

func issuerFlags(flags *flag.FlagSet, config *emulator.IssuerConfig) {
	flags.StringVar(&config.URL, "issuer", "", "take the tokens and users of the real Keycloak at this `address` of its realm, such as"+
		" http://127.0.0.1:8180/auth/realms/master")
	flags.StringVar(&config.ClientID, "issuer-client-id", emulator.APIClientID,
		"confidential `client` whose service account reads the users of the issuer; it needs view-users and query-users of master-realm")
	flags.StringVar(&config.ClientSecret, "issuer-client-secret", "", "its `secret`; better set "+secretVariable)
}

// completeIssuer fills in what follows from an issuer, and refuses flags that do not go with it, or not without it.
func (s *settings) completeIssuer(flags *flag.FlagSet, getenv func(string) string) error {
	if s.issuer.URL == "" {
		return refuse(flags, "needs -issuer", "issuer-client-id", "issuer-client-secret")
	}
	if err := refuse(flags, "does not go with -issuer, where tokens are made",
		"token", "token-lifetime", "refresh-lifetime", "bad-password-status", "lock-after", "single-use-refresh"); err != nil {
		return err
	}
	if !given(flags, "seed") {
		s.options.Seed = emulator.SeedEmpty
	}
	if s.issuer.ClientSecret == "" {
		s.issuer.ClientSecret = getenv(secretVariable)
	}
	at, err := emulator.ParseIssuer(s.issuer.URL)
	switch {
	case err != nil:
		return fmt.Errorf("-issuer: %w", err)
	case at.Scheme == "http" && !s.allowRemote && !loopback(at.Hostname()):
		return fmt.Errorf("-issuer %s: the client's secret would travel unencrypted; use https, or give -allow-remote", s.issuer.URL)
	case s.issuer.ClientSecret == "":
		return fmt.Errorf("-issuer needs the secret of the client %s: set %s", s.issuer.ClientID, secretVariable)
	}
	return nil
}

// refuse returns an error for the first of the named flags that is given.
func refuse(flags *flag.FlagSet, why string, names ...string) error {
	for _, name := range names {
		if given(flags, name) {
			return fmt.Errorf("-%s %s", name, why)
		}
	}
	return nil
}

func given(flags *flag.FlagSet, name string) bool {
	found := false
	flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// duration adds a flag that takes a time, and no shorter one than the least.
func duration(flags *flag.FlagSet, target *time.Duration, name, usage string, value, least time.Duration) {
	*target = value
	flags.Func(name, fmt.Sprintf("%s; `TIME` is such as 90s or 5m (default %s)", usage, value), func(given string) error {
		length, err := time.ParseDuration(given)
		if err != nil || length < least {
			return fmt.Errorf("must be a time such as 90s or 5m, and at least %s", least)
		}
		*target = length
		return nil
	})
}

// variant adds a flag that takes one of a few values, of which the first is the default.
func variant[T comparable](flags *flag.FlagSet, target *T, name, usage string, values ...T) {
	*target = values[0]
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = fmt.Sprint(value)
	}
	allowed := strings.Join(words, ", ")
	flags.Func(name, fmt.Sprintf("%s; `VALUE` is one of %s (default %s)", usage, allowed, words[0]), func(given string) error {
		i := slices.Index(words, given)
		if i < 0 {
			return fmt.Errorf("must be one of %s", allowed)
		}
		*target = values[i]
		return nil
	})
}

// checkListen refuses an address that other machines can reach: every password of the emulator is public.
func checkListen(address string, allowRemote bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("-listen %s: %w", address, err)
	}
	if !allowRemote && !loopback(host) {
		return fmt.Errorf("-listen %s is not a loopback address; give -allow-remote to serve other machines", address)
	}
	return nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.Unmap().IsLoopback())
}
