package paste

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A reader reads a paste line by line.
type reader struct {
	text    string // what is left
	number  int    // of the line, from 1
	pairs   bool   // some names of headers are alone on their line, followed by the value
	name    string // of the header whose value is on the next line
	state   state
	scheme  string // of curl's connection
	mark    string // of curl -v, before the line
	verbose bool   // curl -v wrote responses before
	response
	lines   []Line
	broken  int    // attempts to read JSON
	started int    // where the lines of the response begin
	cut     string // how JSON is broken
	why     string // there is no Set-Cookie
	err     error
}

// A response is what the paste says of one and its request.
type response struct {
	url                  *url.URL
	scheme, host, target string // where there is no url
	answered             bool   // its status line was read
	date                 time.Time
}

type state int

const (
	loose state = iota // outside of a response: headers and values in any order
	head               // after a status line
	body               // after the blank line that ends a head
)

var (
	curlMark    = regexp.MustCompile(`^([<>*])(?: +(.*))?$`)
	remark      = regexp.MustCompile(`(?:to this URL: '|OPENED stream for )(https?)://|^(Trying|Connected to) |^(?:SSL connection|TLSv)`)
	statusLine  = regexp.MustCompile(`^HTTP/[0-9.]+ ([1-5])[0-9][0-9]\b`)
	requestLine = regexp.MustCompile(`^[A-Z]+ (\S+) HTTP/[0-9.]+$`)
	headerLine  = regexp.MustCompile(`(?i)^(?:set-cookie:|:?[a-z][a-z0-9_-]*:(?:[ \t]|$)|[a-z][a-z ]*: )`)
	inside      = regexp.MustCompile(`(?i)^([^=;<]*)\bset-cookie(["']?)[ \t]*:[ \t]*(.*)$`) // a log, a list, a program
	nameLine    = regexp.MustCompile(`^(?::?[A-Za-z][A-Za-z0-9-]*|Request URL|Request Method|Status Code|Remote Address|Referrer Policy):?$`)
	skipped     = regexp.MustCompile(`^(?:#|# .*|General|Headers|Raw|time=\S+ level=.*)?$`) // comments, headings, logs
	prompt      = regexp.MustCompile(`^\S*[$%>#] curl `)
	curlCommand = regexp.MustCompile(`^(?:\S*[$%>#] )?curl(?:\.exe)? .*?(https?://[^\s'"]+)`)
	bare        = regexp.MustCompile("(?i)^[!#$%&'*+.^_`|~0-9a-z-]*[ \t]*=|;[ \t]*(domain|path|expires|max-age|secure|httponly|samesite|partitioned)[ \t]*([;=]|$)")
)

func (r *reader) line(text string) {
	mark := ""
	if m := curlMark.FindStringSubmatch(text); m != nil {
		mark, text = m[1], m[2]
	}
	r.mark = mark
	if mark == "" && r.state == body && prompt.MatchString(text) {
		r.state = loose
	}
	switch m, q := statusLine.FindStringSubmatch(text), requestLine.FindStringSubmatch(text); {
	case mark == "*" && !headerLine.MatchString(text): // the remarks of curl -v tell the scheme
		if m := remark.FindStringSubmatch(text); m != nil && m[2] != "" {
			r.scheme = "http" // until TLS begins
		} else if m != nil {
			r.scheme = cmp.Or(m[1], "https")
		}
	case m != nil && mark != ">":
		if r.answered || len(r.lines) > r.started && r.target == "" {
			r.next()
		}
		r.answered = m[1] != "1"
		r.why = "the response has no Set-Cookie header"
		r.state, r.verbose = head, r.verbose || mark != ""
	case q != nil && mark != "<":
		r.next()
		r.state, r.response = head, response{url: parse(q[1]), target: q[1]}
		if mark != "" {
			r.response.scheme = r.scheme
		}
	case text == "" && (mark != "" || r.state == head):
		r.state = body
	case mark != "" || r.state == head:
		r.header(text)
	case r.state == loose:
		r.loose(text)
	}
}

// loose reads a line outside of a response.
func (r *reader) loose(text string) {
	name := r.name
	r.name = ""
	switch c, in := curlCommand.FindStringSubmatch(text), inside.FindStringSubmatch(text); {
	case name != "":
		r.header(name + ": " + text)
	case strings.HasPrefix(text, "# Netscape"): // what curl -c - wrote before is a body
		r.err = nil
	case skipped.MatchString(text):
	case r.pairs && nameLine.MatchString(text):
		r.name = strings.TrimSuffix(text, ":")
	case headerLine.MatchString(text):
		r.header(text)
	case c != nil:
		r.next()
		r.url = parse(c[1])
		r.why = cmp.Or(r.why, "this is a command; run it with -v, and paste what curl prints")
	case in != nil:
		value := in[3]
		if quote := cmp.Or(in[2], in[1][max(0, len(in[1])-1):]); quote == `"` || quote == "'" {
			value = strings.Trim(strings.TrimRight(value, ",; "), quote)
		}
		r.add(SetCookie, value, fmt.Sprintf("line %d", r.number))
	case r.jar(text):
	case bare.MatchString(text) && text[0] != '{' && !strings.HasPrefix(text, "document.cookie"):
		r.add(SetCookie, text, fmt.Sprintf("line %d", r.number))
	default:
		unknown := cmp.Or(r.cut, fmt.Sprintf("line %d is not understood; write it as Set-Cookie: name=value; Path=/", r.number))
		if r.why = cmp.Or(r.why, unknown); strings.Contains(text, "=") && r.err == nil {
			r.err = errors.New(unknown)
		}
	}
}

// header reads a header of the current response, or of its request.
func (r *reader) header(text string) {
	pseudo := strings.HasPrefix(text, ":")
	name, value, _ := strings.Cut(strings.TrimPrefix(text, ":"), ":")
	value = strings.TrimLeft(value, " \t")
	if pseudo {
		name = ":" + name
	}
	switch strings.ToLower(name) {
	case "set-cookie":
		// curl -v -i prints headers twice
		if r.mark != "" || !r.verbose || !slices.ContainsFunc(r.lines[:r.started], func(l Line) bool { return l.Value == value }) {
			r.add(SetCookie, value, fmt.Sprintf("line %d", r.number))
		}
	case "date":
		r.date, _ = http.ParseTime(value)
	case "host", ":authority":
		if !r.answered {
			r.host = value
		}
	case ":scheme":
		r.response.scheme = value
	case ":path":
		r.target = value
	case "request url":
		r.next()
		r.url = parse(value)
	case "cookie":
		r.why = cmp.Or(r.why, isCookie)
	default:
		if IsSession(name) {
			r.add(http.CanonicalHeaderKey(name), value, fmt.Sprintf("line %d", r.number))
		}
		r.why = cmp.Or(r.why, "there is no Set-Cookie header")
	}
}

// IsSession reports whether a header belongs to device-bound sessions, also in older drafts.
func IsSession(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "secure-session-") || strings.HasPrefix(name, "sec-secure-session-") || strings.HasPrefix(name, "sec-session-")
}

func (r *reader) add(name, value, place string) {
	r.lines = append(r.lines, Line{Name: name, Value: value, Place: place, Answer: r.answered})
}

// next completes the lines of the current response, now that all that the paste says of
// it is known, and begins another.
func (r *reader) next() {
	number := 0
	if r.started > 0 {
		number = r.lines[r.started-1].Response + 1
	}
	origin, assumed := r.origin()
	for i := range r.lines[r.started:] {
		l := &r.lines[r.started+i]
		l.Response, l.Time = number, r.date
		switch {
		case l.URL != nil: // the jar's
		case origin != nil:
			l.URL, l.Assumed = origin, assumed
		default:
			l.URL, l.Assumed = Assume(l.Value), true
		}
	}
	r.started, r.response = len(r.lines), response{}
}

// origin returns the URL of the response, or nil. If its scheme is not known, it is
// assumed.
func (p response) origin() (u *url.URL, assumed bool) {
	switch {
	case p.url != nil || p.host == "":
		return p.url, false
	case p.scheme != "":
		return parse(p.scheme + "://" + p.host + p.target), false
	case p.host == "localhost" || strings.Contains(p.host, ":") && !strings.HasSuffix(p.host, ":443"):
		return parse("http://" + p.host + p.target), true
	}
	return parse("https://" + p.host + p.target), true
}
