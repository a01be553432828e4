package main

import (
	"fmt"

	"github.com/crumb-go/crumb/internal/dbscheck"
	"github.com/crumb-go/crumb/internal/paste"
)

// checkSessions returns a verdict for each line that is not a Set-Cookie header.
func checkSessions(lines []paste.Line) (all []*dbscheck.Verdict) {
	for len(all) < len(lines) {
		end := len(all)
		for end < len(lines) && lines[end].Response == lines[len(all)].Response {
			end++
		}
		all = append(all, dbscheck.Check(lines[len(all):end])...)
	}
	return all
}

var sessionHeadlines = map[dbscheck.Outcome]struct{ colour, text string }{
	dbscheck.Used:    {green, "USED     Chromium acts on "},
	dbscheck.Sent:    {dim, "SENT     a browser says in "},
	dbscheck.Ignored: {red, "IGNORED  Chromium silently ignores "},
}

// writeSession writes what becomes of a header of device-bound sessions.
func (e *explainer) writeSession(v *dbscheck.Verdict) {
	h := sessionHeadlines[v.Outcome]
	fmt.Fprintln(e.out, e.paint(h.colour, h.text+v.Header))
	if v.Meaning != "" {
		fmt.Fprintf(e.out, "  %s\n", v.Meaning)
	}
	for _, r := range v.Reasons {
		e.writeReason(r, "")
	}
}
