package poll

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

func TestPoller(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(file(name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", "one")
	p := New(func(file string) bool { return !strings.HasSuffix(file, ".log") })
	if !p.Add(dir) || p.Add(dir) || p.Add(filepath.Join(dir, "missing")) {
		t.Error("Add reports the first folder only")
	}
	for _, row := range []struct {
		name   string
		change func()
		want   []fsnotify.Event
	}{
		{"nothing", func() {}, nil},
		{"write", func() { write("main.go", "longer") }, []fsnotify.Event{{Name: file("main.go"), Op: fsnotify.Write}}},
		{"same size", func() {
			write("main.go", "LONGER")
			if err := os.Chtimes(file("main.go"), time.Time{}, time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
		}, []fsnotify.Event{{Name: file("main.go"), Op: fsnotify.Write}}},
		{"create", func() { write("new.go", "") }, []fsnotify.Event{{Name: file("new.go"), Op: fsnotify.Create}}},
		{"does not count", func() { write("err.log", "x") }, nil},
		{"remove", func() { os.Remove(file("new.go")) }, []fsnotify.Event{{Name: file("new.go"), Op: fsnotify.Remove}}},
		{"folder", func() { os.Mkdir(file("sub"), 0o777) }, []fsnotify.Event{{Name: file("sub"), Op: fsnotify.Create}}},
		{"all gone", func() { os.RemoveAll(dir) }, []fsnotify.Event{
			{Name: file("main.go"), Op: fsnotify.Remove}, {Name: file("sub"), Op: fsnotify.Remove},
		}},
	} {
		row.change()
		got := p.look()
		slices.SortFunc(got, func(a, b fsnotify.Event) int { return strings.Compare(a.Name, b.Name) })
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.name, got, row.want)
		}
	}
}
