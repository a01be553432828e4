package useragent

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// How many cookies a Jar keeps, as Chromium does; rfc6265bis 6.1 asks for at least 50
// of a domain and 3,000 in all. When there are more than the first number, cookies are
// deleted until the second is left: those without Secure first, then those used least
// recently.
const (
	siteMost, siteLeft = 180, 150
	allMost, allLeft   = 3300, 3000
)

// A Jar keeps cookies as a browser does. The zero Jar is empty. It is safe for
// concurrent use. It uses time.Now.
type Jar struct {
	// Engine is the browser's; "" is the model of Explain. It is set before the first
	// use.
	Engine Engine

	mu      sync.Mutex
	cookies []kept // in order of creation
}

type kept struct {
	Cookie
	site string // the registrable part of Domain
	used time.Time
}

// Set receives one Set-Cookie line, which is the header's value only, in the response to
// from. With from.Script it is an assignment to document.cookie.
func (j *Jar) Set(from Request, line string) Verdict {
	now := time.Now()
	v := explain(line, from, now, j.Engine)
	if v.Outcome == Ignored {
		return v
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(now)
	c := v.Cookie
	at := slices.IndexFunc(j.cookies, func(k kept) bool { return k.same(c) })
	if !c.Secure && !j.Engine.trusts(from.URL) && j.overlays(c) {
		v.add(Ignores, "overlay-secure", "Secure", rule.LeaveSecure, "is absent, and the browser has a Secure cookie with this name")
	}
	if at >= 0 && j.cookies[at].HTTPOnly && from.Script {
		v.add(Ignores, "overlay-httponly", "HttpOnly", rule.ScriptHTTPOnly, "protects the cookie that the browser has")
	}
	switch {
	case v.Outcome == Ignored:
		v.dropNotes()
	case v.Outcome == Deleted && at >= 0:
		j.cookies = slices.Delete(j.cookies, at, at+1)
	case v.Outcome == Deleted:
		j.explainMiss(&v)
	case at >= 0 && v.Engine.has(movesOverwritten):
		j.cookies = append(slices.Delete(j.cookies, at, at+1), kept{c, registrable(c.Domain), now})
	case at >= 0: // the new cookie takes the old one's place in the order
		c.Created = j.cookies[at].Created
		j.cookies[at].Cookie, j.cookies[at].used = c, now
	default:
		site := registrable(c.Domain)
		j.cookies = append(j.cookies, kept{c, site, now})
		j.shrink(siteMost, siteLeft, func(k kept) bool { return k.site == site && k.Partition == c.Partition })
		j.shrink(allMost, allLeft, func(kept) bool { return true })
	}
	v.Cookie.Created = c.Created
	return v
}

// overlays reports whether c, set over plain http, would replace a Secure cookie or be
// sent before it (rfc6265bis 5.7, "leave secure cookies alone").
func (j *Jar) overlays(c Cookie) bool {
	return slices.ContainsFunc(j.cookies, func(k kept) bool {
		return k.Secure && k.Name == c.Name && k.Partition == c.Partition && pathMatch(c.Path, k.Path) &&
			(domainMatch(c.Domain, k.Domain) || domainMatch(k.Domain, c.Domain))
	})
}

// explainMiss notes why a deletion deleted nothing although the browser has a cookie
// with that name.
func (j *Jar) explainMiss(v *Verdict) {
	for _, k := range j.cookies {
		if c := v.Cookie; k.Name != c.Name || !domainMatch(c.Domain, k.Domain) && !domainMatch(k.Domain, c.Domain) {
			continue
		}
		v.add(Notes, "deletes-nothing", "Cookie", rule.OneScope, "with this name stays: it belongs to %s, this line to %s", scopeOf(k.Cookie), scopeOf(v.Cookie))
	}
}

// scopeOf describes what identifies a cookie beside its name.
func scopeOf(c Cookie) string {
	s := "Path=" + strconv.Quote(shown(c.Path))
	if c.HostOnly {
		s += " without Domain at " + c.Domain
	} else {
		s += " with Domain=" + c.Domain
	}
	if c.Partition != "" {
		s += " in the partition of " + c.Partition
	}
	return s
}

// Cookies returns the cookies that are sent with to, in the order sent: longer paths
// first, then older cookies. Each counts as used now; those used least recently are
// deleted first when there are too many.
func (j *Jar) Cookies(to Request) []Cookie {
	now := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []Cookie
	for i := range j.cookies {
		if k := &j.cookies[i]; k.SentTo(to, now) {
			k.used = now
			out = append(out, k.Cookie)
		}
	}
	slices.SortStableFunc(out, func(a, b Cookie) int { return cmp.Compare(len(b.Path), len(a.Path)) })
	return out
}

// All returns the cookies of all sites in the order of creation. Unlike Cookies it does
// not count as use.
func (j *Jar) All() []Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.expire(time.Now())
	out := make([]Cookie, len(j.cookies))
	for i, k := range j.cookies {
		out[i] = k.Cookie
	}
	return out
}

// Header returns the Cookie header of the request to, or "" if there is none. With
// to.Script it is what document.cookie returns.
func (j *Jar) Header(to Request) string {
	var b strings.Builder
	for i, c := range j.Cookies(to) {
		if i > 0 {
			b.WriteString("; ")
		}
		if c.Name != "" {
			b.WriteString(c.Name)
			b.WriteByte('=')
		}
		b.WriteString(c.Value)
	}
	return b.String()
}

// Close ends the browser's session: it deletes cookies without Expires and Max-Age.
func (j *Jar) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.cookies = slices.DeleteFunc(j.cookies, func(k kept) bool { return k.Expires.IsZero() })
}

func (j *Jar) expire(now time.Time) {
	j.cookies = slices.DeleteFunc(j.cookies, func(k kept) bool { return k.expired(now) })
}

// shrink deletes cookies of a group that has more than most, until left are left.
func (j *Jar) shrink(most, left int, group func(kept) bool) {
	if len(j.cookies) <= most {
		return
	}
	var members []int
	for i, k := range j.cookies {
		if group(k) {
			members = append(members, i)
		}
	}
	if len(members) <= most {
		return
	}
	rank := func(k kept) int {
		if k.Secure {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(members, func(a, b int) int {
		x, y := j.cookies[a], j.cookies[b]
		return cmp.Or(cmp.Compare(rank(x), rank(y)), x.used.Compare(y.used))
	})
	gone := members[:len(members)-left]
	slices.Sort(gone)
	for _, i := range slices.Backward(gone) {
		j.cookies = slices.Delete(j.cookies, i, i+1)
	}
}
