// Command demo is a guided tour of the provider: a real CLI on an emulated Wallaroo instance. "make demo" runs it.
//
// Every step checks what it tells, so the tour is a test as well: the first surprise ends it with the CLI's output and
// exit status 1. All it makes is in a folder below .cache/demo, which it removes at the end.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx)
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run is a function of its own so that all is stopped before the program exits.
func run(ctx context.Context) (err error) {
	t, err := newTour(ctx, os.Stdout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	return t.run(ctx)
}
