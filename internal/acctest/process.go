package acctest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Result is how a program ended.
type Result struct {
	// Command is what was run, as one types it.
	Command string
	// Code is the exit code, -1 for a program that a signal has ended.
	Code int
	// Stdout is the standard output alone; Output is all that the program has written.
	Stdout, Output string
}

// Err returns an error with the output unless the program ended with that exit code.
func (r Result) Err(want int) error {
	if r.Code == want {
		return nil
	}

	return fmt.Errorf("%s: exit code %d, want %d\n%s", r.Command, r.Code, want, r.Output)
}

// Contains reports whether the output has a text, wherever the CLI has broken its lines, and in whatever frame.
func (r Result) Contains(text string) bool { return strings.Contains(unwrap(r.Output), unwrap(text)) }

var frame = strings.NewReplacer("│", " ", "╷", " ", "╵", " ")

func unwrap(text string) string { return strings.Join(strings.Fields(frame.Replace(text)), " ") }

// Process is a running program.
type Process struct {
	// Cmd is what was started. Whoever has started it may signal it, but leaves waiting to Wait.
	Cmd *exec.Cmd

	stdout, output transcript
	ended          chan struct{}
	err            error // set before ended is closed
}

// Start starts a command whose output is not directed yet.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{Cmd: cmd, ended: make(chan struct{})}

	cmd.Stdout, cmd.Stderr = io.MultiWriter(&p.stdout, &p.output), &p.output

	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()

	return p, nil
}

// Run runs a command to its end. An exit code other than 0 is no error.
func Run(cmd *exec.Cmd) (Result, error) {
	p, err := Start(cmd)
	if err != nil {
		return Result{}, err
	}

	return p.Wait()
}

// RunOK runs a command to its end. An exit code other than 0 is an error.
func RunOK(cmd *exec.Cmd) (Result, error) {
	result, err := Run(cmd)
	if err == nil {
		err = result.Err(0)
	}

	return result, err
}

// Wait waits for the program to end.
func (p *Process) Wait() (Result, error) {
	<-p.ended

	result := Result{
		Command: strings.Join(append([]string{filepath.Base(p.Cmd.Path)}, p.Cmd.Args[1:]...), " "),
		Code:    p.Cmd.ProcessState.ExitCode(),
		Stdout:  p.stdout.String(),
		Output:  p.output.String(),
	}
	if _, exited := errors.AsType[*exec.ExitError](p.err); p.err != nil && !exited {
		return result, fmt.Errorf("%s: %w\n%s", result.Command, p.err, result.Output)
	}

	return result, nil
}

// Await waits until the program has written a text that matches, and returns the match with its groups. It is an error
// if the program ends before that, or the context does.
func (p *Process) Await(ctx context.Context, pattern *regexp.Regexp) ([]string, error) {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()

	for {
		ended := p.hasEnded() // looked at first: what a program has written before its end counts

		output := p.output.String()
		switch match := pattern.FindStringSubmatch(output); {
		case match != nil:
			return match, nil
		case ended:
			return nil, fmt.Errorf("%s ended without %q:\n%s", p.Cmd.Path, pattern, output)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%s has not written %q: %w\n%s", p.Cmd.Path, pattern, ctx.Err(), output)
		}

		<-ticker.C
	}
}

func (p *Process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// transcript is a buffer that is read while a program writes to it.
type transcript struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (t *transcript) Write(data []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.text.Write(data)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()

	return t.text.String()
}
