package paste

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
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
	pairs   bool   // there are names of headers alone on their line, followed by the value
	name    string // of the header whose value is on the next line
	state   state
	verbose bool   // curl -v wrote some of the paste
	scheme  string // of curl's connection
	request        // of the current response
	answer  bool   // its status line was read
	date    time.Time
	started int // where its lines begin
	lines   []Line
	why     string // there is no Set-Cookie
	err     error
}

// A request is what the paste says of a response's URL.
type request struct{ scheme, host, target string }

type state int

const (
	loose state = iota // outside of a response: headers and values in any order
	head               // after a status line
	body               // after the blank line that ends a head
)

var (
	statusLine  = regexp.MustCompile(`^HTTP/[0-9.]+ [0-9]{3}\b`)
	interim     = regexp.MustCompile(`^HTTP/[0-9.]+ 1`)
	requestLine = regexp.MustCompile(`^[A-Z]+ (\S+) HTTP/[0-9.]+$`)
	headerLine  = regexp.MustCompile(`^(:?[A-Za-z][A-Za-z0-9_-]*|[A-Z][A-Za-z ]*):(?:[ \t]+(.*))?$`)
	nameLine    = regexp.MustCompile(`^(:?[A-Za-z][A-Za-z0-9-]*|Request URL|Request Method|Status Code|Remote Address|Referrer Policy):?$`)
	heading     = regexp.MustCompile(`^(General|Headers|Raw|View source|View parsed)$`)
	curlCommand = regexp.MustCompile(`^\S*[$%>#]? ?curl(?:\.exe)? .*?(https?://[^\s'"]+)`)
	nextURL     = regexp.MustCompile(`(?:to this URL: '|OPENED stream for )(https?)://`)
	token       = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	attribute   = regexp.MustCompile(`(?i);\s*(domain|path|expires|max-age|secure|httponly|samesite|partitioned)\s*([;=]|$)`)
)

func (r *reader) line(text string) {
	if text = strings.TrimLeft(text, " \t"); r.curl(text) {
		return
	}
	switch {
	case statusLine.MatchString(text):
		if r.answer || len(r.lines) > r.started {
			r.next()
		}
		r.state, r.answer = head, !interim.MatchString(text)
		r.why = cmp.Or(r.why, "the response has no Set-Cookie header")
	case r.state == head && text == "":
		r.state = body
	case r.state == head:
		if m := headerLine.FindStringSubmatch(text); m != nil {
			r.header(m[1], m[2])
		} else if value, ok := isSetCookie(text); ok {
			r.add(value)
		}
	case requestLine.MatchString(text):
		r.next()
		r.target = requestLine.FindStringSubmatch(text)[1]
		r.state = loose
	case r.state == loose:
		r.loose(text)
	}
}

// curl reads a line of curl -v: "> " and "< " begin the headers that it sends and
// receives, "* " its remarks, which tell the scheme.
func (r *reader) curl(text string) bool {
	mark, rest, _ := strings.Cut(text, " ")
	switch {
	case mark == ">" && requestLine.MatchString(rest):
		r.next()
		r.verbose, r.state = true, body // what has no mark is a body
		r.request = request{r.scheme, "", requestLine.FindStringSubmatch(rest)[1]}
	case mark == ">" && !r.answer:
		if m := headerLine.FindStringSubmatch(rest); m != nil && strings.EqualFold(m[1], "Host") {
			r.host = m[2]
		}
	case mark == "<":
		if statusLine.MatchString(rest) {
			r.answer, r.state = true, body
			r.why = cmp.Or(r.why, "the response has no Set-Cookie header")
		} else if value, ok := isSetCookie(rest); ok {
			r.add(value)
		} else if m := headerLine.FindStringSubmatch(rest); m != nil {
			r.header(m[1], m[2])
		} else if rest != "" {
			return false // a page
		}
	case mark == "*":
		if m := nextURL.FindStringSubmatch(rest); m != nil {
			r.scheme = m[1]
		} else if strings.HasPrefix(rest, "Connected to ") {
			r.scheme = "http"
		} else if strings.Contains(rest, "TLS handshake") || strings.HasPrefix(rest, "SSL connection") {
			r.scheme = "https"
		}
	default:
		return false
	}
	return true
}

// loose reads a line outside of a response.
func (r *reader) loose(text string) {
	if name := r.name; name != "" {
		r.name = ""
		r.header(name, text)
		return
	}
	if value, ok := isSetCookie(text); ok && (value != "" || !r.pairs) {
		r.add(value)
		return
	}
	name, _, named := strings.Cut(text, "=")
	name = strings.TrimRight(name, " \t")
	switch m := headerLine.FindStringSubmatch(text); {
	case text == "" || heading.MatchString(text) || text == "#" || strings.HasPrefix(text, "# "):
	case r.pairs && nameLine.MatchString(text):
		r.name = strings.TrimSuffix(text, ":")
	case m != nil:
		r.header(m[1], m[2])
	case curlCommand.MatchString(text):
		r.next()
		r.absolute(curlCommand.FindStringSubmatch(text)[1])
	case r.jar(text):
	case named && (name == "" || token.MatchString(name)) || attribute.MatchString(text):
		r.add(text)
	case named:
		r.err = r.unknown()
	default: // a heading, or nothing of headers
		r.why = cmp.Or(r.why, r.unknown().Error())
	}
}

// header reads a header of the current response, or of its request.
func (r *reader) header(name, value string) {
	switch strings.ToLower(strings.TrimPrefix(name, ":")) {
	case "set-cookie":
		r.add(value)
	case "date":
		r.date, _ = http.ParseTime(value)
	case "host", "authority":
		r.host = value
	case "scheme":
		r.request.scheme = value
	case "path":
		r.target = value
	case "request url":
		r.next()
		r.absolute(value)
	case "cookie":
		r.why = cmp.Or(r.why, isCookie)
	default:
		r.why = cmp.Or(r.why, "there is no Set-Cookie header")
	}
}

func (r *reader) unknown() error {
	return fmt.Errorf("line %d is not understood; write it as Set-Cookie: name=value; Path=/", r.number)
}

func isSetCookie(text string) (value string, ok bool) {
	name, value, found := strings.Cut(text, ":")
	return strings.TrimLeft(value, " \t"), found && strings.EqualFold(name, "Set-Cookie")
}

func (r *reader) absolute(s string) {
	if u, err := url.Parse(s); err == nil {
		r.request = request{u.Scheme, u.Host, u.RequestURI()}
	}
}

// add adds a line to the current response, except one that curl -v -i prints twice.
func (r *reader) add(value string) {
	again := func(l Line) bool { return l.Value == value }
	if r.verbose && r.state == head && slices.ContainsFunc(r.lines[:r.started], again) {
		return
	}
	r.lines = append(r.lines, Line{Value: value, Place: fmt.Sprintf("line %d", r.number)})
}

// next begins another response.
func (r *reader) next() {
	r.flush()
	r.request, r.answer, r.date = request{}, false, time.Time{}
}

// flush completes the lines of the current response, now that all that the paste says
// of it is known.
func (r *reader) flush() {
	number := 0
	if r.started > 0 {
		number = r.lines[r.started-1].Response + 1
	}
	for i := range r.lines[r.started:] {
		l := &r.lines[r.started+i]
		l.Response = number
		if l.Time.IsZero() {
			l.Time = r.date
		}
		if l.URL == nil {
			l.URL, l.Assumed = r.request.url()
		}
		if l.URL == nil {
			l.URL, l.Assumed = Assume(l.Value), true
		}
	}
	r.started = len(r.lines)
}

// url returns the URL of the request. If its scheme is not known, it is assumed.
func (q request) url() (u *url.URL, assumed bool) {
	if q.host == "" {
		return nil, true
	}
	if strings.Contains(q.target, "://") { // for a proxy
		u, err := url.Parse(q.target)
		return u, err != nil
	}
	scheme := q.scheme
	if scheme != "http" && scheme != "https" {
		scheme, assumed = "https", true
		if u, err := url.Parse("//" + q.host); err == nil && (u.Hostname() == "localhost" || isAddress(u.Hostname()) || u.Port() != "" && u.Port() != "443") {
			scheme = "http"
		}
	}
	u, err := url.Parse(scheme + "://" + q.host + q.target)
	if err != nil || u.Hostname() == "" {
		return nil, true
	}
	return u, assumed
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
