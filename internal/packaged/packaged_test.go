package packaged_test

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/packaged"
)

// write writes a file below dir and returns its path.
func write(t *testing.T, dir, name string, text []byte) string {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, text, 0o644)); err != nil {
		t.Fatal(err)
	}
	return file
}

// build compiles a program for a system as go build does with those arguments.
func build(t *testing.T, system string, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "go.mod", []byte("module example.com/shop\n\ngo 1.26\n"))
	write(t, dir, "cmd/items/main.go", []byte("package main\n\nfunc main() {}\n"))
	cmd := exec.Command("go", append([]string{"build", "-o", "out", "-ldflags=-s -w"}, args...)...)
	goos, goarch, _ := strings.Cut(system, "/")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// endless returns a program whose table of lines says that it has 2^56 functions.
func endless(t *testing.T, program []byte) []byte {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		t.Fatal(err)
	}
	result := bytes.Clone(program)
	result[file.Section(".gopclntab").Offset+15] = 1
	return result
}

type entry struct {
	name string
	text []byte
	mode os.FileMode
}

func archive(t *testing.T, entries ...entry) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, t.TempDir(), "fn.zip", out.Bytes())
}

func TestRead(t *testing.T) {
	amd64, arm64, files := build(t, "linux/amd64", "./cmd/items"), build(t, "linux/arm64", "./cmd/items"), build(t, "linux/amd64", "cmd/items/main.go")
	mac := build(t, "darwin/arm64", "./cmd/items")
	items := packaged.Program{Path: "example.com/shop/cmd/items", Module: "example.com/shop"}
	for _, row := range []struct {
		name, file, system string
		text               []byte
		want               packaged.Program
	}{
		{"amd64", "bootstrap", "linux/amd64", amd64, items},
		{"arm64", "bootstrap", "linux/arm64", arm64, items},
		{"handler-of-go1.x", "bin/items", "linux/amd64", amd64, items},
		{"of-files", "bootstrap", "linux/amd64", files, packaged.Program{Path: "command-line-arguments", File: "main.go"}},
		{"of-files-too-many-functions", "bootstrap", "linux/amd64", endless(t, files), packaged.Program{Path: "command-line-arguments"}},
		{"macos", "bootstrap", "", mac, items},
		{"script", "bootstrap", "", []byte("#!/bin/sh\n"), packaged.Program{}},
		{"cut-off", "bootstrap", "", amd64[:5000], packaged.Program{}},
		{"empty", "bootstrap", "", nil, packaged.Program{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.want.System = row.system
			dir := t.TempDir()
			write(t, dir, row.file, row.text)
			for _, place := range []string{dir, archive(t, entry{row.file, row.text, 0o755})} {
				got, err := packaged.Read(place, row.file)
				if got.File != "" && filepath.IsAbs(got.File) {
					got.File = filepath.Base(got.File) // in a temporary folder
				}
				if err != nil || got != row.want {
					t.Errorf("Read(%s) = %+v, %v, want %+v", place, got, err, row.want)
				}
				if got.Runs() != (row.system == runtime.GOOS+"/"+runtime.GOARCH) {
					t.Errorf("%+v runs here: %v", got, got.Runs())
				}
			}
		})
	}
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "folder/x", nil)
	large := write(t, dir, "large", nil)
	if err := os.Truncate(large, 251<<20); err != nil {
		t.Fatal(err)
	}
	// An archive whose list of files has no end.
	var many bytes.Buffer
	header := make([]byte, 46)
	binary.LittleEndian.PutUint32(header, 0x02014b50)
	for range 120_000 {
		many.Write(header)
	}
	end := make([]byte, 22)
	binary.LittleEndian.PutUint32(end, 0x06054b50)
	binary.LittleEndian.PutUint32(end[12:], uint32(many.Len()))
	many.Write(end)
	bomb := archive(t, entry{"bootstrap", make([]byte, 251<<20), 0o755})
	for _, row := range []struct{ name, place, file, want string }{
		{"gone", filepath.Join(dir, "gone"), "bootstrap", "it does not exist"},
		{"no-file", dir, "bootstrap", "it has no file bootstrap"},
		{"folder", dir, "folder", "it has no file folder"},
		{"out-of-it", dir, "../x", `"../x" is not a path in it`},
		{"absolute", dir, "/bin/sh", `"/bin/sh" is not a path in it`},
		{"no-name", dir, "", `"" is not a path in it`},
		{"large", dir, "large", "large is larger than Lambda's limit, 250 MB"},
		{"large-archive", large, "bootstrap", "it is not a file of at most 250 MB"},
		{"not-an-archive", write(t, dir, "x.zip", []byte("PK")), "bootstrap", "it is not a zip archive that can be read"},
		{"many-files", write(t, dir, "many.zip", many.Bytes()), "bootstrap", "it is not a zip archive that can be read"},
		{"not-in-archive", archive(t, entry{"main", nil, 0o755}), "bootstrap", "it has no file bootstrap"},
		{"link-in-archive", archive(t, entry{"bootstrap", []byte("/bin/sh"), os.ModeSymlink | 0o777}), "bootstrap", "it has no file bootstrap"},
		{"bomb", bomb, "bootstrap", "bootstrap is larger than Lambda's limit, 250 MB"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := packaged.Read(row.place, row.file); err == nil || err.Error() != row.want {
				t.Errorf("Read = %v, want %q", err, row.want)
			}
		})
	}
	if err := packaged.Extract(bomb, t.TempDir()); err == nil || !strings.Contains(err.Error(), "larger than Lambda's limit") {
		t.Errorf("Extract of too much = %v", err)
	}
}

func TestExtract(t *testing.T) {
	dir := t.TempDir()
	file := archive(t, entry{"./bootstrap", []byte("program"), 0o755}, entry{"data/a.txt", []byte("text"), 0o644},
		entry{"empty/", nil, os.ModeDir | 0o755}, entry{"link", []byte("/etc"), os.ModeSymlink | 0o777})
	if err := packaged.Extract(file, dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "data", "a.txt"))
	if err != nil || string(text) != "text" {
		t.Errorf("a.txt = %q, %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(dir, "bootstrap")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("bootstrap: %v, %v", info, err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "link")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a link was written: %v", err)
	}
	for _, name := range []string{"../out", "a/../../out", "/out"} {
		inner := filepath.Join(t.TempDir(), "inner")
		if err := os.Mkdir(inner, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := packaged.Extract(archive(t, entry{name, []byte("x"), 0o644}), inner); err == nil {
			t.Errorf("Extract of %s has no error", name)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(inner), "out")); err == nil {
			t.Errorf("%s was written outside of the folder", name)
		}
	}
}

func TestFind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b")
	write(t, dir, "cdk.out/Shop.assets.json", []byte(`{"files": {"a": {"source": {"path": "asset.a"}, "destinations": {"x": {"objectKey": "pre/a.zip"}}}, "b": {"source": {"path": "../asset.b.zip"}, "destinations": {"x": {"objectKey": "b.zip"}}}}}`))
	write(t, dir, "cdk.out/asset.a/bootstrap", nil)
	write(t, dir, "asset.b.zip", nil)
	write(t, dir, ".serverless/serverless-state.json", []byte(`{"service": {"functions": {"put": {"name": "shop-dev-put", "package": {"artifact": "bin/put.zip"}}, "all": {"name": "shop-dev-all", "package": {}}}}}`))
	write(t, dir, ".serverless/shop.zip", nil)
	write(t, dir, "bin/put.zip", nil)
	write(t, dir, "template.json", nil)
	for _, row := range []struct{ name, template, key, function, want string }{
		{"asset", "cdk.out/Shop.template.json", "pre/a.zip", "Fn", "cdk.out/asset.a"},
		{"asset-of-a-stage", "cdk.out/Shop.template.json", "b.zip", "Fn", "asset.b.zip"},
		{"no-asset", "cdk.out/Shop.template.json", "c.zip", "Fn", ""},
		{"artifact", ".serverless/template.json", "serverless/shop/dev/17-Z/put.zip", "shop-dev-put", "bin/put.zip"},
		{"shared-archive", ".serverless/template.json", "serverless/shop/dev/17-Z/shop.zip", "shop-dev-all", ".serverless/shop.zip"},
		{"beside", "template.json", "asset.b.zip", "Fn", "asset.b.zip"},
		{"unknown-key", "template.json", "", "Fn", ""},
		{"no-state", "gone/template.json", "x.zip", "Fn", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := row.want
			if want != "" {
				want = filepath.Join(dir, filepath.FromSlash(want))
			}
			if got := packaged.Find(filepath.Join(dir, filepath.FromSlash(row.template)), row.key, row.function); got != want {
				t.Errorf("Find = %q, want %q", got, want)
			}
		})
	}
}

// What was packed may be any file.
func FuzzRead(f *testing.F) {
	head := make([]byte, 64)
	copy(head, "\x7fELF\x02\x01\x01")
	for _, seed := range [][]byte{head, []byte("PK\x03\x04"), []byte("\xff Go buildinf:"), []byte("MZ"), []byte("#!/bin/sh\n"), {}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		write(t, dir, "bootstrap", text)
		file := write(t, dir, "fn.zip", text)
		for _, place := range []string{dir, file} {
			if p, err := packaged.Read(place, "bootstrap"); err != nil && p != (packaged.Program{}) {
				t.Errorf("Read = %+v, %v", p, err)
			}
		}
		into := filepath.Join(dir, "into", "inner")
		if err := os.MkdirAll(into, 0o755); err != nil {
			t.Fatal(err)
		}
		_ = packaged.Extract(file, into) // most are not archives
		if entries, err := os.ReadDir(filepath.Dir(into)); err != nil || len(entries) != 1 {
			t.Errorf("beside the folder: %v, %v", entries, err)
		}
	})
}
