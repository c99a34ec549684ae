package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
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
	options     emulator.Options
}

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("wallaroo-emulator", flag.ContinueOnError)
	// The package prints the whole usage after every mistake; one line is clearer.
	flags.SetOutput(io.Discard)
	flags.StringVar(&s.listen, "listen", "127.0.0.1:8080", "`address` to listen on; port 0 takes a free one")
	flags.BoolVar(&s.allowRemote, "allow-remote", false, "allow an address that other machines can reach")
	flags.BoolVar(&s.verbose, "verbose", false, "log every request to standard error")
	flags.BoolVar(&s.version, "version", false, "print the version and stop")
	optionFlags(flags, &s.options)
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		flags.SetOutput(stderr)
		flags.Usage()
		return s, errHelp
	case err != nil:
		return s, err
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return s, checkListen(s.listen, s.allowRemote)
}

// optionFlags adds one flag for each option of the emulator.
func optionFlags(flags *flag.FlagSet, o *emulator.Options) {
	variant(flags, &o.Seed, "seed", "what the instance starts with", emulator.SeedGuide, emulator.SeedEmpty)
	flags.DurationVar(&o.TokenLifetime, "token-lifetime", time.Hour, "life of access tokens")
	flags.DurationVar(&o.RefreshTokenLifetime, "refresh-lifetime", 30*time.Minute, "life of refresh tokens")
	variant(flags, &o.BadPasswordStatus, "bad-password-status", "status of a refused login", 401, 400)
	variant(flags, &o.CreatedBy, "created-by", "what created_by of new workspaces holds",
		emulator.CreatedByEmail, emulator.CreatedByID)
	variant(flags, &o.ListFilter, "list-filter", "the filter that workspaces/list honours",
		emulator.ListFilterIgnored, emulator.ListFilterUserID, emulator.ListFilterUserIDs)
	variant(flags, &o.Roles, "roles", "what adding a member again does to the role",
		emulator.RolesUpsert, emulator.RolesSticky)
	flags.BoolVar(&o.DuplicateNames, "duplicate-names", false, "let two workspaces have one name")
	variant(flags, &o.DuplicateNameStatus, "duplicate-name-status", "status of a refused duplicate name", 400, 500)
	flags.BoolVar(&o.OwnersOnly, "owners-only", false, "let only owners and admins change the users of a workspace")
	flags.BoolVar(&o.NullUserType, "null-user-type", false, "list collaborators with a null role")
	variant(flags, &o.UsersQueryStatus, "users-query", "status with which users/query is refused, 0 for not at all",
		0, 401, 403, 404)
	flags.DurationVar(&o.Latency, "latency", 0, "pause before every answer")
}

// variant adds a flag that takes one of a few values, of which the first is the default.
func variant[T comparable](flags *flag.FlagSet, target *T, name, usage string, values ...T) {
	*target = values[0]
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = fmt.Sprint(value)
	}
	allowed := strings.Join(words, ", ")
	flags.Func(name, fmt.Sprintf("%s: `one` of %s (default %s)", usage, allowed, words[0]), func(given string) error {
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
	if allowRemote || host == "localhost" {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.Unmap().IsLoopback() {
		return fmt.Errorf("-listen %s is not a loopback address; give -allow-remote to serve other machines", address)
	}
	return nil
}
