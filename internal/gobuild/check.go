package gobuild

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// Check compiles the packages in dirs without linking them, to find out in a
// fraction of the time whether Build would succeed. The error joins those of all
// modules, each as from Build.
func Check(ctx context.Context, dirs ...string) error {
	var errs []error
	for root, dirs := range byModule(dirs) {
		if root != "" {
			errs = append(errs, check(ctx, root, dirs))
			continue
		}
		err := check(ctx, dirs[0], dirs)
		if failed := (*Error)(nil); errors.As(err, &failed) {
			failed.Output = dirs[0] + ": " + failed.Output // the go command does not name the folder
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func check(ctx context.Context, root string, dirs []string) error {
	args := []string{"list", "-export", buildTags(), "-trimpath", "-f", "{{.Name}}"}
	return goCommand(ctx, io.Discard, root, append(args, dirs...)...)
}

// byModule groups dirs by the folders of their modules, "" for those outside of
// any.
func byModule(dirs []string) map[string][]string {
	modules := map[string][]string{}
	for _, dir := range dirs {
		root := moduleRoot(strings.TrimSuffix(dir, allBelow))
		modules[root] = append(modules[root], dir)
	}
	return modules
}

// moduleRoot is the folder of the module around dir; "" if there is none.
func moduleRoot(dir string) string { return folderWith("go.mod", dir) }

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
