//go:build unix && !linux

package sandbox

import (
	"os"
	"syscall"
)

// ownGroup puts a process in a group of its own, for killGroup and so that
// Ctrl-C does not reach it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(string) {}

// peakMB is not known here without cgo.
func peakMB(*os.Process) int { return 0 }
