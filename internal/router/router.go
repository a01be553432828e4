// Package router finds the route of a request as API Gateway does.
package router

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// A Router finds the route of a request: of the routes for the path, the first that has
// the method, an exact one before ANY.
//
// In a REST API they are in the order of its tree of resources: at each segment a
// literal goes before {name} and that before {name+}. So a resource without the
// method gives way to a variable or a greedy one beside it (recorded by localstack,
// 2024-07-23; ministackorg/ministack#1423, floci-io/floci#3399). In an HTTP API a
// full match goes before a greedy one, and $default is last.
//
// Slashes inside a path are never merged. A REST API serves /a/ as /a, and the
// event's path keeps the slash (github.com/aws/chalice/issues/65,
// github.com/aws/aws-sam-cli/pull/1495); {name+} does not (localstack, 2024-08-02). In
// an HTTP API {name+} can be empty behind a slash (storacha/w3infra#166; whether also
// for "/" itself nobody has recorded).
type Router struct {
	routes []*route // the most specific first
	rest   bool
}

// A route is an app.Route cut into segments.
type route struct {
	*app.Route
	segments []segment // none for $default
	greedy   bool      // the last segment takes the rest of the path
	slash    bool      // the path may end with a slash more, as in a REST API
}

// A segment is a literal or, with a name, a path parameter.
type segment struct{ literal, name string }

// A Param is a path parameter and what it took of the path, still encoded.
type Param struct{ Name, Value string }

// Default is the path of an HTTP API's route for what no other route takes.
const Default = "$default"

// New returns the router of a REST API or, with rest unset, of one of another kind. It
// reads routes for as long as it is used, so they must not change.
func New(routes []app.Route, rest bool) *Router {
	rt := &Router{rest: rest}
	for i := range routes {
		r := newRoute(&routes[i])
		r.slash = rest
		rt.routes = append(rt.routes, r)
	}
	slices.SortStableFunc(rt.routes, rt.compare)
	return rt
}

func newRoute(r *app.Route) *route {
	p := &route{Route: r}
	if r.Path == Default {
		return p
	}
	for _, s := range strings.Split(strings.TrimPrefix(r.Path, "/"), "/") {
		name, isParam := strings.CutPrefix(s, "{")
		if !isParam {
			p.segments = append(p.segments, segment{literal: s})
			continue
		}
		name = strings.TrimSuffix(name, "}")
		name, p.greedy = strings.CutSuffix(name, "+")
		p.segments = append(p.segments, segment{name: name})
	}
	return p
}

// compare orders the more specific route first.
func (rt *Router) compare(a, b *route) int {
	return cmp.Or(
		slices.Compare(rt.ranks(a), rt.ranks(b)),
		strings.Compare(a.Path, b.Path),
		cmp.Compare(methodRank(a.Method), methodRank(b.Method)))
}

// ranks are numbers to compare routes by, one after the other: that of the path as a
// whole, then those of its segments, then one that is larger than any segment's, so that
// the longer of two paths comes first.
func (rt *Router) ranks(r *route) []int {
	ranks := []int{0}
	switch { // an HTTP API tries greedy paths after all others, and $default after those
	case r.segments == nil:
		ranks[0] = 2
	case r.greedy && !rt.rest:
		ranks[0] = 1
	}
	for i, s := range r.segments {
		switch {
		case s.name == "":
			ranks = append(ranks, 0)
		case r.greedy && i == len(r.segments)-1:
			ranks = append(ranks, 2)
		default:
			ranks = append(ranks, 1)
		}
	}
	return append(ranks, 3)
}

func methodRank(method string) int {
	if method == "ANY" {
		return 1
	}
	return 0
}

// Match returns the route of a request and its path parameters, or nil. The
// path is the encoded one of the request line.
func (rt *Router) Match(method, path string) (*app.Route, []Param) {
	parts := splitPath(path)
	for _, r := range rt.routes {
		if params, ok := r.matchPath(parts); ok && (r.Method == "ANY" || r.Method == method) {
			return r.Route, params
		}
	}
	return nil, nil
}

// Resource returns the resource that a path leads to in a REST API, its path parameters,
// and its methods, ANY among them; none where there is no resource.
func (rt *Router) Resource(path string) (found string, params []Param, methods []string) {
	parts := splitPath(path)
	for _, r := range rt.routes {
		if p, ok := r.matchPath(parts); ok && (found == "" || r.Path == found) {
			found, params = r.Path, p
			methods = append(methods, r.Method)
		}
	}
	return found, params, methods
}

// splitPath cuts an encoded path into segments; nil for one that does not begin
// with a slash.
func splitPath(path string) []string {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil
	}
	return strings.Split(rest, "/")
}

// matchPath compares segment by segment.
func (r *route) matchPath(parts []string) (params []Param, ok bool) {
	n := len(r.segments)
	switch more := len(parts) - n; {
	case n == 0:
		return nil, true
	case more < 0:
		return nil, false
	case r.greedy:
		rest := strings.Join(parts[n-1:], "/")
		if cut := strings.TrimSuffix(rest, "/"); r.slash && cut != "" {
			rest = cut
		}
		parts = append(slices.Clip(parts[:n-1]), rest)
	case more == 1 && r.slash && parts[n] == "" && parts[n-1] != "":
	case more > 0:
		return nil, false
	}
	for i, s := range r.segments {
		empty := r.greedy && i == n-1 && !r.slash // is allowed
		switch part := parts[i]; {
		case s.name == "" && part != s.literal && Unescape(part, false) != s.literal, s.name != "" && part == "" && !empty:
			return nil, false
		case s.name != "":
			params = append(params, Param{s.name, part})
		}
	}
	return params, true
}

// Unescape undoes percent-encoding and, in queries, "+" for a space. Broken
// escapes stay as they are.
func Unescape(s string, plus bool) string {
	if !strings.Contains(s, "%") && !(plus && strings.Contains(s, "+")) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '+' && plus {
			c = ' '
		} else if c == '%' && i+2 < len(s) {
			if octet, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c = byte(octet)
				i += 2
			}
		}
		b = append(b, c)
	}
	return string(b)
}
