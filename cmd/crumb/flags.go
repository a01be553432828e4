package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/local"
)

// registerTemplate registers the flags of every command that reads a template. They
// have the names of sam's.
func registerTemplate(cmd *cobra.Command, o *local.Options) {
	flags := cmd.Flags()
	flags.StringVarP(&o.Template, "template", "t", "", "the SAM template or its folder (default template.yaml, .yml or .json here)")
	flags.StringArrayVar(&o.Overrides, "parameter-overrides", nil, "values of template parameters: 'Stage=dev Size=2'")
	flags.StringVarP(&o.EnvVarsFile, "env-vars", "n", "", "JSON file with environment variables, in sam's format, or a .env file")
	flags.StringVar(&o.ConfigFile, "config-file", "", "samconfig.toml or .yaml to read (default: the one beside the template)")
	flags.StringVar(&o.ConfigEnv, "config-env", "", "environment of the samconfig (default \"default\")")
	flags.StringVar(&o.Region, "region", "", "region that functions see (default the samconfig's, else us-east-1)")
}

// registerProject registers the flags of every command that runs functions.
func registerProject(cmd *cobra.Command, o *local.Options) {
	registerTemplate(cmd, o)
	flags := cmd.Flags()
	flags.IntVar(&o.MaxSandboxes, "max-sandboxes", 0, "processes of one function at a time (default 32)")
	flags.Var((*port)(&o.Debug.Port), "debug-port", "run a function under Delve on this port, without time limits (see crumb debug)")
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
