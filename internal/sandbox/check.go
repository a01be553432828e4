package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
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
		errs = append(errs, check(ctx, root, dirs))
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
// not compile are no error.
func Sources(ctx context.Context, dirs ...string) ([]string, error) {
	const format = `{{with .Module}}{{if or .Main (and .Replace (not .Replace.Version))}}{{.Dir}}
{{$.Dir}}{{range $.EmbedFiles}}
{{$.Dir}}/{{.}}/..{{end}}{{end}}{{end}}`
	var sources []string
	for root, dirs := range byModule(dirs) {
		var out bytes.Buffer
		args := []string{"list", "-e", "-deps", "-tags=lambda.norpc", "-f", format}
		if err := goCommand(ctx, &out, root, append(args, dirs...)...); err != nil {
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

func byModule(dirs []string) map[string][]string {
	modules := map[string][]string{}
	for _, dir := range dirs {
		root := moduleRoot(dir)
		modules[root] = append(modules[root], dir)
	}
	return modules
}

// moduleRoot is the nearest folder, dir or above it, that holds a go.mod.
func moduleRoot(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
		if at == filepath.Dir(at) {
			return dir
		}
	}
}
