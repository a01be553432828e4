package useragent

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// hostOf is the host of u as cookies know it (rfc6265bis 5.1.2).
func hostOf(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return host
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// isHost reports whether a URL can have the host: one that ends in a number is an address
// (WHATWG URL, "ends in a number").
func isHost(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	return last == "" || !rule.IsNumber(last) || !slices.ContainsFunc(labels, func(label string) bool {
		return label == "" || !rule.IsNumber(label)
	})
}

// domainMatch reports whether host is domain or below it (rfc6265bis 5.1.3).
func domainMatch(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain) && !isIP(host)
}

// pathOf is the path of u as sent.
func pathOf(u *url.URL) string {
	if path := u.EscapedPath(); strings.HasPrefix(path, "/") {
		return path
	}
	return "/"
}

// defaultPath is the path of a cookie without Path (rfc6265bis 5.1.4): the directory of
// the URL, without its trailing slash.
func defaultPath(u *url.URL) string {
	path := pathOf(u)
	return path[:max(1, strings.LastIndexByte(path, '/'))]
}

// pathMatch reports whether a cookie with this Path is sent to path (rfc6265bis
// 5.1.4).
func pathMatch(path, cookiePath string) bool {
	rest, ok := strings.CutPrefix(path, cookiePath)
	return ok && (rest == "" || rest[0] == '/' || strings.HasSuffix(cookiePath, "/"))
}

// trusts reports whether Secure cookies are set by and sent to u: over https, or on
// this machine, which most engines trust without it (Secure Contexts 3.1).
func (e Engine) trusts(u *url.URL) bool {
	if isTLS(u) || !e.has(trustsLocal) {
		return isTLS(u)
	}
	host := strings.TrimSuffix(hostOf(u), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

func isTLS(u *url.URL) bool { return u.Scheme == "https" || u.Scheme == "wss" }

// siteOf is the site of u: its scheme and registrable domain (rfc6265bis 5.2).
func siteOf(u *url.URL) string {
	if isTLS(u) {
		return "https://" + registrable(hostOf(u))
	}
	return "http://" + registrable(hostOf(u))
}

// registrable is the part of host that its owner registered.
func registrable(host string) string {
	if isIP(host) {
		return host
	}
	name, dot := strings.CutSuffix(host, ".")
	if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil && dot {
		return domain + "."
	} else if err == nil {
		return domain
	}
	return host
}
