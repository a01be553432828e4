package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/reach"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/keyring"
)

// A project is a SAM template whose functions can run.
type project struct {
	template *app.App // replaced by update
	given    reach.Given
	warned   map[string]bool // reserved variables that were told of
	debug    debugFlags
	builder  *gobuild.Builder
	pool     *lambda.Pool
	dynamo   *dynamo.Server // nil until the template has a table
	log      *slog.Logger
	stderr   io.Writer

	mu      sync.Mutex
	used    map[gobuild.Source]bool  // those of functions that were asked for
	told    map[gobuild.Source]error // the compile error that the terminal knows of
	printed map[string]bool          // what compilers said, since the last change
}

// projectFlags are the flags of every command that runs functions. They are
// named as sam names its own.
type projectFlags struct {
	template     string
	overrides    []string
	envVars      string
	configFile   string
	configEnv    string
	region       string
	maxSandboxes int
	json         bool // logs in JSON; a flag of start only
}

func (f *projectFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&f.template, "template", "t", "", "the SAM template or its folder (default template.yaml, .yml or .json here)")
	flags.StringArrayVar(&f.overrides, "parameter-overrides", nil, "values of template parameters: 'Stage=dev Size=2'")
	flags.StringVarP(&f.envVars, "env-vars", "n", "", "JSON file with environment variables, in sam's format")
	flags.StringVar(&f.configFile, "config-file", "", "samconfig.toml or .yaml to read (default: the one beside the template)")
	flags.StringVar(&f.configEnv, "config-env", "", "environment of the samconfig (default \"default\")")
	flags.StringVar(&f.region, "region", "", "region that functions see (default us-east-1)")
	flags.IntVar(&f.maxSandboxes, "max-sandboxes", 0, "processes of one function at a time (default 32)")
}

// read reads the template as the flags and the samconfig say. The command is
// sam's name for what is done: "local_start_api".
func (f *projectFlags) read(command string) (template *app.App, envVars map[string]map[string]string, err error) {
	config, err := f.readConfig(command)
	if err != nil {
		return nil, nil, err
	}
	options := sam.Options{Overrides: config.Overrides, Region: cmp.Or(f.region, config.Region)}
	overrides, err := sam.ParseOverrides(f.overrides...)
	if err != nil {
		return nil, nil, fmt.Errorf("--parameter-overrides: %w", err)
	}
	if options.Overrides == nil {
		options.Overrides = overrides
	}
	maps.Copy(options.Overrides, overrides)
	if file := cmp.Or(f.envVars, config.EnvVarsFile); file != "" {
		if options.EnvVars, err = sam.ReadEnvVars(file); err != nil {
			return nil, nil, err
		}
	}
	template, err = sam.Read(f.templateFile(config), options)
	if err == nil {
		local.FindSources(template)
	}
	return template, options.EnvVars, err
}

func (f *projectFlags) readConfig(command string) (sam.Config, error) {
	file := f.samconfig()
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && f.configFile == "" && f.configEnv == "" {
		return sam.Config{}, nil
	}
	return sam.ReadConfig(file, f.configEnv, command)
}

func (f *projectFlags) samconfig() string {
	dir := filepath.Dir(f.template)
	if info, err := os.Stat(f.template); err == nil && info.IsDir() {
		dir = f.template
	}
	return cmp.Or(f.configFile, sam.FindConfig(dir))
}

func (f *projectFlags) templateFile(config sam.Config) string {
	file := cmp.Or(f.template, config.TemplateFile)
	if info, err := os.Stat(file); file == "" || err == nil && info.IsDir() {
		return sam.Find(file)
	}
	return file
}

// files are the files beside template that change what read returns.
func (f *projectFlags) files(template *app.App) []string {
	files := []string{template.File, f.samconfig()}
	if f.envVars != "" {
		files = append(files, f.envVars)
	}
	return files
}

// newProject makes the functions of template ready. What they log goes to logs.
func newProject(template *app.App, envVars map[string]map[string]string, f projectFlags, debug debugFlags, logs io.Writer, log *slog.Logger) (*project, error) {
	if err := debug.check(template); err != nil {
		return nil, err
	}
	cache, err := gobuild.CacheDir(filepath.Dir(template.File))
	if err != nil {
		return nil, err
	}
	region := cmp.Or(f.region, app.DefaultRegion)
	p := &project{
		debug: debug, log: log, stderr: logs,
		given:  reach.Given{Region: region, Ring: keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())}), Lookup: os.LookupEnv},
		warned: map[string]bool{}, used: map[gobuild.Source]bool{}, told: map[gobuild.Source]error{}, printed: map[string]bool{},
	}
	functions, err := p.take(template, envVars)
	if err != nil {
		return nil, err
	}
	p.builder = gobuild.New(debug.cache(cache), debug.buildFlags()...)
	p.pool, err = lambda.New(debug.unlimited(lambda.Config{
		Functions:    functions,
		Logs:         logs,
		Region:       region,
		MaxSandboxes: f.maxSandboxes,
		Records:      f.json,
	}))
	return p, err
}

// update takes over another reading of the template.
func (p *project) update(template *app.App, envVars map[string]map[string]string) error {
	functions, err := p.take(template, envVars)
	if err != nil {
		return err
	}
	return p.pool.Update(functions)
}

// take makes template the project's and returns its functions, with their
// environments. Its tables keep what is in them.
func (p *project) take(template *app.App, envVars map[string]map[string]string) ([]lambda.Function, error) {
	p.template, p.given.EnvVars = template, envVars
	if err := p.serveTables(); err != nil {
		return nil, err
	}
	return p.functions(), nil
}

func (p *project) serveTables() (err error) {
	var tables []dynamo.Table
	for _, t := range p.template.Tables {
		tables = append(tables, dynamo.Table{Name: t.Name, Keys: t.Keys})
	}
	p.given.DynamoDB = ""
	if len(tables) == 0 {
		return nil
	}
	if p.dynamo == nil {
		if p.dynamo, err = dynamo.Start(context.Background()); err != nil {
			return err
		}
	}
	p.dynamo.SetTables(tables...)
	p.given.DynamoDB = p.dynamo.URL
	return nil
}

func (p *project) functions() []lambda.Function {
	var functions []lambda.Function
	ring := false
	for f := range p.template.Runnable() {
		env, ignored := reach.Environment(f, p.given)
		ring = ring || env["CRUMB_KEYS"] == p.given.Ring
		p.warnReserved(f, ignored)
		functions = append(functions, p.debug.wrap(lambda.Function{
			Name:     f.ID,
			Handler:  f.Handler,
			Timeout:  f.Timeout,
			MemoryMB: f.MemoryMB,
			Env:      env,
			LogLevel: f.SystemLogLevel,
			Build: func(ctx context.Context) (string, error) {
				p.mu.Lock()
				p.used[local.SourceOf(f)] = true
				p.mu.Unlock()
				return p.build(ctx, local.SourceOf(f))
			},
		}))
	}
	if ring {
		p.template.Findings = append(p.template.Findings, app.Finding{
			Text: "CRUMB_KEYS is a ring to throw away: what is sealed now does not open after the next start (--env-vars can name another)",
		})
	}
	return functions
}

// warnReserved tells, once, of variables that f cannot have.
func (p *project) warnReserved(f *app.Function, names []string) {
	for _, name := range names {
		text := fmt.Sprintf("crumb: %s: environment variable %q is reserved by Lambda; the template's value is ignored\n", f.ID, name)
		if !p.warned[text] {
			p.warned[text] = true
			io.WriteString(p.stderr, text)
		}
	}
}

// sources are those of the functions that run, each once.
func (p *project) sources() []gobuild.Source {
	var sources []gobuild.Source
	for f := range p.template.Runnable() {
		if s := local.SourceOf(f); !slices.Contains(sources, s) {
			sources = append(sources, s)
		}
	}
	return sources
}

// packages are the folders that go build compiles.
func (p *project) packages() []string {
	var dirs []string
	for _, s := range p.sources() {
		if s.Rule == "" {
			dirs = append(dirs, s.Dir)
		}
	}
	return dirs
}

// watched are the packages that functions may be made of: what a Makefile
// compiles may lie anywhere below it.
func (p *project) watched() []string {
	var dirs []string
	for _, s := range p.sources() {
		if s.Rule != "" {
			dirs = append(dirs, filepath.Join(s.Dir, "..."))
		}
	}
	return append(dirs, p.packages()...)
}

// build builds a function and tells the terminal of each compile error once,
// and when it is mended.
func (p *project) build(ctx context.Context, s gobuild.Source) (bootstrap string, err error) {
	bootstrap, err = p.builder.Build(ctx, s)
	if ctx.Err() != nil {
		return bootstrap, err
	}
	p.mu.Lock()
	before := p.told[s]
	p.told[s] = err
	p.mu.Unlock()
	switch {
	case err == before:
	case err == nil:
		p.log.Info("compiles again", "function", s.Name())
	default:
		build := (*gobuild.Error)(nil)
		if !errors.As(err, &build) {
			p.log.Error("cannot be built", "function", s.Name(), "error", err)
			break
		}
		p.print(build.Output)
		p.log.Error("does not compile", "function", s.Name())
	}
	return bootstrap, err
}

// print prints a compiler's words, those on a package that several functions
// share only once.
func (p *project) print(output string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.printed[output] {
		p.printed[output] = true
		io.WriteString(p.stderr, output)
	}
}

// buildAll builds every function in the background, so that the first request
// finds it done.
func (p *project) buildAll(ctx context.Context) {
	for _, s := range p.sources() {
		go p.build(ctx, s)
	}
}

// buildUsed does so with the functions that were asked for since the start, and
// with those that did not compile, so that the terminal tells when they do.
func (p *project) buildUsed(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.printed)
	for _, s := range p.sources() {
		if p.used[s] || p.told[s] != nil {
			go p.build(ctx, s)
		}
	}
}

func (p *project) close() error {
	err := errors.Join(p.builder.Close(), p.pool.Close())
	if p.dynamo != nil {
		err = errors.Join(err, p.dynamo.Close())
	}
	return err
}
