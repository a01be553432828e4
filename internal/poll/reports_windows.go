package poll

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// Reported reports whether the system says what changes in a folder, wherever the
// change is made: not on a share of another machine, or of WSL.
func Reported(dir string) bool {
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	return err != nil || windows.GetDriveType(root) != windows.DRIVE_REMOTE
}
