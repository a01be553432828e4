//go:build unix

package procgroup

import (
	"os"
	"syscall"
)

// Kill kills a process that was started with Attr, and all it started that
// stayed in its group. The system keeps a group's number from being used again
// while a member lives.
func Kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) }
