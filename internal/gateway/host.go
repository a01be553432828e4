package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Hosts are the names, beside those of loopback, that a Host header may have. A
// page of another origin that rebinds its own name to 127.0.0.1 still sends
// that name, and so is told apart from the developer's browser.
type Hosts map[string]bool

// NewHosts returns the hosts with these names, in any case and with or without
// a port.
func NewHosts(names []string) Hosts {
	set := make(Hosts)
	for _, name := range names {
		set[hostname(name)] = true
		if ip, err := netip.ParseAddr(hostname(name)); err == nil && ip.IsUnspecified() {
			set["0.0.0.0"], set["::"] = true, true // a server on the one is on the other too
		}
	}
	return set
}

// Allow reports whether a request may have this Host.
func (s Hosts) Allow(host string) bool {
	name := hostname(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || s[name] {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostname is a Host header in lower case, without port, brackets and final dot.
func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// writePage writes a response of crumb's own, in plain text so that nothing in it
// can be markup.
func writePage(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
