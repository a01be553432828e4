package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/sandbox"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

type startFlags struct {
	projectFlags
	host                    string
	port                    int
	allowHosts              []string
	door                    string
	api                     string
	insecureSkipAuthorizers bool
}

func newStart() *cobra.Command {
	var f startFlags
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Serve the template's APIs on this machine",
		Long: `Serve the APIs of a SAM template. Each function is compiled and runs as a
process of its own behind the Lambda Runtime API, as in Lambda; events and
answers are those of the AWS service in front of it.

Routes go to stdout, function logs to stderr. Ctrl-C stops everything.`,
		Example: `  crumb start                                # template.yaml on port 3000
  crumb start --port 0                       # any free port, printed
  crumb start -t api/template.yaml --door http`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			return start(ctx, f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f.register(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.host, "host", "127.0.0.1", "address to listen on")
	flags.IntVarP(&f.port, "port", "p", 3000, "port of the first API, the next one gets the next port; 0 picks free ones")
	flags.StringSliceVar(&f.allowHosts, "allow-host", nil, "further names that a request's Host may have")
	flags.StringVar(&f.door, "door", "", "serve every route as if behind rest, http, http1, url, alb or alb-multi")
	flags.StringVar(&f.api, "api", "", "serve only the API with this logical id")
	flags.BoolVar(&f.insecureSkipAuthorizers, "insecure-skip-authorizers", false, "open the routes that an authorizer guards")
	return cmd
}

// start serves until ctx is done.
func start(ctx context.Context, f startFlags, stdout, stderr io.Writer) (err error) {
	template, err := f.read()
	if err != nil {
		return err
	}
	for _, note := range template.Notes {
		fmt.Fprintf(stderr, "%s: %s\n", place(template, note), note.Text)
	}
	apis, err := f.selectAPIs(template)
	if err != nil {
		return err
	}
	listeners, err := f.listen(ctx, len(apis))
	if err != nil {
		return err
	}
	defer func() {
		for _, l := range listeners {
			l.Close()
		}
	}()
	p, err := newProject(template, f.projectFlags, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := sandbox.Check(ctx, p.dirs()...); err != nil {
		return oneLine(err)
	}
	return f.serve(ctx, p, apis, listeners, stdout, stderr)
}

func place(template *sam.Template, note sam.Note) string {
	if note.Line == 0 {
		return template.File
	}
	return template.File + ":" + strconv.Itoa(note.Line)
}

func (f *startFlags) selectAPIs(template *sam.Template) ([]*sam.API, error) {
	apis := slices.DeleteFunc(slices.Clone(template.APIs), func(api *sam.API) bool { return len(api.Routes) == 0 })
	if f.api != "" {
		apis = slices.DeleteFunc(apis, func(api *sam.API) bool { return api.ID != f.api })
		if len(apis) == 0 {
			return nil, fmt.Errorf("%s has no API %q with a route", template.File, f.api)
		}
	}
	if len(apis) == 0 {
		return nil, fmt.Errorf("%s has no function with an HTTP route", template.File)
	}
	return apis, nil
}

// listen opens one port for each API.
func (f *startFlags) listen(ctx context.Context, apis int) ([]net.Listener, error) {
	var listeners []net.Listener
	for i := range apis {
		port := f.port
		if port != 0 {
			port += i
		}
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(f.host, strconv.Itoa(port)))
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("port %d is in use: stop who has it, or choose another with --port (0 picks a free one)", port)
			}
			return nil, err
		}
		listeners = append(listeners, l)
	}
	return listeners, nil
}

// serve serves each API on its listener until ctx is done or one fails.
func (f *startFlags) serve(ctx context.Context, p *project, apis []*sam.API, listeners []net.Listener, stdout, stderr io.Writer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	log := slog.New(slog.NewTextHandler(stderr, nil))
	var urls []string
	for i, api := range apis {
		h, err := gateway.New(api, p.pool, gateway.Options{
			Door:                    frontdoor.Door(f.door),
			Log:                     log,
			AllowHosts:              append(f.allowHosts, f.host),
			InsecureSkipAuthorizers: f.insecureSkipAuthorizers,
		})
		if err != nil {
			return err
		}
		url := "http://" + listeners[i].Addr().String()
		for _, r := range api.Routes {
			fmt.Fprintf(stdout, "%s  %s%s  %s\n", r.Method, url, strings.Replace(r.Path, "$default", "/*", 1), r.Function.ID)
		}
		urls = append(urls, url)
		server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)}
		defer server.Close()
		go func() { cancel(server.Serve(listeners[i])) }()
	}
	fmt.Fprintf(stdout, "Listening on %s (Ctrl-C stops)\n", strings.Join(urls, " "))
	go p.prebuild(ctx)

	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// prebuild compiles everything that no request has asked for yet, so that the
// first request finds it done.
func (p *project) prebuild(ctx context.Context) {
	for _, dir := range p.dirs() {
		go func() { _, _ = p.builder.Build(ctx, dir) }() // whoever asks for it gets the error
	}
}

// oneLine is the first line of err that says something.
func oneLine(err error) error {
	text := err.Error()
	if build := (*sandbox.BuildError)(nil); errors.As(err, &build) {
		text = build.Output
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return errors.New(line)
		}
	}
	return err
}
