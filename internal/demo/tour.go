package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// tour is one walk through the steps, and what a step leaves for those behind it.
type tour struct {
	out      io.Writer
	place    place
	cli      *cli
	instance *instance
	// ids are the numbers of the teams' workspaces by name, as the first apply gave them.
	ids map[string]int64
}

// told is what a step has to tell: the end of its line, and lines below it.
type told struct {
	result string
	lines  []string
}

type step struct {
	title string
	do    func(*tour, context.Context) (told, error)
}

func steps() []step {
	return []step{
		{"Install", (*tour).install},
		{"Instance", (*tour).startInstance},
		{"Plan", (*tour).plan},
		{"Apply", (*tour).apply},
		{"Second plan", (*tour).planAgain},
		{"Drift", (*tour).drift},
		{"Apply again", (*tour).heal},
		{"Import", (*tour).importByName},
		{"A name that breaks the rules", (*tour).refuse},
		{"Plan to destroy", (*tour).planDestroy},
		{"Destroy", (*tour).destroy},
		{"Plan after that", (*tour).planTaken},
		{"Apply with adopt_existing", (*tour).adopt},
	}
}

func newTour(ctx context.Context, out io.Writer) (*tour, error) {
	where, err := newPlace(ctx)
	if err != nil {
		return nil, err
	}
	command, err := findCLI(where)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(where.work))
	}
	return &tour{out: out, place: where, cli: command}, nil
}

// close stops what the tour started, and removes what it made. It may be called again.
func (t *tour) close() error {
	var err error
	if t.instance != nil {
		err = t.instance.stop()
	}
	return errors.Join(err, os.RemoveAll(t.place.work))
}

func (t *tour) run(ctx context.Context) error {
	start := time.Now()
	for i, s := range steps() {
		// The title comes before the work, so that a slow step is seen to be at work.
		t.say("%2d. %s: ", i+1, s.title)
		report, err := s.do(t, ctx)
		if err != nil {
			t.say("failed.\n")
			return fmt.Errorf("step %d, %s: %w", i+1, s.title, err)
		}
		t.say("%s\n", report.result)
		for _, line := range report.lines {
			t.say("      %s\n", line)
		}
	}
	// Closed before the last line, which says that it is.
	if err := t.close(); err != nil {
		return err
	}
	t.say("\nShown with %s in %.0f s: plan, apply, drift, import, a refused name, destroy, adoption. Nothing is left of it.\n",
		t.cli.version, time.Since(start).Seconds())
	return nil
}

func (t *tour) say(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format, args...)
}
