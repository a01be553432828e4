package procgroup

import (
	"os"
	"syscall"
)

// Attr puts a process in a group, so that Ctrl-C does not reach it.
func Attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// Kill kills only the process: on Windows its children cannot be found.
func Kill(p *os.Process) { p.Kill() }
