package procgroup

import "syscall"

// Attr puts a process in a group, for Kill and so that Ctrl-C does not reach it,
// and has the system kill it when the thread that starts it ends: lock the thread
// (runtime.LockOSThread) for as long as the process may run.
func Attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
