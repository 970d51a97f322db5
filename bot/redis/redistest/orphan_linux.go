package redistest

import (
	"os/exec"
	"syscall"
)

// tie makes the process end with this one, also when a panic or the time limit
// of the tests keeps it from cleaning up.
func tie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
