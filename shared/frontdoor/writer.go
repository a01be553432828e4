package frontdoor

import (
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// writer is the http.ResponseWriter of an answer in one piece. It follows
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
}

func newWriter(i *invocation, r *http.Request) *writer {
	return &writer{invocation: i, method: r.Method, header: make(http.Header)}
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("frontdoor: invalid WriteHeader code %d", status)) // as net/http does
	}
	if w.status != 0 || status < 200 { // no door passes informational answers on
		return
	}
	w.status = status
	w.fixed = w.sendable(w.header)
	w.lines = slices.Clone(w.fixed[setCookie])
	w.fixed[setCookie] = w.cleanCookies(w.fixed[setCookie])
	if !w.bodyAllowed() {
		delete(w.fixed, "Content-Length")
	}
	if status == http.StatusNotModified {
		delete(w.fixed, "Content-Type") // RFC 9110 section 15.4.5
	}
}

func (w *writer) Write(p []byte) (int, error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	w.body = append(w.body, p...)
	return len(p), nil
}

// WriteString implements io.StringWriter.
func (w *writer) WriteString(s string) (int, error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	w.body = append(w.body, s...)
	return len(s), nil
}

// Flush implements http.Flusher. The door takes the answer in one piece, so
// there is nothing to send yet, but the headers are fixed from here on.
func (w *writer) Flush() { _ = w.begin() }

// CloseNotify implements http.CloseNotifier. That is deprecated, and gin's
// Context.Stream panics without it. The channel has a value once the request's
// context has ended.
func (w *writer) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	context.AfterFunc(w.invocation, func() { gone <- true })
	return gone
}

// begin fixes the headers unless they are, and says if a body may follow.
func (w *writer) begin() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !w.bodyAllowed() {
		return http.ErrBodyNotAllowed
	}
	return nil
}

func (w *writer) bodyAllowed() bool {
	return w.status != http.StatusNoContent && w.status != http.StatusNotModified
}

// answer ends the writing.
func (w *writer) answer() answer {
	_ = w.begin()
	w.logLateCookies()
	w.sniff(w.body)
	a := answer{status: w.status, header: w.fixed, body: w.body}
	if w.method == http.MethodHead {
		a.body = nil
	}
	return a
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
