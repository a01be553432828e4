package gobuild

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Programs that no crumb has used for maxAge are removed, and the longest unused ones
// while all have more than maxSize bytes.
const (
	maxAge  = 30 * 24 * time.Hour
	maxSize = 2 << 30
)

// UseCache returns the folder that keeps the binaries of the project in root between
// runs: one in the user's cache, not shared with other projects. No other crumb removes
// anything there until done is called. First, if no other crumb runs, UseCache removes
// old programs of all projects, and what a crumb that was killed has left.
func UseCache(root string) (dir string, done func() error, err error) {
	if dir, err = CacheDir(root); err != nil {
		return "", nil, err
	}
	all := filepath.Dir(dir)
	if err := os.MkdirAll(all, 0o700); err != nil {
		return "", nil, err
	}
	lock, err := os.OpenFile(filepath.Join(all, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, err
	}
	if lockAlone(lock) {
		sweepAll(all)
	}
	lockShared(lock) // without locks, as on some network drives, nothing is swept either
	return dir, lock.Close, nil
}

// sweepAll removes what UseCache says from the folder of all projects.
func sweepAll(all string) {
	for _, prefix := range []string{tempPrefix, workPrefix, RunPrefix} {
		left, _ := filepath.Glob(filepath.Join(all, "*", prefix+"*")) // the patterns are well-formed
		for _, dir := range left {
			remove(dir)
		}
	}
	type program struct {
		folder string
		used   time.Time
	}
	var programs []program
	folders, _ := filepath.Glob(filepath.Join(all, "*", "*"))
	for _, folder := range folders {
		if info, err := os.Stat(folder); err == nil && exists(filepath.Join(folder, bootstrapName())) { // not a project's keys
			programs = append(programs, program{folder, info.ModTime()})
		}
	}
	modules, _ := filepath.Glob(filepath.Join(all, looseDir, "*"))
	for _, folder := range modules {
		if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > maxAge {
			os.RemoveAll(folder)
		}
	}
	slices.SortFunc(programs, func(a, b program) int { return b.used.Compare(a.used) })
	total := int64(0)
	for _, p := range programs {
		if total += sizeOf(p.folder); total > maxSize || time.Since(p.used) > maxAge {
			os.RemoveAll(p.folder)
			os.Remove(filepath.Dir(p.folder)) // the project, if this was its last program
		}
	}
}

// looseDir is the folder, beside those of the projects, with the go.mod of loose programs.
const looseDir = "modules"

// sizeOf returns the size of all files in a folder, in bytes.
func sizeOf(folder string) (total int64) {
	filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // another program has removed it
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}

// markUsed says that a program is needed now.
func markUsed(folder string) error {
	now := time.Now()
	return os.Chtimes(folder, now, now)
}

// CacheDir returns the folder of UseCache.
func CacheDir(root string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "crumb", folderName(root)), nil
}

// tempPrefix begins the names of folders for the temporary ones of build tools: in the
// Builder's cache, where they are found after crumb was killed, unless GOTMPDIR names
// another place.
const tempPrefix = "crumb-build-"

// tempDir returns their place without a Builder.
func tempDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "crumb")
}

// RunPrefix begins the names of folders that one crumb needs while it runs, in the folder
// of UseCache: those that a killed one has left are removed there.
const RunPrefix = "crumb-run-"

// workPrefix begins the names of folders for a build under way, and no other: that of
// a Makefile's rule build-Fn has the program.
const workPrefix = ".build-"

// sweep removes folders of builds during which crumb was killed, if they are old: other
// crumbs may run.
func (b *Builder) sweep() {
	for _, prefix := range []string{filepath.Join(b.cache, workPrefix), filepath.Join(b.cache, tempPrefix), filepath.Join(cmp.Or(os.Getenv("GOTMPDIR"), tempDir()), tempPrefix)} {
		left, _ := filepath.Glob(prefix + "*")
		for _, dir := range left {
			if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
				os.RemoveAll(dir)
			}
		}
	}
}
