package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
)

type startFlags struct {
	projectFlags
	debug                   debugFlags
	inspect                 inspectFlags
	host                    string
	port                    int
	allowHosts              []string
	door                    string
	api                     string
	tls                     bool
	tlsCert, tlsKey         string
	noWatch                 bool
	verbose                 bool
	insecureSkipAuthorizers bool
}

func newStart() *cobra.Command {
	var f startFlags
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Serve the template's APIs on this machine",
		Long: `Serve the APIs of a SAM template. Each function is compiled and runs as a
process of its own behind the Lambda Runtime API, as in Lambda; events and
answers are those of the AWS service in front of it. A saved change is in the
next answer. The template's DynamoDB tables are in memory, and go when it ends.

Routes go to stdout, function logs to stderr. Ctrl-C stops everything.

The last line on stdout is the URL of the inspector: a page on a port of its own
that shows, live, each request's cookies, what a browser makes of each Set-Cookie
line and by which rule, and the jar as it should be now. Values stay hidden until
you ask for one. Who has the URL, with its random token, can see them all.`,
		Example: `  crumb start                                # template.yaml on port 3000
  crumb start --port 0                       # any free port, printed
  crumb start -t api/template.yaml --door http
  crumb start --tls                          # https with a certificate made on the fly
  crumb start --parameter-overrides Stage=dev --env-vars env.json
  crumb start --api AdminApi --insecure-skip-authorizers
  crumb start --debug-port 5986 --debug-function GetCookieFunction`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			return start(ctx, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.register(cmd)
	f.debug.register(cmd)
	f.inspect.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.host, "host", "127.0.0.1", "address to listen on")
	f.port = 3000
	flags.VarP((*port)(&f.port), "port", "p", "port of the first API, the next one gets the next port; 0 picks free ones")
	flags.StringSliceVar(&f.allowHosts, "allow-host", nil, "further names that a request's Host may have")
	flags.StringVar(&f.door, "door", "", "serve every route as if behind rest, http, http1, url, alb or alb-multi")
	flags.StringVar(&f.api, "api", "", "serve only the API with this logical id")
	flags.StringVar(&f.debug.function, "debug-function", "", "the function under the debugger (default: the only one)")
	for flag, complete := range map[string]completer{
		"door":           cobra.FixedCompletions(doors, cobra.ShellCompDirectiveNoFileComp),
		"api":            completeTemplate(&f.projectFlags, "local_start_api", apiIDs),
		"debug-function": completeTemplate(&f.projectFlags, "local_start_api", functionIDs),
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, complete) // fails only for a flag that is not there
	}
	flags.BoolVar(&f.tls, "tls", false, "serve https with a self-signed certificate for localhost and *.localhost")
	flags.StringVar(&f.tlsCert, "tls-cert-file", "", "serve https with this certificate (PEM)")
	flags.StringVar(&f.tlsKey, "tls-key-file", "", "the key of --tls-cert-file (PEM)")
	flags.BoolVar(&f.noWatch, "no-watch", false, "do not rebuild when a file is saved")
	flags.BoolVar(&f.json, "json", false, "write crumb's own log as JSON, and Lambda's lines of functions with LogFormat JSON")
	flags.BoolVar(&f.verbose, "verbose", false, "log each event and response, bodies, cookie values and credentials masked")
	flags.BoolVar(&f.insecureSkipAuthorizers, "insecure-skip-authorizers", false, "open the routes that an authorizer guards")
	return cmd
}

// start serves until ctx is done.
func start(ctx context.Context, f startFlags, stdout, stderr io.Writer) (err error) {
	template, envVars, err := f.read("local_start_api")
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, nil))
	if f.json {
		log = slog.New(slog.NewJSONHandler(stderr, nil))
	}
	p, err := newProject(template, envVars, f.projectFlags, f.debug, stderr, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	printNotes(stderr, template)

	s := &servers{flags: f, invoker: p.pool, log: log, cookies: newCookieWatch(log), failed: make(chan error, 1)}
	s.cookies.page = f.newInspector(&s.cookies.jar)
	if f.verbose {
		s.invoker = verbose{p.pool, log}
	}
	defer s.close()
	if err := s.update(ctx, template); err != nil {
		return err
	}
	if err := s.inspect(ctx); err != nil {
		return err
	}
	if err := gobuild.Check(ctx, p.packages()...); err != nil {
		return oneLine(err)
	}
	var w *watcher
	if !f.noWatch {
		if w, err = newWatcher(p, s, stdout, stderr); err != nil {
			return fmt.Errorf("watch: %w (--no-watch does without)", err)
		}
		defer w.close()
	}
	s.print(stdout)
	s.printInspector(stdout)
	s.printStages(stderr)
	began := time.Now()
	p.buildAll(ctx)
	if w != nil {
		if _, err := w.findSources(context.Background()); err != nil { // Ctrl-C is no failure
			return fmt.Errorf("watch: %w (--no-watch does without)", err)
		}
		if w.savedSince(began) { // and before it was watched
			p.builder.MarkStale()
		}
		ctx, stop := context.WithCancel(ctx)
		var watching sync.WaitGroup
		watching.Go(func() { w.run(ctx) })
		defer watching.Wait() // until then it may open ports, which s.close closes
		defer stop()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-s.failed:
		return err
	}
}

// printNotes writes a line for each note, and one for those that a single line
// of the template, as in Globals, causes for several functions.
func printNotes(w io.Writer, template *app.App) {
	type place struct {
		line int
		text string // without the name that begins it
	}
	more := map[place]int{}
	placeOf := func(n app.Finding) place {
		_, text, _ := strings.Cut(n.Text, " ")
		return place{n.Line, text}
	}
	for _, note := range template.Findings {
		more[placeOf(note)]++
	}
	for _, note := range template.Findings {
		at := placeOf(note)
		n := more[at]
		if n == 0 {
			continue // written
		}
		delete(more, at)
		file, text := template.File, note.Text
		if note.Line > 0 {
			file += ":" + strconv.Itoa(note.Line)
		}
		if n > 1 {
			text = fmt.Sprintf("%s (and for %d more)", text, n-1)
		}
		fmt.Fprintf(w, "%s: %s\n", file, text)
	}
}

// selectAPIs lists the APIs to serve: those with a route, or the one that --api names.
func (f *startFlags) selectAPIs(template *app.App) ([]*app.API, error) {
	apis := slices.DeleteFunc(slices.Clone(template.APIs), func(api *app.API) bool {
		return len(api.Routes) == 0 || f.api != "" && api.ID != f.api
	})
	switch {
	case len(apis) > 0:
		return apis, nil
	case f.api != "":
		return nil, fmt.Errorf("%s has no API %q with a route", template.File, f.api)
	}
	hint := ""
	for fn := range template.Runnable() {
		hint = fmt.Sprintf("; crumb invoke %s --event FILE runs one on an event", fn.ID)
		break
	}
	return nil, fmt.Errorf("%s has no function with an HTTP route%s", template.File, hint)
}

// oneLine is the first line of err that says something.
func oneLine(err error) error {
	text := err.Error()
	if build := (*gobuild.Error)(nil); errors.As(err, &build) {
		text = build.Output
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading ") {
			return errors.New(line)
		}
	}
	return err
}
