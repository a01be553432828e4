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
	"time"

	"github.com/fsnotify/fsnotify"
)

// A watcher applies saved changes. Every change makes the functions stale at
// once, so that the next request builds. After a burst of changes the functions
// in use are built, so that the request need not wait.
type watcher struct {
	log     *slog.Logger
	files   *fsnotify.Watcher
	folders []string // of Go packages
	config  []string // the template, and its configuration files
}

// quiet is the time without changes that ends a burst, as when git checks out a
// branch or an editor saves everything.
const quiet = 50 * time.Millisecond

// newWatcher follows the template and its configuration files; Project.findSources
// adds the functions' sources.
func newWatcher(log *slog.Logger, config []string) (*watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	w := &watcher{log: log, files: files}
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
		if err := w.files.Add(filepath.Dir(file)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	w.config = config
	return nil
}

// add watches the current folders of packages, and reports whether one is new. Folders
// that were removed are watched again when they reappear.
func (w *watcher) add(folders []string) (found bool, err error) {
	for _, dir := range folders {
		if err := w.files.Add(dir); err != nil {
			return found, fmt.Errorf("%s: %w", dir, err)
		}
		if !slices.Contains(w.folders, dir) {
			w.folders, found = append(w.folders, dir), true
		}
	}
	return found, nil
}

// savedSince reports whether a source was saved since then.
func (w *watcher) savedSince(then time.Time) bool {
	then = then.Add(-20 * time.Millisecond) // the resolution of file systems' clocks
	for _, dir := range w.folders {
		entries, _ := os.ReadDir(dir) // a removed folder is not a source
		for _, e := range entries {
			info, err := e.Info()
			if err == nil && info.ModTime().After(then) && w.isSource(fsnotify.Event{Name: filepath.Join(dir, e.Name()), Op: fsnotify.Write}) {
				return true
			}
		}
	}
	return false
}

// run follows changes until ctx is done. It calls stale for each, and settled at
// the end of a burst, saying whether a file of config was in it.
func (w *watcher) run(ctx context.Context, stale func(), settled func(config bool)) {
	config := false
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
			switch {
			case slices.Contains(w.config, change.Name):
				config = true
			case !w.isSource(change):
				continue
			}
		case <-calm.C:
			settled(config)
			config = false
			continue
		}
		stale()
		calm.Reset(quiet)
	}
}

// isSource reports whether a change may affect a function. Any file in a
// package's folder may be embedded, except editors' scratch files.
func (w *watcher) isSource(change fsnotify.Event) bool {
	name := filepath.Base(change.Name)
	switch {
	case change.Op == fsnotify.Chmod:
		return false
	case strings.HasPrefix(name, "."), strings.HasSuffix(name, "~"), strings.HasSuffix(name, "_test.go"):
		return false
	case isProduct(change.Name):
		return false
	case name == "go.mod", name == "go.work": // perhaps a new one in a folder above the packages
		return true
	}
	return slices.Contains(w.folders, filepath.Dir(change.Name))
}

// isProduct reports whether a file is build output beside sources, such as the
// bootstrap of a Makefile. It must not cause another build.
func isProduct(file string) bool {
	switch filepath.Ext(file) {
	case ".zip", ".exe":
		return true
	case "":
		info, err := os.Stat(file)
		// go build probes the umask with a temporary file.
		return filepath.Base(file) == "bootstrap" || strings.HasSuffix(file, "-go-tmp-umask") || err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	}
	return false
}
