package gobuild

import (
	"cmp"
	"context"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Finder finds the main packages of the functions in one template. It searches
// the project at most once. It must not be used concurrently.
type Finder struct {
	home  string          // the template's folder
	root  string          // the module around the project's sources, or else their folder
	mains func() []string // the folders of main packages in root

	functions func() []string            // those that link aws-lambda-go
	modules   func() map[string][]string // of the project
}

// NewFinder returns a Finder for the template in the folder home.
func NewFinder(home string) *Finder {
	sources := sourcesOf(home)
	root := cmp.Or(folderWith("go.mod", sources), sources)
	mains := sync.OnceValue(func() []string { return mainsBelow(root) })
	return &Finder{home, root, mains, sync.OnceValue(func() []string {
		programs, _ := lambdaMains(context.Background(), mains()) // without a go command there are none
		var functions []string
		for _, p := range programs {
			functions = append(functions, p.Dir)
		}
		return functions
	}), sync.OnceValue(func() map[string][]string { return modulesAround(sources) })}
}

// InPlace returns the folder of the main package of a function whose CodeUri is the folder
// dir: dir itself or, as for sam build, the folder there that Handler names. Otherwise why
// says why it is not there.
func (f *Finder) InPlace(dir, handler string) (main, why string) {
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
		return dir, "" // go build will report the mistake
	case name != "":
		return "", "the package in its CodeUri is " + name + ", not main"
	case filepath.Ext(dir) == ".zip":
		return "", "its CodeUri is an archive"
	case !exists(dir):
		return "", "its CodeUri " + f.Rel(dir) + " is not a folder that exists, which sam build needs"
	}
	return "", "there is no Go package in its CodeUri"
}

// Elsewhere returns the folder of the main package in the project that a function must come
// from whose CodeUri, dir, names the output of a build; "" if that is not clear: the only one with the name of Handler or of a folder or
// archive in CodeUri, tried from the last; else the one around CodeUri; else the
// only one in the project. Where that is not clear, only those that link aws-lambda-go
// count.
func (f *Finder) Elsewhere(dir, handler string) string {
	main := f.among(f.mains(), dir, handler)
	if main == "" && len(f.mains()) > 1 {
		main = f.among(f.functions(), dir, handler)
	}
	return main
}

func (f *Finder) among(mains []string, dir, handler string) string {
	names := []string{filepath.Base(filepath.FromSlash(handler))}
	if uri, err := filepath.Rel(f.root, strings.TrimSuffix(dir, ".zip")); err == nil {
		folders := strings.Split(filepath.ToSlash(uri), "/")
		slices.Reverse(folders)
		names = append(names, folders...)
	}
	for _, name := range names {
		switch name {
		case "bootstrap", "main", ".", "..":
			continue // any program may have that name
		}
		isNamed := func(dir string) bool { return filepath.Base(dir) == name }
		if i := slices.IndexFunc(mains, isNamed); i >= 0 && !slices.ContainsFunc(mains[i+1:], isNamed) {
			return mains[i]
		}
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if slices.Contains(mains, dir) {
			return dir
		}
	}
	if len(mains) == 1 {
		return mains[0]
	}
	return ""
}

// Candidate returns the folder of a program that links aws-lambda-go and may be meant by
// name: the only one, or the only one whose folder's name is in it. It is "" if there is
// none.
func (f *Finder) Candidate(name string) string {
	var found []string
	for _, dir := range f.functions() {
		if len(f.functions()) == 1 || strings.Contains(strings.ToLower(name), strings.ToLower(filepath.Base(dir))) {
			found = append(found, dir)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// Meant returns the folder of the main package that Handler names, if the one in dir
// does not link aws-lambda-go and that one does; else "".
func (f *Finder) Meant(dir, handler string) string {
	name := filepath.Base(filepath.FromSlash(handler))
	isNamed := func(main string) bool { return filepath.Base(main) == name && main != dir }
	if name == filepath.Base(dir) || !slices.ContainsFunc(f.mains(), isNamed) || slices.Contains(f.functions(), dir) {
		return ""
	}
	if i := slices.IndexFunc(f.functions(), isNamed); i >= 0 {
		return f.functions()[i]
	}
	return ""
}

// mainsBelow returns the folders of main packages in root and below it.
func mainsBelow(root string) (mains []string) {
	walk(root, func(dir string) {
		if IsMain(dir) {
			mains = append(mains, dir)
		}
	})
	return mains
}

// isSkipped reports whether a folder of that name does not hold packages of the
// project itself, by the rules of the go command and npm.
func isSkipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "vendor" || name == "testdata" || name == "node_modules"
}

// Rel is dir relative to the template's folder, with slashes.
func (f *Finder) Rel(dir string) string {
	if path, err := filepath.Rel(f.home, dir); err == nil {
		return filepath.ToSlash(path)
	}
	return dir
}

// Unlink is dir with the symbolic links between the template and dir resolved, as
// sam build does: the go command looks for go.mod above the path that it is given.
// Links above the template, which users are not aware of, stay.
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

// importable matches paths that the go command accepts below a module's folder.
var importable = regexp.MustCompile(`^[-\w.~+/]*$`)

// Unimportable returns the path of the package in dir within its module, if the go
// command does not accept it, such as for a space; else "".
func Unimportable(dir string) string {
	path, err := filepath.Rel(cmp.Or(folderWith("go.mod", dir), dir), dir)
	if path = filepath.ToSlash(path); err != nil || importable.MatchString(path) {
		return ""
	}
	return path
}

// HasMakefile reports whether dir has a Makefile, for a Source with a Rule.
func HasMakefile(dir string) bool { return exists(filepath.Join(dir, "Makefile")) }

// IsMain reports whether dir holds a main package.
func IsMain(dir string) bool { return packageName(dir) == "main" }

const unreadable = "?"

// packageName returns the name of the Go package in dir, "" without Go files, and
// unreadable if they do not say.
func packageName(dir string) string {
	files := build.Default
	files.ReadDir = readRegular
	p, _ := files.ImportDir(dir, 0)
	if p.Name == "" && len(p.InvalidGoFiles)+len(p.IgnoredGoFiles) > 0 {
		return unreadable
	}
	return p.Name
}

// readRegular reads a folder without named pipes and the like: opening one may never end.
func readRegular(dir string) ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(dir)
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && (info.IsDir() || info.Mode().IsRegular()) {
			files = append(files, info)
		}
	}
	return files, err
}
