package gobuild

import (
	"context"
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// LambdaPackage is the package by which Go programs get Lambda's events, also those
// that use an adapter.
const LambdaPackage = "github.com/aws/aws-lambda-go/lambda"

// WhyNotMain says what dir has in place of a main package. It is "" if there is one, or
// if that is for go build to say.
func WhyNotMain(dir string) string {
	switch name := packageName(dir); {
	case !isDir(dir):
		return "is not a folder that exists"
	case name == "":
		return "has no Go package"
	case name != "main" && name != unreadable:
		return "has the package " + name + ", not main"
	case Unimportable(dir) != "":
		return "has a path that the go command does not accept; rename the folder"
	}
	return ""
}

// A Program is the main package in a folder, and what it links.
type Program struct {
	Dir        string
	Deps       []string // import paths
	Incomplete bool     // packages are missing, which may link others
	Module     *module
}

// Links reports whether p links a package, as far as that is known.
func (p *Program) Links(path string) bool { return slices.Contains(p.Deps, path) }

// Has reports whether Find finds pattern.
func (p *Program) Has(pattern *regexp.Regexp) bool { return p.Find(pattern) != nil }

// Find returns the first match of pattern, and of its groups, in the source files of p,
// also of the packages of its module that p links; nil if there is none.
func (p *Program) Find(pattern *regexp.Regexp) [][]byte {
	dirs := []string{p.Dir}
	for _, dep := range p.Deps {
		if p.Module == nil {
			break
		}
		if path, ok := strings.CutPrefix(dep+"/", p.Module.Path+"/"); ok {
			dirs = append(dirs, filepath.Join(p.Module.Dir, filepath.FromSlash(path)))
		}
	}
	for _, dir := range dirs {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			text, _ := os.ReadFile(filepath.Join(dir, e.Name()))
			if found := pattern.FindSubmatch(text); found != nil {
				return found
			}
		}
	}
	return nil
}

// Programs says what the main packages in dirs link, as far as the modules on this
// machine tell: it downloads nothing. If a module cannot be read, that is what they
// import themselves.
func Programs(ctx context.Context, dirs ...string) ([]Program, error) {
	var all []Program
	for root, dirs := range byModule(dirs) {
		settings, _ := readSettings(ctx, "", root) // if that fails, so does go list
		flags, err := settings.flagsIn(root, nil)
		if err != nil {
			return nil, err
		}
		args := slices.Concat([]string{"-json=Dir,Deps,Incomplete,Module"}, flags, dirs)
		programs, err := list[Program](ctx, tool{dir: root, env: []string{"GOPROXY=off"}}, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, programs...)
	}
	for _, dir := range dirs {
		if !slices.ContainsFunc(all, func(p Program) bool { return p.Dir == dir }) {
			p, _ := build.ImportDir(dir, 0) // an error is for go build to say
			all = append(all, Program{Dir: dir, Deps: p.Imports, Incomplete: true})
		}
	}
	return all, nil
}

// LambdaMains returns the programs in and below dir, which is absolute, that link
// LambdaPackage.
func LambdaMains(ctx context.Context, dir string) ([]Program, error) {
	return lambdaMains(ctx, mainsBelow(dir))
}

// lambdaMains returns those of the main packages in mains that do.
func lambdaMains(ctx context.Context, mains []string) (functions []Program, err error) {
	programs, err := Programs(ctx, mains...)
	for _, p := range programs {
		if p.Links(LambdaPackage) || p.Incomplete && slices.ContainsFunc(p.Deps, adapter.MatchString) {
			functions = append(functions, p)
		}
	}
	slices.SortFunc(functions, func(a, b Program) int { return strings.Compare(a.Dir, b.Dir) })
	return functions, err
}

// adapter matches packages that link LambdaPackage, which is not known before they are
// downloaded.
var adapter = regexp.MustCompile(`^github\.com/(aws/aws-lambda-go/lambdaurl|akrylysov/algnhsa|(apex|carlmjohnson)/gateway(/v2)?|fujiwara/ridge)$`)
