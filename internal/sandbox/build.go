package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBuilds is how many builds run at once: a link needs a core and a lot of
// memory.
const maxBuilds = 2

// A Builder compiles the packages of functions for this machine, each when it
// is asked for and not before. Its methods may be called concurrently.
type Builder struct {
	cache string
	flags []string

	ctx    context.Context
	cancel context.CancelFunc
	builds sync.WaitGroup

	making sync.Mutex // held while a Makefile runs

	mu         sync.Mutex
	generation int // counts the calls of MarkStale
	targets    map[origin]*target
	waiting    []*target // to be built; who was asked for last comes first
	active     int       // builds under way
}

// An origin is what a binary is made from.
type origin struct {
	dir  string
	rule string // of the Makefile in dir; "" for go build
}

// A target is an origin and what its last build came to.
type target struct {
	origin

	// Guarded by Builder.mu.
	built      bool
	generation int
	bootstrap  string
	err        error
	done       chan struct{} // closed at the end of the build under way or awaited; nil when there is none
}

// NewBuilder makes a Builder that keeps its binaries in a folder of cache, see
// CacheDir. The flags are go build's; without any, binaries are as small as they
// get.
func NewBuilder(cache string, flags ...string) *Builder {
	if len(flags) == 0 {
		flags = []string{"-trimpath", "-ldflags=-s"}
	}
	b := &Builder{cache: cache, flags: flags, targets: make(map[origin]*target)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.sweep()
	return b
}

// workPrefix begins the names of the folders that builds work in.
const workPrefix = "build-"

// sweep removes what a crumb that was killed in the middle of a build left.
func (b *Builder) sweep() {
	left, _ := filepath.Glob(filepath.Join(b.cache, workPrefix+"*")) // the pattern is well-formed
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(dir)
		}
	}
}

// CacheDir is where the binaries of the project in the folder root are kept
// between runs: a folder of the user's cache that no other project shares.
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

// folderName is a readable and unique name for what lies in dir.
func folderName(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return fmt.Sprintf("%s-%x", filepath.Base(dir), sum[:5])
}

// MarkStale says that sources may have changed: each package is built again
// when it is next asked for, and its last error is forgotten.
func (b *Builder) MarkStale() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.generation++
}

// Build returns the binary of the main package in dir, and compiles it first
// when anything was marked stale since the last time. At most two packages are
// compiled at once, the one asked for last before those that wait, and once
// for all who want it. The error is a *BuildError with the compiler's words,
// ctx's, ErrClosed, or says what else is missing; it stays until MarkStale.
func (b *Builder) Build(ctx context.Context, dir string) (bootstrap string, err error) {
	return b.get(ctx, origin{dir: dir})
}

func (b *Builder) get(ctx context.Context, o origin) (bootstrap string, err error) {
	for {
		b.mu.Lock()
		t := b.targets[o]
		if t == nil {
			t = &target{origin: o}
			b.targets[o] = t
		}
		if t.built && t.generation == b.generation {
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

// queue puts t before all that wait, unless it is being built. mu is held.
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

// dispatch begins as many builds as may run. mu is held.
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
	var bootstrap string
	var err error
	if t.rule == "" {
		bootstrap, err = b.compile(t.dir)
	} else {
		bootstrap, err = b.make(t.origin)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t.built = b.ctx.Err() == nil
	t.generation, t.bootstrap, t.err = generation, bootstrap, err
	close(t.done)
	t.done = nil
	b.active--
	b.dispatch()
}

// Close stops the builds under way and waits for their end.
func (b *Builder) Close() error {
	b.mu.Lock()
	b.cancel()
	b.mu.Unlock()
	b.builds.Wait()
	return nil
}

// compile runs go build. The old binary stays in place until the new one is
// whole, and for good if nothing changed.
func (b *Builder) compile(dir string) (string, error) {
	place := filepath.Join(b.cache, folderName(dir))
	if err := os.MkdirAll(place, 0o700); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	old, fresh := filepath.Join(place, bootstrapName), filepath.Join(work, bootstrapName)
	os.Link(old, fresh) // go build then sees at once whether it is up to date

	args := slices.Concat([]string{"build", buildTags(), "-o", fresh}, b.flags, []string{"."})
	if err := goCommand(b.ctx, io.Discard, dir, args...); err != nil {
		if failed := (*BuildError)(nil); errors.As(err, &failed) && needsCgo(dir) {
			failed.Output += "files that import C are left out, unless CGO_ENABLED=1 is in crumb's environment\n"
		}
		return "", err
	}
	if isArchive(fresh) {
		return "", &BuildError{Function: filepath.Base(dir), Output: "not a main package: " + dir + "\n"}
	}
	return old, replace(old, fresh)
}

// buildTags is the flag for lambda.norpc, which leaves out what only the runtime
// go1.x had, and for the tags in GOFLAGS, which it would hide from the go command.
func buildTags() string {
	tags := ""
	for flag := range strings.FieldsSeq(os.Getenv("GOFLAGS")) {
		if list, ok := strings.CutPrefix(strings.TrimLeft(flag, "-"), "tags="); ok && list != "" {
			tags = "," + list
		}
	}
	return "-tags=lambda.norpc" + tags
}

// needsCgo reports whether the package in dir has files that only cgo compiles,
// and that is not on.
func needsCgo(dir string) bool {
	context := build.Default
	context.CgoEnabled = true
	p, _ := context.ImportDir(dir, 0)
	return len(p.CgoFiles) > 0 && os.Getenv("CGO_ENABLED") != "1"
}

// replace puts fresh in the place of old, which may be running.
func replace(old, fresh string) error {
	err := os.Rename(fresh, old)
	if err == nil || runtime.GOOS != "windows" {
		return err
	}
	if err := os.Rename(old, fresh+".old"); err != nil { // there it can be moved, not replaced
		return err
	}
	return os.Rename(fresh, old)
}

// isArchive reports whether file is what go build makes of a package that is
// not main.
func isArchive(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false // compile's next step will say so
	}
	defer f.Close()
	const magic = "!<arch>"
	var start [len(magic)]byte
	io.ReadFull(f, start[:])
	return string(start[:]) == magic
}

// goCommand runs the go command for this machine. Where it exits with an error,
// that is a *BuildError.
func goCommand(ctx context.Context, stdout io.Writer, dir string, args ...string) error {
	err := run(ctx, stdout, dir, nil, "go", args...)
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("no Go toolchain: the go command is not on PATH (https://go.dev/doc/install)")
	}
	if failed := (*BuildError)(nil); errors.As(err, &failed) && strings.Contains(failed.Output, "go.mod file not found") {
		const see, do = "see 'go help modules'", "in the project's folder, go mod init NAME && go mod tidy make one"
		failed.Output = strings.Replace(failed.Output, see, do, 1)
	}
	return err
}

// run runs a tool that builds, with further environment variables and, unless
// crumb's own say otherwise, without cgo. Where it exits with an error, that is
// a *BuildError.
func run(ctx context.Context, stdout io.Writer, dir string, env []string, tool string, args ...string) error {
	// A go command that is killed leaves its temporary files, so they get a folder.
	tmp, err := os.MkdirTemp(os.Getenv("GOTMPDIR"), "crumb-build-")
	if err != nil {
		return err
	}
	defer remove(tmp)
	cmd := exec.CommandContext(ctx, tool, args...)
	cmd.Dir = dir
	own := []string{"GOOS=" + runtime.GOOS, "GOARCH=" + runtime.GOARCH, "GOTMPDIR=" + tmp, "PWD=" + dir}
	cmd.Env = slices.Concat([]string{"CGO_ENABLED=0"}, os.Environ(), own, env)
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { killGroup(cmd.Process); return nil }
	runtime.LockOSThread() // see launcher
	defer runtime.UnlockOSThread()
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = stdout, &output
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return &BuildError{Function: filepath.Base(dir), Output: fromHere(output.String(), dir)}
	case err != nil:
		return fmt.Errorf("%s %s: %w", tool, args[0], err)
	}
	return nil
}

// remove removes a folder to which processes that were killed a moment ago may
// still write.
func remove(dir string) {
	for n := 0; os.RemoveAll(dir) != nil && n < 100; n++ {
		time.Sleep(10 * time.Millisecond)
	}
}

// The go command names files from the folder that it ran in, as in
// "main.go:3:1: syntax error" or "../../shared/card/card.go:19:26: undefined: x".
var fromThere = regexp.MustCompile(`(?m)^[^\s#].*?\.(go|mod|work):\d`)

// fromHere names them from the working directory, or wholly where they do not
// lie below it, so that a terminal or an editor opens them.
func fromHere(output, dir string) string {
	here, err := os.Getwd()
	if err != nil {
		return output
	}
	return fromThere.ReplaceAllStringFunc(output, func(place string) string {
		i := strings.LastIndexByte(place, ':')
		file := filepath.Join(dir, place[:i])
		if filepath.IsAbs(place[:i]) || !exists(file) {
			return place
		}
		if path, err := filepath.Rel(here, file); err == nil && filepath.IsLocal(path) {
			file = path
		}
		return file + place[i:]
	})
}
