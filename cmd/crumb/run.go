package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/local"
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
