package frontdoor

import (
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// writer is the http.ResponseWriter of a response in one piece. It follows
// net/http's server: 200 unless told otherwise, the first status counts, and the
// headers count as they are at that moment.
type writer struct {
	invocation *invocation
	method     string
	header     http.Header // the handler's
	body       []byte

	status int         // 0 until the headers are fixed
	fixed  http.Header // a copy of header from then, ready to send
	lines  []string    // every Set-Cookie in it, as the handler wrote it

	length   int64    // Content-Length in fixed; -1 if there is none
	written  int64    // bytes of body, sent or not
	over     bool     // there would have been more than length
	trailers []string // names that the handler announced
}

func newWriter(i *invocation, r *http.Request) *writer {
	return &writer{invocation: i, method: r.Method, header: make(http.Header), length: -1}
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("frontdoor: invalid WriteHeader code %d", status)) // as net/http does
	}
	if w.status != 0 || status < 200 { // no door passes informational responses on
		return
	}
	w.status = status
	w.fixed = w.sendable(w.header)
	w.lines = slices.Clone(w.fixed[setCookie])
	w.fixed[setCookie] = w.cleanCookies(w.fixed[setCookie])
	w.dropHopByHop()
	w.readLength()
	w.prefixLocation()
	if !w.bodyAllowed() {
		delete(w.fixed, "Content-Length")
	}
	if status == http.StatusNotModified {
		delete(w.fixed, "Content-Type") // RFC 9110 section 15.4.5
	}
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.begin(len(p)); err != nil {
		return 0, err
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (w *writer) WriteString(s string) (int, error) {
	if err := w.begin(len(s)); err != nil {
		return 0, err
	}
	w.body = append(w.body, s...)
	return len(s), nil
}

// Flush implements http.Flusher. The door takes the response in one piece, so
// there is nothing to send yet, but the headers are fixed from here on.
func (w *writer) Flush() { w.WriteHeader(http.StatusOK) }

// CloseNotify implements http.CloseNotifier. That is deprecated, and gin's
// Context.Stream panics without it. The channel has a value once the request's
// context has ended.
func (w *writer) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(w.invocation, func() { gone <- true })
	return gone
}

// begin fixes the headers unless they are, and says if n bytes of body may
// follow. After the first that may not nothing may, as in net/http, or a hole in
// the body would go unseen.
func (w *writer) begin(n int) error {
	w.WriteHeader(http.StatusOK) // counts if it is the first
	if n == 0 {
		return nil
	}
	if !w.bodyAllowed() {
		return http.ErrBodyNotAllowed
	}
	if w.length >= 0 && w.written+int64(n) > w.length {
		w.over = true
	}
	if w.over {
		return http.ErrContentLength
	}
	w.written += int64(n)
	return nil
}

func (w *writer) bodyAllowed() bool {
	return w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// whole reports whether the body is as long as the handler has said. A client of
// net/http's server would see a shorter one cut off.
func (w *writer) whole() bool {
	w.WriteHeader(http.StatusOK)
	if w.length < 0 || w.written == w.length || w.method == http.MethodHead || !w.bodyAllowed() {
		return true
	}
	w.invocation.logError("response broken off: its body is shorter than its Content-Length",
		"bodyBytes", w.written, "contentLength", w.length)
	return false
}

// finish ends the writing.
func (w *writer) finish() response {
	w.logLate()
	w.sniff(w.body)
	r := response{status: w.status, header: w.fixed, body: w.body}
	if w.method == http.MethodHead {
		r.body = nil
	}
	return r
}

// sniff sets the Content-Type that net/http would set for a body that starts so.
func (w *writer) sniff(body []byte) {
	_, typed := w.fixed["Content-Type"]
	if !typed && len(body) > 0 && w.fixed.Get("Content-Encoding") == "" {
		w.fixed["Content-Type"] = []string{http.DetectContentType(body)}
	}
}

// sendable is a copy of h in which the spellings of each name are merged and
// values are as net/http would send them. What cannot be a name is left out.
func (w *writer) sendable(h http.Header) http.Header {
	c := make(http.Header, len(h)+1)
	for _, name := range sortedNames(h) {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			continue // logLate says so
		}
		if n := tokenLen(name); n == 0 || n < len(name) {
			w.invocation.logError("header dropped: its name is not a token", "begins", name[:n])
			continue
		}
		to := textproto.CanonicalMIMEHeaderKey(name)
		values := append(c[to], h[name]...)
		c[to] = values
		if to == setCookie {
			continue // exact bytes
		}
		for i, v := range values {
			values[i] = textproto.TrimString(clean(v))
		}
	}
	return c
}

// hopByHop are the headers of one connection, RFC 9110 section 7.6.1. The door has
// another connection with the client.
var hopByHop = [...]string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// dropHopByHop leaves out what belongs to one connection: these headers, those
// that Connection names, and trailers.
func (w *writer) dropHopByHop() {
	named := listed(w.fixed["Connection"])
	if w.trailers = listed(w.fixed["Trailer"]); w.trailers != nil {
		delete(w.fixed, "Trailer") // logLate says so
	}
	for _, name := range w.trailers {
		w.drop(name)
	}
	var dropped []string
	for _, name := range hopByHop {
		if w.drop(name) {
			dropped = append(dropped, name)
		}
	}
	for _, name := range named {
		if w.drop(name) {
			dropped = append(dropped, name)
		}
	}
	if dropped != nil {
		w.invocation.logWarn("headers left out: they are about a connection, and the client's is the door's",
			"headers", dropped)
	}
}

// drop takes a header out and reports whether it had a value. Nothing takes cookies.
func (w *writer) drop(name string) bool {
	if len(w.fixed[name]) == 0 || name == setCookie {
		return false
	}
	delete(w.fixed, name)
	return true
}

// listed are the names in lines of comma-separated ones.
func listed(lines []string) (names []string) {
	for _, line := range lines {
		for name := range strings.SplitSeq(line, ",") {
			name = textproto.TrimString(name)
			if name != "" && tokenLen(name) == len(name) {
				names = append(names, textproto.CanonicalMIMEHeaderKey(name))
			}
		}
	}
	return names
}

// readLength notes the Content-Length, of several the first, as net/http does.
func (w *writer) readLength() {
	lines := w.fixed["Content-Length"]
	if len(lines) == 0 {
		return
	}
	n, err := strconv.ParseInt(lines[0], 10, 64)
	if err != nil || n < 0 {
		w.invocation.logError("header dropped: its value is not a length", "header", "Content-Length")
		delete(w.fixed, "Content-Length")
		return
	}
	w.length = n
	w.fixed["Content-Length"] = lines[:1]
}

// tokenLen is how much of s can be a header's name, RFC 9110 section 5.1.
func tokenLen(s string) int {
	for i := range len(s) {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return i
		}
	}
	return len(s)
}
