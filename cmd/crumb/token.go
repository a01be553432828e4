package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/token"
)

func newToken() *cobra.Command {
	var o local.Options
	var authorizer string
	var claims []string
	var r token.Request
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print a token that crumb start accepts",
		Long: `Print a token for a JWT or Cognito authorizer of the template, which crumb start
accepts on loopback. Its iss and aud are the template's. It is signed with a key of
this project, which crumb keeps in your cache folder and replaces after 30 days; AWS
does not accept it.

A claim's value is JSON if it can be read as JSON, and text otherwise: --claim age=7
is a number, --claim 'zip="07"' is text. Claims win over those that crumb sets, so
--claim aud=other makes a token that is rejected. For Cognito, a token with scopes
is an access token, any other an id token.`,
		Example: `  curl -H "Authorization: Bearer $(crumb token)" http://127.0.0.1:3000/
  crumb token --authorizer Members --claim sub=ana --claim 'cognito:groups=["admin"]'
  crumb token --authorizer AdminApi.Members --scope orders/read --expires 8h
  crumb token --expires -1m                  # one that has expired`,
		Args: arguments(0, 0, "--authorizer names an authorizer"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if r.Claims, err = parseClaims(claims); err != nil {
				return err
			}
			a, err := local.Read(o)
			if err != nil {
				return err
			}
			if _, r.Authorizer, err = token.Find(a, authorizer); err != nil {
				return err
			}
			keys, err := local.TokenKeys(a)
			if err != nil {
				return err
			}
			text, err := keys.Sign(r)
			if err != nil {
				return err
			}
			if _, err := token.Check(cmd.Context(), r.Authorizer, r.Scopes, text, keys); err != nil {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s will reject it: %v\n", r.Authorizer.Name, err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
	registerTemplate(cmd, &o)
	flags := cmd.Flags()
	flags.StringVar(&authorizer, "authorizer", "", "name of the authorizer, or API.NAME (default: the only one)")
	flags.StringArrayVar(&claims, "claim", nil, "a claim, as name=value; repeatable")
	flags.StringArrayVar(&r.Scopes, "scope", nil, "a scope; repeatable")
	flags.DurationVar(&r.Expires, "expires", time.Hour, "time until it expires, at most 720h; negative: it has expired")
	flags.StringVar(&r.Use, "use", "", "id or access (default: what the authorizer accepts)")
	_ = cmd.RegisterFlagCompletionFunc("authorizer", completeTemplate(&o, authorizerNames)) // fails only for a flag that does not exist
	_ = cmd.RegisterFlagCompletionFunc("use", cobra.FixedCompletions([]cobra.Completion{token.IDToken, token.AccessToken}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// parseClaims parses name=value. A value that is not JSON is text.
func parseClaims(list []string) (map[string]json.RawMessage, error) {
	claims := make(map[string]json.RawMessage, len(list))
	for _, claim := range list {
		name, value, ok := strings.Cut(claim, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %s: a claim is name=value", name)
		}
		claims[name] = json.RawMessage(value)
		if !json.Valid([]byte(value)) {
			claims[name], _ = json.Marshal(value) // never fails for a string
		}
	}
	return claims, nil
}

// authorizerNames returns the names of the authorizers that check tokens, with their
// kinds; if two APIs have the name, as API.NAME.
func authorizerNames(template *app.App) []cobra.Completion {
	var names []cobra.Completion
	for _, api := range template.APIs {
		for _, d := range api.Authorizers {
			name := d.Name
			if _, _, err := token.Find(template, name); err != nil {
				name = api.ID + "." + name
			}
			if d.Kind == app.JWT || d.Kind == app.Cognito {
				names = append(names, cobra.CompletionWithDesc(name, string(d.Kind)))
			}
		}
	}
	return names
}
