package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// A Report is what the page shows of a paste. Only Full has values.
type Report struct {
	Lines  []Line   `json:"lines"`
	Jar    []string `json:"jar"`    // the cookies that a browser then holds, in words
	To     string   `json:"to"`     // a URL,
	Sent   string   `json:"sent"`   // and the Cookie header of a request to it, with masked values
	Masked string   `json:"masked"` // the paste for a link, with x for each byte of a value
	Full   string   `json:"full"`   // the same with values
}

// A Line is what browsers do with one line.
type Line struct {
	Verdict useragent.Verdict `json:"verdict"`
	Place   string            `json:"place"`
	Assumed bool              `json:"assumed"` // the URL
	Engines []Engine          `json:"engines"` // nil if all do the same
}

// An Engine is what one does.
type Engine struct {
	Name       string            `json:"name"`
	Documented bool              `json:"documented"` // and not run
	Outcome    useragent.Outcome `json:"outcome"`
	Reasons    []string          `json:"reasons"` // why it does not store the line as it is written
}

// Make reports on a paste that came from origin and then requests to. If origin is
// empty, the paste says it or it is assumed; if to is empty, it is the last line's URL.
func Make(text, origin, to string) (Report, error) {
	lines, err := paste.Read([]byte(text))
	if err != nil {
		return Report{}, err
	}
	if origin != "" {
		u, err := ParseURL(origin)
		if err != nil {
			return Report{}, fmt.Errorf("the URL %w", err)
		}
		From(u, lines)
	}
	target := lines[len(lines)-1].URL
	if to != "" {
		if target, err = ParseURL(to); err != nil {
			return Report{}, fmt.Errorf("the URL of the next request %w", err)
		}
	}
	_, jar := Judge("", lines)
	r := Report{To: target.Redacted(), Jar: []string{}, Masked: short(lines, true), Full: short(lines, false)}
	for i, c := range Compare(lines) {
		r.Lines = append(r.Lines, Line{c.Verdict(), lines[i].Place, lines[i].Assumed, apart(c)})
	}
	for _, c := range jar.All() {
		r.Jar = append(r.Jar, c.String())
	}
	r.Sent = cookie.MaskPairs(jar.Header(useragent.Request{URL: target}), "•••")
	return r, nil
}

// apart returns what each engine does, nil if all do the same, for whatever reasons they
// ignore the line.
func apart(c useragent.Comparison) (engines []Engine) {
	differ := !c.Agree()
	for _, v := range c {
		one := Engine{Name: v.Engine.Name(), Documented: v.Engine.Documented(), Outcome: v.Outcome}
		for _, r := range v.Reasons {
			if r.Effect != useragent.Notes {
				one.Reasons = append(one.Reasons, r.Field+" "+r.Text+" ["+r.ID+"]")
			}
		}
		engines = append(engines, one)
		differ = differ || v.Outcome != useragent.Ignored && !slices.Equal(one.Reasons, engines[0].Reasons)
	}
	if !differ {
		return nil
	}
	return engines
}

// short writes lines so that paste.Read reads them again, masked or not.
func short(lines []paste.Line, masked bool) string {
	var b strings.Builder
	for i, line := range lines {
		if i == 0 || *lines[i-1].URL != *line.URL {
			b.WriteString("Request URL: " + line.URL.Redacted() + "\n")
		}
		if masked {
			line.Value = cookie.MaskLine(line.Value, strings.Repeat("x", len(useragent.Explain(line.Value, line.URL, line.Time).Cookie.Value)))
		}
		b.WriteString("Set-Cookie: " + line.Value + "\n")
	}
	return b.String()
}
