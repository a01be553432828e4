package gobuild_test

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// A program that was packed runs as it is: in its folder, or extracted beside the other
// files of its archive, of which a new one applies.
func TestBuildPackaged(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program is a shell script")
	}
	b, cache := newBuilder(t)
	dir := t.TempDir()
	archive := filepath.Join(dir, "fn.zip")
	pack := func(says string, age time.Duration) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for name, text := range map[string]string{"bin/fn": "#!/bin/sh\nread -r line <\"${0%/*}/../text\"\necho \"$line\"\n", "text": says + "\n"} {
			header := &zip.FileHeader{Name: name}
			header.SetMode(0o755)
			f, err := w.CreateHeader(header)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, archive, out.String())
		then := time.Now().Add(-age)
		if err := os.Chtimes(archive, then, then); err != nil {
			t.Fatal(err)
		}
	}
	source := gobuild.Source{Dir: archive, Program: "bin/fn"}
	for i, says := range []string{"first", "second"} {
		pack(says, time.Hour/time.Duration(i+1))
		b.MarkStale()
		file, err := b.Build(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		if got := run(t, file); got != says+"\n" || !strings.HasPrefix(file, cache) {
			t.Errorf("%s says %q, want %q", file, got, says)
		}
	}
	write(t, archive, "no archive")
	b.MarkStale()
	if _, err := b.Build(t.Context(), source); err == nil || !strings.Contains(err.Error(), "it is not a zip archive that can be read") {
		t.Errorf("Build = %v", err)
	}
	if got, err := b.Build(t.Context(), gobuild.Source{Dir: dir, Program: "bin/fn"}); err != nil || got != filepath.Join(dir, "bin", "fn") {
		t.Errorf("Build in a folder = %s, %v", got, err)
	}
}
