package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/crumb-go/crumb/internal/account"
	"github.com/crumb-go/crumb/internal/local"
)

// registerSettings registers the flags for the environment of functions.
func registerSettings(flags *pflag.FlagSet, o *local.Options) {
	flags.StringVarP(&o.EnvVarsFile, "env-vars", "n", "", "JSON file with environment variables, in sam's format, or a .env file")
	flags.StringVar(&o.Region, "region", "", "region that functions see (default the samconfig's, $AWS_REGION, else us-east-1)")
	o.DefaultRegion = cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
}

// registerTemplate registers the flags of every command that reads a template. They
// have the names of sam's.
func registerTemplate(cmd *cobra.Command, o *local.Options) {
	flags := cmd.Flags()
	registerSettings(flags, o)
	flags.StringVarP(&o.Template, "template", "t", "", "the template or its folder (default template.yaml, .yml or .json here)")
	flags.StringArrayVar(&o.Sources, "source", nil, "build a packaged function from the main package in a folder: ID=DIR; repeatable")
	flags.StringArrayVar(&o.Overrides, "parameter-overrides", nil, "values of template parameters: 'Stage=dev Size=2', or file://params.yaml")
	flags.StringVar(&o.ConfigFile, "config-file", "", "samconfig.toml or .yaml to read (default: the one beside the template)")
	flags.StringVar(&o.ConfigEnv, "config-env", "", "environment of the samconfig (default \"default\")")

	// As with sam, the values of parameters may be several arguments.
	split := func(args []string) (rest, overrides []string) {
		for _, arg := range args {
			if flags.Changed("parameter-overrides") && (strings.Contains(arg, "=") || strings.HasPrefix(arg, "file://")) {
				overrides = append(overrides, arg)
			} else {
				rest = append(rest, arg)
			}
		}
		return rest, overrides
	}
	check, run := cmd.Args, cmd.RunE
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		rest, _ := split(args)
		err := check(cmd, rest)
		if err != nil && flags.Changed("parameter-overrides") {
			err = fmt.Errorf("%w (a value of --parameter-overrides with a space needs quotes)", err)
		}
		return err
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		rest, overrides := split(args)
		o.Overrides = append(o.Overrides, overrides...)
		return run(cmd, rest)
	}
}

// setFromConfig gives flags that are not on the command line the values of the
// samconfig. With --aws-credentials it also opens the account.
func setFromConfig(cmd *cobra.Command, o *local.Options) (*account.Account, error) {
	config, err := o.ReadConfig()
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{"host": config.Host, "port": config.Port, "debug-port": config.DebugPort} {
		if f := cmd.Flags().Lookup(name); f != nil && !f.Changed && value != "" {
			if err := f.Value.Set(value); err != nil {
				return nil, fmt.Errorf("samconfig: %s: %w", name, err)
			}
		}
	}
	var ignored []string
	for _, name := range config.Unread {
		flag := strings.ReplaceAll(name, "_", "-")
		hint := cmp.Or(hintForSam(flag), "crumb does not support it")
		switch {
		case cmd.Flags().Lookup(flag) != nil:
			hint = "pass --" + flag
		case name == "deploy.parameter_overrides":
			hint = "move them to the table global.parameters"
		}
		ignored = append(ignored, name+" ("+hint+")")
	}
	if len(ignored) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "crumb: ignored in the samconfig: %s\n", strings.Join(ignored, ", "))
	}
	if asked, _ := cmd.Flags().GetBool("aws-credentials"); !asked { // no samconfig asks for it
		return nil, nil
	}
	a, err := account.Open(cmd.Context(), cmp.Or(o.Region, config.Region))
	if err != nil {
		return nil, fmt.Errorf("--aws-credentials: %w", err)
	}
	o.DefaultRegion, o.Credentials = a.Region(), a.Variables
	return a, nil
}

// warnOf says whose account functions use, if they do, before they run.
func warnOf(ctx context.Context, a *account.Account, region string, stderr io.Writer) {
	if a == nil {
		return
	}
	id, arn, err := a.Identity(ctx, region)
	whose := fmt.Sprintf("account %s as %s", id, arn)
	if err != nil {
		whose = fmt.Sprintf("an account that AWS did not name (%v)", err)
	}
	fmt.Fprintf(stderr, "crumb: functions have your AWS credentials: their calls are real, in %s, in %s\n", region, whose)
}

// registerProject registers the flags of commands that run the functions of a template.
func registerProject(cmd *cobra.Command, o *local.Options) {
	registerTemplate(cmd, o)
	registerFunctions(cmd.Flags(), o)
	cmd.Flags().BoolVar(&o.LocalTables, "local-tables", false, "with --aws-endpoint or --aws-credentials, still serve the template's DynamoDB tables here")
}

// registerFunctions registers the flags of every command that runs functions.
func registerFunctions(flags *pflag.FlagSet, o *local.Options) {
	flags.IntVar(&o.MaxSandboxes, "max-sandboxes", 0, "processes of one function at a time (default 32)")
	flags.StringVar(&o.AWSEndpoint, "aws-endpoint", "", "URL of an emulator of AWS on this machine, which functions call and crumb makes the template's resources in: http://127.0.0.1:4566")
	flags.Bool("aws-credentials", false, "give functions your own AWS credentials: their calls are real, and may cost")
	flags.Var((*port)(&o.Debug.Port), "debug-port", "run a function under Delve on this port, without time limits (see crumb debug)")
}

// registerTables registers the flag for the tables of programs without a template.
func registerTables(flags *pflag.FlagSet, o *local.Options) {
	flags.StringArrayVar(&o.Tables, "table", nil, "serve a DynamoDB table, in memory: NAME=KEY or NAME=KEY,SORTKEY, with :N or :B after a key that is a number or binary; NAME/INDEX=… adds an index; repeatable")
}

// suggestFlag adds to the error about an unknown flag which one may be meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return err
	}
	flags := &cobra.Command{SuggestionsMinimumDistance: 2} // cobra compares the names of commands only
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: f.Name, Hidden: f.Hidden, Run: func(*cobra.Command, []string) {}})
	})
	hint := hintForSam(unknown.GetSpecifiedName())
	if names := flags.SuggestionsFor(unknown.GetSpecifiedName()); hint == "" && len(names) > 0 && unknown.GetSpecifiedShortnames() == "" {
		hint = "did you mean --" + strings.Join(names, " or --") + "?"
	}
	if hint != "" {
		hint = "; " + hint
	}
	return fmt.Errorf("%w%s (%s --help)", err, hint, cmd.CommandPath())
}

// A port is a flag whose value is a TCP port. The flag documents the meaning of
// 0.
type port int

func (p *port) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return errors.New("a port is a number from 0 to 65535")
	}
	*p = port(n)
	return nil
}

func (p *port) String() string { return strconv.Itoa(int(*p)) }
func (p *port) Type() string   { return "port" }

// inspectPort is the flag for the inspector's port, or off.
type inspectPort local.Options

func (p *inspectPort) Set(text string) error {
	if p.Inspect = text != "off"; !p.Inspect {
		return nil
	}
	return (*port)(&p.InspectPort).Set(text)
}

func (p *inspectPort) String() string { return strconv.Itoa(p.InspectPort) }
func (p *inspectPort) Type() string   { return "port" }
