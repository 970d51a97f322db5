//go:build !linux

package redistest

import "os/exec"

// tie does nothing here: only Linux can tie a process to another's life.
func tie(*exec.Cmd) {}
