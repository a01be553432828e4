package gobuild

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/build"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/crumb-go/crumb/internal/packaged"
)

// program builds s in a folder for work, since a build must not write into the folder of
// the program that runs, and moves the result to its place in the cache.
func (b *Builder) program(ctx context.Context, s Source, said func(string)) (bootstrap string, err error) {
	if s.Packaged() {
		dir := s.Dir
		if !isDir(dir) {
			dir, err = b.Unpack(dir)
		}
		return filepath.Join(dir, filepath.FromSlash(s.Program)), err
	}
	env, err := b.settings(ctx, s.Dir)
	if err != nil {
		return "", err
	}
	place := filepath.Join(b.cache, folderName(filepath.Join(s.Dir, s.Rule), fmt.Sprint(b.flags, env, b.Env))) // another crumb may use others
	if err := errors.Join(os.MkdirAll(place, 0o700), markUsed(place)); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer b.remove(work)
	if s.Rule != "" {
		return b.make(ctx, s, place, work, said)
	}
	return b.compile(ctx, env, s.Dir, place, work, said)
}

// Unpack returns a folder with the files of an archive: another one after the archive was
// replaced, since a program in the old one may run.
func (b *Builder) Unpack(archive string) (dir string, err error) {
	info, err := os.Stat(archive)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(b.cache, folderName(archive, info.ModTime().String()))
	if exists(dir) {
		return dir, markUsed(dir)
	}
	if err := os.MkdirAll(b.cache, 0o700); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer b.remove(work)
	if err := packaged.Extract(archive, work); err != nil {
		return "", &Error{Function: filepath.Base(archive), Output: err.Error() + "\n"}
	}
	if err := os.Rename(work, dir); err != nil && !exists(dir) { // another event was sooner
		return "", err
	}
	return dir, nil
}

// compile runs go build. The old binary stays in place until the new one is
// complete, and remains if nothing has changed.
func (b *Builder) compile(ctx context.Context, env settings, dir, place, work string, said func(string)) (string, error) {
	old, fresh := filepath.Join(place, bootstrapName()), filepath.Join(work, bootstrapName())
	if sum, err := os.ReadFile(old + ".sum"); err == nil && string(sum) == sumOf(old) {
		os.Link(old, fresh) // go build leaves it as it is if its first bytes are up to date
	}
	flags, err := env.flagsIn(dir, b.flags)
	if err != nil {
		return "", err
	}
	args := slices.Concat([]string{"build", "-v", "-o", fresh}, flags, []string{"."})
	if err := (tool{dir: dir, temp: b.cache, env: b.Env, said: said}).goCommand(ctx, args...); err != nil {
		if failed := (*Error)(nil); errors.As(err, &failed) && env["CGO_ENABLED"] == "0" && usesCgo(dir) {
			failed.Output += "files that import \"C\" are excluded (cgo is off); install a C compiler, or set CGO_ENABLED=1\n"
		}
		return "", err
	}
	if isArchive(fresh) {
		return "", &Error{Function: filepath.Base(dir), Output: "not a main package: " + dir + "\n"}
	}
	sum := sumOf(fresh)
	if err := replace(old, fresh); err != nil {
		return "", err
	}
	return old, os.WriteFile(old+".sum", []byte(sum), 0o600)
}

// sumOf returns a checksum of a file, "" if it cannot be read.
func sumOf(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(content))
}

// usesCgo reports whether the package in dir has files for cgo.
func usesCgo(dir string) bool {
	context := build.Default
	context.CgoEnabled = true
	p, _ := context.ImportDir(dir, 0)
	return len(p.CgoFiles) > 0
}

// replace moves fresh to the place of old, which may be running.
func replace(old, fresh string) error {
	err := os.Rename(fresh, old)
	if err == nil || runtime.GOOS != "windows" {
		return err
	}
	if err := patiently(old, fresh+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) { // a running program can be moved there, not replaced
		return err
	}
	return patiently(fresh, old)
}

// patiently renames a file, or gives up after two seconds: Windows refuses while a virus
// scanner reads a new program.
func patiently(from, to string) error {
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := os.Rename(from, to)
		if err == nil || errors.Is(err, fs.ErrNotExist) || time.Since(began) > 2*time.Second {
			return err
		}
	}
}

// isArchive reports whether file is an archive, which go build makes from a package
// that is not main.
func isArchive(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false // replace reports it
	}
	defer f.Close()
	const magic = "!<arch>"
	var start [len(magic)]byte
	io.ReadFull(f, start[:])
	return string(start[:]) == magic
}
