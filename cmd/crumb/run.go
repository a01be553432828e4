package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/doors"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func newRun() *cobra.Command {
	var o local.Options
	var f startFlags
	cmd := &cobra.Command{
		Use:   "run [[METHOD] PATH=]PACKAGE...",
		Short: "Serve Go programs for Lambda without a template",
		Long: `Compile Go programs that call lambda.Start, an adapter or frontdoor.Start, and
serve them as crumb start does, without a template. PACKAGE is the folder of a
main package.

A package alone gets every path of a Function URL; a second one gets the next
port. Packages with a path share one HTTP API, whose paths match as on AWS:
/users is that path only, {id} is one segment and {proxy+} the rest. The path /
is every path that no other route takes.

A function is called as its folder, and has the variables in --env-vars. Its
time limit and memory are Lambda's defaults.`,
		Example: `  crumb run ./cmd/api
  crumb run ./cmd/api --env-vars .env --timeout 30s
  crumb run --door rest /users=./cmd/users '/orders/{id}=./cmd/orders' /=./cmd/web
  crumb run 'GET /users=./cmd/list' 'POST /users=./cmd/create'
  crumb run ./cmd/api --table orders=customer,created:N --table orders/by-state=state
  crumb run ./cmd/api --aws-endpoint http://127.0.0.1:4566
  crumb run ./cmd/api --debug-port 5986`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return nil
			}
			served, _ := lambdaMains(cmd.Context())
			return fmt.Errorf("name the folder of a program, as in %s", cmp.Or(runLines(served), "crumb run ./cmd/api"))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := untilOrphaned(cmd.Context())
			defer cancel()
			o.Packages = args
			account, err := setFromConfig(cmd, &o)
			if err != nil {
				return err
			}
			o, err := f.apply(o)
			if err != nil {
				return err
			}
			return start(ctx, o, account, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			served, others := lambdaMains(cmd.Context())
			return slices.Concat(append(slices.Collect(maps.Values(served)), others)...), cobra.ShellCompDirectiveDefault
		},
	}
	flags := cmd.Flags()
	registerSettings(flags, &o)
	registerFunctions(flags, &o)
	f.register(cmd, &o)
	registerTables(flags, &o)
	flags.DurationVar(&o.Timeout, "timeout", 0, "time limit of each function, at most 15m (default 3s)")
	_ = cmd.RegisterFlagCompletionFunc("debug-function", func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		o.Packages = args
		return completeTemplate(&o, functionIDs)(cmd, nil, prefix)
	})
	return cmd
}

// lambdaMains lists the programs for Lambda in and below the working directory: those for
// each door, and those that read no HTTP event.
func lambdaMains(ctx context.Context) (served map[frontdoor.Door][]string, others []string) {
	here, err := filepath.Abs(".")
	if err != nil {
		return nil, nil
	}
	programs, _ := gobuild.LambdaMains(ctx, here) // without a go command there are none
	served = map[frontdoor.Door][]string{}
	for _, p := range programs {
		rel, err := filepath.Rel(here, p.Dir)
		if err != nil {
			continue
		}
		dir := strings.TrimSuffix("./"+filepath.ToSlash(rel), "/.")
		if door, _, isHTTP := doors.Of(p); isHTTP {
			served[door] = append(served[door], dir)
		} else {
			others = append(others, dir)
		}
	}
	return served, others
}

// runLines returns the crumb run of each door, "" if there are none.
func runLines(served map[frontdoor.Door][]string) string {
	var lines []string
	for _, door := range slices.Sorted(maps.Keys(served)) {
		line := "crumb run"
		if door != "" {
			line += " --door " + string(door)
		}
		lines = append(lines, line+" "+first(served[door], " "))
	}
	return strings.Join(lines, " or ")
}

// first writes the folders of programs as a shell reads them, and of many the first.
func first(dirs []string, separator string) string {
	const most = 12
	var quoted []string
	for _, dir := range dirs[:min(most, len(dirs))] {
		quoted = append(quoted, shellQuoted(dir))
	}
	text := strings.Join(quoted, separator)
	if more := len(dirs) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// writers are tools that write templates of CloudFormation: where, from which file, and by
// which command.
var writers = []struct{ templates, source, command string }{
	{"cdk.out/*.template.json", "cdk.json", "npx cdk synth"},
	{"cdk.out/assembly-*/*.template.json", "", ""},
	{".serverless/cloudformation-template-update-stack.json", "serverless.*", "build its programs as for a deployment, npx osls@3 package"},
}

// version4 matches the configuration of the Serverless Framework that osls 3 refuses; osls 4
// refuses that of earlier versions.
var version4 = regexp.MustCompile(`frameworkVersion['"]?:[^\n\d]*4`)

// others are files of tools that deploy functions, and that crumb does not read.
var others = []string{"*.tf", "Pulumi.yaml", "sst.config.ts"}

// orRun adds the lines that fit to the error that there is no template: crumb start with
// that of another tool, and crumb run.
func orRun(ctx context.Context, o local.Options, err error) error {
	missing := (*sam.MissingError)(nil)
	if !errors.As(err, &missing) || o.Template != "" {
		return err
	}
	text := missing.File + " not found"
	for _, pattern := range others {
		if found := here(pattern); found != nil {
			text += ", and crumb does not read " + found[0]
			break
		}
	}
	for _, w := range writers {
		if found := here(w.templates); found != nil {
			text += "; to serve what another tool has written: crumb start -t " + strings.Join(found, " or -t ")
		} else if found := here(w.source); found != nil {
			command := w.command
			if config, _ := os.ReadFile(found[0]); version4.Match(config) { // only that of the Serverless Framework says it
				command = strings.Replace(command, "osls@3", "osls@4", 1)
			}
			text += fmt.Sprintf("; to serve %s: %s, then crumb start -t %s", found[0], command, strings.Replace(w.templates, "*", "STACK", 1))
		}
	}
	if found := templatesBelow(); found != nil {
		text += "; to serve a template: crumb start -t " + strings.Join(found, " or -t ")
	}
	served, others := lambdaMains(ctx)
	runs := runLines(served)
	if runs == "" && others == nil && !strings.ContainsAny(text, ",;") {
		return err
	}
	if runs != "" || others == nil && !strings.Contains(text, "crumb start") {
		text += "; to serve Go programs without a template: " + cmp.Or(runs, "crumb run PACKAGE")
	}
	if others != nil {
		text += "; for other events than HTTP: crumb invoke " + first(others, " or ") + " --event FILE"
	}
	return errors.New(text)
}

// here returns the files in the working directory that match a well-formed pattern, for
// a shell, without the CDK's nested stacks.
func here(pattern string) (files []string) {
	found, _ := filepath.Glob(filepath.FromSlash(pattern))
	for _, file := range found {
		if !strings.HasSuffix(file, ".nested.template.json") {
			files = append(files, shellQuoted(file))
		}
	}
	return files
}
