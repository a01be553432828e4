// Package paste finds the Set-Cookie headers in what people copy from their tools: what
// curl -v and curl -i print, headers from a browser's developer tools, HAR files, the
// JSON of a Lambda function's response, cookie files of curl, and bare values. It only
// reads text, so that it also compiles for a browser.
//
// Cookies are secrets: errors and places name lines and members, never their text.
package paste

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// DefaultURL is where a line comes from if nothing says more.
const DefaultURL = "https://app.example/cart"

// A Line is one Set-Cookie header, or for ReadAll one of device-bound sessions.
type Line struct {
	Name  string   // SetCookie, the name of another header, or Instructions
	Value string   // what browsers get after "Set-Cookie: "; a secret
	URL   *url.URL // of the response; never nil
	// Assumed reports that the paste does not have the whole URL: Read chose it.
	Assumed bool
	Time    time.Time // when the response was sent; zero if unknown
	Place   string    // where the header is in the paste: "line 12", "entry 3", "cookies[0]"
	Answer  bool      // a response has it for sure, not a request
	// Response counts the responses in the paste, from 0. Lines of one response have the
	// same number, and stand together.
	Response int
}

// Names of lines that ReadAll tells apart.
const (
	SetCookie    = "Set-Cookie"
	Instructions = "session instructions" // the JSON of a device-bound session
)

// Read returns the Set-Cookie headers of a paste in order, at least one. The error says
// what is not understood.
func Read(text []byte) ([]Line, error) {
	lines, why, err := read(text)
	if len(lines) > 0 {
		why = "there is no Set-Cookie header, only those of device-bound sessions, which crumb explain - reads"
	}
	lines = slices.DeleteFunc(lines, func(l Line) bool { return l.Name != SetCookie })
	if err == nil && len(lines) == 0 {
		err = errors.New(why)
	}
	return lines, err
}

// ReadAll is like Read, and also returns the headers of device-bound sessions, all that
// begin with Secure-Session- or Sec-Secure-Session-, and their session instructions.
func ReadAll(text []byte) ([]Line, error) {
	lines, why, err := read(text)
	if err == nil && len(lines) == 0 {
		err = errors.New(why)
	}
	return lines, err
}

// read also returns why there are no lines.
func read(text []byte) (lines []Line, why string, err error) {
	r := reader{text: ansi.ReplaceAllString(decode(text), "")}
	r.pairs = aloneName.MatchString(r.text)
	for r.text != "" {
		r.number++
		if !r.json() {
			line, rest, _ := strings.Cut(r.text, "\n")
			r.text = rest
			r.line(strings.Trim(line, " \t\r"))
		}
	}
	r.next()
	if r.err != nil {
		return nil, "", r.err
	}
	return r.lines, cmp.Or(r.why, "nothing to read"), nil
}

// Value returns a single Set-Cookie header, with or without its name, as a browser gets
// it. The error says that it is another header.
func Value(line string) (string, error) {
	name, value, found := strings.Cut(line, ":")
	switch name = strings.TrimPrefix(name, "< "); {
	case found && strings.EqualFold(name, "Set-Cookie"):
		return strings.TrimLeft(value, " \t"), nil
	case found && strings.EqualFold(name, "Cookie"):
		return "", errors.New(isCookie)
	}
	return line, nil
}

// Assume returns a URL that could have sent the line, which is the header's value: of the
// line's Domain if it has one, or else DefaultURL.
func Assume(line string) *url.URL {
	u, _ := url.Parse(DefaultURL)
	domains := domain.FindAllStringSubmatch(line, -1)
	if domains == nil {
		return u
	}
	u.Host = strings.ToLower(domains[len(domains)-1][1])
	if suffix, _ := publicsuffix.PublicSuffix(u.Host); suffix == u.Host && strings.Contains(u.Host, ".") {
		u.Host = "app." + u.Host // the suffix could only set a cookie for itself
	}
	return u
}

const isCookie = "this is a Cookie header, which browsers send; explain reads Set-Cookie, which servers send"

var (
	ansi      = regexp.MustCompile("\x1b\\[[0-9;]*m|\x1b\\]8;[^\x07\x1b]*(\x07|\x1b\\\\)") // colours, and links as curl writes them
	domain    = regexp.MustCompile(`(?i);[ \t]*domain[ \t]*=[ \t]*\.?([a-z0-9-]+(?:\.[a-z0-9-]+)*)[ \t]*(?:;|$)`)
	aloneName = regexp.MustCompile(`(?im)^[ \t]*(set-cookie|request url):?[ \t]*\r?$`)
)

// decode returns the text in UTF-8. PowerShell and some editors write UTF-16, with or
// without a byte order mark.
func decode(text []byte) string {
	to := unicode.BOMOverride(transform.Nop)
	if len(text) > 1 && text[1] == 0 {
		to = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()
	}
	text, _, _ = transform.Bytes(to, text) // U+FFFD where it is not UTF-16
	return string(text)
}

// parse returns a URL that can have cookies, without its secrets: query, fragment and user
// change no verdict. It returns nil for another.
func parse(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) ||
		strings.ContainsFunc(u.Host, func(r rune) bool { return r >= 0x80 }) {
		return nil
	}
	u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment, u.User = "", false, "", "", nil
	return u
}
