package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

func newEvent() *cobra.Command {
	var headers, cookies []string
	var body string
	cmd := &cobra.Command{
		Use:   "event DOOR METHOD PATH",
		Short: "Print the Lambda event AWS would send for a request",
		Long: `Print the event that a Lambda function gets for a request through a door:
rest (API Gateway REST API), http (HTTP API, payload 2.0), http1 (HTTP API,
payload 1.0), url (Function URL), alb and alb-multi (Application Load Balancer
without and with multi-value headers), lattice (VPC Lattice).`,
		Example: `  crumb event rest GET /getcookie --cookie username=Ana
  crumb event http POST /setcookie --header 'Content-Type: application/x-www-form-urlencoded' --body username=Ana
  crumb event url GET '/search?q=a%20b' | crumb invoke IndexFunction --event -`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: completeEvent,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newRequest(args[1], args[2], headers, cookies, body)
			if err != nil {
				return err
			}
			event, err := gateway.Event(frontdoor.Door(args[0]), r, nil)
			if err != nil {
				return err
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, event, "", "  "); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), &indented)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVarP(&headers, "header", "H", nil, "a request header, 'Name: value'; may be repeated")
	flags.StringArrayVarP(&cookies, "cookie", "b", nil, "a cookie, name=value, sent as given; may be repeated")
	flags.StringVarP(&body, "body", "d", "", "the request's body")
	return cmd
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
