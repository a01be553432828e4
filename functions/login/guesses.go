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

// How many wrong passwords there may be in a window. A name is limited for each
// address, or anybody could lock its user out, and an address for all names
// together, or one could try a common password on every name. An office may share
// an address, so that limit is ten times as high.
//
// Where addresses are not known, as behind a proxy that does not tell, a name has
// one limit for the whole world: 100, the most in a row that NIST SP 800-63B
// (Rate Limiting) allows for an account.
const (
	maxOfNameAndAddress = 10
	maxOfAddress        = 100
	maxOfName           = 100
	window              = 15 * time.Minute
)

// guesses keeps counts, the same for every instance of the function.
type guesses interface {
	// add adds n to the count under key, which begins with 0, and returns the sum.
	// After end nobody asks for the count again.
	add(ctx context.Context, key [sha256.Size]byte, n int, end time.Time) (int, error)
}

// An attempt is counted under some keys. It is counted before it is made, so that
// many at once are not more than allowed, and taken back if it was no guess.
type attempt struct {
	limits []limit
	end    time.Time // of the window
}

type limit struct {
	key  [sha256.Size]byte
	most int
}

// newAttempt returns an attempt that is made now, by a name as the directory
// counts it. An invalid Prefix is an address that is not known.
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

// count counts the attempt. wait is how long there are to be no more, 0 if it may
// be made.
func (a attempt) count(ctx context.Context, g guesses) (wait time.Duration, err error) {
	for _, l := range a.limits {
		n, err := g.add(ctx, l.key, 1, a.end)
		if err != nil {
			return 0, err
		}
		if n > l.most {
			return max(time.Until(a.end), 0).Truncate(time.Second) + time.Second, nil
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

// network is where a request comes from: an IPv4 address, or an IPv6 network of
// 64 bits, of which every subscriber has one at least. It is invalid when that is
// not known: the door does not tell, or there is a proxy (c.origin), and no header
// to ask.
func (c config) network(r *http.Request) netip.Prefix {
	ip := c.clientAddress(r)
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	network, _ := ip.Prefix(bits)
	return network
}

// clientAddress is what the proxy's header says, if it has one, else the address
// of the connection: of who goes past the proxy, or has none in between.
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

// cloudFront always has a port, and IPv6 addresses without brackets before it.
const cloudFront = "Cloudfront-Viewer-Address"

// parseAddress reads an address with or without a port.
func parseAddress(text string) netip.Addr {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().Unmap()
	}
	ip, _ := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap()
}
