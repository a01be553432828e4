package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/poll"
)

// A watcher applies saved changes. Every change makes the functions stale at
// once, so that the next request builds. After a burst of changes the functions
// in use are built, so that the request need not wait.
type watcher struct {
	log   *slog.Logger
	files *fsnotify.Watcher

	reports func(dir string) bool // poll.Reported, except in tests
	polled  *poll.Poller

	mu      sync.Mutex
	sources *gobuild.SourceSet
	config  []string // the template, and its configuration files
}

// quiet is the time without changes that ends a burst, as when git checks out a
// branch or an editor saves everything.
const quiet = 50 * time.Millisecond

// newWatcher follows the template and its configuration files; Project.findSources
// adds the functions' sources.
func newWatcher(log *slog.Logger, reports func(dir string) bool, config []string) (*watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w := &watcher{log: log, files: files, reports: reports, sources: &gobuild.SourceSet{}}
	w.polled = poll.New(w.has)
	if err := w.follow(config); err != nil {
		files.Close()
		return nil, err
	}
	return w, nil
}

// follow watches other configuration files. Of the old ones the folders stay watched.
func (w *watcher) follow(config []string) error {
	for _, file := range config {
		// Watch its folder, since editors save by renaming, which replaces the
		// watched file.
		if err := w.watch(filepath.Dir(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.config = config
	return nil
}

// watch watches a folder. On macOS that fails if a file vanishes from it meanwhile.
func (w *watcher) watch(dir string) error {
	err := w.files.Add(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = w.files.Add(dir)
	}
	if err == nil && !w.reports(dir) && w.polled.Add(dir) {
		w.log.Info("this file system may not report saved changes; looking for them every second", "folder", dir)
	}
	return err
}

// has reports whether a file is a source, or of the configuration.
func (w *watcher) has(file string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.isConfig(file) || w.sources.Has(file)
}

// isConfig is called with mu held.
func (w *watcher) isConfig(file string) bool {
	return slices.ContainsFunc(w.config, func(config string) bool {
		return strings.EqualFold(config, file) // some file systems ignore case
	})
}

// add watches the current sources instead of the earlier ones, and reports whether some
// are new. Folders that were removed are watched again when they reappear.
func (w *watcher) add(sources *gobuild.SourceSet) (found bool, err error) {
	for _, dir := range sources.Dirs {
		if err := w.watch(dir); err != nil {
			return false, fmt.Errorf("%s: %w", dir, err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	found = !w.sources.Covers(sources)
	w.sources = sources
	return found, nil
}

// savedSince reports whether a source was saved since then.
func (w *watcher) savedSince(then time.Time) bool {
	then = then.Add(-20 * time.Millisecond) // the resolution of file systems' clocks
	for _, dir := range w.sources.Dirs {
		entries, _ := os.ReadDir(dir) // a removed folder is not a source
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.ModTime().After(then) {
				continue
			}
			if _, source := w.concerns(fsnotify.Event{Name: filepath.Join(dir, e.Name()), Op: fsnotify.Create}); source {
				return true
			}
		}
	}
	return false
}

// run follows changes until ctx is done. It calls stale for each, also while settled
// runs, and settled at the end of a burst, one call at a time, saying whether a file of
// config was in it.
func (w *watcher) run(ctx context.Context, stale func(), settled func(config bool)) {
	bursts := make(chan bool, 1) // the one that waits for settled
	var settling sync.WaitGroup
	defer settling.Wait()
	defer close(bursts)
	settling.Go(func() {
		for config := range bursts {
			if ctx.Err() == nil {
				settled(config)
			}
		}
	})
	settling.Go(func() { w.polled.Run(ctx) })
	config := false
	concerned := func(change fsnotify.Event) bool {
		inConfig, inSources := w.concerns(change)
		config = config || inConfig
		return inConfig || inSources
	}
	calm := time.NewTimer(time.Hour)
	calm.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case err := <-w.files.Errors: // an overflow: something unknown has changed
			w.log.Warn("file watcher failed", "error", err)
			config = true
		case change := <-w.files.Events:
			if !concerned(change) {
				continue
			}
		case change := <-w.polled.Events:
			if !concerned(change) {
				continue
			}
		case <-calm.C:
			select {
			case waiting := <-bursts:
				config = config || waiting
			default:
			}
			bursts <- config
			config = false
			continue
		}
		stale()
		calm.Reset(quiet)
	}
}

// concerns reports whether a change may affect the project, or a function. A new folder
// may have sources.
func (w *watcher) concerns(change fsnotify.Event) (config, source bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.isConfig(change.Name):
		return true, false
	case change.Op == fsnotify.Chmod:
		return false, false
	case slices.Contains(w.sources.Dirs, change.Name), w.sources.Has(change.Name):
		return false, true
	case !change.Has(fsnotify.Create), strings.HasPrefix(filepath.Base(change.Name), "."):
		return false, false
	}
	info, err := os.Stat(change.Name)
	return false, err == nil && info.IsDir() && slices.Contains(w.sources.Dirs, filepath.Dir(change.Name))
}
