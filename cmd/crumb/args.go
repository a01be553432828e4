package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// nameTemplate is the hint of commands that read a template.
const nameTemplate = "-t names a template"

// arguments checks that a command has from least to most arguments. The errors end in
// hint: what to write instead, by default its --help.
func arguments(least, most int, hint string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if hint == "" {
			hint = cmd.CommandPath() + " --help"
		}
		if len(args) > most {
			return fmt.Errorf("unexpected argument %q: %s", args[most], hint)
		}
		if len(args) < least {
			return fmt.Errorf("an argument is missing: %s", hint)
		}
		return nil
	}
}
