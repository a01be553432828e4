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
	"strings"
	"sync"
	"time"
)

// maxBuilds is how many builds run at once: linking needs a core and much memory.
const maxBuilds = 2

// A Builder compiles the packages of functions for this machine, each when it
// is first asked for. Its methods may be called concurrently.
type Builder struct {
	cache string
	flags []string

	ctx    context.Context
	cancel context.CancelFunc
	builds sync.WaitGroup

	making sync.Mutex // held while a Makefile runs

	mu         sync.Mutex
	generation int // counts the calls of MarkStale
	targets    map[Source]*target
	waiting    []*target // to be built, the last one asked for first
	active     int       // builds under way
	left       []string  // folders that could not be removed yet
}

// A target is a source and the result of its last build.
type target struct {
	Source

	// Guarded by Builder.mu.
	built      bool
	generation int
	bootstrap  string
	err        error
	done       chan struct{} // closed at the end of the build that runs or waits; nil if none does
}

// New returns a Builder that keeps its binaries in cache, see CacheDir. The flags
// are go build's; without any, binaries are as small as possible.
func New(cache string, flags ...string) *Builder {
	if len(flags) == 0 {
		flags = []string{"-trimpath", "-ldflags=-s"}
	}
	b := &Builder{cache: cache, flags: flags, targets: make(map[Source]*target)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.sweep()
	return b
}

// workPrefix begins the names of folders for a build under way, and no other: that of
// a Makefile's rule build-Fn has the program.
const workPrefix = ".build-"

// sweep removes the folders of builds during which crumb was killed.
func (b *Builder) sweep() {
	work, _ := filepath.Glob(filepath.Join(b.cache, workPrefix+"*")) // the patterns are well-formed
	temp, _ := filepath.Glob(filepath.Join(tempDir(), tempPrefix+"*"))
	for _, dir := range append(work, temp...) {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(dir)
		}
	}
}

// MarkStale says that sources may have changed: each package is built again
// when it is next asked for, also after an error.
func (b *Builder) MarkStale() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.generation++
}

// Build returns the path of a source's program, which it builds if that is the first
// call or MarkStale was called since the last build. At most two programs are built
// at once, of the waiting ones the last one asked for first, and each once for all
// its callers. The error is an *Error, ctx's, ErrClosed, or says what is missing on
// this machine. One that is about the source is returned again until MarkStale is called.
//
// A Rule is run as sam build does: it leaves bootstrap in the folder
// $(ARTIFACTS_DIR), with the files that the function reads ("Building custom
// runtimes with the AWS SAM CLI"). A single Go program of another name counts as
// bootstrap, as with the runtime go1.x. sam runs the rule in a copy of the folder,
// Build in the folder itself, so that packages above it are found. The go command
// that the rule finds on PATH builds for this machine, whatever GOOS and GOARCH the
// Makefile sets for Lambda. Cgo is on if crumb's environment has CGO_ENABLED=1.
func (b *Builder) Build(ctx context.Context, s Source) (bootstrap string, err error) {
	for waited := false; ; waited = true {
		b.mu.Lock()
		t := b.targets[s]
		if t == nil {
			t = &target{Source: s}
			b.targets[s] = t
		}
		if t.built && t.generation == b.generation && (waited || lasts(t.err)) {
			defer b.mu.Unlock()
			return t.bootstrap, t.err
		}
		if b.ctx.Err() != nil {
			b.mu.Unlock()
			return "", ErrClosed
		}
		b.queue(t)
		done := t.done
		b.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// queue puts t before all waiting targets, unless it is being built. mu is held.
func (b *Builder) queue(t *target) {
	i := slices.Index(b.waiting, t)
	switch {
	case i >= 0:
		b.waiting = slices.Delete(b.waiting, i, i+1)
	case t.done != nil:
		return
	default:
		t.done = make(chan struct{})
	}
	b.waiting = slices.Insert(b.waiting, 0, t)
	b.dispatch()
}

// dispatch starts as many builds as may run. mu is held.
func (b *Builder) dispatch() {
	for b.active < maxBuilds && len(b.waiting) > 0 {
		t := b.waiting[0]
		b.waiting = slices.Delete(b.waiting, 0, 1)
		b.active++
		generation := b.generation
		b.builds.Go(func() { b.build(t, generation) })
	}
}

func (b *Builder) build(t *target, generation int) {
	bootstrap, err := b.program(t.Source)
	b.mu.Lock()
	defer b.mu.Unlock()
	t.built = b.ctx.Err() == nil
	t.generation, t.bootstrap, t.err = generation, bootstrap, err
	close(t.done)
	t.done = nil
	b.active--
	b.dispatch()
}

// Close stops the builds under way and waits for them.
func (b *Builder) Close() error {
	b.mu.Lock()
	b.cancel()
	b.mu.Unlock()
	b.builds.Wait()
	b.remove()
	return nil
}

// remove removes folders of builds. Windows keeps a program while it runs, so those
// with one are tried again at later calls.
func (b *Builder) remove(dirs ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left = slices.DeleteFunc(append(b.left, dirs...), func(dir string) bool { return os.RemoveAll(dir) == nil })
}

// program builds s in a folder for work, since a build must not write into the folder of
// the program that runs, and moves the result to its place in the cache.
func (b *Builder) program(s Source) (bootstrap string, err error) {
	variant := append(slices.Clone(b.flags), os.Getenv("GOFLAGS"), os.Getenv("CGO_ENABLED"))
	place := filepath.Join(b.cache, folderName(filepath.Join(s.Dir, s.Rule), variant...)) // another crumb may use other flags
	if err := os.MkdirAll(place, 0o700); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer b.remove(work)
	if s.Rule != "" {
		return b.make(s, place, work)
	}
	return b.compile(s.Dir, place, work)
}

// compile runs go build. The old binary stays in place until the new one is
// complete, and remains if nothing has changed.
func (b *Builder) compile(dir, place, work string) (string, error) {
	old, fresh := filepath.Join(place, bootstrapName()), filepath.Join(work, bootstrapName())
	if sum, err := os.ReadFile(old + ".sum"); err == nil && string(sum) == sumOf(old) {
		os.Link(old, fresh) // go build leaves it as it is if its first bytes are up to date
	}
	args := slices.Concat([]string{"build", buildTags(), "-o", fresh}, b.flags, []string{"."})
	if err := goCommand(b.ctx, io.Discard, dir, args...); err != nil {
		if failed := (*Error)(nil); errors.As(err, &failed) && needsCgo(dir) {
			failed.Output += "files that import \"C\" are excluded (cgo is off); set CGO_ENABLED=1\n"
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

// buildTags returns the -tags flag: lambda.norpc, which excludes support for the
// runtime go1.x, and the tags in GOFLAGS, which the flag would override.
func buildTags() string {
	tags := ""
	for flag := range strings.FieldsSeq(os.Getenv("GOFLAGS")) {
		if list, ok := strings.CutPrefix(strings.TrimLeft(flag, "-"), "tags="); ok && list != "" {
			tags = "," + list
		}
	}
	return "-tags=lambda.norpc" + tags
}

// needsCgo reports whether the package in dir has files for cgo, and cgo is off.
func needsCgo(dir string) bool {
	context := build.Default
	context.CgoEnabled = true
	p, _ := context.ImportDir(dir, 0)
	return len(p.CgoFiles) > 0 && os.Getenv("CGO_ENABLED") != "1"
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
