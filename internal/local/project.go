package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/awsproxy"
	"github.com/crumb-go/crumb/internal/dynamo"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/poll"
	"github.com/crumb-go/crumb/internal/reach"
	"github.com/crumb-go/crumb/internal/resources"
	"github.com/crumb-go/crumb/internal/token"
	"github.com/crumb-go/crumb/shared/keyring"
)

// A Project is a template whose functions can run, and whose APIs can be served.
// Open creates one. Invoke, APIs and InspectorURL are safe for concurrent use;
// Open, Listen, Serve and Close are called one after the other.
type Project struct {
	options  Options
	debugger debugger
	given    reach.Given
	tables   *dynamo.Server   // nil if they are elsewhere
	calls    net.Listener     // of Lambda's Invoke API; nil with Options.Credentials
	proxy    *awsproxy.Proxy  // nil with Options.Credentials
	maker    *resources.Maker // nil without Options.AWSEndpoint
	cache    string           // the project's folder in the user's cache
	builds   *builds
	progress progress
	pool     *lambda.Pool
	site     *site
	watcher  *watcher              // nil until Listen, and without Options.Watch
	reports  func(dir string) bool // poll.Reported, except in tests

	closers []func() error // in the order of opening

	mu   sync.Mutex
	read reading // the last valid one
}

// app returns the app of the last valid template.
func (p *Project) app() *app.App {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read.app
}

// Open reads a project's template and prepares its functions. It builds nothing.
func Open(o Options) (*Project, error) {
	o.Host = cmp.Or(o.Host, loopback)
	o.Log = cmp.Or(o.Log, slog.Default())
	o.LocalTables = o.LocalTables || len(o.Tables) > 0
	if o.Logs == nil {
		o.Logs = io.Discard
	}
	if o.ClaimsFile != "" && !o.InsecureSkipAuthorizers {
		return nil, errors.New("--claims works together with --insecure-skip-authorizers only: authorizers that run say themselves who the caller is")
	}
	if o.AWSEndpoint != "" && o.Credentials != nil {
		return nil, errors.New("--aws-endpoint and --aws-credentials exclude each other: an emulator never gets your credentials")
	}
	endpoint, err := reach.Endpoint(o.AWSEndpoint)
	if err != nil {
		return nil, fmt.Errorf("--aws-endpoint: %w", err)
	}
	p := &Project{options: o, reports: poll.Reported, given: reach.Given{
		AWS:    endpoint,
		Ring:   keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())}),
		Lookup: os.LookupEnv, GOOS: runtime.GOOS, Credentials: o.Credentials != nil,
	}}
	if err := p.open(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Project) open() error {
	o := &p.options
	read, err := p.readTemplate(context.Background())
	if err != nil {
		return err
	}
	if p.debugger, err = o.Debug.find(read.app, o.Command); err != nil {
		return err
	}
	if err := p.listenForCalls(); err != nil {
		return err
	}
	cache, done, err := gobuild.UseCache(filepath.Dir(read.app.File))
	if err != nil {
		return err
	}
	p.cache = cache
	p.closers = append(p.closers, done)
	if err := p.startProxy(); err != nil {
		return err
	}
	functions, err := p.take(read)
	if err != nil {
		return err
	}
	p.progress.log, p.progress.show = o.Log, o.OnCompile
	p.builds = newBuilds(p.debugger.builder(cache), o.Log, o.Logs)
	p.builds.builder.Said = p.progress.said
	p.closers = append(p.closers, p.builds.builder.Close)
	config := lambda.Config{
		Functions:    functions,
		Logs:         o.Logs,
		Region:       p.given.Region,
		MaxSandboxes: o.MaxSandboxes,
		Records:      o.Records,
	}
	if p.debugger.on() {
		config.InitLimit, config.IdleTimeout = unlimited, unlimited
	}
	if p.pool, err = lambda.New(config); err != nil {
		return err
	}
	p.closers = append(p.closers, p.pool.Close)
	var invoker gateway.Invoker = p.pool
	if o.Verbose {
		invoker = verbose{p.pool, o.Log, p.app}
	}
	keys, err := TokenKeys(read.app)
	if err != nil {
		return err
	}
	trust, err := token.NewTrust(keys, o.JWKS)
	if err != nil {
		return fmt.Errorf("--jwks: %w", err)
	}
	trust.Template = o.Template
	p.site = newSite(*o, invoker, trust, p.debugger.on())
	p.site.keyFile = filepath.Join(cache, "api-key")
	p.closers = append(p.closers, p.site.close)
	p.serveCalls()
	return nil
}

// Close stops everything that the project has started, and waits for its functions.
// Handlers of requests that are broken off may still be ending.
func (p *Project) Close() error {
	var errs []error
	for _, close := range slices.Backward(p.closers) {
		errs = append(errs, close())
	}
	p.closers = nil
	return errors.Join(errs...)
}

// take makes a reading the current one and returns its functions, with their
// environments. Existing tables keep their items.
func (p *Project) take(read reading) ([]lambda.Function, error) {
	p.mu.Lock()
	p.read = read
	p.mu.Unlock()
	p.given.Region, p.given.EnvVars = read.region, read.envVars
	if err := errors.Join(p.serveTables(read.app), p.serveAWS()); err != nil {
		return nil, err
	}
	functions := p.functions(read.app)
	if p.options.OnRead != nil {
		p.options.OnRead(read.app)
	}
	return functions, nil
}

// serveTables serves DynamoDB, also without tables in the template: a function may make
// its own.
func (p *Project) serveTables(a *app.App) (err error) {
	elsewhere := ""
	switch {
	case p.options.LocalTables: // also with what follows
	case p.options.AWSEndpoint != "":
		elsewhere = "at " + p.given.AWS + ", because of --aws-endpoint"
	case p.options.Credentials != nil:
		elsewhere = "in AWS, because they have AWS credentials"
	}
	if elsewhere != "" {
		if len(a.Tables) > 0 {
			a.Findings = append(a.Findings, app.Finding{Text: "functions call their DynamoDB tables " + elsewhere + "; --local-tables serves the template's tables here"})
		}
		return nil
	}
	if p.tables == nil {
		if p.tables, err = dynamo.Start(context.Background()); err != nil {
			return err
		}
		p.closers = append(p.closers, p.tables.Close)
		p.tables.Missing = func(table string) {
			p.options.Log.Warn("a function calls a DynamoDB table that is not here: crumb run --table NAME=KEY makes it, or aws dynamodb create-table --endpoint-url URL", "table", table, "url", p.tables.URL)
		}
	}
	p.tables.SetTables(a.Tables...)
	p.given.DynamoDB = p.tables.URL
	return nil
}

func (p *Project) functions(a *app.App) []lambda.Function {
	var functions []lambda.Function
	thrownAway, dir := false, ""
	if len(p.options.Packages) > 0 {
		dir, _ = os.Getwd() // as with go run; "" is the program's folder
	}
	for f := range a.Runnable() {
		env := reach.Environment(f, p.given)
		thrownAway = thrownAway || env["CRUMB_KEYS"] == p.given.Ring
		functions = append(functions, p.debugger.wrap(lambda.Function{
			Name:        f.ID,
			Called:      f.Name,
			Handler:     f.Handler,
			Timeout:     f.Timeout,
			MemoryMB:    f.MemoryMB,
			Env:         env,
			Dir:         dir,
			Credentials: p.options.Credentials,
			LogLevel:    f.SystemLogLevel,
			Build: func(ctx context.Context) (string, error) {
				bootstrap, err := p.builds.use(ctx, SourceOf(f))
				if err == nil {
					err = p.show(f.Beside, filepath.Dir(bootstrap))
				}
				return bootstrap, err
			},
		}))
	}
	if thrownAway {
		a.Findings = append(a.Findings, app.Finding{
			Text: "using a temporary keyring for CRUMB_KEYS: cookies sealed now cannot be read after a restart (--env-vars can set another)",
		})
	}
	return functions
}

// Region returns the region of the functions, as they see it.
func (p *Project) Region() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read.region
}

// TablesURL returns the endpoint of the DynamoDB tables, for "aws dynamodb scan
// --endpoint-url" too; "" if there are none here. Its path is a secret.
func (p *Project) TablesURL() string {
	if p.tables == nil || len(p.app().Tables) == 0 {
		return ""
	}
	return p.tables.URL
}

// ResetTables empties the DynamoDB tables.
func (p *Project) ResetTables() {
	if p.tables != nil {
		p.tables.Reset()
	}
}

// Sources finds the files that the functions are built from.
func (p *Project) Sources(ctx context.Context) (*gobuild.SourceSet, error) {
	compiled, below := packagesOf(p.app())
	return p.builds.builder.Sources(ctx, slices.Concat(below, compiled)...)
}

// Function finds a function by its logical id, FunctionName or folder; "" finds
// the only one. The error lists the functions, or says why this one is not run.
func (p *Project) Function(name string) (*app.Function, error) {
	a := p.app()
	f, ids := named(a.Functions, name)
	slices.Sort(ids)
	switch {
	case f == nil && name == "":
		return nil, fmt.Errorf("choose a function: %s has %s", a.File, strings.Join(ids, ", "))
	case f == nil:
		return nil, fmt.Errorf("no function %q; %s has %s", name, a.File, strings.Join(ids, ", "))
	case f.NotRun != "":
		return nil, fmt.Errorf("%s is not run: %s", f.ID, f.NotRun)
	}
	return f, nil
}

// named returns the function with a logical id, FunctionName or folder of that name; the
// only one for "". If there is none, it is nil, and ids are all that there are.
func named(functions []*app.Function, name string) (f *app.Function, ids []string) {
	for _, f := range functions {
		if name == "" && len(functions) == 1 || name != "" && (f.ID == name || f.Name == name || filepath.Base(f.Dir) == name) {
			return f, nil
		}
		ids = append(ids, f.ID)
	}
	return nil, ids
}

// Invoke runs a function, by a name as for Function, with one event. The response
// and the errors are those of lambda.Pool.Invoke, or Function's. An event that is
// not JSON is an error as on AWS, and the function does not run.
func (p *Project) Invoke(ctx context.Context, function string, event []byte) (*lambda.Response, error) {
	f, err := p.Function(function)
	if err != nil {
		return nil, err
	}
	var body json.RawMessage
	if err := json.Unmarshal(event, &body); err != nil {
		return nil, fmt.Errorf("InvalidRequestContentException: Could not parse request body into json: %w", err)
	}
	if p.options.Command == Invoke {
		if err := p.progress.during(func() error {
			_, err := p.builds.build(ctx, SourceOf(f))
			return err
		}); err != nil {
			return nil, err
		}
	}
	return p.pool.Invoke(ctx, f.ID, lambda.Invocation{Payload: event})
}
