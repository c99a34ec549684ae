package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// bench makes the measurements of one run.
type bench struct {
	options
	place    place
	report   *report
	progress io.Writer
}

// all measures everything. Each round goes through all subjects of a graph, so that a busy moment of the machine meets
// them alike.
func (b *bench) all(ctx context.Context) error {
	for _, members := range b.members {
		for _, form := range b.forms {
			for round := range b.rounds {
				if err := b.graph(ctx, figure{Form: form, Members: members, Round: round + 1}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// graph measures every subject once. The floors ask nobody, so latency is nothing to them.
func (b *bench) graph(ctx context.Context, f figure) error {
	for _, floor := range []string{core, idle} {
		f.Subject = floor
		if err := b.subject(ctx, f, 0); err != nil {
			return err
		}
	}
	for _, latency := range b.latencies {
		f.Subject, f.Latency = ours, latency.String()
		if err := b.subject(ctx, f, latency); err != nil {
			return err
		}
	}
	return nil
}

// subject applies a graph from nothing and plans it again.
func (b *bench) subject(ctx context.Context, f figure, latency time.Duration) (err error) {
	dir := filepath.Join(b.place.work, "graph")
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d := newData(f.Members)
	if err := d.write(dir, f.Form, f.Subject); err != nil {
		return err
	}
	web, err := startInstance(b.place.work, latency, d, b.others)
	if err != nil {
		return err
	}
	defer web.close()
	env := b.place.environment(web.signIn()...)
	if _, err := output(command(ctx, dir, env, b.place.cli, "init", "-no-color")); err != nil {
		return err
	}
	apply, plan := f, f
	apply.Command, plan.Command = "apply", "plan"
	// The status of the plan tells that there is nothing to do.
	return errors.Join(
		b.command(ctx, apply, web, dir, env, "-auto-approve"),
		b.command(ctx, plan, web, dir, env, "-detailed-exitcode"),
	)
}

// command measures one command.
func (b *bench) command(ctx context.Context, f figure, web *instance, dir string, env []string, flags ...string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Fprintf(b.progress, "%s, %d members, %s, latency %s, %s: ", f.Form, f.Members, f.Subject, f.latency(), f.Command)
	web.reset()
	if err := use(ctx, &f, dir, env, b.place.cli, append([]string{f.Command, "-no-color", "-compact-warnings"}, flags...)); err != nil {
		fmt.Fprintln(b.progress, "failed")
		return err
	}
	web.note(&f)
	b.report.Figures = append(b.report.Figures, f)
	fmt.Fprintf(b.progress, "%.2f s, CPU %.2f s\n", f.Wall, f.CPU)
	return nil
}

// use runs a command and notes what it used. The CPU time is that of the CLI and of all plugins it has waited for.
func use(ctx context.Context, f *figure, dir string, env []string, cli string, args []string) error {
	cmd := command(ctx, dir, env, cli, args...)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	stop := watch(cmd.Process.Pid)
	err := cmd.Wait()
	f.Wall = time.Since(start).Seconds()
	used := stop()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%s: %w\n\n%s", strings.Join(cmd.Args, " "), err, tail(text.String()))
	}
	f.CPU = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	f.PluginCPU, f.Memory = used.total().Seconds(), used.memory
	return nil
}

// tail is the end of what a command has printed.
func tail(text string) string {
	const shown = 4000
	return text[max(0, len(text)-shown):]
}
