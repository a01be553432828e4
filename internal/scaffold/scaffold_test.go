package scaffold

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/examples"
)

func TestNameOf(t *testing.T) {
	for _, tc := range []struct{ name, dir, want string }{
		{"plain", "/home/ana/shop", "shop"},
		{"upper-case-and-space", "/home/ana/My Shop", "my-shop"},
		{"signs", "shop_v2.1", "shop-v2-1"},
		{"hyphens-around", "-shop-", "shop"},
		{"digit-first", "2026", "app-2026"},
		{"no-ascii", "Магазин", "app"},
		{"root", "/", "app"},
		{"long", strings.Repeat("a", 59) + "-b", strings.Repeat("a", 59)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := NameOf(tc.dir); got != tc.want {
				t.Errorf("NameOf(%q) = %q, want %q", tc.dir, got, tc.want)
			}
			if err := CheckModule("example.com/" + NameOf(tc.dir)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckModule(t *testing.T) {
	for _, tc := range []struct {
		name, module, want string // want is part of the error, "" for none
	}{
		{"github", "github.com/Ana/shop_2~x", ""},
		{"empty", "", "not a module path"},
		{"space", "example.com/my shop", "not a module path"},
		{"slash-at-end", "example.com/shop/", "not a module path"},
		{"parent", "example.com/../shop", "not a module path"},
		{"windows", `C:\shop`, "not a module path"},
		{"two-lines", "example.com/shop\nreplace", "not a module path"},
		{"standard-library", "net", "needs a dot, as in example.com/net"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := CheckModule(tc.module)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("CheckModule(%q) = %v, want %q", tc.module, err, tc.want)
			}
		})
	}
}

// The examples are renamed completely; e2e/newproject tests and runs them.
func TestWrite(t *testing.T) {
	for _, template := range Templates {
		t.Run(template, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "shop")
			if left, err := Write(Project{dir, template, "shop", "example.com/corner/shop", Source{}}); err != nil || left != nil {
				t.Fatalf("left %q, %v", left, err)
			}
			var all strings.Builder
			for _, name := range walk(t, os.DirFS(dir)) {
				all.WriteString(name + "\n" + read(t, dir, name))
			}
			for _, never := range []string{"my-app", "/examples/"} {
				if strings.Contains(all.String(), never) {
					t.Errorf("the project has %q", never)
				}
			}
			for _, want := range []string{"module example.com/corner/shop\n", `stack_name = "shop"`, ".gitignore\n", "template.yaml\n"} {
				if !strings.Contains(all.String(), want) {
					t.Errorf("the project has no %q", want)
				}
			}
		})
	}
	if entries, err := fs.ReadDir(examples.Files, "."); err != nil || len(entries) != len(Templates) {
		t.Errorf("there are %d examples for %d templates, %v", len(entries), len(Templates), err)
	}
}

func walk(t *testing.T, files fs.FS) (names []string) {
	t.Helper()
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestWriteIntoANewRepository(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".git/config", "LICENSE", "README.md"} {
		write(t, dir, name, "mine")
	}
	left, err := Write(Project{dir, "cookie", "shop", "example.com/shop", Source{}})
	if err != nil || len(left) != 1 || left[0] != "README.md" {
		t.Errorf("left %q, %v, want README.md", left, err)
	}
	if read(t, dir, "README.md") != "mine" || read(t, dir, "template.yaml") == "" {
		t.Error("README.md was replaced, or the rest not written")
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, tc := range []struct{ name, file, dir, want string }{
		{"other-file", "shop/notes.txt", "shop", "has notes.txt already"},
		{"template", "shop/template.yaml", "shop", "has template.yaml already"},
		{"hidden-file", "shop/.env", "shop", "has .env already"},
		{"file-in-place-of-the-folder", "shop", "shop", "shop"},
		{"file-in-place-of-its-parent", "shop", "shop/new", "shop"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, tc.file, "mine")
			_, err := Write(Project{filepath.Join(dir, tc.dir), "cookie", "shop", "example.com/shop", Source{}})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error = %v, want %q", err, tc.want)
			}
			if names := walk(t, os.DirFS(dir)); len(names) != 1 || read(t, dir, tc.file) != "mine" {
				t.Errorf("files %q, and %q", names, read(t, dir, tc.file))
			}
		})
	}
}
