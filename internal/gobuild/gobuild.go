// Package gobuild compiles a function's folder for this machine, caches the
// binary, and lists the folders to watch for changes.
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
	"syscall"
)

// ErrClosed is returned by Build after Close was called.
var ErrClosed = errors.New("gobuild: closed")

// A Source is a folder to build a program from. Functions may share one.
type Source struct {
	Dir  string // the folder of a main package, or of a Makefile; of a package: that, or its archive
	Rule string // the Makefile rule, "build-" and the function's name; "" for go build

	// Program is what the Rule leaves in ARTIFACTS_DIR, as the runtime go1.x ran its
	// Handler; "" is bootstrap. Without a Rule it is the program in a package, which runs
	// as it is.
	Program string
}

// Packaged reports whether s is not built: its program runs as it is.
func (s Source) Packaged() bool { return s.Rule == "" && s.Program != "" }

// Name is the name of s in messages: the function that Rule names, or the folder.
func (s Source) Name() string {
	return cmp.Or(strings.TrimPrefix(s.Rule, rulePrefix), filepath.Base(s.Dir))
}

// rulePrefix begins the names of Makefile rules that sam build runs.
const rulePrefix = "build-"

// Rule returns the name of the Makefile rule that builds a function.
func Rule(function string) string { return rulePrefix + function }

// An Error says why a program was not built, in the words of the compiler or make.
// Build and Check return a pointer to it.
type Error struct {
	Function string // the Source's name
	Output   string
}

func (e *Error) Error() string { return "build " + e.Function + ": " + e.Output }

// lasts reports whether a build of the same source would end with err again: not if
// the disk was full.
func lasts(err error) bool {
	failed := (*Error)(nil)
	if !errors.As(err, &failed) {
		return err == nil
	}
	return !strings.Contains(failed.Output, syscall.ENOSPC.Error()) && !strings.Contains(failed.Output, "not enough space on the disk") // Unix and Windows
}

// folderName is a readable and unique name for a variant of dir.
func folderName(dir string, variant ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{dir}, variant...), "\x00")))
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
