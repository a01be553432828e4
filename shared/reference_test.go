// Package shared_test compares the packages' documentation with their symbols.
package shared_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Functions and methods that other examples show.
var shown = []string{
	"useragent.Cookie.SentTo", "useragent.Jar.Close", "useragent.Jar.Cookies", "useragent.Jar.Header", "useragent.Jar.Set", "useragent.Verdict.Meanings",
	"useragent.Frameworks", "useragent.Comparison.Agree", "useragent.Comparison.Reasons", "useragent.Comparison.Verdict",
	"useragent.Engines", "useragent.Engine.Name", "useragent.Engine.Documented",
	"awssecret.NewClient",
	"frontdoor.Event.Raw",
	"dynamostore.LambdaClient",
}

// Every package and every exported symbol is documented, and everything that users call has
// an example that runs or at least compiles.
func TestReference(t *testing.T) {
	seen := map[string]bool{}
	for _, dir := range packages(t) {
		p := read(t, dir)
		if !strings.HasPrefix(p.Doc, "Package "+p.Name+" ") {
			t.Errorf("%s has no package comment", dir)
		}
		documented := func(name, comment string) {
			if comment == "" {
				t.Errorf("%s.%s is not documented", p.Name, name)
			}
		}
		callable := func(name, comment string, examples []*doc.Example) {
			documented(name, comment)
			name = p.Name + "." + name
			seen[name] = true
			switch {
			case strings.Contains(comment, " implements "): // required by an interface
			case len(examples) == 0 && !slices.Contains(shown, name):
				t.Errorf("%s has no example", name)
			case len(examples) > 0 && slices.Contains(shown, name):
				t.Errorf("%s has an example, but is listed as not needing one", name)
			}
		}
		for _, f := range p.Funcs {
			callable(f.Name, f.Doc, f.Examples)
		}
		for _, typ := range p.Types {
			documented(typ.Name, typ.Doc)
			for _, f := range typ.Funcs {
				callable(f.Name, f.Doc, f.Examples)
			}
			for _, m := range typ.Methods {
				if !standard[m.Name] {
					callable(typ.Name+"."+m.Name, m.Doc, m.Examples)
				}
			}
		}
	}
	for _, name := range shown {
		if !seen[name] {
			t.Errorf("%s is said to need no example, and does not exist", name)
		}
	}
}

// standard are the methods that packages of the standard library require.
var standard = map[string]bool{
	"Error": true, "Unwrap": true, "String": true, "GoString": true, "MarshalJSON": true, "Format": true, "ServeHTTP": true,
}

// packages lists the folders of packages that others can import.
func packages(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "internal" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if dir := filepath.Dir(path); dir != "." && strings.HasSuffix(path, ".go") && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
		return err
	})
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no packages: %v", err)
	}
	return dirs
}

// read reads a package's documentation, with the examples of its tests.
func read(t *testing.T, dir string) *doc.Package {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, file := range files {
		f, err := parser.ParseFile(set, file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	p, err := doc.NewFromFiles(set, parsed, "github.com/crumb-go/crumb/shared/"+filepath.ToSlash(dir))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
