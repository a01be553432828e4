package demo

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

// A browser may keep a page whole when its user goes on, in spite of no-store, and
// show it on the way back, though the session has ended meanwhile (HTML Standard
// section 7.4.6, "back/forward cache"). askAgain has it ask the server then. The
// policy of a page with the script allows this script alone, by its SHA-256.
const (
	askAgain       = "addEventListener('pageshow',e=>{if(e.persisted){document.body.hidden=true;location.reload()}})"
	policyAskAgain = policy + "; script-src 'sha256-C98X3phNTzAeVEkGR5p4oRB0DEhMWcEDwF9/SayAy5U='"
)

// WritePrivatePage is WritePage for what only a signed-in user may see: on the way back to
// the page, after signing out say, browsers ask for it again.
func WritePrivatePage(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Security-Policy", policyAskAgain)
	WritePage(w, status, "<script>"+askAgain+"</script>"+html)
}

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
