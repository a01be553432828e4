package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/account"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/servetls"
)

// startFlags are the flags of start that do not directly set an option of package
// local.
type startFlags struct {
	tls             bool
	tlsCert, tlsKey string
	noWatch         bool
}

func newStart() *cobra.Command {
	o := local.Options{Command: local.StartAPI}
	var f startFlags
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Serve the template's APIs on this machine",
		Long: `Serve the APIs of a template of SAM or plain CloudFormation. Each function is compiled and runs as a
separate process behind the Lambda Runtime API, as in Lambda. Events and
responses are those of the AWS service in front of it. Changes apply to the next
request. The template's DynamoDB tables are in memory and lost on exit.

Routes go to stdout, function logs to stderr. Ctrl-C stops everything.

The last line on stdout is the URL of the inspector: a live page on a separate
port with each request's cookies, what a browser does with each Set-Cookie line
and which rule applies, and the cookies it now holds. Values stay hidden until
you ask for one. Anyone with the URL and its random token can see them all.`,
		Example: `  crumb start                                # template.yaml on port 3000
  crumb start --port 0                       # any free port, printed
  crumb start -t api/template.yaml --door http
  crumb start -t cdk.out/Shop.template.json  # after npx cdk synth
  crumb start --tls                          # https with a self-signed certificate
  crumb start --parameter-overrides Stage=dev --env-vars env.json
  crumb start --aws-endpoint http://127.0.0.1:4566   # MiniStack, LocalStack, moto
  crumb start --api AdminApi --insecure-skip-authorizers
  crumb start --debug-port 5986 --debug-function GetCookieFunction`,
		Args: arguments(0, 0, nameTemplate+", and crumb run takes programs"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			account, err := setFromConfig(cmd, &o)
			if err != nil {
				return err
			}
			o, err := f.apply(o)
			if err != nil {
				return err
			}
			return orServe(ctx, o, start(ctx, o, account, cmd.OutOrStdout(), cmd.ErrOrStderr()))
		},
	}
	registerProject(cmd, &o)
	f.register(cmd, &o)
	flags := cmd.Flags()
	flags.StringVar(&o.API, "api", "", "serve only the API with this logical id")
	flags.StringArrayVar(&o.JWKS, "jwks", nil, "keys of tokens, in place of crumb's own: [AUTHORIZER=]FILE or URL; repeatable")
	flags.BoolVar(&o.InsecureSkipAuthorizers, "insecure-skip-authorizers", false, "serve routes with an authorizer or API key without checking anything")
	flags.StringVar(&o.ClaimsFile, "claims", "", "with it: JSON file with the caller's claims or context, or one object for each authorizer, by name")
	for flag, complete := range map[string]completer{
		"api":            completeTemplate(&o, apiIDs),
		"debug-function": completeTemplate(&o, functionIDs),
	} {
		_ = cmd.RegisterFlagCompletionFunc(flag, complete) // fails only for a flag that does not exist
	}
	return cmd
}

// register registers the flags of the commands that serve.
func (f *startFlags) register(cmd *cobra.Command, o *local.Options) {
	flags := cmd.Flags()
	o.Inspect = true
	inspectPort := (*inspectPort)(o)
	flags.Var(inspectPort, "inspect-port", "port of the inspector, the page that shows each cookie; 0 picks a free one, off disables it")
	flags.BoolFunc("no-inspect", "", func(string) error {
		fmt.Fprintln(cmd.ErrOrStderr(), "crumb: --no-inspect is deprecated: use --inspect-port off")
		return inspectPort.Set("off")
	})
	_ = flags.MarkHidden("no-inspect") // fails only for a flag that does not exist
	flags.StringVar(&o.Host, "host", "127.0.0.1", "address to listen on")
	o.Port = 3000
	flags.VarP((*port)(&o.Port), "port", "p", "port of the first API, the next one gets the next port; 0 picks free ones")
	flags.StringSliceVar(&o.AllowHosts, "allow-host", nil, "additional host names to accept")
	flags.StringVar((*string)(&o.Door), "door", "", "serve every route as if behind rest, http, http1, url, alb or alb-multi")
	_ = cmd.RegisterFlagCompletionFunc("door", cobra.FixedCompletions(doorNames, cobra.ShellCompDirectiveNoFileComp))
	flags.StringVar(&o.Debug.Function, "debug-function", "", "function to debug (default: the only function)")
	flags.BoolVar(&f.tls, "tls", false, "serve https with a self-signed certificate for localhost and *.localhost")
	flags.StringVar(&f.tlsCert, "tls-cert-file", "", "serve https with this certificate (PEM)")
	flags.StringVar(&f.tlsKey, "tls-key-file", "", "the key of --tls-cert-file (PEM)")
	flags.BoolVar(&f.noWatch, "no-watch", false, "do not rebuild when a file is saved")
	flags.BoolVar(&o.Records, "json", false, "write crumb's log, and platform logs of functions with LogFormat: JSON, as docs/schemas/log.json says")
	flags.BoolVar(&o.Verbose, "verbose", false, "log each event and response, with bodies, cookie values and credentials masked")
}

// apply returns o with the settings of f.
func (f *startFlags) apply(o local.Options) (local.Options, error) {
	o.Watch = !f.noWatch
	var err error
	o.TLS, err = f.tlsConfig()
	return o, err
}

// tlsConfig returns nil without --tls.
func (f *startFlags) tlsConfig() (*tls.Config, error) {
	if (f.tlsCert == "") != (f.tlsKey == "") {
		return nil, errors.New("--tls-cert-file and --tls-key-file must be used together")
	}
	var certificate tls.Certificate
	var err error
	switch {
	case f.tlsCert != "":
		certificate, err = tls.LoadX509KeyPair(f.tlsCert, f.tlsKey)
	case f.tls:
		certificate, err = servetls.SelfSigned(time.Now())
	default:
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// start serves until ctx is done.
func start(ctx context.Context, o local.Options, a *account.Account, stdout, stderr io.Writer) (err error) {
	stdout, stderr = moving(&o, stdout, stderr)
	o.Logs, o.Log = stderr, slog.New(slog.NewTextHandler(stderr, nil))
	if o.Records {
		o.Log = slog.New(slog.NewJSONHandler(stderr, nil))
	}
	out := printer{stdout: stdout, stderr: stderr, opened: o.InsecureSkipAuthorizers, claims: o.ClaimsFile}
	o.OnRead, o.OnReload = out.findings, out.reloaded
	if out.project, err = local.Open(o); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.project.Close()) }()
	warnOf(ctx, a, out.project.Region(), stderr)
	if err := out.project.Listen(ctx); ctx.Err() != nil {
		return nil // stopped while it compiled
	} else if err != nil {
		return err
	}
	out.everything()
	return out.project.Serve(ctx)
}
