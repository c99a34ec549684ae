//go:build unix

package main

import (
	"os/exec"
	"syscall"
	"time"
)

// inGroup makes an interruption end not only the program but all that it has started, too.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
}
