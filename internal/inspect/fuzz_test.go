package inspect

import (
	"net/url"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// Whatever is recorded, the page gets printable text, and each cookie that it may
// ask for exists, with the length that it was told.
func FuzzView(f *testing.F) {
	f.Add("a=1; b=2", "sid=s; Path=/; Secure")
	f.Add(`a="x y"; ;=; c; d=1=2`, "a=1; Path=/, b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT, c=3")
	f.Add("\u202e=\xff", "\x00=\n; \u200b; Domain=\xff")
	f.Fuzz(func(t *testing.T, cookie, line string) {
		origin := &url.URL{Scheme: "http", Host: "localhost:3000", Path: "/a/b"}
		e := entry{Exchange: Exchange{
			Made:      true,
			Cookie:    []string{cookie},
			Event:     []gateway.CookieSource{{Member: "cookies", Text: cookie}, {Member: "headers.cookie", Text: cookie}},
			Response:  []gateway.CookieSource{{Member: "cookies", Text: line}, {Member: "cookies", Text: line}},
			SetCookie: []SetCookie{{Line: line, Verdict: useragent.Explain(line, origin, time.Now())}},
			Problem:   cookie + "\n" + line,
		}}
		e.limit()
		v := e.view()
		mustJSON(v)
		see := func(s string) {
			if printable(s) != s {
				t.Errorf("%q is not printable", s)
			}
		}
		pairs := e.pairs()
		for _, g := range v.In {
			for _, c := range g.Cookies {
				see(c.Name)
				if c.N >= len(pairs) || c.Octets != len(pairs[c.N].value) {
					t.Errorf("cookie %d of %d does not have %d octets", c.N, len(pairs), c.Octets)
				}
			}
		}
		for _, c := range v.Out {
			see(c.Name)
			see(c.Attributes)
		}
		for _, c := range v.Changed {
			see(c.Name)
		}
		for _, name := range v.Unseen {
			see(name)
		}
	})
}
