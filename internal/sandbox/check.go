package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Check compiles the packages in dirs without linking them, which tells in a
// fraction of the time whether Build would succeed. The error is that of the
// first module with a package that does not compile, as from Build.
func Check(ctx context.Context, dirs ...string) error {
	var errs []error
	for root, dirs := range byModule(dirs) {
		if root != "" {
			errs = append(errs, check(ctx, root, dirs))
			continue
		}
		err := check(ctx, dirs[0], dirs)
		if failed := (*BuildError)(nil); errors.As(err, &failed) {
			failed.Output = dirs[0] + ": " + failed.Output // the go command does not say where it found no module
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func check(ctx context.Context, root string, dirs []string) error {
	args := []string{"list", "-export", "-tags=lambda.norpc", "-trimpath", "-f", "{{.Name}}"}
	return goCommand(ctx, io.Discard, root, append(args, dirs...)...)
}

// Sources lists the folders whose files the packages in dirs are made of, as
// far as they can be edited: those of main, workspace and locally replaced
// modules, with embedded files and the modules' own folders. Sources that do
// not compile are no error, nor is a folder outside of any module: dirs are
// listed in any case. One that ends in "..." stands for all packages below it,
// those of modules there included.
func Sources(ctx context.Context, dirs ...string) ([]string, error) {
	const format = `{{with .Module}}{{if or .Main (and .Replace (not .Replace.Version))}}{{.Dir}}
{{$.Dir}}{{range $.EmbedFiles}}
{{$.Dir}}/{{.}}/..{{end}}{{end}}{{end}}`
	var sources []string
	for root, dirs := range byModule(withModulesBelow(dirs)) {
		for _, dir := range dirs {
			sources = append(sources, strings.TrimSuffix(dir, allBelow))
		}
		if root == "" {
			continue
		}
		var out bytes.Buffer
		args := []string{"list", "-e", "-deps", "-tags=lambda.norpc", "-f", format}
		err := goCommand(ctx, &out, root, append(args, dirs...)...)
		if failed := (*BuildError)(nil); err != nil && !errors.As(err, &failed) {
			return nil, err
		}
		for line := range strings.Lines(out.String()) {
			if line = strings.TrimSpace(line); line != "" {
				sources = append(sources, filepath.Clean(line))
			}
		}
	}
	slices.Sort(sources)
	return slices.Compact(sources), nil
}

// allBelow ends the name of a folder that stands for all packages below it.
var allBelow = string(filepath.Separator) + "..."

// withModulesBelow adds the folders of modules below those that end in "...",
// which the go command leaves out.
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
				return nil // what cannot be read cannot be built either
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

// byModule sorts dirs by the folders of their modules, those outside of any
// under "".
func byModule(dirs []string) map[string][]string {
	modules := map[string][]string{}
	for _, dir := range dirs {
		root := moduleRoot(strings.TrimSuffix(dir, allBelow))
		modules[root] = append(modules[root], dir)
	}
	return modules
}

// moduleRoot is the nearest folder, dir or above it, that holds a go.mod; ""
// when there is none.
func moduleRoot(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}
