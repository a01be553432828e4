package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/crumb-go/crumb/internal/account"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/local"
)

func newInvoke() *cobra.Command {
	o := local.Options{Command: local.Invoke}
	var event string
	cmd := &cobra.Command{
		Use:   "invoke FUNCTION",
		Short: "Run a function with one event",
		Long: `Run a function of the template with one event, as Lambda would; without --event
it is {}. The response goes to stdout, logs to stderr. FUNCTION is a logical id,
a FunctionName or the name of the function's folder; with a single function it
can be left out. A path, such as ./cmd/worker, is the folder of a program that
runs without a template, as with crumb run.

The exit code is 1 if the function fails; stdout then has Lambda's error.`,
		Example: `  crumb invoke GetCookieFunction --event events/getcookie/found.rest.json
  crumb event http GET / --cookie username=Ana | crumb invoke index --event -
  crumb event sqs --body hello | crumb invoke ./cmd/worker --event -`,
		Args: arguments(0, 1, "--event names the file of the event"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			name := strings.Join(args, "")
			if strings.HasPrefix(name, ".") || filepath.IsAbs(name) { // which begins no FunctionName
				o.Packages, name = []string{name}, ""
			} else if o.Tables != nil {
				return errors.New("--table is for a program without a template: crumb invoke ./cmd/worker --table orders=id")
			}
			account, err := setFromConfig(cmd, &o)
			if err != nil {
				return err
			}
			return invoke(ctx, o, account, name, event, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.ValidArgsFunction = completeTemplate(&o, functionIDs)
	registerProject(cmd, &o)
	registerTables(cmd.Flags(), &o)
	cmd.Flags().StringVarP(&event, "event", "e", "", "file with the event, - for stdin (default: the event {})")
	return cmd
}

func invoke(ctx context.Context, o local.Options, a *account.Account, name, event string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	payload, err := readEvent(event, stdin)
	if err != nil {
		return err
	}
	o.Debug.Function = name
	stdout, stderr = moving(&o, stdout, stderr)
	o.Logs, o.Log = stderr, slog.New(slog.NewTextHandler(stderr, nil))
	p, err := local.Open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	function, err := p.Function(name)
	if err != nil {
		return err
	}
	warnOf(ctx, a, p.Region(), stderr)
	response, err := p.Invoke(ctx, function.ID, payload)
	failed, unbuilt := (*lambda.FunctionError)(nil), (*gobuild.Error)(nil)
	switch {
	case errors.As(err, &failed):
		fmt.Fprintf(stdout, "%s\n", failed.Payload)
		return fmt.Errorf("%s failed: %w", function.ID, err)
	case errors.As(err, &unbuilt): // the log has its text
		return fmt.Errorf("%s is not run: its build failed", function.ID)
	case err != nil:
		return err
	}
	defer response.Body.Close()
	if err := printResponse(stdout, response); err != nil {
		return fmt.Errorf("%s failed: %w", function.ID, err)
	}
	return nil
}

// printResponse writes a stream as it comes. A whole response is written together
// with the end of its line, or a line of the log on the same terminal could come
// between them.
func printResponse(w io.Writer, response *lambda.Response) error {
	if response.ContentType != "application/json" {
		_, err := io.Copy(w, io.MultiReader(response.Body, strings.NewReader("\n")))
		return err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	_, err = w.Write(append(body, '\n'))
	return err
}

func readEvent(file string, stdin io.Reader) (event []byte, err error) {
	switch file {
	case "":
		return []byte("{}"), nil
	case "-":
		event, err = io.ReadAll(stdin)
	default:
		event, err = os.ReadFile(file)
	}
	return unmarked(event), err
}

// unmarked decodes a text with a byte order mark: Windows PowerShell's > and many editors
// write UTF-16.
func unmarked(text []byte) []byte {
	decoded, _, _ := transform.Bytes(unicode.BOMOverride(transform.Nop), text) // U+FFFD where it is not UTF-16
	return decoded
}
