//go:build unix

package acctest

import (
	"os/exec"
	"syscall"
	"time"
)

// InGroup puts a command that has a context into a process group of its own: when the context ends, all that the
// program has started is interrupted too.
func InGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
}

// EndGroup ends what is left of a group when its first program has ended.
func EndGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
