//go:build keycloak && !linux

package keycloaktest_test

import (
	"os/exec"
	"syscall"
)

// tie gives a process a group of its own.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
