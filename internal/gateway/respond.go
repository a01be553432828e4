package gateway

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// send writes a reply.
func (x *exchange) send(re *reply) {
	for _, l := range re.lines {
		if err := checkLine(l); err != nil {
			x.fail(functionFailed, fmt.Errorf("%s: malformed answer: %w", x.route.Function.ID, err))
			return
		}
	}
	h := x.w.Header()
	x.addIDs(h)
	x.setLines(h, re.lines)
	x.write(re.status, re.body)
}

// setLines sets header lines as the door lets them through.
func (x *exchange) setLines(h http.Header, lines []line) {
	for _, l := range lines {
		if name, ok := x.responseName(l.name); ok {
			h.Add(name, l.value)
		}
		if isSetCookie(l.name) && x.gateway.OnSetCookie != nil {
			x.gateway.OnSetCookie(x.api, x.url(), l.value)
		}
	}
}

// responseName is the name under which a door sends a header; false if it
// writes that header itself.
func (x *exchange) responseName(name string) (string, bool) {
	switch http.CanonicalHeaderKey(name) {
	case "Connection", "Content-Length", "Date", "Server", "Www-Authenticate":
		if x.door == frontdoor.REST || x.door == frontdoor.URL {
			return "x-amzn-Remapped-" + name, true
		}
		return name, strings.EqualFold(name, "Server") || strings.EqualFold(name, "Www-Authenticate")
	case "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return "", false
	}
	return name, true
}

// checkLine refuses what net/http would leave out or change in silence.
func checkLine(l line) error {
	if l.name == "" || strings.ContainsFunc(l.name, notToken) {
		return fmt.Errorf("%q is no header name", l.name)
	}
	if i := strings.IndexAny(l.value, "\r\n\x00"); i >= 0 {
		return fmt.Errorf("header %q: control byte %#02x at offset %d of its value", l.name, l.value[i], i)
	}
	return nil
}

// notToken tells whether r cannot be in a header name (RFC 9110 section 5.6.2).
func notToken(r rune) bool {
	return r <= ' ' || r > '~' || strings.ContainsRune("\"(),/:;<=>?@[\\]{}", r)
}

// addIDs adds the headers by which a door names the request.
func (x *exchange) addIDs(h http.Header) {
	switch x.door {
	case frontdoor.REST:
		h["X-Amzn-Requestid"] = []string{x.requestID}
		h["X-Amz-Apigw-Id"] = []string{x.extended}
		h["X-Amzn-Trace-Id"] = []string{x.traceID}
	case frontdoor.URL:
		h["X-Amzn-Requestid"] = []string{x.requestID}
		h["X-Amzn-Trace-Id"] = []string{x.traceID}
	case frontdoor.HTTP, frontdoor.HTTP1:
		h["Apigw-Requestid"] = []string{x.extended}
	}
}

// write writes status and body.
func (x *exchange) write(status int, body []byte) {
	h := x.w.Header()
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // no guessing by net/http
	}
	if status == http.StatusNoContent || status == http.StatusNotModified {
		x.w.WriteHeader(status)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	if x.Method != http.MethodHead {
		x.w.Write(body)
	}
}

// url is the URL that the client asked for.
func (x *exchange) url() *url.URL {
	proto, _ := x.forwarded()
	u := *x.URL
	u.Scheme, u.Host = proto, x.host()
	return &u
}
