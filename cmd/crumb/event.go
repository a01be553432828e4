package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func newEvent() *cobra.Command {
	var headers, cookies []string
	var body, key string
	cmd := &cobra.Command{
		Use:   "event DOOR METHOD PATH | event SOURCE",
		Short: "Print the Lambda event AWS would send for a request, or another",
		Long: `Print the event that a Lambda function gets for a request through a door:
rest (API Gateway REST API), http (HTTP API, payload 2.0), http1 (HTTP API,
payload 1.0), url (Function URL), alb and alb-multi (Application Load Balancer
without and with multi-value headers), lattice (VPC Lattice).

Or print an event of another source: sqs, sns (a message with the text --body),
s3 (a new object with the key --key), eventbridge (with the detail --body, JSON),
schedule, dynamodb (a stream's record of the new item --body, in DynamoDB's JSON).`,
		Example: `  crumb event rest GET /getcookie --cookie username=Ana
  crumb event http POST /setcookie --header 'Content-Type: application/x-www-form-urlencoded' --body username=Ana
  crumb event url GET '/search?q=a%20b' | crumb invoke IndexFunction --event -
  crumb event sqs --body hello | crumb invoke Worker --event -`,
		Args:              eventArgs,
		ValidArgsFunction: completeEvent,
		RunE: func(cmd *cobra.Command, args []string) error {
			var event []byte
			var err error
			if source := sourceOf(args[0]); source != nil {
				event, err = source.event(body + key) // eventArgs allows one of them
			} else if r, failed := newRequest(args[1], args[2], headers, cookies, body); failed != nil {
				err = failed
			} else {
				event, err = gateway.Event(frontdoor.Door(args[0]), r, nil)
			}
			if err != nil {
				return err
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, bytes.TrimSpace(event), "", "  "); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), &indented)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&headers, "header", "H", nil, "a request header, 'Name: value'; may be repeated")
	flags.StringArrayVarP(&cookies, "cookie", "b", nil, "a cookie, name=value, sent as given; may be repeated")
	flags.StringVarP(&body, "body", "d", "", "the request's body, or what the source's event has")
	flags.StringVar(&key, "key", "", "the key of the object (s3)")
	return cmd
}

// eventArgs checks the arguments and which flags they allow.
func eventArgs(cmd *cobra.Command, args []string) error {
	allowed, n := []string{"header", "cookie", "body"}, 3
	if len(args) > 0 {
		if source := sourceOf(args[0]); source != nil {
			if allowed, n = []string{source.flag}, 1; len(args) > n {
				return fmt.Errorf("an event of %s takes no further arguments: crumb event %s --help", args[0], args[0])
			}
		} else if names := eventNames(); !slices.Contains(names, args[0]) {
			return fmt.Errorf("no door or source %q; there are %s", args[0], strings.Join(names, ", "))
		}
	}
	err := arguments(n, n, `name a method and a path, as in crumb event rest GET "/?q=1"`)(cmd, args)
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if len(args) > 0 && !slices.Contains(allowed, f.Name) {
			err = fmt.Errorf("an event of %s has no --%s", args[0], f.Name)
		}
	})
	return err
}

// newRequest returns the request as a browser would send it over https.
func newRequest(method, target string, headers, cookies []string, body string) (*http.Request, error) {
	if !strings.HasPrefix(target, "/") {
		return nil, fmt.Errorf("path %q must start with a slash", target)
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return nil, fmt.Errorf("path: %w", err)
	}
	r, err := http.NewRequest(method, "https://x/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL, r.RequestURI, r.Host, r.TLS = u, target, "", &tls.ConnectionState{}
	for _, h := range headers {
		name, value, ok := strings.Cut(h, ":")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, fmt.Errorf("--header must be 'Name: value'; %q has no name before a colon", name)
		}
		if value = strings.TrimSpace(value); strings.EqualFold(name, "Host") {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	if len(cookies) > 0 {
		r.Header.Add("Cookie", strings.Join(cookies, "; "))
	}
	return r, nil
}
