package gobuild

import (
	"errors"
	"go/build"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// A Finder finds the main packages that the functions of one template are built
// from. It searches the project once, when it first has to. It is not for
// concurrent use.
type Finder struct {
	home     string // the template's folder
	root     string // the module around it, or else home
	searched bool
	mains    []string // the folders of main packages in root, once searched
}

// NewFinder returns a Finder for the template in the folder home.
func NewFinder(home string) *Finder {
	f := &Finder{home: home, root: moduleRoot(home)}
	if f.root == "" {
		f.root = home
	}
	return f
}

// Find returns the folder of the main package of a function whose CodeUri is the
// folder dir. That package is in dir or, as sam build has it, in the folder there
// that Handler names. Where a project builds with scripts of its own, CodeUri
// names what these leave, often not there yet; then the package is looked for in
// the whole project. Why says why it is not where CodeUri has it, "" when it is;
// main is "" when it is nowhere.
func (f *Finder) Find(dir, handler string) (main, why string) {
	if main, why = f.inPlace(dir, handler); why != "" {
		main = f.elsewhere(dir, handler)
	}
	return main, why
}

// inPlace returns the folder of the main package in or below dir, or why there
// is none.
func (f *Finder) inPlace(dir, handler string) (main, why string) {
	name := packageName(dir)
	if name == "main" {
		return dir, ""
	}
	if filepath.IsLocal(filepath.FromSlash(handler)) {
		inner := filepath.Join(dir, filepath.FromSlash(handler))
		if is := packageName(inner); is == "main" || name == "" && is == unreadable {
			return inner, ""
		}
	}
	switch {
	case name == unreadable:
		return dir, "" // go build will say what is wrong
	case name != "":
		return "", "the package in its CodeUri is " + name + ", not main"
	case filepath.Ext(dir) == ".zip":
		return "", "its CodeUri is an archive"
	case !exists(dir):
		return "", "its CodeUri " + f.Rel(dir) + " is not a folder that exists"
	}
	return "", "there is no Go package in its CodeUri"
}

// elsewhere returns the folder of the main package that a function must be made
// from, "" when that cannot be told: the only one with the name of Handler or of
// a folder or archive in CodeUri, the last one first; else the one around CodeUri;
// else the only one there is.
func (f *Finder) elsewhere(dir, handler string) string {
	f.search()
	names := []string{filepath.Base(filepath.FromSlash(handler))}
	if uri, err := filepath.Rel(f.root, strings.TrimSuffix(dir, ".zip")); err == nil {
		folders := strings.Split(filepath.ToSlash(uri), "/")
		slices.Reverse(folders)
		names = append(names, folders...)
	}
	for _, name := range names {
		switch name {
		case "bootstrap", "main", ".", "..":
			continue // whatever the program is, its binary has that name
		}
		isNamed := func(dir string) bool { return filepath.Base(dir) == name }
		if i := slices.IndexFunc(f.mains, isNamed); i >= 0 && !slices.ContainsFunc(f.mains[i+1:], isNamed) {
			return f.mains[i]
		}
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if slices.Contains(f.mains, dir) {
			return dir
		}
	}
	if len(f.mains) == 1 {
		return f.mains[0]
	}
	return ""
}

// search lists the main packages of the project.
func (f *Finder) search() {
	if f.searched {
		return
	}
	f.searched = true
	const most = 50_000
	seen := 0
	filepath.WalkDir(f.root, func(path string, d fs.DirEntry, err error) error {
		if seen++; seen > most {
			return errors.New("too large to be searched")
		}
		if err != nil || !d.IsDir() {
			return nil // what cannot be read has nothing for us
		}
		if path != f.root && isSkipped(d.Name()) {
			return filepath.SkipDir
		}
		if IsMain(path) {
			f.mains = append(f.mains, path)
		}
		return nil
	})
}

// isSkipped reports whether a folder's name says that it holds no packages of
// the project itself, as the go command and npm have it.
func isSkipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "vendor" || name == "testdata" || name == "node_modules"
}

// Rel is dir as the template would name it.
func (f *Finder) Rel(dir string) string {
	if path, err := filepath.Rel(f.home, dir); err == nil {
		return filepath.ToSlash(path)
	}
	return dir
}

// Unlink is dir without symbolic links on the way from the template to it, as
// sam build resolves them: the go command looks for go.mod above the name that
// it is given. Links above the template, which users do not think of, stay.
func (f *Finder) Unlink(dir string) string {
	way, err := filepath.Rel(f.home, dir)
	if err != nil {
		return dir
	}
	realHome, err := filepath.EvalSymlinks(f.home)
	if err != nil {
		return dir
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil && real != filepath.Join(realHome, way) {
		return real
	}
	return dir
}

// HasMakefile reports whether a Makefile is in dir, for a Source with a Rule.
func HasMakefile(dir string) bool { return exists(filepath.Join(dir, "Makefile")) }

// IsMain reports whether dir holds a main package.
func IsMain(dir string) bool { return packageName(dir) == "main" }

const unreadable = "?"

// packageName returns the name of the Go package in dir, "" when there are no
// Go files and unreadable when they do not tell.
func packageName(dir string) string {
	p, _ := build.ImportDir(dir, 0)
	if p.Name == "" && len(p.InvalidGoFiles)+len(p.IgnoredGoFiles) > 0 {
		return unreadable
	}
	return p.Name
}
