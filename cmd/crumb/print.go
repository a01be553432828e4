package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/local"
)

// A printer prints what crumb start reports about its project.
type printer struct {
	stdout, stderr io.Writer
	project        *local.Project
	opened         bool     // routes with an authorizer are served
	claims         string   // the file of the callers' claims
	printed        []string // the routes and keys as last printed
}

// everything prints what is served.
func (p *printer) everything() {
	p.routes()
	if url := p.project.InspectorURL(); url != "" {
		fmt.Fprintf(p.stdout, "Inspector on %s\n", url) // stdout, since logs must not have its token
	}
	for _, api := range p.project.APIs() {
		if api.StagePath != "" && api.Line > 0 { // the template names the stage
			fmt.Fprintf(p.stderr, "%s: deployed, the URL begins with %s, which a link or redirect to /... would lose\n", api.ID, api.StagePath)
		}
		p.guards(api)
	}
	if url := p.project.InvokeURL(); url != "" {
		fmt.Fprintf(p.stderr, "Lambda's Invoke API on %s (aws lambda invoke --endpoint-url)\n", url)
	}
	if url := p.project.TablesURL(); url != "" {
		fmt.Fprintf(p.stderr, "DynamoDB on %s (aws dynamodb scan --endpoint-url)\n", url)
	}
}

// guards writes a line for each guard that does not do what it does on AWS: it closes its
// routes, because it cannot be checked here, or it is skipped.
func (p *printer) guards(api local.API) {
	const (
		closes  = "%s: %s closes %s: %s; --insecure-skip-authorizers opens them\n"
		skipped = "%s: %s is skipped, which opens %s: %s\n"
	)
	type line struct{ by, format, text string }
	routes := map[line][]string{}
	for _, r := range api.Routes {
		if r.Authorizer == "" {
			continue
		}
		l := line{authorizer.Name(&r.Guard), closes, api.NotRun(&r.Guard)}
		switch {
		case p.opened && api.Assumed.Has(&r.Guard):
			l.format, l.text = skipped, "their events say what "+p.claims+" does"
		case p.opened:
			l.format, l.text = skipped, "their events say nothing of the caller"
		case l.text == "":
			continue
		}
		routes[l] = append(routes[l], r.Method+" "+shownPath(r))
	}
	byName := func(a, b line) int { return strings.Compare(a.by, b.by) }
	for _, l := range slices.SortedFunc(maps.Keys(routes), byName) {
		fmt.Fprintf(p.stderr, l.format, api.ID, l.by, strings.Join(routes[l], ", "), l.text)
	}
}

// routes writes a line for each route, where the APIs listen, and the keys that open
// routes, unless nothing of it has changed since.
func (p *printer) routes() {
	var lines, urls, keys []string
	for _, api := range p.project.APIs() {
		urls = append(urls, api.URL)
		if api.Key != "" { // on stdout, since logs must not have it
			keys = append(keys, fmt.Sprintf("x-api-key of %s is %s", api.ID, api.Key))
		}
		for _, r := range api.Routes {
			lines = append(lines, fmt.Sprintf("%s  %s%s  %s", r.Method, api.URL, shownPath(r), r.Function.ID))
		}
	}
	all := slices.Concat(lines, keys)
	if slices.Equal(all, p.printed) {
		return
	}
	p.printed = all
	for _, line := range lines {
		fmt.Fprintln(p.stdout, line)
	}
	fmt.Fprintf(p.stdout, "Listening on %s (Ctrl-C stops)\n", strings.Join(urls, " "))
	for _, line := range keys {
		fmt.Fprintln(p.stdout, line)
	}
}

func shownPath(r app.Route) string { return strings.Replace(r.Path, "$default", "/*", 1) }

// reloaded prints the result of reading a saved template.
func (p *printer) reloaded(err error) {
	if err != nil {
		fmt.Fprintf(p.stderr, "crumb: %v\n", err)
		return
	}
	p.routes()
}

// findings writes a line for each finding.
func (p *printer) findings(a *app.App) {
	for _, f := range distinct(a.Findings) {
		fmt.Fprintln(p.stderr, a.Line(f))
	}
}

// distinct returns findings for several functions with the same cause, such as a
// line in Globals, as one.
func distinct(findings []app.Finding) []app.Finding {
	causeOf := func(f app.Finding) app.Finding { // without the name at its beginning
		_, f.Text, _ = strings.Cut(f.Text, " ")
		return f
	}
	var all []app.Finding
	count := map[app.Finding]int{}
	for _, f := range findings {
		if count[causeOf(f)]++; count[causeOf(f)] == 1 {
			all = append(all, f)
		}
	}
	for i, f := range all {
		if n := count[causeOf(f)]; n > 1 {
			all[i].Text += fmt.Sprintf(" (and for %d more)", n-1)
		}
	}
	return all
}
