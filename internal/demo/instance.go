package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// startTime is how long the emulator may take to listen, and to stop.
const startTime = 10 * time.Second

// canInterrupt is false where a program can only be killed.
const canInterrupt = runtime.GOOS != "windows"

// instance is a running emulator, and the tour's own way to it, which goes round the provider.
type instance struct {
	url   string
	token string

	cmd     *exec.Cmd
	cancel  context.CancelFunc
	log     *os.File
	stopped bool
}

// start runs the emulator and returns when it listens.
func start(ctx context.Context, program, log string) (*instance, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	// An interruption must not end the emulator before the CLI that talks to it: stop does it.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	cmd := exec.CommandContext(running, program, "-listen", "127.0.0.1:0", "-seed", "guide", "-verbose")
	cmd.Stderr = file
	cmd.Cancel = func() error {
		if !canInterrupt {
			return cmd.Process.Kill()
		}
		return cmd.Process.Signal(os.Interrupt)
	}
	cmd.WaitDelay = startTime
	i := &instance{cmd: cmd, cancel: cancel, log: file}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, errors.Join(err, file.Close())
	}
	if i.url, err = listening(stdout, cancel); err != nil {
		_ = i.stop()
		output, _ := os.ReadFile(log)
		return nil, fmt.Errorf("%w\n\n%s", err, bytes.TrimSpace(output))
	}
	return i, nil
}

// listening waits for the line that says where the emulator listens, and then reads on so that it can go on writing.
func listening(stdout io.Reader, giveUp func()) (string, error) {
	timer := time.AfterFunc(startTime, giveUp)
	defer timer.Stop()
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return address, nil
		}
	}
	return "", errors.New("the emulator ended without saying where it listens")
}

// stop ends the emulator and waits until it is gone. It may be called again.
func (i *instance) stop() error {
	if i.stopped {
		return nil
	}
	i.stopped = true
	i.cancel()
	err := i.cmd.Wait()
	if i.cmd.ProcessState.Success() || !canInterrupt {
		// What is left is that it was told to end.
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("the emulator did not end as it should: %w", err)
	}
	return errors.Join(err, i.log.Close())
}
