//go:build unix

package procgroup

import (
	"os"
	"syscall"
)

// Bind does nothing here: it is for Windows.
func Bind() error { return nil }

// Kill kills a process that was started with Attr, and its children that stayed
// in its group. The system does not reuse a group's number while a member lives.
func Kill(p *os.Process) { syscall.Kill(-p.Pid, syscall.SIGKILL) }
