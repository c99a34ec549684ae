//go:build keycloak

package keycloaktest_test

import (
	"os/exec"
	"syscall"
)

// tie gives a process a group of its own and has it end with this one, however that ends.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
