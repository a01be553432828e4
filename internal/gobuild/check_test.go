package gobuild_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// The go command's report of a mistake is in the error, with file and line,
// wherever the mistake is: in the package, in its imports, in its module.
func TestCheckNamesMistakes(t *testing.T) {
	const importsWords = "package main\n\nimport \"example.com/m/words\"\n\nfunc main() { print(words.Word) }\n"
	for _, tc := range []struct {
		name  string
		files map[string]string // beside a go.mod; "" removes
		want  string            // in the words of the go command
	}{
		{"undefined", map[string]string{"main.go": "package main\n\nfunc main() { missing() }\n"}, "main.go:3:15: undefined: missing"},
		{"syntax", map[string]string{"main.go": "package main\n\nfunc main() {\n\t<b>\n}\n"}, "main.go:4:2: syntax error: unexpected <"},
		{"syntax-before-imports", map[string]string{"main.go": "package main\n\nimport (\n"}, "main.go:"},
		{"file-as-import", map[string]string{"main.go": "package main\n\nimport \"example.com/m/main.go\"\n\nfunc main() {}\n"}, "main.go:3:8: "},
		{"imported-package", map[string]string{"main.go": importsWords, "words/words.go": "package words\n\nvar Word = missing\n"}, "words.go:3:12: undefined: missing"},
		{"package-that-is-not-there", map[string]string{"main.go": importsWords}, "main.go:3:8: "},
		{"embedded-file-that-is-not-there", map[string]string{"main.go": "package main\n\nimport _ \"embed\"\n\n//go:embed in/word.txt\nvar word string\n\nfunc main() { print(word) }\n"},
			"main.go:5:12: pattern in/word.txt: no matching files found"},
		{"unknown-module", map[string]string{"main.go": "package main\n\nimport \"example.com/nothing\"\n\nfunc main() { nothing.Do() }\n"},
			"main.go:3:8: no required module provides package example.com/nothing"},
		{"import-cycle", map[string]string{"main.go": importsWords,
			"words/words.go": "package words\n\nimport \"example.com/m/terms\"\n\nvar Word = terms.Term\n",
			"terms/terms.go": "package terms\n\nimport \"example.com/m/words\"\n\nvar Term = words.Word\n"},
			"imports example.com/m/words from terms.go: import cycle not allowed"},
		{"broken-go-mod", map[string]string{"main.go": hello, "go.mod": "modul example.com/m\n"}, "go.mod:1: "},
		{"broken-go-work", map[string]string{"main.go": hello, "go.work": "go 1.26.0\n\nuse nowhere\n"}, "go.work"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, "")
			for name, text := range tc.files {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				write(t, file, text)
			}
			var failed *gobuild.Error
			b, _ := newBuilder(t)
			if err := b.Check(t.Context(), dir); !errors.As(err, &failed) || !strings.Contains(failed.Output, tc.want) {
				t.Errorf("Check: %v, want an *Error with %q", err, tc.want)
			}
		})
	}
}
