// Command bench measures what the provider costs: a real CLI on an emulated Wallaroo instance, beside two floors in the
// same graph and in the same run. "make bench" runs it.
//
// The floors are terraform_data, which is the CLI alone, and the provider in the folder idle, which does nothing. Every
// round applies each subject's graph from nothing and then plans it again; the table shows the best of all rounds, and
// the file that -out names keeps every figure. All else is in a folder below .cache/bench, which is removed at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:], os.Stdout)
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	var before, after report
	if o.before != "" {
		if before, err = load(o.before); err != nil {
			return err
		}
	}
	if o.after != "" {
		after, err = load(o.after)
	} else {
		after, err = measure(ctx, o, w)
	}
	if err != nil {
		return err
	}
	if o.before != "" {
		fmt.Fprintln(w)
		printComparison(w, &before, &after)
	}
	return nil
}

// measure makes all measurements, keeps their figures and prints the table.
func measure(ctx context.Context, o options, w io.Writer) (r report, err error) {
	p, err := newPlace(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.work)) }()
	if err := p.prepare(ctx); err != nil {
		return r, err
	}
	b := &bench{options: o, place: p, report: newReport(ctx, p, o), progress: os.Stderr}
	// What was measured before a failure or an interruption is kept.
	err = b.all(ctx)
	out, saved := b.report.save(p, o.out)
	if len(b.report.Figures) > 0 && saved == nil {
		fmt.Fprintf(w, "%s\n\n", b.report.headline())
		printTable(w, b.report)
		fmt.Fprintf(w, "\nEvery figure is in %s.\n", out)
	}
	return *b.report, errors.Join(err, saved)
}
