package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/scaffold"
)

func newInit() *cobra.Command {
	var p scaffold.Project
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a new project",
		Long: `Write a new project into DIR, by default the current folder: a SAM template, Go
functions, events with the expected responses and a test. Its templates are:

  cookie   one route with a cookie
  chi      all routes in one function, by the router chi
  login    a login with sessions in DynamoDB

DIR is new or empty; a new repository's .git, .gitignore, LICENSE and README.md
may be there. No file is replaced. Names are derived from DIR's: the module is
example.com/NAME and the stack NAME.

Built from a clone, crumb writes a replace directive for that clone into go.mod.
At the end it runs "go mod tidy", which downloads what is missing.`,
		Example: `  crumb init shop
  crumb init shop --template login --module github.com/you/shop`,
		Args: arguments(0, 1, ""),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			p.Dir = filepath.Clean(strings.Join(args, ""))
			return initProject(cmd.Context(), p, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&p.Template, "template", scaffold.Templates[0], "the project to begin with: "+strings.Join(scaffold.Templates, ", "))
	cmd.Flags().StringVar(&p.Module, "module", "", "path of the Go module (default example.com/NAME)")
	_ = cmd.RegisterFlagCompletionFunc("template", cobra.FixedCompletions(scaffold.Templates, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func initProject(ctx context.Context, p scaffold.Project, stdout, stderr io.Writer) error {
	if !slices.Contains(scaffold.Templates, p.Template) {
		return fmt.Errorf("--template %q: there are %s", p.Template, strings.Join(scaffold.Templates, ", "))
	}
	dir, err := filepath.Abs(p.Dir)
	if err != nil {
		return err
	}
	p.Name = scaffold.NameOf(dir)
	p.Module = cmp.Or(p.Module, "example.com/"+p.Name)
	if err := scaffold.CheckModule(p.Module); err != nil {
		return fmt.Errorf("--module: %w", err)
	}
	info, _ := debug.ReadBuildInfo()
	p.Source = scaffold.FindSource(info)
	left, err := scaffold.Write(p)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Wrote a project to %s, as module %s\n", p.Dir, p.Module)
	for _, name := range left {
		fmt.Fprintf(stdout, "Left %s as it was\n", name)
	}
	switch {
	case p.Source.Clone != "":
		fmt.Fprintf(stdout, "Its go.mod replaces github.com/crumb-go/crumb by the clone in %s\n", p.Source.Clone)
	case p.Source.Version != "":
		fmt.Fprintf(stdout, "Its go.mod requires github.com/crumb-go/crumb %s\n", p.Source.Version)
	default:
		fmt.Fprintln(stdout, "Its go.mod will require the latest github.com/crumb-go/crumb, as this crumb has no version and no clone was found")
	}
	fmt.Fprintln(stdout, "Running go mod tidy")
	tidyErr := tidy(ctx, p.Dir, stderr)
	fmt.Fprintln(stdout, "\nNext:")
	if p.Dir != "." {
		fmt.Fprintf(stdout, "  cd %s\n", shellQuoted(p.Dir))
	}
	if tidyErr != nil {
		fmt.Fprintln(stdout, "  go mod tidy")
	}
	fmt.Fprint(stdout, "  go tool crumb start\n  go test ./...\n  sam build && sam deploy\n")
	if tidyErr != nil {
		return fmt.Errorf("the project is complete but for its dependencies: %w; run go mod tidy in %s", tidyErr, p.Dir)
	}
	return nil
}

// tidy runs go mod tidy, whose messages go to stderr.
func tidy(ctx context.Context, dir string, stderr io.Writer) error {
	cmd := exec.CommandContext(ctx, "go", "mod", "tidy")
	cmd.Dir, cmd.Stderr = dir, stderr
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("there is no Go toolchain (install it from https://go.dev/dl/)")
	}
	if err != nil {
		return fmt.Errorf("go mod tidy: %w", err)
	}
	return nil
}

// shellQuoted quotes a path that a shell would not take as one word.
func shellQuoted(dir string) string {
	switch {
	case !strings.ContainsAny(dir, " \t'\"$&();<>|*?[]{}`!#"):
		return dir
	case runtime.GOOS == "windows":
		return `"` + dir + `"`
	}
	return "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
}
