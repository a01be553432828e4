package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/editor"
)

func newDebug() *cobra.Command {
	debug := 5986
	var vscode bool
	cmd := &cobra.Command{
		Use:   "debug",
		Short: "Say how an editor attaches to a function under Delve",
		Long: `Say how VS Code, GoLand and Delve attach to a function that runs under Delve,
with --debug-port of crumb start, run and invoke. Delve listens on one port: one
function at a time is debugged, the others run as always.

With --vscode, the configuration is added to .vscode/launch.json here: run it in
the folder that you open in VS Code. Nothing else in the file is changed, and
nothing at all if it has a configuration for the port.`,
		Example: `  crumb debug                       # for each editor
  crumb debug --vscode              # writes .vscode/launch.json
  crumb start --debug-port 5986 --debug-function GetCookieFunction`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if debug == 0 {
				return errors.New("--debug-port 0 is not a port to attach to")
			}
			if vscode {
				return addLaunch(cmd.OutOrStdout(), filepath.Join(".vscode", "launch.json"), editor.Attach(debug))
			}
			printDebug(cmd.OutOrStdout(), editor.Attach(debug))
			return nil
		},
	}
	cmd.Flags().Var((*port)(&debug), "debug-port", "the --debug-port of crumb start or crumb invoke")
	cmd.Flags().BoolVar(&vscode, "vscode", false, "add the configuration to .vscode/launch.json")
	return cmd
}

// addLaunch adds c to a launch.json, which is made if there is none.
func addLaunch(stdout io.Writer, file string, c editor.Configuration) error {
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	after, added, err := editor.AddConfiguration(before, c)
	if err != nil {
		return fmt.Errorf("%s is as it was: %w; crumb debug prints the configuration to add", file, err)
	}
	if !added {
		fmt.Fprintf(stdout, "%s: a configuration for port %d is already there\n", file, c.Port)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(file, after, 0o666); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: added %q\n", file, c.Name)
	return nil
}

func printDebug(w io.Writer, c editor.Configuration) {
	fmt.Fprintf(w, `Run a function under Delve, and attach to it:

  crumb start --debug-port %[1]d --debug-function FUNCTION
  crumb run PACKAGE --debug-port %[1]d
  crumb invoke FUNCTION --event FILE --debug-port %[1]d   # waits for you to attach

VS Code: F5, with this in the configurations of .vscode/launch.json, where
crumb debug --vscode adds it:

  %[2]s

GoLand: Run > Edit Configurations > + > Go Remote, then Debug, with

  Host           %[3]s
  Port           %[1]d
  On disconnect  Leave it running

Delve:

  dlv connect %[3]s:%[1]d
`, c.Port, c.JSON("  ", "  "), c.Host)
}
