package sandbox

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
)

// Check compiles the packages in dirs without linking them, which tells in a
// fraction of the time whether Build would succeed. The error is that of the
// first module with a package that does not compile, as from Build.
func Check(ctx context.Context, dirs ...string) error {
	modules := map[string][]string{}
	for _, dir := range dirs {
		root := moduleRoot(dir)
		modules[root] = append(modules[root], dir)
	}
	var errs []error
	for root, dirs := range modules {
		slices.Sort(dirs)
		errs = append(errs, check(ctx, root, slices.Compact(dirs)))
	}
	return errors.Join(errs...)
}

func check(ctx context.Context, root string, dirs []string) error {
	args := []string{"list", "-export", "-tags=lambda.norpc", "-trimpath", "-f", "{{.Name}}"}
	return goCommand(ctx, root, append(args, dirs...)...)
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
