package gobuild_test

import (
	"os"
	"path/filepath"
	"runtime"
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
		t.Skip(err)
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
