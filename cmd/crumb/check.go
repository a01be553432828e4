package main

import (
	"cmp"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gobuild"
	"github.com/crumb-go/crumb/internal/local"
)

// exitRefused is the exit code of crumb check for a template that AWS would refuse.
const exitRefused exitCode = 1

func newCheck() *cobra.Command {
	var o local.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what is wrong with a template, and who may call each route",
		Long: `Read a project as crumb start does, and run and compile nothing. Print each
route with what guards it, the authorizers, then what AWS would refuse, what
crumb does not emulate, and notes, each with file and line.

The exit code is 0 if nothing was found that AWS would refuse, 1 if something
was, 2 if the template or its settings cannot be read. crumb knows what decides
about functions and requests; "sam validate --lint" knows more about the rest.`,
		Example: `  crumb check
  crumb check -t api/template.yaml --parameter-overrides Stage=dev
  crumb check --json | jq '.apis[].routes[] | select((.auth == "none" or .openOnAWS) and (.apiKey | not))'`,
	}
	fail := func(cmd *cobra.Command, err error) error {
		if err == nil || !asJSON {
			return notUnderstood(cmd, err)
		}
		if err := writeJSON(cmd.OutOrStdout(), failureOf(err)); err != nil {
			return err
		}
		return exitNotUnderstood
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		return fail(cmd, arguments(0, 0, nameTemplate)(cmd, args))
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return fail(cmd, suggestFlag(cmd, err)) })
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		a, err := local.Read(o)
		if err != nil {
			return fail(cmd, err)
		}
		if asJSON {
			err = writeJSON(cmd.OutOrStdout(), checkOf(a))
		} else {
			err = writeCheck(cmd.OutOrStdout(), a)
			if _, missing := exec.LookPath("sam"); missing == nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "sam validate --lint -t %s knows more.\n", shellQuoted(gobuild.FromHere(a.File)))
			}
		}
		if err == nil && len(findings(a, app.Refused)) > 0 {
			err = exitRefused
		}
		return err
	}
	registerTemplate(cmd, &o)
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object (docs/schemas/check.json)")
	return cmd
}

// writeCheck writes the routes of a, and what was found, for people.
func writeCheck(out io.Writer, a *app.App) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	routed := map[*app.Function]bool{} // or an authorizer
	for _, api := range a.APIs {
		fmt.Fprintln(w, headOf(api))
		for _, r := range api.Routes {
			routed[r.Function] = true
			notRun := ""
			if r.Function.NotRun != "" {
				notRun = " (not run here)"
			}
			fmt.Fprintf(w, "  %s\t%s\t%s%s\t%s\n", r.Method, shownPath(r), r.Function.ID, notRun, guardOf(r))
		}
		if len(api.Authorizers) > 0 {
			fmt.Fprintf(w, "Authorizers of %s:\n", api.ID)
		}
		for _, d := range api.Authorizers {
			routed[d.Function] = true
			fmt.Fprintf(w, "  %s\t%s\t%s\n", d.Name, authorizerKind(d), authorizerTerms(d))
		}
	}
	var others []string
	for _, f := range a.Functions {
		if !routed[f] {
			others = append(others, f.ID)
		}
	}
	switch {
	case len(others) > 0:
		fmt.Fprintf(w, "Without a route: %s\n", strings.Join(others, ", "))
	case len(a.APIs) == 0:
		fmt.Fprintln(w, "No functions, no APIs")
	}
	for _, severity := range []app.Severity{app.Refused, app.NotEmulated, app.Note} {
		found := findings(a, severity)
		if len(found) > 0 {
			fmt.Fprintf(w, "\n%s:\n", titles[severity])
		}
		for _, f := range distinct(found) {
			f.File, f.Severity = gobuild.FromHere(cmp.Or(f.File, a.File)), app.Note // the title says it
			fmt.Fprintf(w, "  %s\n", a.Line(f))
		}
	}
	if len(findings(a, app.Refused)) == 0 {
		fmt.Fprintln(w, "\nFound nothing that AWS would refuse.")
	}
	return w.Flush()
}

// headOf returns the line above an API's routes.
func headOf(api *app.API) string {
	head := api.ID + ": " + map[app.Kind]string{app.REST: "REST API, stage ", app.HTTP: "HTTP API, stage ", app.URL: "Function URL"}[api.Kind]
	if api.Kind != app.URL {
		head += api.Stage
	}
	if len(api.Routes) == 0 {
		head += ", no routes"
	}
	return head
}

var titles = [...]string{app.Refused: "AWS would refuse", app.NotEmulated: "Not emulated here", app.Note: "Notes"}

// findings returns those of one severity.
func findings(a *app.App, severity app.Severity) []app.Finding {
	return slices.DeleteFunc(slices.Clone(a.Findings), func(f app.Finding) bool { return f.Severity != severity })
}

// guardOf says what guards r.
func guardOf(r app.Route) string {
	var guards []string
	if r.Auth != app.NoAuth {
		guards = append(guards, guardNames[r.Auth]+authorizerOf(r))
	}
	switch {
	case r.OpenOnAWS && r.APIKey:
		guards = append(guards, "on AWS by an API key only")
	case r.OpenOnAWS:
		guards = append(guards, "open on AWS")
	case r.APIKey:
		guards = append(guards, "API key")
	}
	if len(r.Scopes) > 0 {
		guards = append(guards, "scope "+strings.Join(r.Scopes, " or "))
	}
	return cmp.Or(strings.Join(guards, ", "), "open")
}

// authorizerKind returns the kind of d, and what it asks.
func authorizerKind(d *app.Authorizer) string {
	switch {
	case d.Kind == app.JWT:
		return "JWT of " + d.Issuer
	case d.Kind == app.Cognito:
		return "Cognito"
	case d.Function == nil:
		return "Lambda"
	}
	return "Lambda " + d.Function.ID
}

// authorizerTerms says what d asks for, for how long crumb keeps its response, and
// whether it runs.
func authorizerTerms(d *app.Authorizer) string {
	terms := []string{"always asked"}
	if len(d.Sources) > 0 {
		terms = nil
	}
	for _, s := range d.Sources {
		terms = append(terms, string(s.In)+" "+s.Name)
	}
	if d.Kind == app.Lambda {
		terms = append(terms, map[bool]string{true: fmt.Sprintf("kept for %.0f s", d.TTL.Seconds()), false: "not kept"}[d.TTL > 0])
	}
	if d.NotRun != "" {
		terms = append(terms, "not run: "+d.NotRun)
	}
	return strings.Join(terms, ", ")
}

var guardNames = map[app.Auth]string{
	app.JWT: "JWT authorizer ", app.Lambda: "Lambda authorizer ", app.Cognito: "Cognito authorizer ", app.UnknownAuth: "closed by ",
}
