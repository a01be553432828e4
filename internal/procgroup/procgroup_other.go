//go:build unix && !linux

package procgroup

import "syscall"

// Attr puts a process in a group, for Kill and so that Ctrl-C does not reach it.
func Attr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
