// Command wallaroo-emulator serves an emulated Wallaroo instance on a local port, for trying things out without a real one.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator"
	"github.com/wallaroo-community/terraform-provider-wallaroo/internal/emulator/keycloak"
)

// version is set by the linker in a release.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// run serves until the context ends and returns the exit status: 0, 1 for a failure, 2 for wrong flags.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	settings, err := parseFlags(args, getenv, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return fail(stderr, 2, err)
	case settings.version:
		_, _ = fmt.Fprintln(stdout, "wallaroo-emulator", version)
		return 0
	}

	if settings.verbose {
		settings.options.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	}

	if settings.issuer.URL != "" {
		if settings.options.Issuer, err = keycloak.Connect(ctx, settings.issuer); err != nil {
			return fail(stderr, 1, err)
		}
	}

	handler, err := emulator.New(settings.options)
	if err != nil {
		return fail(stderr, 2, err)
	}

	var config net.ListenConfig

	listener, err := config.Listen(ctx, "tcp", settings.listen)
	if err != nil {
		return fail(stderr, 1, fmt.Errorf("cannot listen on %s: %w; give another -listen, such as 127.0.0.1:0 for a free port",
			settings.listen, err))
	}

	greet(stdout, "http://"+reachable(listener.Addr()), settings)

	if err := serve(ctx, listener, handler); err != nil {
		return fail(stderr, 1, err)
	}

	return 0
}

// serve answers requests until the context ends, and then gives those in flight a few seconds.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}

	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()

	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("stopping: %w", errors.Join(err, server.Close()))
	}

	return nil
}

func fail(stderr io.Writer, status int, err error) int {
	_, _ = fmt.Fprintln(stderr, "wallaroo-emulator:", strings.ReplaceAll(err.Error(), "\n", "; "))
	return status
}

// greet says what this is and how to authenticate.
func greet(stdout io.Writer, url string, s settings) {
	_, _ = fmt.Fprintf(stdout, `wallaroo-emulator %s: this is an emulator and not a Wallaroo instance; everything is lost when it stops
listening on %s
seed: %s

`, version, url, s.seed)
	switch first := s.options.Seed.Users[0]; {
	case s.options.GuideOnly:
		_, _ = fmt.Fprintf(stdout, `This is the API of Wallaroo's API guide and nothing more. Use the bearer token of %s:
  export WALLAROO_URL=%s
  export WALLAROO_TOKEN=%s
`, login(first), url, cmp.Or(first.Token, s.options.Token))
	case s.options.Issuer != nil:
		_, _ = fmt.Fprintf(stdout, `Tokens and users are those of the Keycloak at %s. Authenticate with an account of it:
  export WALLAROO_URL=%s
  export WALLAROO_AUTH_URL=%s
  export WALLAROO_USER=...
  export WALLAROO_PASSWORD=...
or with a client of it that has a service account:
  export WALLAROO_CLIENT_ID=...
  export WALLAROO_CLIENT_SECRET=...
Users with the realm role admin have access to every workspace.
`, s.options.Issuer.AuthURL(), url, s.options.Issuer.AuthURL())
	default:
		_, _ = fmt.Fprintf(stdout, `Authenticate as a user:
  export WALLAROO_URL=%s
  export WALLAROO_USER=%s
  export WALLAROO_PASSWORD=%s
with the client credentials grant:
  export WALLAROO_CLIENT_ID=%s
  export WALLAROO_CLIENT_SECRET=%s
or, as that user, with an opaque bearer token:
  export WALLAROO_TOKEN=%s
`, url, login(first), cmp.Or(first.Password, emulator.SeedPassword), emulator.APIClientID, emulator.APIClientSecret,
			cmp.Or(first.Token, s.options.Token))
		greetOthers(stdout, s.options.Seed.Users[1:])
	}
}

func greetOthers(stdout io.Writer, users []emulator.User) {
	var names []string

	for _, u := range users {
		name := login(u)
		if u.Admin {
			name += " (has access to every workspace)"
		}

		names = append(names, name)
	}

	if len(names) > 0 {
		_, _ = fmt.Fprintf(stdout, "Other users, with the password %s unless the seed sets another: %s\n",
			emulator.SeedPassword, strings.Join(names, ", "))
	}
}

func login(u emulator.User) string { return cmp.Or(u.Username, u.Email) }

// reachable returns the address of a listener, with one that a client can use in place of all interfaces.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("127.0.0.1:%d", tcp.Port)
	}

	return address.String()
}
