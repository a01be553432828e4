package demo

import (
	"net"
	"net/http"
	"strings"
)

// policy is the Content-Security-Policy of every page: no scripts, only styles of this
// origin, only forms that post to this origin, and no frame around the page. Otherwise a
// host of the same domain could put a page with a button into a frame and trick users into
// clicking it: that request comes from the right origin, with the cookies.
const policy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// In spite of no-store, browsers may keep a page in memory and show it when the user goes
// back, although the session has ended meanwhile (HTML Standard section 7.4.6,
// "back/forward cache"). The script askAgain reloads the page then. The policy of such a
// page allows only this script, by its SHA-256.
const (
	askAgain       = "addEventListener('pageshow',e=>{if(e.persisted){document.body.hidden=true;location.reload()}})"
	policyAskAgain = policy + "; script-src 'sha256-C98X3phNTzAeVEkGR5p4oRB0DEhMWcEDwF9/SayAy5U='"
)

// WritePrivatePage is WritePage for what only a signed-in user may see: browsers reload it
// when the user goes back to it, for example after signing out.
func WritePrivatePage(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Security-Policy", policyAskAgain)
	WritePage(w, status, "<script>"+askAgain+"</script>"+html)
}

// secure sets the headers of every response, whatever its status.
func secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer the Origin of a form is null
	if r.TLS != nil && inDNS(r.Host) {
		// For a year, and only for this host: a function does not know its subdomains.
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// inDNS reports whether a Host, with or without a port, is a name in DNS. It returns false
// for localhost and names below it (RFC 6761 section 6.3), where a developer's next program
// may use http, and for IP addresses, for which browsers ignore Strict-Transport-Security
// (RFC 6797 section 8.1.1).
func inDNS(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	name := strings.ToLower(strings.TrimRight(host, "."))
	last := name[strings.LastIndexByte(name, '.')+1:]
	if last == "" || last == "localhost" || strings.Contains(name, ":") {
		return false
	}
	return strings.IndexByte("0123456789", last[0]) < 0 // the last part starts with a digit only in IPv4 addresses
}
