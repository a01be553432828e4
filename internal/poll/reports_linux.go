package poll

import (
	"slices"

	"golang.org/x/sys/unix"
)

// Reported reports whether the system says what changes in a folder, wherever the
// change is made: not on a file system of another machine, or of the one around a virtual
// machine, as WSL's /mnt/c and the mounts of Docker Desktop.
func Reported(dir string) bool {
	const vboxsf, hgfs, wslfs = 0x786f4256, 0xbacbacbc, 0x53464846 // of VirtualBox, VMware and WSL 1, missing in package unix
	silent := []uint32{
		unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.AFS_SUPER_MAGIC,
		unix.V9FS_MAGIC, unix.FUSE_SUPER_MAGIC /* virtiofs too */, vboxsf, hgfs, wslfs,
	}
	var fs unix.Statfs_t
	return unix.Statfs(dir, &fs) != nil || !slices.Contains(silent, uint32(fs.Type))
}
