package cookievet_test

import (
	"bytes"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/txtar"

	"github.com/crumb-go/crumb/internal/cookievet"
)

// Each archive of testdata has packages with comments that say what is found, and files
// .golden with the fixes; stubs.txtar has what they import.
func TestFindings(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 9 {
		t.Fatalf("%d archives in testdata: %v", len(archives), err)
	}
	files, kinds := map[string]string{}, []string{}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range a.Files {
			files[f.Name] = string(f.Data)
		}
		if kind := strings.TrimSuffix(filepath.Base(name), ".txtar"); kind != "stubs" {
			kinds = append(kinds, kind)
		}
	}
	dir, clean, err := analysistest.WriteFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	defer clean()
	a := cookievet.New()
	if err := a.Flags.Set("httponly", "true"); err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer // by net/http
	log.SetOutput(&logged)
	defer log.SetOutput(os.Stderr)
	// At once: each call reads the standard library from its source.
	analysistest.RunWithSuggestedFixes(t, dir, a, kinds...)
	if logged.Len() > 0 {
		t.Errorf("logged %s", &logged)
	}
}
