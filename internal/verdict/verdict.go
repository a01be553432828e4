// Package verdict judges what people paste: what crumb explain and its page say of each
// Set-Cookie line, and what a browser holds after all of them.
package verdict

import (
	"errors"
	"net/url"
	"strings"

	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// Judge gives the lines to one browser, in their order, and returns its verdicts and
// the cookies that it then holds. The jar gets every line now; a line that was sent
// before is judged at its time, as if the browser had no cookies. The verdict of another
// header is zero.
func Judge(engine useragent.Engine, lines []paste.Line) ([]useragent.Verdict, *useragent.Jar) {
	jar := &useragent.Jar{Engine: engine}
	var verdicts []useragent.Verdict
	for _, line := range lines {
		var v useragent.Verdict
		if line.Name == paste.SetCookie {
			v = jar.Set(useragent.Request{URL: line.URL}, line.Value)
		}
		if line.Name == paste.SetCookie && !line.Time.IsZero() {
			v = engine.Explain(line.Value, line.URL, line.Time)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, jar
}

// Compare gives the lines to a browser of each engine, or of all if there is none, and
// returns what these do with each line.
func Compare(lines []paste.Line, engines ...useragent.Engine) []useragent.Comparison {
	if len(engines) == 0 {
		engines = useragent.Engines()
	}
	all := make([]useragent.Comparison, len(lines))
	for _, e := range engines {
		verdicts, _ := Judge(e, lines)
		for i, v := range verdicts {
			all[i] = append(all[i], v)
		}
	}
	return all
}

// From sets the URL of all lines, unless u is nil.
func From(u *url.URL, lines []paste.Line) {
	for i := range lines {
		if u != nil {
			lines[i].URL, lines[i].Assumed = u, false
		}
	}
}

// ParseURL reads a URL that somebody types, without query, fragment and user, which change
// no verdict and may be secret. The error continues a sentence, and quotes nothing.
func ParseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("is not a URL; write it as " + paste.DefaultURL)
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("needs http or https and a host; write it as " + paste.DefaultURL)
	}
	if strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 }) {
		return nil, errors.New("needs its host in the xn-- form")
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment, u.User = "", false, "", "", nil
	return u, nil
}
