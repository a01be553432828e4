package poll

import "golang.org/x/sys/unix"

// Reported reports whether the system says what changes in a folder, wherever the
// change is made: not on a volume of another machine.
func Reported(dir string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(dir, &fs) != nil || fs.Flags&unix.MNT_LOCAL != 0
}
