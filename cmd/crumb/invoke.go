package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/lambda"
)

func newInvoke() *cobra.Command {
	var f projectFlags
	var debug debugFlags
	var event string
	cmd := &cobra.Command{
		Use:   "invoke FUNCTION --event FILE",
		Short: "Run a function on one event",
		Long: `Run a function of the template on one event, as Lambda would. The answer goes
to stdout, logs to stderr. FUNCTION is a logical id or the name of the
function's folder; with a single function it can be left out.

The exit code is 1 when the function fails; stdout then has Lambda's error.`,
		Example: `  crumb invoke GetCookieFunction --event events/getcookie/found.rest.json
  crumb event http GET / --cookie username=Ana | crumb invoke index --event -`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			return invoke(ctx, f, debug, strings.Join(args, ""), event, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.ValidArgsFunction = first(completeTemplate(&f, "local_invoke", functionIDs))
	f.register(cmd)
	debug.register(cmd)
	cmd.Flags().StringVarP(&event, "event", "e", "", "file with the event, - for stdin")
	_ = cmd.MarkFlagRequired("event") // fails only for a flag that is not there
	return cmd
}

func invoke(ctx context.Context, f projectFlags, debug debugFlags, name, event string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	payload, err := readEvent(event, stdin)
	if err != nil {
		return err
	}
	template, envVars, err := f.read("local_invoke")
	if err != nil {
		return err
	}
	function, err := findFunction(template, name)
	if err != nil {
		return err
	}
	p, err := newProject(template, envVars, f, debug.of(function.ID), stderr, slog.New(slog.NewTextHandler(stderr, nil)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()

	answer, err := p.pool.Invoke(ctx, function.ID, lambda.Invocation{Payload: payload})
	if failed := (*lambda.FunctionError)(nil); errors.As(err, &failed) {
		fmt.Fprintf(stdout, "%s\n", failed.Payload)
		return fmt.Errorf("%s failed: %w", function.ID, err)
	} else if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(stdout, answer.Body); err != nil {
		return fmt.Errorf("%s failed: %w", function.ID, err)
	}
	fmt.Fprintln(stdout)
	return nil
}

func readEvent(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// findFunction finds a function by its logical id or its folder.
func findFunction(template *app.App, name string) (*app.Function, error) {
	var names []string
	for _, f := range template.Functions {
		if f.ID == name || filepath.Base(f.Dir) == name || name == "" && len(template.Functions) == 1 {
			if f.NotRun != "" {
				return nil, fmt.Errorf("%s is not run: %s", f.ID, f.NotRun)
			}
			return f, nil
		}
		names = append(names, f.ID)
	}
	slices.Sort(names)
	return nil, fmt.Errorf("no function %q; %s has %s", name, template.File, strings.Join(names, ", "))
}
