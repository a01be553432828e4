package gobuild

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A SourceSet is the files that packages are built from, whether or not they exist.
// Nothing changes it once Sources has returned it.
type SourceSet struct {
	// Dirs are the folders of these files, sorted: also the folder that would have
	// a missing one, and those that Sources was asked for.
	Dirs []string

	made     []string // folders in and below which a Makefile may read any file
	embedded []embed
}

func (s *SourceSet) add(dirs ...string) { s.Dirs = append(s.Dirs, dirs...) }

// An embed is a pattern of a go:embed directive, in the package in dir.
type embed struct{ dir, pattern string }

// Covers reports whether the set has everything in other.
func (s *SourceSet) Covers(other *SourceSet) bool {
	return containsAll(s.Dirs, other.Dirs) && containsAll(s.made, other.made) && containsAll(s.embedded, other.embedded)
}

func containsAll[T comparable](set, items []T) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !slices.Contains(set, item) })
}

// Has reports whether a file in one of Dirs belongs to the set: go build reads it
// because of its name or because it is embedded, or a Makefile may read it. Logs and
// other files beside sources do not.
func (s *SourceSet) Has(file string) bool {
	dir, name := filepath.Dir(file), filepath.Base(file)
	switch {
	case slices.Contains(moduleFiles, name): // perhaps a new one in a folder above the packages
		return true
	case !slices.Contains(s.Dirs, dir):
		return false
	case slices.ContainsFunc(s.embedded, func(e embed) bool { return e.has(file) }):
		return true
	case strings.HasPrefix(name, "."), strings.HasSuffix(name, "_test.go"):
		return false
	case slices.Contains(extensions, filepath.Ext(name)):
		return name[0] != '_'
	case name == "modules.txt":
		return filepath.Base(dir) == "vendor"
	}
	return slices.ContainsFunc(s.made, func(made string) bool { return isIn(made, dir) }) && !isProduct(file)
}

// extensions are those of the files that go build compiles ("go help packages" and
// the fields of go/build.Package).
var extensions = []string{
	".go", ".c", ".cc", ".cpp", ".cxx", ".m", ".h", ".hh", ".hpp", ".hxx",
	".f", ".F", ".for", ".f90", ".s", ".S", ".sx", ".swig", ".swigcxx", ".syso",
}

var moduleFiles = []string{"go.mod", "go.sum", "go.work", "go.work.sum"}

// has reports whether the pattern embeds a file: one that it matches, or one below a
// folder that it matches, where hidden ones need the prefix "all:" (package embed).
func (e embed) has(file string) bool {
	rel, err := filepath.Rel(e.dir, file)
	if err != nil || !filepath.IsLocal(rel) {
		return false
	}
	pattern, all := strings.CutPrefix(e.pattern, "all:")
	parts := strings.Split(filepath.ToSlash(rel), "/")
	for i := range parts {
		if ok, _ := path.Match(pattern, strings.Join(parts[:i+1], "/")); !ok { // a broken pattern matches nothing
			continue
		}
		hidden := slices.ContainsFunc(parts[i+1:], func(part string) bool { return part[0] == '.' || part[0] == '_' })
		return all || !hidden
	}
	return false
}

// isIn reports whether dir is top or below it.
func isIn(top, dir string) bool {
	rel, err := filepath.Rel(top, dir)
	return err == nil && filepath.IsLocal(rel)
}

// isProduct reports whether a file is a Makefile's output, such as its bootstrap, or
// an editor's copy. It must not cause another build.
func isProduct(file string) bool {
	switch ext := filepath.Ext(file); {
	case ext == ".zip", ext == ".exe", strings.HasSuffix(file, "~"):
		return true
	case ext == "":
		info, err := os.Stat(file)
		// go build probes the umask with a temporary file.
		return filepath.Base(file) == "bootstrap" || strings.HasSuffix(file, "-go-tmp-umask") || err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	}
	return false
}
