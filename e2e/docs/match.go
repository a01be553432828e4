package docs

import (
	"regexp"
	"strings"
)

const (
	day    = `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)`
	month  = `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`
	months = `(?:January|February|March|April|May|June|July|August|September|October|November|December)`
)

// kinds are what differs from day to day. If a document has text of one kind, any
// other text of the same kind matches.
var kinds = []string{
	day + `, \d\d ` + month + ` 20[2-9]\d \d\d:\d\d:\d\d GMT`,
	`20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`,
	`\d\d? ` + months + ` 20[2-9]\d`,
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`,
	`(?:\d+\.\d+s|\(cached\))`, // of go test
	`[A-Za-z0-9_-]{60,}`,       // sealed
}

var anyKind = regexp.MustCompile(`(` + strings.Join(kinds, `)|(`) + `)`)

// pattern returns a regular expression for the output in a document: from the
// start of the text and, unless more may follow, to its end.
func pattern(want string, moreFollows bool) *regexp.Regexp {
	var p strings.Builder
	p.WriteString(`\A`)
	for line := range strings.Lines(strings.TrimRight(want, "\n ")) {
		line = strings.TrimRight(line, "\n")
		if line == "..." {
			p.WriteString(`(?:.*\n)*?`)
			continue
		}
		for i, part := range strings.Split(line, "...") {
			if i > 0 {
				p.WriteString(`.*`)
			}
			p.WriteString(linePattern(part))
		}
		p.WriteString(`[ \t]*\n`)
	}
	if !moreFollows {
		p.WriteString(`\s*\z`)
	}
	return regexp.MustCompile(p.String())
}

func linePattern(line string) string {
	var p strings.Builder
	end := 0
	for _, at := range anyKind.FindAllStringSubmatchIndex(line, -1) {
		p.WriteString(regexp.QuoteMeta(line[end:at[0]]))
		end = at[1]
		for i, kind := range kinds {
			if at[2*i+2] >= 0 {
				p.WriteString(kind)
			}
		}
	}
	p.WriteString(regexp.QuoteMeta(line[end:]))
	return p.String()
}

// match returns the length of the prefix of got that matches a document's want,
// or -1.
func match(got, want string, moreFollows bool) int {
	at := pattern(want, moreFollows).FindStringIndex(got)
	if at == nil {
		return -1
	}
	return at[1]
}
