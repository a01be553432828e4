package paste

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// jarLine is domain, subdomains, path, Secure, expiry, name and value, between tabs.
var jarLine = regexp.MustCompile(`^(#HttpOnly_)?\.?([^\t]+)\t(TRUE|FALSE)\t([^\t]*)\t(TRUE|FALSE)\t([0-9]+)\t([^\t]*)(?:\t(.*))?$`)

// jar reads a line of a Netscape cookie file, as curl -c writes it, and adds the Set-Cookie
// header that makes such a cookie.
func (r *reader) jar(text string) bool {
	f := jarLine.FindStringSubmatch(text)
	if f == nil {
		return false
	}
	httpOnly, host, subdomains, path, secure, expiry, name, value := f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]
	header := name + "=" + value + "; Path=" + path
	if subdomains == "TRUE" {
		header += "; Domain=" + host
	}
	if seconds, _ := strconv.ParseInt(expiry, 10, 64); seconds > 0 {
		header += "; Expires=" + time.Unix(seconds, 0).UTC().Format(http.TimeFormat)
	}
	if secure == "TRUE" {
		header += "; Secure"
	}
	if httpOnly != "" {
		header += "; HttpOnly"
	}
	r.add(SetCookie, header, fmt.Sprintf("line %d", r.number))
	r.lines[len(r.lines)-1].URL = parse("https://" + host + path)
	return true
}
