package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// settings are what the flags say.
type settings struct {
	listen      string
	allowRemote bool
	verbose     bool
	version     bool
	api         string
	seed        string
	users       []emulator.User
	options     emulator.Options
	issuer      keycloak.IssuerConfig
}

// apiGuide is the value of -api for the API of the API guide.
const apiGuide = "guide"

// secretVariable keeps the secret out of the list of processes, where flags show.
const secretVariable = "WALLAROO_EMULATOR_ISSUER_CLIENT_SECRET"

// The flags that do not go with others.
var (
	loginFlags   = []string{"token-lifetime", "refresh-lifetime", "bad-password-status"}
	variantFlags = []string{
		"created-by", "list-filter", "user-type", "roles", "duplicate-names", "duplicate-name-status", "owners-only",
		"null-user-type", "users-query",
	}
)

// seedHelp describes a seed file; -help prints it.
const seedHelp = `
A seed FILE is a JSON object:
  {
    "users": [{"email": "ann@example.com"}, {"email": "bob@example.com"}],
    "workspaces": [{"name": "fraud", "members": {"ann@example.com": "OWNER", "bob@example.com": "COLLABORATOR"}}]
  }
A user may also have an id, username, password (default ` + emulator.SeedPassword + `), token, first_name, last_name, admin, disabled and
required_actions; a workspace an id, created_at, created_by, archived, hidden, models and pipelines.
`

func parseFlags(args []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings

	flags := flag.NewFlagSet("wallaroo-emulator", flag.ContinueOnError)
	// The package prints the whole usage after every mistake; one line is clearer.
	flags.SetOutput(io.Discard)
	s.define(flags)

	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()

		_, _ = io.WriteString(stderr, seedHelp)

		return s, err
	case err != nil:
		return s, fmt.Errorf("%w; -h lists all flags", err)
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	if err := checkListen(s.listen, s.allowRemote); err != nil {
		return s, err
	}

	if s.api == apiGuide {
		if err := refuse(flags, "does not go with -api guide", slices.Concat(variantFlags, loginFlags, []string{"issuer"})); err != nil {
			return s, err
		}

		s.options.API = emulator.GuideAPI()
	}

	if err := s.completeIssuer(flags, getenv); err != nil {
		return s, err
	}

	return s, s.readSeed()
}

func (s *settings) define(flags *flag.FlagSet) {
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`ADDRESS` to listen on; port 0 takes a free one")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow an address that other machines can reach, and unencrypted HTTP to a remote issuer")
	flags.BoolVar(&s.verbose, "verbose", false, "log every request to standard error")
	flags.BoolVar(&s.version, "version", false, "print the version and stop")
	variant(flags, &s.api, "api", "what the instance serves; guide is Wallaroo's API guide and nothing more: five endpoints,"+
		" no Keycloak, and the bearer token of -token", "recent", apiGuide)
	flags.StringVar(&s.seed, "seed", "guide", "what the instance starts with; `SEED` is guide (the users and workspaces of the API guide),"+
		" empty (its users and one default workspace), accounts (its users alone), or a FILE; see below")
	flags.Func("user", "add a user with this `EMAIL` and the password "+emulator.SeedPassword+"; may be repeated", func(given string) error {
		if !strings.Contains(given, "@") || strings.ContainsAny(given, " \t\r\n") {
			return errors.New("must be an email")
		}

		s.users = append(s.users, emulator.User{Email: given})

		return nil
	})

	o := &s.options
	flags.StringVar(&o.Token, "token", emulator.SeedToken, "opaque bearer `TOKEN` of the first user of the seed, accepted beside those of the token endpoint")
	duration(flags, &o.TokenLifetime, "token-lifetime", "lifetime of access tokens", time.Hour, time.Second)
	duration(flags, &o.RefreshTokenLifetime, "refresh-lifetime", "lifetime of refresh tokens", 30*time.Minute, time.Second)
	variant(flags, &o.BadPasswordStatus, "bad-password-status", "status of a response to wrong credentials", 401, 400)
	variant(flags, &o.CreatedBy, "created-by", "what created_by of new workspaces holds", emulator.CreatedByEmail, emulator.CreatedByID)
	variant(flags, &o.ListFilter, "list-filter", "the filter that workspaces/list honors",
		emulator.ListFilterIgnored, emulator.ListFilterUserID, emulator.ListFilterUserIDs)
	variant(flags, &o.UserType, "user-type", "how add_user treats the field user_type", emulator.UserTypeHonored,
		emulator.UserTypeIgnored, emulator.UserTypeRefused, emulator.UserTypeUpper, emulator.UserTypeLower)
	variant(flags, &o.Roles, "roles", "what adding a member again does to the role", emulator.RolesUpsert, emulator.RolesSticky)
	flags.BoolVar(&o.DuplicateNames, "duplicate-names", false, "let two workspaces have one name")
	variant(flags, &o.DuplicateNameStatus, "duplicate-name-status", "status of a refused duplicate name", 400, 409, 500)
	flags.BoolVar(&o.OwnersOnly, "owners-only", false, "let only owners and admins change the users of a workspace")
	flags.BoolVar(&o.NullUserType, "null-user-type", false, "list collaborators with a null role")
	variant(flags, &o.UsersQuery, "users-query", "what users/query answers",
		emulator.UsersQueryWorks, "400", "401", "403", "404", "405", "500", "501",
		emulator.UsersQueryEmpty, emulator.UsersQueryHTML, emulator.UsersQueryClosed)
	duration(flags, &o.Latency, "latency", "pause before every response", 0, 0)
	flags.StringVar(&s.issuer.URL, "issuer", "", "use the tokens and users of the real Keycloak whose realm has this `URL`, such as"+
		" http://127.0.0.1:8180/auth/realms/master; -seed is then accounts by default")
	flags.StringVar(&s.issuer.ClientID, "issuer-client-id", emulator.APIClientID,
		"confidential `CLIENT` whose service account lists the users of the issuer; it needs view-users and query-users of master-realm")
	flags.StringVar(&s.issuer.ClientSecret, "issuer-client-secret", "", "its `SECRET`, which other processes can see: prefer "+secretVariable)
}

// readSeed fills in the seed of the options.
func (s *settings) readSeed() error {
	known := map[string]emulator.Seed{"guide": emulator.SeedGuide, "empty": emulator.SeedEmpty, "accounts": emulator.SeedAccounts}

	seed, ok := known[s.seed]
	if !ok {
		file, err := os.Open(s.seed)
		if err != nil {
			return fmt.Errorf("-seed must be guide, empty, accounts or a JSON file: %w", err)
		}
		defer func() { _ = file.Close() }()

		if seed, err = emulator.ReadSeed(file); err != nil {
			return fmt.Errorf("-seed %s: %w", s.seed, err)
		}
	}

	seed.Users = append(slices.Clone(seed.Users), s.users...)
	s.options.Seed = seed

	return nil
}

// completeIssuer fills in what follows from an issuer, and refuses flags that do not go with it, or not without it.
func (s *settings) completeIssuer(flags *flag.FlagSet, getenv func(string) string) error {
	if s.issuer.URL == "" {
		return refuse(flags, "needs -issuer", []string{"issuer-client-id", "issuer-client-secret"})
	}

	if err := refuse(flags, "does not go with -issuer, which has its own users and tokens", slices.Concat(loginFlags, []string{"token", "user"})); err != nil {
		return err
	}

	if !given(flags, "seed") {
		s.seed = "accounts"
	}

	if s.issuer.ClientSecret == "" {
		s.issuer.ClientSecret = getenv(secretVariable)
	}

	at, err := keycloak.ParseIssuer(s.issuer.URL)
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
func refuse(flags *flag.FlagSet, why string, names []string) error {
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
