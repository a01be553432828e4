package scaffold

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
)

// A Source is where a new project gets this module from.
type Source struct {
	Clone   string // a folder, "" if it is to be downloaded
	Version string // of what is to be downloaded, "" for the latest
}

// FindSource returns the source of the running program: the clone that it was built
// from, or that the working directory is in; else the version that it has. A
// program that was itself downloaded has a version only. info is nil where there is
// none.
func FindSource(info *debug.BuildInfo) Source {
	_, file, _, _ := runtime.Caller(0) // with -trimpath not a path of this machine
	return findSource(info, filepath.Dir(filepath.Dir(filepath.Dir(file))))
}

func findSource(info *debug.BuildInfo, builtIn string) Source {
	version, downloaded := versionOf(info)
	if downloaded {
		return Source{Version: version}
	}
	if isClone(builtIn) {
		return Source{Clone: builtIn}
	}
	if dir, err := os.Getwd(); err == nil {
		for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
			if isClone(dir) {
				return Source{Clone: dir}
			}
		}
	}
	return Source{Version: version}
}

// versionOf returns the version that can be downloaded, "" if it is not known, and
// whether it was: a program that is built in a checkout has one too, made of its
// revision.
func versionOf(info *debug.BuildInfo) (version string, downloaded bool) {
	if info == nil || info.Main.Version == "(devel)" || info.Main.Replace != nil {
		return "", false
	}
	version, _, _ = strings.Cut(info.Main.Version, "+dirty")
	inCheckout := slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	return version, version != "" && !inCheckout
}

var ownModule = regexp.MustCompile(`(?m)^module ` + regexp.QuoteMeta(Module) + `\r?$`)

func isClone(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && filepath.IsAbs(dir) && ownModule.Match(text)
}

// goMod returns a project's go.mod without its indirect requirements, which go mod
// tidy adds.
func goMod(p Project) string {
	mod := "module " + p.Module + "\n\ngo " + goVersion + "\n\n// The command \"go tool crumb\".\ntool " + Module + "/cmd/crumb\n"
	switch {
	case p.Source.Clone != "":
		mod += "\nrequire " + Module + " v0.0.0\n" +
			"\n// The clone that \"crumb init\" ran from. Once the module can be downloaded, delete\n" +
			"// this line and run: go get " + Module + "@latest\n" +
			"replace " + Module + " => " + quoted(filepath.ToSlash(p.Source.Clone)) + "\n"
	case p.Source.Version != "":
		mod += "\nrequire " + Module + " " + p.Source.Version + "\n"
	}
	return mod
}

var plain = regexp.MustCompile(`^[\w./:~+@-]*$`)

// quoted returns a path as go.mod has it: in quotes if it has a space or begins a
// comment, as a Windows share does.
func quoted(path string) string {
	if plain.MatchString(path) && !strings.Contains(path, "//") {
		return path
	}
	return strconv.Quote(path)
}
