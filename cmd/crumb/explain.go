package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/internal/dbscheck"
	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/internal/verdict"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// exitIgnored is the exit code of crumb explain for a cookie that browsers drop.
const exitIgnored exitCode = 1

func newExplain() *cobra.Command {
	var origin, fix, dir, browser string
	var asJSON, page bool
	cmd := &cobra.Command{
		Use:   "explain ['LINE' | -]",
		Short: "Say what a browser does with a Set-Cookie line, and why",
		Long: `Say what a browser does with a Set-Cookie line: whether it keeps the cookie,
until when, and where it sends it back; or why it silently drops it, and how to
fix that, in Go or with the framework that --fix names.

LINE is the value of a Set-Cookie header. Without it, or with -, stdin has what
you can copy: what curl -v or curl -i prints, headers from a browser's developer
tools, a HAR file, the JSON of a Lambda response, a cookie file of curl, or one
value a line. One browser gets all lines, in their order. Values are secrets: only
their length is shown. Headers and JSON of device-bound sessions
(Secure-Session-…) in it are explained too.

With --page crumb serves the same as a page on this machine, which it compiles to
WebAssembly with the Go toolchain. --page-dir writes the page into a folder, for
any web server; it sends nothing anywhere.

Browsers agree on most lines. Where Chromium, Firefox and Safari do not, the
verdict says who does what.

The exit code is 0 if every cookie is stored, or deleted as its line asks, 1 if
a browser ignores one, 2 if the input is not understood.`,
		Example: `  crumb explain 'sid=1; SameSite=None'
  crumb explain --url http://localhost:3000/ 'sid=1; Secure; Domain=example.com'
  crumb explain --fix flask 'sid=1; SameSite=None'
  curl -sv https://app.example/login 2>&1 | crumb explain -
  crumb explain - < app.example.har
  crumb explain --page`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && (page || dir != "") {
				return notUnderstood(cmd, errors.New("--page and --page-dir take no LINE: paste it into the page"))
			}
			if asJSON && (page || dir != "") {
				return notUnderstood(cmd, errors.New("--json does not go with --page and --page-dir"))
			}
			return notUnderstood(cmd, arguments(0, 1, "put the whole line in quotes")(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if page || dir != "" {
				return explainPage(cmd, page, dir)
			}
			u, err := originURL(origin)
			if err != nil {
				return notUnderstood(cmd, err)
			}
			lines, err := readSetCookies(strings.Join(args, ""), len(args) == 1, cmd.InOrStdin())
			if err != nil {
				return notUnderstood(cmd, err)
			}
			verdict.From(u, lines)
			e := explainer{out: cmd.OutOrStdout(), given: u != nil, json: asJSON}
			if e.fix, err = framework(fix); err != nil {
				return notUnderstood(cmd, err)
			}
			if e.engines, err = engines(browser); err != nil {
				return notUnderstood(cmd, err)
			}
			e.paint = colours(e.out)
			return e.all(lines, time.Now())
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return notUnderstood(cmd, suggestFlag(cmd, err)) })
	flags := cmd.Flags()
	flags.StringVarP(&origin, "url", "u", "", "the URL that the response came from (default: as stdin says, or else a host of the line's Domain, or "+paste.DefaultURL+")")
	flags.StringVar(&fix, "fix", "crumb", "the code of the fix: "+strings.Join(frameworks(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("fix", cobra.FixedCompletions(frameworks(), cobra.ShellCompDirectiveNoFileComp))
	flags.BoolVar(&page, "page", false, "serve a page that explains, on this machine")
	flags.StringVar(&dir, "page-dir", "", "write that page into the folder `DIR`")
	flags.StringVar(&browser, "browser", "all", "whose verdict: all, chromium, firefox or safari, which is documented, not run")
	_ = cmd.RegisterFlagCompletionFunc("browser", cobra.FixedCompletions([]string{"all", "chromium", "firefox", "safari"}, cobra.ShellCompDirectiveNoFileComp))
	flags.BoolVar(&asJSON, "json", false, "write one JSON object for each line (docs/schemas/explain.json)")
	return cmd
}

// frameworks returns what --fix accepts.
func frameworks() (ids []string) {
	for _, f := range useragent.Frameworks() {
		ids = append(ids, f.ID)
	}
	return ids
}

func framework(id string) (useragent.Framework, error) {
	i := slices.Index(frameworks(), id)
	if i < 0 {
		return useragent.Framework{}, fmt.Errorf("--fix %q: there are %s", id, strings.Join(frameworks(), ", "))
	}
	return useragent.Frameworks()[i], nil
}

// engines reads --browser. They are nil for all.
func engines(browser string) ([]useragent.Engine, error) {
	if browser == "all" {
		return nil, nil
	}
	if e := useragent.Engine(browser); slices.Contains(useragent.Engines(), e) {
		return []useragent.Engine{e}, nil
	}
	return nil, fmt.Errorf("--browser %q is none of all, chromium, firefox and safari", browser)
}

// originURL reads --url. It is nil if the flag is not given.
func originURL(s string) (*url.URL, error) {
	if s == "" {
		return nil, nil
	}
	u, err := verdict.ParseURL(s)
	if err != nil {
		return nil, fmt.Errorf("--url %w", err)
	}
	return u, nil
}

// readSetCookies returns the Set-Cookie lines of the argument or of stdin.
func readSetCookies(arg string, given bool, stdin io.Reader) ([]paste.Line, error) {
	if given && arg != "-" && !strings.Contains(arg, "\n") && !paste.IsSession(arg) {
		value, err := paste.Value(arg)
		return []paste.Line{{Name: paste.SetCookie, Value: value, URL: paste.Assume(value), Assumed: true}}, err
	}
	text := []byte(arg)
	if arg == "-" || !given {
		if !given && isTerminal(stdin) {
			return nil, errors.New("give a Set-Cookie line in quotes, or pipe a response in")
		}
		var err error
		if text, err = io.ReadAll(stdin); err != nil {
			return nil, err
		}
	}
	return paste.ReadAll(text)
}

// An explainer writes verdicts.
type explainer struct {
	out     io.Writer
	given   bool // --url
	json    bool
	engines []useragent.Engine // nil: all
	fix     useragent.Framework
	paint   func(colour, text string) string
}

func (e *explainer) all(lines []paste.Line, now time.Time) error {
	ignored := false
	sessions := checkSessions(lines)
	comparisons := verdict.Compare(lines, e.engines...)
	for i, line := range lines {
		c, session := comparisons[i], sessions[i]
		var shown any = c
		if session != nil {
			shown = session
		}
		ignored = ignored || c.Verdict().Outcome == useragent.Ignored || session != nil && session.Outcome == dbscheck.Ignored
		if e.json {
			if err := writeVerdict(e.out, shown, line); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(e.out)
		}
		if i == 0 || *line.URL != *lines[i-1].URL || line.Assumed != lines[i-1].Assumed || !line.Time.Equal(lines[i-1].Time) {
			e.writeOrigin(line, now)
		}
		if session != nil {
			e.writeSession(session)
		} else {
			e.writeText(c)
		}
	}
	if ignored {
		return exitIgnored
	}
	return nil
}

// writeOrigin says where the next lines came from, and, if that was not just now, when.
func (e *explainer) writeOrigin(line paste.Line, now time.Time) {
	when := ""
	if d := now.Sub(line.Time).Abs(); !line.Time.IsZero() && d > time.Hour {
		when = " at " + line.Time.UTC().Format(http.TimeFormat)
	}
	switch {
	case line.Assumed:
		fmt.Fprintf(e.out, "Assuming the response came from %s%s (change with --url).\n\n", line.URL.Redacted(), when)
	case !e.given || when != "":
		fmt.Fprintf(e.out, "The response came from %s%s.\n\n", line.URL.Redacted(), when)
	}
}

// writeVerdict writes the verdict's members, and then the line's.
func writeVerdict(out io.Writer, v any, line paste.Line) error {
	verdict, err := json.Marshal(v)
	if err != nil {
		return err
	}
	of := struct {
		Assumed bool       `json:"url_assumed"`
		Place   string     `json:"place,omitempty"`
		Time    *time.Time `json:"time,omitempty"`
	}{Assumed: line.Assumed, Place: line.Place}
	if !line.Time.IsZero() {
		utc := line.Time.UTC()
		of.Time = &utc
	}
	members, err := json.Marshal(of)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s,%s\n", bytes.TrimSuffix(verdict, []byte("}")), members[1:])
	return err
}
