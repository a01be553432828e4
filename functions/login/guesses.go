package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// How many wrong passwords are allowed in a window. A name has a limit for each address;
// otherwise anyone could lock its user out. An address also has a limit for all names
// together; otherwise it could try a common password on every name. An office may share
// an address, so that limit is ten times as high.
//
// If addresses are not known, as behind a proxy that does not send them, a name has one
// limit for all clients: 100, the most in a row that NIST SP 800-63B (Rate Limiting)
// allows for an account.
const (
	maxOfNameAndAddress = 10
	maxOfAddress        = 100
	maxOfName           = 100
	window              = 15 * time.Minute
)

// guesses keeps counts, shared by all instances of the function.
type guesses interface {
	// add adds n to the count under key, initially 0, and returns the sum. The count is
	// not needed after end.
	add(ctx context.Context, key [sha256.Size]byte, n int, end time.Time) (int, error)
}

// An attempt is counted under some keys. It is counted before the password is checked, so
// that concurrent attempts keep the limit, and taken back if the password was right.
type attempt struct {
	limits []limit
	end    time.Time // of the window
}

type limit struct {
	key  [sha256.Size]byte
	most int
}

// newAttempt returns an attempt made now, under the name by which the directory counts. An
// invalid Prefix means that the address is not known.
func newAttempt(name string, from netip.Prefix) attempt {
	a := attempt{end: time.Now().Truncate(window).Add(window)}
	limitTo := func(most int, by, from, name string) {
		a.limits = append(a.limits, limit{sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%s", by, a.end.Unix(), from, name)), most})
	}
	if !from.IsValid() {
		limitTo(maxOfName, "name", "", name)
		return a
	}
	limitTo(maxOfNameAndAddress, "name and address", from.String(), name)
	limitTo(maxOfAddress, "address", from.String(), "")
	return a
}

// count counts the attempt. wait is how long no more attempts are allowed, 0 if this one is.
func (a attempt) count(ctx context.Context, g guesses) (wait time.Duration, err error) {
	for _, l := range a.limits {
		n, err := g.add(ctx, l.key, 1, a.end)
		if err != nil {
			return 0, err
		}
		if n > l.most {
			return max(time.Until(a.end), 0) + time.Second, nil
		}
	}
	return 0, nil
}

// takeBack uncounts the attempt.
func (a attempt) takeBack(ctx context.Context, g guesses) error {
	for _, l := range a.limits {
		if _, err := g.add(ctx, l.key, -1, a.end); err != nil {
			return err
		}
	}
	return nil
}

// network is where a request comes from: an IPv4 address, or an IPv6 network of 64 bits, as
// every subscriber has at least one. It is invalid if that is not known, because the door
// does not send it or because there is a proxy (c.origin) without such a header.
func (c config) network(r *http.Request) netip.Prefix {
	ip := c.clientAddress(r)
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits)
	return network
}

// clientAddress is the address in the proxy's header, if there is one, else that of the
// connection, for clients that do not use the proxy.
func (c config) clientAddress(r *http.Request) netip.Addr {
	if c.addressHeader == "" && c.origin != "" {
		return netip.Addr{}
	}
	if lines := r.Header.Values(c.addressHeader); len(lines) == 1 { // with two, one is the client's
		line := lines[0]
		if i := strings.LastIndexByte(line, ':'); i >= 0 && http.CanonicalHeaderKey(c.addressHeader) == cloudFront {
			line = line[:i]
		}
		if ip := parseAddress(line); ip.IsValid() {
			return ip
		}
	}
	return parseAddress(r.RemoteAddr)
}

// cloudFront always has a port, and before it IPv6 addresses without brackets.
const cloudFront = "Cloudfront-Viewer-Address"

// parseAddress reads an address with or without a port.
func parseAddress(text string) netip.Addr {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().Unmap()
	}
	ip, _ := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap()
}
