package gobuild

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockAlone locks a file if no process has it locked. The system unlocks it at the
// end of the process, or when the file is closed.
func lockAlone(f *os.File) bool {
	return lock(f, windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY) == nil
}

// lockShared locks it with others, in place of lockAlone's lock.
func lockShared(f *os.File) {
	_ = windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, new(windows.Overlapped)) // an error: it was not locked
	_ = lock(f, 0)
}

func lock(f *os.File, flags uint32) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped))
}
