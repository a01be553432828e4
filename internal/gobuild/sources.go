package gobuild

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Sources finds the source files of the packages in dirs, as far as they can be
// edited: those of main, workspace and locally replaced modules, with embedded files,
// go.mod and go.work. Sources that do not compile are not an error, nor is a folder
// outside of any module. A dir that ends in "..." is one whose Makefile may build any
// package below it, including those of modules there, from any file.
// Sources ends with context.Canceled if these change while it takes long, see MarkStale.
func (b *Builder) Sources(ctx context.Context, dirs ...string) (*SourceSet, error) {
	ctx, end := b.begin(ctx)
	defer end()
	s := &SourceSet{}
	for root, dirs := range byModule(withModulesBelow(dirs)) {
		for _, dir := range dirs {
			dir, made := strings.CutSuffix(dir, allBelow)
			if s.add(dir); made {
				s.made = append(s.made, dir)
			}
		}
		packages, err := b.packages(ctx, root, dirs)
		if err != nil {
			return nil, err
		}
		s.add(root)
		if vendor := filepath.Join(root, "vendor"); isDir(vendor) {
			s.add(vendor)
		}
		if workspace := folderWith("go.work", root); workspace != "" {
			s.add(workspace)
		}
		for _, p := range packages {
			if p.Dir == "" {
				s.add(p.wouldBeIn(packages)...)
			} else if p.Module.editable() {
				s.add(p.Module.Dir, p.Dir)
				s.add(p.embeds()...)
				for _, pattern := range p.EmbedPatterns {
					s.embedded = append(s.embedded, embed{p.Dir, pattern})
				}
			}
		}
	}
	s.Dirs = slices.DeleteFunc(s.Dirs, func(dir string) bool { return dir == "" }) // a vendored module's
	slices.Sort(s.Dirs)
	s.Dirs = slices.Compact(s.Dirs)
	return s, nil
}

// A listed package is one in the output of go list.
type listed struct {
	ImportPath    string
	Dir           string // "" if the package does not exist
	Module        *module
	EmbedFiles    []string
	EmbedPatterns []string
}

type module struct {
	Path    string
	Dir     string
	Main    bool
	Replace *struct{ Version string }
}

// editable reports whether the developer may edit m, which may be nil.
func (m *module) editable() bool {
	return m != nil && (m.Main || m.Replace != nil && m.Replace.Version == "")
}

// packages lists the packages in dirs of the module in root and all that they import.
func (b *Builder) packages(ctx context.Context, root string, dirs []string) ([]listed, error) {
	env, err := b.settings(ctx, root)
	if err != nil {
		return nil, err
	}
	flags, err := env.flagsIn(root, b.flags)
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"-deps", "-json=ImportPath,Dir,Module,EmbedFiles,EmbedPatterns"}, flags, dirs)
	return list[listed](ctx, tool{dir: root, temp: b.cache}, args...)
}

// list runs go list -e and reads the packages that it prints as JSON; none if go.mod is
// broken.
func list[T any](ctx context.Context, t tool, args ...string) (packages []T, err error) {
	var out bytes.Buffer
	t.stdout = &out
	err = t.goCommand(ctx, append([]string{"list", "-e"}, args...)...)
	if failed := (*Error)(nil); err != nil && !errors.As(err, &failed) {
		return nil, err
	}
	for d := json.NewDecoder(&out); d.More(); {
		var p T
		if err := d.Decode(&p); err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// embeds returns the folders of the files that p embeds, existing or missing.
func (p *listed) embeds() []string {
	var dirs []string
	for _, file := range p.EmbedFiles {
		dirs = append(dirs, filepath.Dir(filepath.Join(p.Dir, file)))
	}
	for _, pattern := range p.EmbedPatterns {
		pattern = strings.TrimPrefix(pattern, "all:")
		if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
			pattern = pattern[:i]
		}
		dirs = append(dirs, nearestDir(filepath.Join(p.Dir, pattern)))
	}
	return dirs
}

// wouldBeIn returns the folders in which p, which does not exist, could appear:
// those of its path in the modules of packages.
func (p *listed) wouldBeIn(packages []listed) []string {
	var dirs []string
	for _, other := range packages {
		if !other.Module.editable() {
			continue
		}
		if path, ok := strings.CutPrefix(p.ImportPath, other.Module.Path+"/"); ok {
			dirs = append(dirs, nearestDir(filepath.Join(other.Module.Dir, filepath.FromSlash(path))))
		}
	}
	return dirs
}

// nearestDir is path if it is a folder, else the nearest folder above it.
func nearestDir(path string) string {
	for !isDir(path) && path != filepath.Dir(path) {
		path = filepath.Dir(path)
	}
	return path
}

// allBelow ends a dir that means all packages below it.
var allBelow = string(filepath.Separator) + "..."

// withModulesBelow adds the modules below dirs that end in "...", which the go
// command excludes.
func withModulesBelow(dirs []string) []string {
	all := slices.Clone(dirs)
	for _, pattern := range dirs {
		top, ok := strings.CutSuffix(pattern, allBelow)
		if !ok {
			continue
		}
		filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil // an unreadable folder cannot be built either
			case d.IsDir() && path != top && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules" || d.Name() == "vendor"):
				return filepath.SkipDir
			case d.Name() == "go.mod" && filepath.Dir(path) != top:
				all = append(all, filepath.Dir(path)+allBelow)
			}
			return nil
		})
	}
	return all
}

// Check compiles the packages in dirs without linking them, to find out in a
// fraction of the time whether Build would succeed. The error joins those of all
// modules, each as from Build. MarkStale ends it as it ends Build; what it has not
// compiled then has the error context.Canceled.
func (b *Builder) Check(ctx context.Context, dirs ...string) error {
	ctx, end := b.begin(ctx)
	defer end()
	var errs []error
	for root, dirs := range byModule(dirs) {
		env, err := b.settings(ctx, root)
		if err != nil {
			return errors.Join(err)
		}
		flags, err := env.flagsIn(root, b.flags)
		if err != nil {
			return errors.Join(err)
		}
		args := slices.Concat([]string{"list", "-export", "-v", "-f", "{{.Name}}"}, flags, dirs)
		errs = append(errs, tool{dir: root, temp: b.cache, said: b.said}.goCommand(ctx, args...))
	}
	return errors.Join(errs...)
}

// byModule groups dirs by the folders of their modules. A loose one is alone.
func byModule(dirs []string) map[string][]string {
	modules := map[string][]string{}
	for _, dir := range dirs {
		at := strings.TrimSuffix(dir, allBelow)
		root := cmp.Or(folderWith("go.mod", at), at)
		modules[root] = append(modules[root], dir)
	}
	return modules
}

// folderWith is the nearest folder, dir or above it, with a file of that name; ""
// if there is none.
func folderWith(file, dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if exists(filepath.Join(at, file)) {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}
