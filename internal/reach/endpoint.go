package reach

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// Endpoint checks the URL of a server on this machine that serves AWS's API: http, a
// loopback address or localhost, and possibly a port and a path, without a slash at its
// end. localhost becomes 127.0.0.1: the SDK would ask it for BUCKET.localhost. "" is "".
func Endpoint(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", notLocal(text)
	}
	host := u.Hostname()
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	plain := url.URL{Scheme: "http", Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	if err != nil || !ip.IsLoopback() || plain.String() != u.String() {
		return "", notLocal(text)
	}
	if plain.Host = ip.String(); u.Port() != "" {
		plain.Host = net.JoinHostPort(host, u.Port())
	} else if ip.Is6() {
		plain.Host = "[" + host + "]"
	}
	return strings.TrimRight(plain.String(), "/"), nil
}

func notLocal(text string) error {
	text = text[strings.LastIndex(text, "@")+1:] // without a password
	return fmt.Errorf("%q is not a URL on this machine, such as http://127.0.0.1:4566", text)
}
