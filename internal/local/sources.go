package local

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/packaged"
)

// FindSources finds on disk what each function of a is built from, and sets its
// Dir, BuildMethod and NotRun accordingly, and the NotRun of the authorizers that call
// it. What users should know becomes Findings. The app must have just been read; given is
// as Options.Sources, in which a mistake is an error.
func FindSources(a *app.App, given ...string) error {
	sources, err := readSources(a, given)
	if err != nil {
		return err
	}
	s := sourceFinder{app: a, finder: gobuild.NewFinder(filepath.Dir(a.File)), likely: map[*app.Function]string{}}
	for _, f := range a.Functions {
		f.Dir = s.finder.Unlink(f.Dir)
		if sources[f] != "" {
			s.builtIn(f, sources[f], s.placeOf(f))
			s.runtime(f)
		} else if f.NotRun == "" {
			s.look(f)
		}
	}
	if len(s.found) > 0 {
		s.find(app.Note, 0, "built from source in place of what was packed: %s", strings.Join(s.found, ", "))
	}
	noteLoose(a)
	for _, api := range a.APIs {
		for _, d := range api.Authorizers {
			if f := d.Function; f != nil && f.NotRun != "" && d.NotRun == "" {
				d.NotRun = "its function " + f.ID + " is not run: " + f.NotRun
				s.find(app.NotEmulated, d.Line, "%s: the authorizer %s is not run, because %s is not", api.ID, d.Name, f.ID)
			}
		}
	}
	slices.SortStableFunc(a.Findings, app.Finding.Compare)
	return nil
}

// SourceOf returns what f is built from, once FindSources has found it.
func SourceOf(f *app.Function) gobuild.Source {
	s := gobuild.Source{Dir: f.Dir, Program: f.Program}
	if f.BuildMethod == makefile {
		s.Rule = gobuild.Rule(f.ID)
		if f.Runtime == "go1.x" {
			s.Program = f.Handler
		}
	}
	return s
}

// makefile is the BuildMethod of functions that a Makefile builds.
const makefile = "makefile"

// A sourceFinder looks for the sources of an app's functions.
type sourceFinder struct {
	app    *app.App
	finder *gobuild.Finder
	found  []string // the functions whose source their program names, and where it is

	likely map[*app.Function]string // one of several folders of a main package
}

func (s *sourceFinder) notRun(f *app.Function, why string) {
	f.NotRun = why
	s.find(app.NotEmulated, f.CodeLine, "%s is not run: %s", f.ID, why)
}

func (s *sourceFinder) find(severity app.Severity, line int, format string, args ...any) {
	s.app.Findings = append(s.app.Findings, app.Finding{
		Severity: severity, Line: line, Text: s.app.Secrets.Replace(fmt.Sprintf(format, args...)),
	})
}

func (s *sourceFinder) look(f *app.Function) {
	switch {
	case f.NoSource != "":
		s.inS3(f)
		s.runtime(f)
	case f.ImageLine > 0:
		s.image(f)
	default:
		s.zip(f)
		s.runtime(f)
	}
	if path := gobuild.Unimportable(f.Dir); path != "" && f.NotRun == "" && f.BuildMethod != makefile && f.Program == "" {
		s.notRun(f, fmt.Sprintf("the go command does not accept the path of its package, %q; rename the folder", path))
	}
}

func (s *sourceFinder) zip(f *app.Function) {
	if f.BuildMethod == makefile && !gobuild.HasMakefile(f.Dir) {
		s.find(app.Note, f.CodeLine, "%s: its CodeUri has no Makefile, so go build builds it", f.ID)
		f.BuildMethod = ""
	}
	if f.BuildMethod != makefile {
		s.mainPackage(f)
	}
}

// runtime notes a runtime that Lambda does not have for new functions.
func (s *sourceFinder) runtime(f *app.Function) {
	switch {
	case f.NotRun != "" || f.Runtime == "":
	case f.Runtime == "go1.x" || f.Runtime == "provided":
		s.find(app.Note, f.RuntimeLine, "%s: Lambda no longer creates functions with the runtime %s; it runs here as with provided.al2023", f.ID, f.Runtime)
	case !slices.Contains(osOnly, f.Runtime):
		s.find(app.Note, f.RuntimeLine, "%s: Lambda does not have the runtime %s; it runs here as with provided.al2023", f.ID, f.Runtime)
	}
}

// osOnly are the OS-only runtimes of new functions ("Lambda runtimes").
var osOnly = []string{"provided.al2", "provided.al2023"}

// image finds the Go program in the folder that an image is built from.
func (s *sourceFinder) image(f *app.Function) {
	if !gobuild.IsMain(f.Dir) {
		s.unknown(f, "container images are not emulated")
		return
	}
	f.Beside = copied(f.Dir, f.Dockerfile)
	s.find(app.Note, f.ImageLine, "%s: its image is not built; it runs from the main package in %s, beside files that %s copies",
		f.ID, s.finder.Rel(f.Dir), f.Dockerfile)
}

// mainPackage finds the package that go build builds.
func (s *sourceFinder) mainPackage(f *app.Function) {
	dir, why := s.finder.InPlace(f.Dir, f.Handler)
	if why == "" {
		if meant := s.finder.Meant(dir, f.Handler); meant != "" {
			s.find(app.Note, f.CodeLine, "%s: the main package in its CodeUri does not link aws-lambda-go, and the one in %s, which its Handler names, does", f.ID, s.finder.Rel(meant))
		}
		f.Dir = dir
		return
	}
	found, program, whyNot := s.packaged(f, f.Dir)
	if found {
		return
	}
	dir = s.finder.Elsewhere(f.Dir, f.Handler)
	if dir == "" {
		if program != (packaged.Program{}) {
			why = whyNot
		}
		s.asPacked(f, f.Dir, program, why)
		return
	}
	data := f.Dir
	if info, err := os.Stat(data); err != nil || !info.IsDir() {
		data = dir
	}
	s.find(app.Note, f.CodeLine, "%s: %s; it runs from the main package in %s, beside the files of %s", f.ID, why, s.finder.Rel(dir), s.finder.Rel(data))
	s.builtIn(f, dir, data)
}
