package local

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/packaged"
)

// packaged finds what a function whose code a tool has packed is built from, by what Go
// wrote into its program. It reports whether it is sure of it; why says why not.
func (s *sourceFinder) packaged(f *app.Function, place string) (found bool, program packaged.Program, why string) {
	program, err := packaged.Read(place, programName(f))
	dirs := []string{s.finder.PackageOf(program.File)}
	if dirs[0] == "" {
		dirs = s.finder.Package(program.Path, program.Module)
	}
	switch {
	case err != nil:
		return false, program, fmt.Sprintf("its code in %s cannot be used: %v", s.finder.Rel(place), err)
	case len(dirs) == 1:
		s.builtIn(f, dirs[0], place)
		s.found = append(s.found, f.ID+" from "+gobuild.FromHere(f.Dir))
		return true, program, ""
	case program.Path == "":
		why = fmt.Sprintf("%s in %s has no build information of Go", programName(f), s.finder.Rel(place))
	case program.Path == "command-line-arguments":
		why = "its program does not say its main package, as after go build main.go"
	case program.Module == "":
		why = "its program does not say the module of its main package, " + program.Path
	case len(dirs) == 0:
		why = fmt.Sprintf("the main package of its program, %s, is not in this project", program.Path)
	default:
		for i, dir := range dirs {
			dirs[i] = gobuild.FromHere(dir)
		}
		s.likely[f] = dirs[0]
		why = fmt.Sprintf("several modules here have the main package of its program, %s: %s", program.Path, strings.Join(dirs, ", "))
	}
	return false, program, why
}

// placeOf returns the folder or archive that has the code of f, "" if there is none here.
func (s *sourceFinder) placeOf(f *app.Function) string {
	return cmp.Or(f.Dir, packaged.Find(s.app.File, f.S3Key, f.Name))
}

// programName is the name of a function's program in its package.
func programName(f *app.Function) string {
	if f.Runtime == "go1.x" {
		return f.Handler
	}
	return "bootstrap"
}

// builtIn lets f be built from the main package in dir, beside the files of place, if
// there are any.
func (s *sourceFinder) builtIn(f *app.Function, dir, place string) {
	if _, err := os.Stat(place); err == nil && place != "" {
		f.Beside = []app.Beside{{Name: ".", Path: place}}
	}
	f.Dir, f.BuildMethod, f.ImageLine = dir, "", 0
}

// inS3 finds the program of a function whose source the template does not name.
func (s *sourceFinder) inS3(f *app.Function) {
	place := s.placeOf(f)
	if f.Runtime == "" || place == "" { // an image, or nothing to look at
		s.unknown(f, f.NoSource)
		return
	}
	found, program, why := s.packaged(f, place)
	if !found {
		s.asPacked(f, place, program, why)
	}
}

// asPacked lets f run as it was packed, if this machine runs its program.
func (s *sourceFinder) asPacked(f *app.Function, place string, program packaged.Program, why string) {
	switch {
	case program.Runs():
		f.Dir, f.Program = place, programName(f)
		s.find(app.Note, f.CodeLine, "%s: %s; it runs as it was packed, until %s names its source", f.ID, why, s.flagFor(f))
		return
	case program.System != "":
		why += fmt.Sprintf("; its program is for %s, and this machine is %s/%s", program.System, runtime.GOOS, runtime.GOARCH)
	case program.Path != "":
		why += "; its program is not for Lambda"
	}
	s.unknown(f, why)
}

// unknown says that f is not run because its source is unknown, and how to name it.
func (s *sourceFinder) unknown(f *app.Function, why string) {
	f.NotRun = why
	s.find(app.NotEmulated, f.CodeLine, "%s is not run: %s; %s names its source", f.ID, why, s.flagFor(f))
}

// flagFor is the flag that names the source of f, with DIR where no folder is likely.
func (s *sourceFinder) flagFor(f *app.Function) string {
	names := []string{strings.TrimSuffix(filepath.Base(filepath.FromSlash(f.S3Key)), ".zip"), f.ID, f.Name}
	if f.Runtime == "go1.x" {
		names = append(names, f.Handler)
	}
	dir := s.likely[f]
	for _, name := range names {
		if found := s.finder.Candidate(name); dir == "" && found != "" {
			dir = gobuild.FromHere(found)
		}
	}
	return "--source " + f.ID + "=" + cmp.Or(dir, "DIR")
}

// readSources reads Options.Sources.
func readSources(a *app.App, given []string) (map[*app.Function]string, error) {
	sources := map[*app.Function]string{}
	for _, text := range given {
		name, dir, ok := strings.Cut(text, "=")
		if !ok || name == "" || dir == "" {
			return nil, fmt.Errorf("--source %s: write ID=DIR, a function and the folder of its main package", text)
		}
		i := slices.IndexFunc(a.Functions, func(f *app.Function) bool { return f.ID == name })
		if i < 0 {
			i = slices.IndexFunc(a.Functions, func(f *app.Function) bool { return f.Name == name })
		}
		if i < 0 {
			_, ids := named(a.Functions, name)
			return nil, fmt.Errorf("--source %s: no function %q; %s has %s", text, name, a.File, strings.Join(ids, ", "))
		}
		f := a.Functions[i]
		path, err := filepath.Abs(dir)
		switch why := gobuild.WhyNotMain(path); {
		case err != nil:
			return nil, err
		case why != "":
			return nil, fmt.Errorf("--source %s: %s %s", text, dir, why)
		case f.NotRun != "":
			return nil, fmt.Errorf("--source %s: %s is not run: %s", text, f.ID, f.NotRun)
		case sources[f] != "":
			return nil, fmt.Errorf("--source %s: %s has another --source", text, f.ID)
		}
		sources[f] = path
	}
	return sources, nil
}
