//go:build unix

package gobuild

import (
	"os"

	"golang.org/x/sys/unix"
)

// lockAlone locks a file if no process has it locked. The system unlocks it at the
// end of the process, or when the file is closed.
func lockAlone(f *os.File) bool { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil }

// lockShared locks it with others, in place of lockAlone's lock.
func lockShared(f *os.File) { _ = unix.Flock(int(f.Fd()), unix.LOCK_SH) }
