package gobuild_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// The system's temporary folder, which nothing sweeps, is not used.
func TestBuildOutsideOfTemp(t *testing.T) {
	dir, none := module(t, hello), filepath.Join(t.TempDir(), "none")
	b, _ := newBuilder(t)
	for name, value := range map[string]string{"GOTMPDIR": "", "TMPDIR": none, "TMP": none, "TEMP": none} {
		t.Setenv(name, value)
	}
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err != nil {
		t.Error(err)
	}
}

// A build that failed because of the machine is tried again without a change.
func TestBuildForgetsMachine(t *testing.T) {
	b, _ := newBuilder(t)
	dir, path := module(t, hello), os.Getenv("PATH")
	t.Setenv("PATH", "")
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err == nil {
		t.Error("built without a go command")
	}
	if runtime.GOOS != "windows" {
		full := t.TempDir()
		script := "#!/bin/sh\necho 'compile: writing output: write $WORK/b001/_pkg_.a: no space left on device' >&2\nexit 1\n"
		if err := os.WriteFile(filepath.Join(full, "go"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", full)
		if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("with a full disk: %v", err)
		}
	}
	t.Setenv("PATH", path)
	if _, err := b.Build(t.Context(), gobuild.Source{Dir: dir}); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func found(t *testing.T, pattern ...string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(pattern...))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCacheDir(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/cache") // has no effect on some systems
	a, err := gobuild.CacheDir("/home/a/shop")
	if err != nil {
		t.Fatal(err)
	}
	b, err := gobuild.CacheDir("/home/b/shop")
	if err != nil || a == b || filepath.Base(filepath.Dir(a)) != "crumb" || !strings.HasPrefix(filepath.Base(a), "shop-") {
		t.Errorf("%q and %q, error %v; want two folders shop-… in crumb", a, b, err)
	}
}

func TestSweep(t *testing.T) {
	cache, tmp := t.TempDir(), t.TempDir()
	t.Setenv("GOTMPDIR", tmp)
	old, young := filepath.Join(tmp, "crumb-build-1"), filepath.Join(tmp, "crumb-build-2")
	for dir, age := range map[string]time.Duration{
		filepath.Join(cache, ".build-old"): 2 * time.Hour, filepath.Join(cache, ".build-new"): 0, filepath.Join(cache, "build-Fn-123"): 2 * time.Hour,
		old: 2 * time.Hour, young: 0,
	} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(dir, when, when); err != nil {
			t.Fatal(err)
		}
	}
	gobuild.New(cache).Close()
	left, _ := filepath.Glob(filepath.Join(cache, "*"))
	if len(left) != 2 || filepath.Base(left[0]) != ".build-new" || filepath.Base(left[1]) != "build-Fn-123" {
		t.Errorf("left: %q, want all but the old build", left)
	}
	if left := found(t, tmp, "*"); len(left) != 1 || left[0] != young {
		t.Errorf("left by the go command: %q, want %s", left, young)
	}
}

// The cache of all projects is bounded, and nothing is removed while another crumb runs.
func TestUseCache(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(name, home)
	}
	use := func() (all string, done func() error) {
		t.Helper()
		dir, done, err := gobuild.UseCache(filepath.Join(home, "shop"))
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Dir(dir), done
	}
	all, done := use()
	const day = 24 * time.Hour
	put := func(folder string, size int64, age time.Duration) {
		t.Helper()
		folder = filepath.Join(all, folder)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		name := "bootstrap"
		if strings.HasSuffix(folder, "keys-1") {
			name = "key.json"
		}
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		f, err := os.Create(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		when := time.Now().Add(-age)
		if err := errors.Join(f.Truncate(size), os.Chtimes(folder, when, when)); err != nil {
			t.Fatal(err)
		}
	}
	put("gone-1/fn-1", 1, 40*day)
	put("shop-1/old-1", 1, 40*day)
	put("shop-1/keys-1", 1, 40*day)
	put("shop-1/used-1", 1<<30, day)
	put("shop-1/fitting-1", 1<<30-1000, 2*day) // files without content need no space on most disks
	put("shop-1/large-1", 2000, 3*day)
	put("shop-1/.build-1", 1, 0)
	put("shop-1/crumb-build-1", 1, 0)
	names := func() (names []string) {
		for _, file := range append(found(t, all, "*-1"), found(t, all, "*", "*-1")...) {
			name, err := filepath.Rel(all, file)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(name))
		}
		return names
	}
	before := names()
	_, done2 := use() // beside the first
	if got := names(); !slices.Equal(got, before) || len(got) != 10 {
		t.Errorf("while another crumb runs: %q, before %q", got, before)
	}
	for _, done := range []func() error{done, done2} {
		if err := done(); err != nil {
			t.Error(err)
		}
	}
	_, done = use()
	defer done()
	if got, want := names(), []string{"shop-1", "shop-1/fitting-1", "shop-1/keys-1", "shop-1/used-1"}; !slices.Equal(got, want) {
		t.Errorf("alone: %q, want %q", got, want)
	}
}

// A program that is up to date counts as used.
func TestBuildMarksUse(t *testing.T) {
	dir, cache := module(t, hello), t.TempDir()
	long := time.Now().Add(-time.Hour)
	for range 2 {
		b := gobuild.New(cache)
		file, err := b.Build(t.Context(), gobuild.Source{Dir: dir})
		b.Close()
		if err != nil {
			t.Fatal(err)
		}
		place := filepath.Dir(file)
		if info, err := os.Stat(place); err != nil || !info.ModTime().After(long) {
			t.Errorf("%v, %v: it is not marked as used", info, err)
		}
		if err := os.Chtimes(place, long, long); err != nil {
			t.Fatal(err)
		}
	}
}
