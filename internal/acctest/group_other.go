//go:build !unix

package acctest

import "os/exec"

// InGroup does nothing where there are no process groups.
func InGroup(*exec.Cmd) {}

// EndGroup does nothing where there are no process groups.
func EndGroup(*exec.Cmd) {}
