package paste

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// jar reads a line of a Netscape cookie file, as curl -c writes it: seven fields between
// tabs, after #HttpOnly_ for a cookie that scripts cannot read. The Set-Cookie header
// that makes such a cookie is its line.
func (r *reader) jar(text string) bool {
	text, httpOnly := strings.CutPrefix(text, "#HttpOnly_")
	f := strings.SplitN(text, "\t", 7)
	if len(f) == 6 { // an editor removed the tab before an empty value
		f = append(f, "")
	}
	if len(f) != 7 || f[1] != "TRUE" && f[1] != "FALSE" || f[3] != "TRUE" && f[3] != "FALSE" {
		return false
	}
	seconds, err := strconv.ParseInt(f[4], 10, 64)
	host := strings.TrimPrefix(f[0], ".")
	u, badURL := url.Parse("https://" + host + f[2])
	if err != nil || badURL != nil || u.Host == "" {
		return false
	}
	value := f[5] + "=" + f[6] + "; Path=" + f[2]
	if f[1] == "TRUE" {
		value += "; Domain=" + host
	}
	if seconds > 0 {
		value += "; Expires=" + time.Unix(seconds, 0).UTC().Format(http.TimeFormat)
	}
	if f[3] == "TRUE" {
		value += "; Secure"
	}
	if httpOnly {
		value += "; HttpOnly"
	}
	r.add(value)
	r.lines[len(r.lines)-1].URL = u
	return true
}
