//go:build unix && !linux

package sandbox

import (
	"os"
	"syscall"
)

// ownGroup puts a process in a group of its own, for killGroup and so that
// Ctrl-C does not reach it. Should crumb be killed, a bootstrap ends by itself
// as soon as it finds the Runtime API gone.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(string) {}

// peakMB is not known here without cgo.
func peakMB(*os.Process) int { return 0 }
