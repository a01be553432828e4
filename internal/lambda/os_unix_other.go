//go:build unix && !linux

package lambda

import "os"

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(string) {}

// peakMB is not known here without cgo.
func peakMB(*os.Process) int { return 0 }
