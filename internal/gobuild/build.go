package gobuild

import (
	"context"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// maxBuilds is how many builds run at once: linking needs a core and much memory.
const maxBuilds = 2

// slow is how long a build runs until it is named, and patience how long it may run
// although its sources have changed: so much is cheaper to end than to begin again.
const slow, patience = 30 * time.Second, 10 * time.Second

// A Builder compiles the packages of functions for this machine, each when it
// is first asked for. Its methods may be called concurrently.
type Builder struct {
	// Slow is called once for each build that has run for 30 seconds, with what the
	// build tool printed last. Nil is allowed; set it before the first call of Build.
	Slow func(s Source, doing string)

	// Said gets what build tools print meanwhile: the packages that the go command
	// compiles, and lines of make. Nil is allowed; set it before the first call.
	Said func(line string)

	// Env has further environment variables for go build. Nil is allowed; set it before
	// the first call.
	Env []string

	cache string
	flags []string

	ctx    context.Context
	cancel context.CancelFunc
	builds sync.WaitGroup

	slow, patience time.Duration // the constants, except in tests

	asking sync.Mutex
	answer settings // nil until it is known; guarded by asking

	making sync.Mutex // held while a Makefile runs

	mu         sync.Mutex
	generation int // counts the calls of MarkStale
	runs       map[*run]bool
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

// A run is a command under way that reads sources.
type run struct {
	began time.Time
	stop  context.CancelFunc
}

// New returns a Builder that keeps its binaries in cache, see CacheDir. The flags
// are go build's; without any, binaries have no symbols. All else is as with the go
// command that runs crumb, which then has compiled what they share.
func New(cache string, flags ...string) *Builder {
	b := &Builder{cache: cache, flags: flags, slow: slow, patience: patience, targets: make(map[Source]*target), runs: make(map[*run]bool)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.sweep()
	return b
}

// MarkStale says that sources may have changed: each package is built again
// when it is next asked for, also after an error. Builds under way are stopped once
// they have run for 10 seconds: they may hang.
func (b *Builder) MarkStale() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.generation++
	for r := range b.runs {
		time.AfterFunc(b.patience-time.Since(r.began), r.stop)
	}
}

// begin returns a context for a command that reads sources, which MarkStale stops.
func (b *Builder) begin(ctx context.Context) (_ context.Context, end func()) {
	ctx, stop := context.WithCancel(ctx)
	r := &run{time.Now(), stop}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs[r] = true
	return ctx, func() {
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.runs, r)
	}
}

// Build returns the path of a source's program, which it builds if that is the first
// call or MarkStale was called since the last build. At most two programs are built
// at once, of the waiting ones the last one asked for first, and each once for all
// its callers. The error is an *Error, ctx's, ErrClosed, or says what is missing on
// this machine. One that is about the source is returned again until MarkStale is called.
//
// A Rule is run as sam build does: it leaves bootstrap in the folder
// $(ARTIFACTS_DIR), with the files that the function reads ("Building custom
// runtimes with the AWS SAM CLI"), or Source.Program. A single Go program of another
// name, there or below, counts as bootstrap. sam runs the rule in a copy of the folder,
// Build in the folder itself, so that packages above it are found. The go command
// that the rule finds on PATH builds for this machine, whatever GOOS and GOARCH the
// Makefile sets for Lambda, and without cgo if it sets CGO_ENABLED, except where crumb's
// environment has CGO_ENABLED=1.
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
	ctx, end := b.begin(b.ctx)
	defer end()
	var doing atomic.Pointer[string]
	doing.Store(new(string))
	said := func(line string) {
		doing.Store(&line)
		b.said(line)
	}
	hangs := time.AfterFunc(b.slow, func() {
		if b.Slow != nil {
			b.Slow(t.Source, *doing.Load())
		}
	})
	defer hangs.Stop()
	bootstrap, err := b.program(ctx, t.Source, said)
	b.mu.Lock()
	defer b.mu.Unlock()
	t.built = ctx.Err() == nil
	t.generation, t.bootstrap, t.err = generation, bootstrap, err
	close(t.done)
	t.done = nil
	b.active--
	b.dispatch()
}

func (b *Builder) said(line string) {
	if b.Said != nil {
		b.Said(line)
	}
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
