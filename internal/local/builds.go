package local

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
)

// builds builds functions and reports each compile error once, and when it is
// fixed.
type builds struct {
	builder *gobuild.Builder
	log     *slog.Logger
	output  io.Writer // what compilers print

	mu      sync.Mutex
	used    map[gobuild.Source]bool  // those invoked so far
	failed  map[gobuild.Source]error // errors already reported
	printed map[string]bool          // output of compilers, since the last change
}

func newBuilds(builder *gobuild.Builder, log *slog.Logger, output io.Writer) *builds {
	builder.Slow = func(s gobuild.Source, doing string) {
		log.Warn("still building after 30 seconds", "function", s.Name(), "doing", doing)
	}
	return &builds{
		builder: builder, log: log, output: output,
		used: map[gobuild.Source]bool{}, failed: map[gobuild.Source]error{}, printed: map[string]bool{},
	}
}

// use builds a function for an event.
func (b *builds) use(ctx context.Context, s gobuild.Source) (bootstrap string, err error) {
	b.mu.Lock()
	b.used[s] = true
	b.mu.Unlock()
	return b.build(ctx, s)
}

func (b *builds) build(ctx context.Context, s gobuild.Source) (bootstrap string, err error) {
	bootstrap, err = b.builder.Build(ctx, s)
	if ctx.Err() != nil {
		return bootstrap, err
	}
	b.mu.Lock()
	before := b.failed[s]
	b.failed[s] = err
	b.mu.Unlock()
	if err != before {
		b.tell(s, err)
	}
	return bootstrap, err
}

func (b *builds) tell(s gobuild.Source, err error) {
	failed := (*gobuild.Error)(nil)
	switch {
	case err == nil:
		b.log.Info("build fixed", "function", s.Name())
	case errors.As(err, &failed):
		b.print(failed.Output)
		b.log.Error("build failed", "function", s.Name())
	default:
		b.log.Error("build failed", "function", s.Name(), "error", err)
	}
}

// print prints a compiler's output, only once if it is about a package that
// several functions share.
func (b *builds) print(output string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.printed[output] {
		b.printed[output] = true
		io.WriteString(b.output, output)
	}
}

// startUsed builds, after a change, what has been invoked so far, and what did
// not compile, so that the terminal says when it does.
func (b *builds) startUsed(ctx context.Context, sources []gobuild.Source) {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.printed)
	for _, s := range sources {
		if b.used[s] || b.failed[s] != nil {
			go b.build(ctx, s)
		}
	}
}

// sourcesOf returns what the functions that run are built from, without
// duplicates.
func sourcesOf(a *app.App) []gobuild.Source {
	var all []gobuild.Source
	for f := range a.Runnable() {
		if s := SourceOf(f); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// packagesOf returns the folders that go build compiles, and those in which a
// Makefile may compile any package, with "..." at the end.
func packagesOf(a *app.App) (compiled, below []string) {
	for _, s := range sourcesOf(a) {
		switch {
		case s.Packaged():
		case s.Rule == "":
			compiled = append(compiled, s.Dir)
		default:
			below = append(below, filepath.Join(s.Dir, "..."))
		}
	}
	return compiled, below
}

// endBySave lets a save end what hangs in check, until stop is called: the watcher follows
// sources that were found, and finding them would hang too. Only what a rule does not
// write counts: the Go files of other functions, and Makefiles.
func (b *builds) endBySave(a *app.App) (stop func()) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return func() {} // Listen will say so
	}
	var compiled []string
	for _, s := range sourcesOf(a) {
		if files.Add(s.Dir); s.Rule == "" { // of a package it has no Go files
			compiled = append(compiled, s.Dir)
		}
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for change := range files.Events {
			dir, name := filepath.Split(change.Name)
			if name == "Makefile" || filepath.Ext(name) == ".go" && slices.Contains(compiled, filepath.Clean(dir)) {
				b.builder.MarkStale()
			}
		}
	})
	reading.Go(func() {
		for range files.Errors {
		}
	})
	return func() { files.Close(); reading.Wait() }
}

// check compiles what go build compiles, and runs the rules of Makefiles. The error is
// the output of the go command and of make, with the errors of all functions and the
// commands that fix them. What is missing on this machine, such as make, is only logged.
func (b *builds) check(ctx context.Context, a *app.App) error {
	var errs []error
	compiled, _ := packagesOf(a)
	err := b.builder.Check(ctx, compiled...)
	for errors.Is(err, context.Canceled) && ctx.Err() == nil { // by a save
		err = b.builder.Check(ctx, compiled...)
	}
	if modules, ok := err.(interface{ Unwrap() []error }); ok {
		errs = modules.Unwrap()
	}
	failed := (*gobuild.Error)(nil)
	for _, s := range sourcesOf(a) {
		if s.Rule == "" {
			continue
		}
		if _, err := b.builder.Build(ctx, s); errors.As(err, &failed) {
			errs = append(errs, err)
		} else if err != nil {
			b.build(ctx, s)
		}
	}
	var text strings.Builder
	for _, err := range errs {
		if !errors.As(err, &failed) {
			return err
		}
		for line := range strings.Lines(failed.Output) {
			if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading ") {
				text.WriteString(line)
			}
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errors.New(strings.TrimSpace(text.String()))
}
