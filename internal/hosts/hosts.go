// Package hosts tells whether a request may have come from this machine by its Host header.
package hosts

import (
	"net"
	"net/netip"
	"strings"
)

// A Set has the names, beside those of loopback, that a Host header may have. A
// page of another origin that rebinds its own name to 127.0.0.1 still sends
// that name, and so is told apart from the developer's browser.
type Set map[string]bool

// New returns the set of these names, in any case and with or without a port.
func New(names []string) Set {
	set := make(Set)
	for _, name := range names {
		set[Name(name)] = true
		if ip, err := netip.ParseAddr(Name(name)); err == nil && ip.IsUnspecified() {
			set["0.0.0.0"], set["::"] = true, true // a server on the one is on the other too
		}
	}
	return set
}

// Allow reports whether a request may have this Host.
func (s Set) Allow(host string) bool {
	name := Name(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || s[name] {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.Unmap().IsLoopback()
}

// Name is a Host header in lower case, without port, brackets and final dot.
func Name(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}
