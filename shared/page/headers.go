package page

import (
	"net"
	"net/http"
	"strings"
)

// policy is the Content-Security-Policy of every page: no scripts, styles of this
// origin, forms that send to this origin, and no frame around the page. A host of
// the same domain could lay a page with a button into a frame and get it clicked:
// its requests come from the right origin then, with the cookies.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// secure sets the headers with which every response begins, whatever its status.
func secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer the Origin of a form is null
	if r.TLS != nil && inDNS(r.Host) {
		// A year, and this host alone: a function does not know the hosts below it.
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// inDNS reports whether a Host, with or without a port, is a name that DNS leads
// somewhere. It is not for localhost and the names below it (RFC 6761 section 6.3),
// where a developer's next program may speak http, and not for IP addresses, for
// which browsers ignore Strict-Transport-Security (RFC 6797 section 8.1.1).
func inDNS(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	name := strings.ToLower(strings.TrimRight(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || last == "localhost" || strings.ContainsAny(name, ":[]") {
		return false
	}
	return strings.IndexByte("0123456789", last[0]) < 0 // no top-level domain begins with a digit, every IPv4 address ends so
}
