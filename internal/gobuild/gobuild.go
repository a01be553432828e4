// Package gobuild makes programs of Go packages: it compiles a function's
// folder for this machine, keeps the binary for the next time, and lists the
// folders to watch for changes.
//
//	builder := gobuild.New(cache)
//	bootstrap, err := builder.Build(ctx, gobuild.Source{Dir: "functions/index"})
package gobuild

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrClosed is what Build returns once Close was called.
var ErrClosed = errors.New("gobuild: closed")

// A Source is what a program is built from. Functions may share one.
type Source struct {
	Dir  string // the folder of a main package, or of a Makefile
	Rule string // the Makefile's rule, "build-" and the function's name; "" for go build
}

// Name is what messages call s: the function that a rule names, or the folder.
func (s Source) Name() string {
	return cmp.Or(strings.TrimPrefix(s.Rule, rulePrefix), filepath.Base(s.Dir))
}

// rulePrefix begins the names of Makefile rules that sam build runs.
const rulePrefix = "build-"

// Rule returns the name of the Makefile rule that builds a function.
func Rule(function string) string { return rulePrefix + function }

// An Error is a program that was not built, in the words of the compiler or make.
type Error struct {
	Function string // the Source's name
	Output   string
}

func (e *Error) Error() string { return "build " + e.Function + ": " + e.Output }

// CacheDir is where the binaries of the project in the folder root are kept
// between runs: a folder of the user's cache that no other project shares.
func CacheDir(root string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "crumb", folderName(root)), nil
}

// folderName is a readable and unique name for what lies in dir.
func folderName(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return fmt.Sprintf("%s-%x", filepath.Base(dir), sum[:5])
}

// bootstrapName is the file name of a program.
func bootstrapName() string {
	if runtime.GOOS == "windows" {
		return "bootstrap.exe"
	}
	return "bootstrap"
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
