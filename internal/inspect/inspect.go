// Package inspect serves the page on which a developer sees each cookie: those of
// requests and responses, what a browser does with them and which rule applies,
// and the cookies that it now holds.
//
// # Who may see it
//
// The page shows secrets, so its path has a random token. The token is not in a
// cookie, because ports share cookies. Requests with another Host (DNS rebinding)
// or from another origin are rejected, including those of the developer's own
// application on its own port. Nothing from a request or a response becomes
// markup: the page's script sets text only, and a policy forbids everything but
// the page's own files.
//
// What the page gets of requests contains no values. It asks for a single value
// when that is to be shown.
package inspect

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/hosts"
	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// What an Inspector keeps at most. The oldest exchanges are dropped first.
const (
	mostExchanges = 200
	mostBytes     = 4 << 20  // of text, in all exchanges
	exchangeBytes = 64 << 10 // of cookies, in one
	mostText      = 4 << 10  // of a URL or a problem
	mostBound     = 1000     // cookies of device-bound sessions
)

// An Exchange is a request and its response, without their bodies.
type Exchange struct {
	Began  time.Time
	Took   time.Duration // until the response's header was complete
	Method string
	URL    string // as the client asked for it
	Status int

	Door     string
	API      string // its logical id
	Stage    string // of the API at AWS, if it has one
	Function string // its logical id; "" if no route was found

	Cookie   []string               // the Cookie lines of the request
	Event    []gateway.CookieSource // the cookies in the event
	Made     bool                   // the request became an event
	Response []gateway.CookieSource // the Set-Cookie lines in the function's response

	SetCookie []SetCookie // the lines sent
	Problem   string      // why the door responded and not the function; "" if the function did
	Warnings  []string

	device []note   // what Device has read
	bound  []string // keys of cookies that a session needs beside its own
}

// A SetCookie is a Set-Cookie line that was sent.
type SetCookie struct {
	Line    string
	Verdict useragent.Verdict
	// Deployed says why a browser would not send the cookie back to the deployed
	// API, behind its Stage; nil if it would.
	Deployed *useragent.Reason
	// Differs says what each browser does; "" if they agree.
	Differs string
}

// An Inspector keeps the latest exchanges and serves the page that shows them.
// All its methods are safe for concurrent use.
type Inspector struct {
	token string
	hosts hosts.Set
	jar   *useragent.Jar

	mu      sync.Mutex
	kept    []entry         // the oldest first, with consecutive ids
	bytes   int             // of kept
	last    int             // id of the newest exchange, 0 before the first
	bound   map[string]bool // keys of bound cookies in the jar
	readers map[chan struct{}]bool
}

// An entry is an Exchange that is kept.
type entry struct {
	Exchange
	id      int
	bytes   int
	omitted int // lines that were too much to keep
}

// New returns an Inspector with a new token. It shows jar, the cookies of a
// browser that got every response, and accepts requests whose Host is a loopback
// name or one of allowed.
func New(jar *useragent.Jar, allowed hosts.Set) *Inspector {
	return &Inspector{token: rand.Text(), hosts: allowed, jar: jar, bound: map[string]bool{}, readers: map[chan struct{}]bool{}}
}

// Path returns the path of the page, with the token.
func (i *Inspector) Path() string { return "/" + i.token + "/" }

// Record keeps x, whose cookies are already in the jar, and notifies the open
// pages. It never waits for them.
func (i *Inspector) Record(x Exchange) {
	e := entry{Exchange: x}
	e.limit()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last++
	e.id = i.last
	i.kept = append(i.kept, e)
	i.bytes += e.bytes
	for _, key := range e.bound {
		if len(i.bound) < mostBound {
			i.bound[key] = true
		}
	}
	for len(i.kept) > mostExchanges || i.bytes > mostBytes && len(i.kept) > 1 {
		i.bytes -= i.kept[0].bytes
		i.kept[0] = entry{}
		i.kept = i.kept[1:]
	}
	for wake := range i.readers {
		select {
		case wake <- struct{}{}:
		default: // not yet read since the last notification
		}
	}
}

// since returns the exchanges after the one with an id, as far as they are still
// kept, and the id of the newest.
func (i *Inspector) since(id int) ([]entry, int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	from := len(i.kept) - min(max(i.last-id, 0), len(i.kept))
	if id > i.last { // from before a restart
		from = 0
	}
	return slices.Clone(i.kept[from:]), i.last
}

// find returns the exchange with an id, if it is still kept.
func (i *Inspector) find(id int) (entry, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if n := len(i.kept) - 1 - (i.last - id); n >= 0 && n < len(i.kept) {
		return i.kept[n], true
	}
	return entry{}, false
}

// limit drops what is too much to keep.
func (e *entry) limit() {
	e.Method, e.URL, e.Problem = cut(e.Method, 40), cut(e.URL, mostText), cut(e.Problem, mostText)
	size := 0
	fits := func(text string) bool {
		if size += len(text); size > exchangeBytes {
			e.omitted++
			size -= len(text)
			return false
		}
		return true
	}
	e.SetCookie = keep(e.SetCookie, func(c SetCookie) bool { return fits(c.Line) })
	e.Event = keep(e.Event, func(c gateway.CookieSource) bool { return fits(c.Text) })
	e.Response = keep(e.Response, func(c gateway.CookieSource) bool { return fits(c.Text) })
	e.Cookie = keep(e.Cookie, fits)
	for _, n := range e.device {
		size += len(n.Text)
	}
	e.bytes = size + len(e.Method) + len(e.Problem) + len(e.URL)*(1+len(e.SetCookie)) // each verdict has the URL
}

// keep returns those elements that fit, in a new slice.
func keep[E any](list []E, fits func(E) bool) []E {
	return slices.DeleteFunc(slices.Clone(list), func(e E) bool { return !fits(e) })
}

// cut returns at most n bytes of s.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n]) + "…"
}

const masked = "•••"

// attributes returns what follows the first semicolon of a Set-Cookie line,
// without anything that may be part of a value.
func attributes(line string) string {
	_, rest, found := strings.Cut(cookie.MaskLine(line, masked), ";")
	if !found {
		return ""
	}
	return printable(";" + rest)
}

// maskedPath returns the Path of a stored cookie, without anything that may be
// part of another cookie, joined with a comma.
func maskedPath(path string) string {
	_, path, _ = strings.Cut(cookie.MaskLine("; Path="+path, masked), "Path=")
	return path
}

// printableLines returns s with each of its lines printable.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for n, line := range lines {
		lines[n] = printable(strings.ReplaceAll(line, "\t", "    "))
	}
	return strings.Join(lines, "\n")
}

// printable returns s, quoted as in Go if it contains control bytes, letters
// without width or anything that changes the direction of text.
func printable(s string) string {
	for _, r := range s {
		if !strconv.IsPrint(r) || r == utf8.RuneError {
			return strconv.Quote(s)
		}
	}
	return s
}
