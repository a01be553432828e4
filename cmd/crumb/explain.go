package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// assumedURL is where a line comes from by default.
const assumedURL = "https://app.example/cart"

// exitIgnored is the exit code of crumb explain for a cookie that browsers drop.
const exitIgnored exitCode = 1

func newExplain() *cobra.Command {
	var origin string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain ['LINE' | -]",
		Short: "Say what a browser does with a Set-Cookie line, and why",
		Long: `Say what a browser does with a Set-Cookie line: whether it keeps the cookie,
until when, and where it sends it back; or why it silently drops it, and how to
fix that in Go.

LINE is the value of a Set-Cookie header. Without it, or with -, stdin has one
line for each cookie, or a whole response as "curl -i" prints it. Values are
secrets: only their length is shown.

The exit code is 0 if every cookie is stored, or deleted as its line asks, 1 if
one is ignored, 2 if the input cannot be parsed.`,
		Example: `  crumb explain 'sid=1; SameSite=None'
  crumb explain --url http://localhost:3000/ 'sid=1; Secure; Domain=example.com'
  curl -si https://app.example/login | crumb explain --url https://app.example/login`,
		Args: func(cmd *cobra.Command, args []string) error {
			return notUnderstood(cmd, cobra.MaximumNArgs(1)(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			u, err := originURL(origin)
			if err != nil {
				return notUnderstood(cmd, err)
			}
			lines, err := readSetCookies(strings.Join(args, ""), len(args) == 1, cmd.InOrStdin())
			if err != nil {
				return notUnderstood(cmd, err)
			}
			e := explainer{out: cmd.OutOrStdout(), url: u, assumed: origin == "", json: asJSON}
			e.paint = colours(e.out)
			return e.all(lines, time.Now())
		},
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return notUnderstood(cmd, suggestFlag(cmd, err)) })
	flags := cmd.Flags()
	flags.StringVarP(&origin, "url", "u", "", "the URL that the response came from (default "+assumedURL+")")
	flags.BoolVar(&asJSON, "json", false, "write one JSON object for each line (docs/schemas/explain.json)")
	return cmd
}

func originURL(s string) (*url.URL, error) {
	u, err := url.Parse(cmp.Or(s, assumedURL))
	if err != nil {
		return nil, errors.New("--url is not a URL; write it as " + assumedURL)
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, fmt.Errorf("--url %q needs http or https and a host; write it as %s", s, assumedURL)
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 }) {
		return nil, fmt.Errorf("--url %q: write its host in the xn-- form", s)
	}
	return u, nil
}

// readSetCookies returns the Set-Cookie lines of the argument or of stdin.
func readSetCookies(arg string, given bool, stdin io.Reader) ([]string, error) {
	if given && arg != "-" {
		line, err := setCookieValue(arg)
		return []string{line}, err
	}
	if f, ok := stdin.(*os.File); ok && isTerminal(f) && !given {
		return nil, errors.New("give a Set-Cookie line in quotes, or pipe a response in")
	}
	text, err := io.ReadAll(stdin)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(text, []byte("HTTP/")) {
		return responseCookies(string(text))
	}
	var lines []string
	for raw := range strings.Lines(string(text)) {
		line, err := setCookieValue(trimEnd(raw))
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	if lines == nil {
		return nil, errors.New("nothing on stdin")
	}
	return lines, nil
}

// responseCookies returns the Set-Cookie lines of a response, or of several
// responses in a row without bodies, as redirects are in "curl -iL".
func responseCookies(text string) ([]string, error) {
	var lines []string
	inHead := true
responses:
	for raw := range strings.Lines(text) {
		switch line := trimEnd(raw); {
		case line == "" && inHead:
			inHead = false
		case inHead:
			if name, _, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Set-Cookie") {
				value, _ := setCookieValue(line)
				lines = append(lines, value)
			}
		case strings.HasPrefix(line, "HTTP/"):
			inHead = true
		default: // the body
			break responses
		}
	}
	if lines == nil {
		return nil, errors.New("the response has no Set-Cookie header")
	}
	return lines, nil
}

// trimEnd removes the line ending.
func trimEnd(line string) string {
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
}

// setCookieValue removes the header's name, if present.
func setCookieValue(line string) (string, error) {
	name, value, found := strings.Cut(line, ":")
	switch {
	case found && strings.EqualFold(name, "Set-Cookie"):
		return strings.TrimLeft(value, " \t"), nil
	case found && strings.EqualFold(name, "Cookie"):
		return "", errors.New("this is a Cookie header, which browsers send; explain reads Set-Cookie, which servers send")
	}
	return line, nil
}

// An explainer writes verdicts.
type explainer struct {
	out     io.Writer
	url     *url.URL
	assumed bool
	json    bool
	paint   func(colour, text string) string
}

func (e *explainer) all(lines []string, now time.Time) error {
	if e.assumed && !e.json {
		fmt.Fprintf(e.out, "Assuming the response came from %s (change with --url).\n\n", e.url)
	}
	ignored := false
	for i, line := range lines {
		v := useragent.Explain(line, e.url, now)
		ignored = ignored || v.Outcome == useragent.Ignored
		if e.json {
			if err := json.NewEncoder(e.out).Encode(v); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			fmt.Fprintln(e.out)
		}
		e.writeText(v)
	}
	if ignored {
		return exitIgnored
	}
	return nil
}

var headlines = map[useragent.Outcome]struct{ colour, text string }{
	useragent.Stored:  {green, "STORED   a browser keeps the cookie"},
	useragent.Deleted: {yellow, "DELETED  a browser removes the cookie"},
	useragent.Ignored: {red, "IGNORED  a browser silently drops the cookie"},
}

func (e *explainer) writeText(v useragent.Verdict) {
	h := headlines[v.Outcome]
	name := fmt.Sprintf("%q", v.Cookie.Name)
	if v.Cookie.Name == "" {
		name = "without a name"
	}
	size := fmt.Sprintf("%d bytes", len(v.Cookie.Value))
	if len(v.Cookie.Value) == 1 {
		size = "1 byte"
	}
	fmt.Fprintf(e.out, "%s: %s, value of %s\n", e.paint(h.colour, h.text), name, size)
	for _, m := range v.Meanings() {
		fmt.Fprintf(e.out, "  %-11s  %s\n", m.Attribute, m.Text)
	}
	for _, r := range v.Reasons {
		mark := marks[r.Effect]
		fmt.Fprintf(e.out, "\n%s %s %s\n          %s [%s]\n", e.paint(mark.colour, mark.text), r.Field, r.Text, r.Rule, r.ID)
	}
	if code := v.Suggestion(); code != "" {
		fmt.Fprintf(e.out, "\nIn Go, with shared/cookie:\n\n")
		for line := range strings.Lines(code) {
			if line != "\n" {
				line = "    " + line
			}
			fmt.Fprint(e.out, line)
		}
	}
}

var marks = map[useragent.Effect]struct{ colour, text string }{
	useragent.Ignores: {red, "ignored: "},
	useragent.Deletes: {yellow, "deletes: "},
	useragent.Changes: {yellow, "changed: "},
	useragent.Notes:   {dim, "note:    "},
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

// colours returns a function that colours text if out is a terminal, unless
// NO_COLOR is set (no-color.org).
func colours(out io.Writer) func(colour, text string) string {
	f, ok := out.(*os.File)
	if !ok || !isTerminal(f) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return func(_, text string) string { return text }
	}
	return func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
