// Package poll finds saved changes on file systems that do not report them.
package poll

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// A Poller looks for changes in folders whose file system does not report them. It is
// safe for concurrent use.
type Poller struct {
	Events <-chan fsnotify.Event // of Run

	events chan<- fsnotify.Event
	counts func(file string) bool

	mu      sync.Mutex
	folders map[string]map[string]stamp // what was there, by folder and name
}

// A stamp differs after a save. That of a folder is the zero value.
type stamp struct {
	size int64
	time time.Time
}

// New returns a Poller without folders. counts reports whether a change of a file
// matters.
func New(counts func(file string) bool) *Poller {
	events := make(chan fsnotify.Event)
	return &Poller{Events: events, events: events, counts: counts, folders: map[string]map[string]stamp{}}
}

// Add has p look into a folder, and reports whether it is the first one.
func (p *Poller) Add(dir string) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.folders[dir]; !known {
		p.folders[dir] = p.read(dir)
		return len(p.folders) == 1
	}
	return false
}

// read returns what is in a folder; nothing if it was removed.
func (p *Poller) read(dir string) map[string]stamp {
	there := map[string]stamp{}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			there[e.Name()] = stamp{}
		} else if p.counts(filepath.Join(dir, e.Name())) {
			if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil {
				there[e.Name()] = stamp{info.Size(), info.ModTime()}
			}
		}
	}
	return there
}

// Run looks every second, less often where that takes long, until ctx is done.
func (p *Poller) Run(ctx context.Context) {
	const pause, share = time.Second, 10
	wait := pause
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		began := time.Now()
		for _, change := range p.look() {
			select {
			case p.events <- change:
			case <-ctx.Done():
			}
		}
		wait = max(pause, share*time.Since(began))
	}
}

// look returns what has changed since it was called before.
func (p *Poller) look() (changes []fsnotify.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for dir, before := range p.folders {
		now := p.read(dir)
		for name, s := range now {
			if old, known := before[name]; !known {
				changes = append(changes, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Create})
			} else if s != old {
				changes = append(changes, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Write})
			}
		}
		for name := range before {
			if _, still := now[name]; !still {
				changes = append(changes, fsnotify.Event{Name: filepath.Join(dir, name), Op: fsnotify.Remove})
			}
		}
		p.folders[dir] = now
	}
	return changes
}
