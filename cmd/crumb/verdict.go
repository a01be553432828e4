package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

var headlines = map[useragent.Outcome]struct{ colour, word, text string }{
	useragent.Stored:  {green, "STORED ", "keeps the cookie"},
	useragent.Deleted: {yellow, "DELETED", "removes the cookie"},
	useragent.Ignored: {red, "IGNORED", "silently drops the cookie"},
}

// writeText writes one verdict if the engines agree, or else who does what.
func (e *explainer) writeText(c useragent.Comparison) {
	v := c.Verdict()
	name := fmt.Sprintf("%q", v.Cookie.Name)
	if v.Cookie.Name == "" {
		name = "without a name"
	}
	size := fmt.Sprintf("%d bytes", len(v.Cookie.Value))
	if len(v.Cookie.Value) == 1 {
		size = "1 byte"
	}
	if c.Agree() {
		h, who := headlines[v.Outcome], "a browser"
		if len(c) == 1 {
			who = nameOf(v.Engine)
		}
		fmt.Fprintf(e.out, "%s: %s, value of %s\n", e.paint(h.colour, h.word+"  "+who+" "+h.text), name, size)
		for _, m := range v.Meanings() {
			fmt.Fprintf(e.out, "  %-11s  %s\n", m.Attribute, m.Text)
		}
	} else {
		fmt.Fprintf(e.out, "%s: %s, value of %s\n", e.paint(red, "DIFFERS  browsers do not agree on the cookie"), name, size)
		for _, v := range c {
			h := headlines[v.Outcome]
			fmt.Fprintf(e.out, "  %s  %s %s\n", e.paint(h.colour, h.word), nameOf(v.Engine), h.text)
		}
	}
	for _, r := range c.Reasons() {
		where := ""
		if len(r.Engines) < len(c) {
			where = " in " + namesOf(r.Engines)
		}
		e.writeReason(r.Reason, where)
	}
	if code := v.SuggestionIn(e.fix); code != "" {
		fmt.Fprintf(e.out, "\nIn %s:\n\n", e.fix.Title)
		for line := range strings.Lines(code) {
			if line != "\n" {
				line = "    " + line
			}
			fmt.Fprint(e.out, line)
		}
	}
}

func (e *explainer) writeReason(r useragent.Reason, where string) {
	mark := marks[r.Effect]
	fmt.Fprintf(e.out, "\n%s %s %s\n          %s [%s]%s\n", e.paint(mark.colour, mark.text), r.Field, r.Text, r.Rule, r.ID, where)
}

// nameOf names an engine, and says if its verdict is only documented.
func nameOf(e useragent.Engine) string {
	if e.Documented() {
		return e.Name() + " (documented, not run)"
	}
	return e.Name()
}

func namesOf(engines []useragent.Engine) string {
	var names []string
	for _, e := range engines {
		names = append(names, e.Name())
	}
	return strings.Join(names, " and ")
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
	if !isTerminal(out) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return func(_, text string) string { return text }
	}
	return func(colour, text string) string { return "\x1b[" + colour + "m" + text + "\x1b[0m" }
}

// isTerminal reports whether a stream of the process is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
