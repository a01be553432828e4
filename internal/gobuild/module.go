package gobuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
)

// Download returns the folder of a module, written as path@version, in the module
// cache. It may not be written to.
func Download(ctx context.Context, module string) (dir string, err error) {
	var out bytes.Buffer
	err = tool{dir: os.TempDir(), stdout: &out}.goCommand(ctx, "mod", "download", "-json", module)
	var found struct{ Dir, Error string }
	if json.Unmarshal(out.Bytes(), &found); found.Error != "" {
		return "", errors.New(found.Error)
	}
	return found.Dir, err
}

// Root returns GOROOT of the Go toolchain that builds the module in dir.
func Root(ctx context.Context, dir string) (string, error) {
	var out bytes.Buffer
	err := tool{dir: dir, stdout: &out}.goCommand(ctx, "env", "GOROOT")
	return strings.TrimSpace(out.String()), err
}
