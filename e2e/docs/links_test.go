package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Links between documents lead to existing files and headings.
func TestLinks(t *testing.T) {
	links := 0
	for _, document := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, document), -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			links++
			target := document
			if path != "" {
				target = filepath.Join(filepath.Dir(document), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", document, m[1], err)
			} else if anchor != "" && !hasHeading(read(t, target), anchor) {
				t.Errorf("%s: link to %s: no such heading", document, m[1])
			}
		}
	}
	if links == 0 {
		t.Error("no links were found")
	}
}

// docs/README.md leads to every document.
func TestIndex(t *testing.T) {
	dir := filepath.Join(testenv.Root(t), "docs")
	index := read(t, filepath.Join(dir, "README.md"))
	for _, document := range documents(t) {
		name, err := filepath.Rel(dir, document)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) != "README.md" && !strings.Contains(index, "]("+filepath.ToSlash(name)) {
			t.Errorf("docs/README.md does not lead to %s", name)
		}
	}
}

// documents returns the paths of all documents.
func documents(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(testenv.Root(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// hasHeading reports whether GitHub gives one of the text's headings this anchor.
func hasHeading(text, anchor string) bool {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', 'a' <= r && r <= 'z', '0' <= r && r <= '9':
				return r
			}
			return -1
		}, strings.ToLower(m[1]))
		if slug == anchor {
			return true
		}
	}
	return false
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
