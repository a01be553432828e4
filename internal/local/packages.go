package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/doors"
	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/router"
	"github.com/crumb-go/crumb/internal/samconfig"
)

// A mapping is one of Options.Packages.
type mapping struct{ text, method, path, dir string } // path is "" for a package alone

func newMapping(text string) (mapping, error) {
	m := mapping{text: text, method: "ANY", dir: text}
	if left, dir, ok := strings.Cut(text, "="); ok {
		m.path, m.dir = left, dir
		if method, path, ok := strings.Cut(left, " "); ok {
			m.method, m.path = strings.ToUpper(method), strings.TrimSpace(path)
		}
		if why := router.Malformed(app.HTTP, m.method, m.path); why != "" {
			return m, fmt.Errorf("%s %s", text, why)
		}
	}
	if filepath.Ext(m.dir) == ".go" { // go run takes files too
		m.dir = filepath.Dir(m.dir)
	}
	var err error
	if m.dir, err = filepath.Abs(m.dir); err != nil {
		return m, err
	}
	if why := gobuild.WhyNotMain(m.dir); why != "" {
		return m, fmt.Errorf("%s %s", gobuild.FromHere(m.dir), why)
	}
	return m, nil
}

// routes returns the routes to f. The path / is every path that no other route takes.
func (m mapping) routes(f *app.Function) (routes []app.Route) {
	paths := []string{m.path}
	switch {
	case m.path == "" || m.path == "/" && m.method == "ANY":
		paths = []string{"$default"}
	case m.path == "/": // $default is for all methods
		paths = []string{"/", "/{proxy+}"}
	}
	for _, path := range paths {
		routes = append(routes, app.Route{Method: m.method, Path: path, Function: f, Payload: "2.0", Stream: true}) // if the function does
	}
	return routes
}

// readPackages reads Options.Packages in place of a template.
func (o *Options) readPackages() (reading, error) {
	r := reading{app: &app.App{Secrets: strings.NewReplacer()}, region: cmp.Or(o.Region, o.DefaultRegion, app.DefaultRegion), envVars: o.EnvVars}
	if o.EnvVarsFile != "" {
		vars, err := samconfig.ReadEnvVars(o.EnvVarsFile)
		file, absErr := filepath.Abs(o.EnvVarsFile)
		if err = cmp.Or(err, absErr); err != nil {
			return reading{}, err
		}
		r.envVars, r.files = merge(vars, o.EnvVars), []string{file}
	}
	var mappings []mapping
	var dirs []string
	var errs []error
	if o.Timeout < 0 || o.Timeout > 15*time.Minute {
		errs = append(errs, fmt.Errorf("a time limit of %v: Lambda's are from 1s to 15m", o.Timeout))
	}
	tables, err := dynamo.ParseTables(o.Tables)
	r.app.Tables, errs = tables, append(errs, err)
	for _, text := range o.Packages {
		m, err := newMapping(text)
		mappings, dirs, errs = append(mappings, m), append(dirs, m.dir), append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return reading{}, err
	}
	slices.Sort(dirs)
	functions, err := o.functionsIn(slices.Compact(dirs), mappings, &r)
	if err != nil {
		return reading{}, err
	}
	noteLoose(r.app)
	refuseReserved(r.app)
	return r, addRoutes(r.app, mappings, functions)
}

// addRoutes adds a Function URL for each package alone, and an HTTP API for the others.
func addRoutes(a *app.App, mappings []mapping, functions map[string]*app.Function) error {
	apis, taken := map[string]*app.API{}, map[string]string{}
	var errs []error
	for _, m := range mappings {
		f := functions[m.dir]
		id, kind := f.ID+"Url", app.URL
		if m.path != "" {
			id, kind = "Api", app.HTTP
		}
		if apis[id] == nil {
			apis[id] = &app.API{ID: id, Kind: kind, Stage: "$default"}
			a.APIs = append(a.APIs, apis[id])
		}
		for _, route := range m.routes(f) {
			key := id + " " + route.Method + " " + route.Path
			if other, ok := taken[key]; ok {
				errs = append(errs, fmt.Errorf("%s has the route of %s", m.text, other))
				break
			}
			taken[key] = m.text
			apis[id].Routes = append(apis[id].Routes, route)
		}
	}
	return errors.Join(errs...)
}

// functionsIn makes a function of each program in dirs.
func (o *Options) functionsIn(dirs []string, mappings []mapping, r *reading) (map[string]*app.Function, error) {
	programs, err := gobuild.Programs(context.Background(), dirs...)
	if err != nil {
		return nil, err
	}
	functions := map[string]*app.Function{}
	unused := maps.Clone(r.envVars)
	delete(unused, "Parameters")
	var errs []error
	for _, dir := range dirs {
		program := programs[slices.IndexFunc(programs, func(p gobuild.Program) bool { return p.Dir == dir })]
		if !program.Incomplete && !program.Links(gobuild.LambdaPackage) {
			errs = append(errs, fmt.Errorf("%s does not link %s, so Lambda cannot run it", gobuild.FromHere(dir), gobuild.LambdaPackage))
		}
		f := &app.Function{
			ID: functionName(dir, dirs), Dir: dir, Handler: "bootstrap", Runtime: "provided.al2023",
			Timeout: cmp.Or(o.Timeout, 3*time.Second), MemoryMB: 128, Env: map[string]string{},
		}
		f.Name = f.ID
		if door, service, isHTTP := doors.Of(program); !isHTTP {
			note(r.app, "%s: its code reads no event of an HTTP service; to send it another: crumb invoke %s --event FILE", f.ID, gobuild.FromHere(dir))
		} else if o.Door == "" && door != "" {
			note(r.app, "%s: its code has the event of %s, which --door %s sends", f.ID, service, door)
		}
		hasPath := func(m mapping) bool { return m.dir == dir && m.path != "" }
		if found := program.Find(doors.Parameter); found != nil && string(found[1]) != "proxy" && !slices.ContainsFunc(mappings, hasPath) {
			note(r.app, "%s: its code reads a path parameter, which only a path has, as in crumb run '/%[1]s/{%[2]s}=%[3]s' /=%[3]s", f.ID, cmp.Or(string(found[1]), "id"), gobuild.FromHere(dir))
		}
		if program.Links("github.com/crumb-go/crumb/shared/keyring") {
			f.Env["CRUMB_KEYS"] = "" // a temporary ring, unless the developer has one
		}
		maps.Copy(f.Env, r.envVars["Parameters"])
		maps.Copy(f.Env, r.envVars[f.ID])
		f.EnvNames = slices.Sorted(maps.Keys(f.Env))
		delete(unused, f.ID)
		functions[dir] = f
		r.app.Functions = append(r.app.Functions, f)
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		note(r.app, "--env-vars has values for %s, which is not one of the functions", name)
	}
	return functions, errors.Join(errs...)
}

// notInName matches what a FunctionName cannot have.
var notInName = regexp.MustCompile(`[^a-zA-Z0-9_/-]+`)

// functionName returns the name of the folder dir, after those of as many folders
// around it as tell it from the others in dirs.
func functionName(dir string, dirs []string) string {
	clean := func(dir string) string { return notInName.ReplaceAllString(filepath.ToSlash(dir), "-") }
	parts := strings.Split(strings.Trim(clean(dir), "/"), "/")
	end := ""
	for _, part := range slices.Backward(parts) {
		end = "/" + part + end
		if !slices.ContainsFunc(dirs, func(other string) bool { return other != dir && strings.HasSuffix(clean(other), end) }) {
			break
		}
	}
	return strings.ReplaceAll(end[1:], "/", "-")
}

// noteLoose names the functions whose sources have no go.mod.
func noteLoose(a *app.App) {
	var loose []string
	for f := range a.Runnable() {
		if s := SourceOf(f); s.Rule == "" && !s.Packaged() && gobuild.Loose(s.Dir) {
			loose = append(loose, f.ID)
		}
	}
	if loose != nil {
		note(a, "%s: there is no go.mod, so the newest release of each module is used; to choose releases: go mod init NAME && go mod tidy", strings.Join(loose, ", "))
	}
}

// note adds a finding about no line of the template.
func note(a *app.App, format string, args ...any) {
	a.Findings = append(a.Findings, app.Finding{Text: fmt.Sprintf(format, args...)})
}
