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
	h := x.w.Header()
	if hasBody(http.MethodGet, re.status) && (x.Method != http.MethodHead || len(re.body) > 0) {
		h.Set("Content-Length", strconv.Itoa(len(re.body)))
	}
	if x.sendHead(re) && hasBody(x.Method, re.status) {
		x.w.Write(re.body)
	}
}

// sendHead writes status and headers; false if it answered something else.
func (x *exchange) sendHead(re *reply) bool {
	h := x.w.Header()
	for _, l := range re.lines {
		if err := checkLine(l); err != nil {
			h.Del("Content-Length")
			x.fail(functionFailed, fmt.Errorf("%s: malformed answer: %w", x.route.Function.ID, err))
			return false
		}
	}
	x.addIDs(h)
	x.setLines(h, re.lines)
	x.report(re.status)
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // no guessing by net/http
	}
	x.w.WriteHeader(re.status)
	return true
}

// hasBody tells whether a response may have one (RFC 9110 section 6.4.1).
func hasBody(method string, status int) bool {
	return method != http.MethodHead && status != http.StatusNoContent && status != http.StatusNotModified
}

// setLines sets header lines as the door lets them through.
func (x *exchange) setLines(h http.Header, lines []line) {
	for _, l := range lines {
		if name, ok := x.responseName(l.name); ok {
			h.Add(name, l.value)
		}
	}
}

// responseName is the name under which a door sends a function's header; false
// if it does not. A REST API and a Function URL rename what they write
// themselves ("Amazon API Gateway important notes"); which names those are is
// from responses that people have published.
func (x *exchange) responseName(name string) (string, bool) {
	switch key := http.CanonicalHeaderKey(name); key {
	case "Connection", "Content-Length", "Date", "Server", "Www-Authenticate", "X-Amzn-Requestid", "X-Forwarded-For":
		if x.door == frontdoor.REST || x.door == frontdoor.URL {
			return "X-Amzn-Remapped-" + key, true
		}
		return name, key != "Connection" && key != "Content-Length" && key != "Date"
	case "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return "", false
	default:
		return name, !x.ownsCORS() || !strings.HasPrefix(key, "Access-Control-")
	}
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

// write writes an answer of the door's own; headers are set already.
func (x *exchange) write(status int, body []byte) {
	if status != http.StatusNoContent {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.report(status)
	x.w.WriteHeader(status)
	if hasBody(x.Method, status) {
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
