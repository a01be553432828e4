package local

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/reach"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/samconfig"
)

// A reading is a template read according to options and a samconfig.
type reading struct {
	app     *app.App
	region  string                       // of the template and its functions
	envVars map[string]map[string]string // as samconfig.ReadEnvVars returns them
	files   []string                     // absolute paths of everything read, and of a samconfig that may appear later
}

// Read reads the template or the packages that o names and finds what the functions
// are built from.
func Read(o Options) (*app.App, error) {
	r, err := o.read()
	return r.app, err
}

func (o *Options) read() (reading, error) {
	if len(o.Packages) > 0 {
		return o.readPackages()
	}
	config, err := o.ReadConfig()
	if err != nil {
		return reading{}, err
	}
	options := sam.Options{
		Overrides: config.Overrides, Region: cmp.Or(o.Region, config.Region, o.DefaultRegion, app.DefaultRegion),
		AccountID: o.made.account, Make: o.made.types, Known: o.made.known,
	}
	if options.Overrides == nil {
		options.Overrides = map[string]string{}
	}
	overrides, files, err := samconfig.ParseOverrides(o.Overrides...)
	if err != nil {
		return reading{}, fmt.Errorf("--parameter-overrides: %w", err)
	}
	maps.Copy(options.Overrides, overrides)
	maps.Copy(options.Overrides, o.Parameters)
	envVarsFile := cmp.Or(o.EnvVarsFile, config.EnvVarsFile)
	if envVarsFile != "" {
		if options.EnvVars, err = samconfig.ReadEnvVars(envVarsFile); err != nil {
			return reading{}, err
		}
		if o.EnvVarsFile == "" {
			options.EnvVarsFrom = gobuild.FromHere(envVarsFile) + ", which env_vars of the samconfig names,"
		}
	}
	options.Env = o.EnvVars
	a, err := sam.Read(o.templateFile(config), options)
	if err != nil {
		return reading{}, err
	}
	refuseReserved(a)
	if err := FindSources(a, o.Sources...); err != nil {
		return reading{}, err
	}
	for _, f := range a.Functions {
		if f.Program == "" {
			continue
		}
		files = append(files, f.Dir) // which another package replaces
		if info, err := os.Stat(f.Dir); err == nil && info.IsDir() {
			files = append(files, filepath.Join(f.Dir, f.Program))
		}
	}
	r := reading{app: a, region: options.Region, envVars: merge(options.EnvVars, o.EnvVars)}
	for _, file := range slices.Concat([]string{a.File, o.configFile(), envVarsFile}, a.Documents, files, config.OverrideFiles) {
		if path, err := filepath.Abs(file); file != "" && err == nil {
			r.files = append(r.files, path)
		}
	}
	return r, nil
}

// refuseReserved names the variables that functions cannot set.
func refuseReserved(a *app.App) {
	for _, f := range a.Functions {
		for _, name := range f.EnvNames {
			if reach.Reserved(name) {
				text := fmt.Sprintf("%s: Lambda reserves the variable %s; its value is ignored", f.ID, name)
				a.Findings = append(a.Findings, app.Finding{Severity: app.Refused, Line: f.Line, Text: text})
			}
		}
	}
}

// merge sets the variables of over beside those of vars, which may be nil, by
// function.
func merge(vars, over map[string]map[string]string) map[string]map[string]string {
	if vars == nil {
		return over
	}
	for function, variables := range over {
		if vars[function] == nil {
			vars[function] = map[string]string{}
		}
		maps.Copy(vars[function], variables)
	}
	return vars
}

// ReadConfig reads the samconfig that applies to o, if there is one; not for packages.
func (o *Options) ReadConfig() (samconfig.Config, error) {
	if len(o.Packages) > 0 {
		return samconfig.Config{}, nil
	}
	file := o.configFile()
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && o.ConfigFile == "" && o.ConfigEnv == "" {
		return samconfig.Config{}, nil
	}
	return samconfig.Read(file, o.ConfigEnv, cmp.Or(o.Command, StartAPI))
}

func (o *Options) configFile() string {
	dir := filepath.Dir(o.Template)
	if info, err := os.Stat(o.Template); err == nil && info.IsDir() {
		dir = o.Template
	}
	return cmp.Or(o.ConfigFile, samconfig.Find(dir))
}

// templateFile returns the template. In a folder that is the one that sam finds, or the
// only one that the CDK has written there.
func (o *Options) templateFile(config samconfig.Config) string {
	file := cmp.Or(o.Template, config.TemplateFile)
	if info, err := os.Stat(file); file != "" && (err != nil || !info.IsDir()) {
		return file
	}
	found := sam.Find(file)
	if _, err := os.Stat(found); err != nil {
		entries, _ := os.ReadDir(cmp.Or(file, "."))
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
			return !strings.HasSuffix(e.Name(), ".template.json") || strings.HasSuffix(e.Name(), ".nested.template.json")
		})
		if len(entries) == 1 {
			return filepath.Join(file, entries[0].Name())
		}
	}
	return found
}
