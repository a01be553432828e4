package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
)

// restCORS reads the Cors of a REST API: the allowed origin, or a map. Each is
// the text of a header, in single quotes, since API Gateway takes expressions
// there.
func (r *reader) restCORS(id string, n *node) *app.CORS {
	where := id + " Cors"
	n = r.look(where, n)
	switch {
	case n.isNull():
		return nil
	case n.kind == scalar:
		return &app.CORS{AllowOrigins: r.quotedList(where, n)}
	case n.kind == list:
		r.fail(n.line, "%s must be a text or a map", where)
		return nil
	}
	c := &app.CORS{
		AllowOrigins:     r.quotedList(where+" AllowOrigin", n.get("AllowOrigin")),
		AllowMethods:     r.quotedList(where+" AllowMethods", n.get("AllowMethods")),
		AllowHeaders:     r.quotedList(where+" AllowHeaders", n.get("AllowHeaders")),
		AllowCredentials: r.boolean(where+" AllowCredentials", n.get("AllowCredentials"), false),
	}
	if c.AllowOrigins == nil {
		c.AllowOrigins = []string{"*"}
	}
	r.checkCredentials(where, n, c)
	age := r.value(where+" MaxAge", n.get("MaxAge"))
	unquoted := &node{kind: age.kind, line: age.line, text: strings.Trim(age.text, "'"), standIn: age.standIn}
	c.MaxAgeSeconds = r.number(where+" MaxAge", unquoted, 0, 0, 1<<31-1)
	return c
}

// checkCredentials refuses, as SAM does, what no browser would take.
func (r *reader) checkCredentials(where string, n *node, c *app.CORS) {
	if c != nil && c.AllowCredentials && slices.Equal(c.AllowOrigins, []string{"*"}) {
		r.fail(n.line, "%s: AllowCredentials needs an allowed origin other than *", where)
	}
}

// quotedList reads a header text such as 'GET,POST'.
func (r *reader) quotedList(where string, n *node) []string {
	text := r.text(where, n, "")
	if text == "" {
		return nil
	}
	inner, opened := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if !opened || !closed {
		r.note(n.line, "%s: API Gateway takes only a text in single quotes within the quotes of YAML, such as \"'*'\"", where)
	}
	var all []string
	for part := range strings.SplitSeq(inner, ",") {
		all = append(all, strings.TrimSpace(part))
	}
	return all
}

// httpCORS reads the CorsConfiguration of an HTTP API: true for any origin,
// origins, or a map of lists.
func (r *reader) httpCORS(id string, n *node) *app.CORS {
	where := id + " CorsConfiguration"
	n = r.look(where, n)
	if n.isNull() || n.kind == object {
		c := r.listCORS(where, n)
		r.checkCredentials(where, n, c)
		return c
	}
	switch n.text {
	case "true":
		return &app.CORS{AllowOrigins: []string{"*"}}
	case "false":
		return nil
	}
	return &app.CORS{AllowOrigins: r.strings(where, n)}
}

// listCORS reads the CORS map of HTTP APIs and Function URLs.
func (r *reader) listCORS(where string, n *node) *app.CORS {
	n = r.look(where, n)
	if n.isNull() {
		return nil
	}
	if n.kind != object {
		r.fail(n.line, "%s must be a map", where)
		return nil
	}
	return &app.CORS{
		AllowOrigins:     r.strings(where+" AllowOrigins", n.get("AllowOrigins")),
		AllowMethods:     r.strings(where+" AllowMethods", n.get("AllowMethods")),
		AllowHeaders:     r.strings(where+" AllowHeaders", n.get("AllowHeaders")),
		ExposeHeaders:    r.strings(where+" ExposeHeaders", n.get("ExposeHeaders")),
		AllowCredentials: r.boolean(where+" AllowCredentials", n.get("AllowCredentials"), false),
		MaxAgeSeconds:    r.number(where+" MaxAge", n.get("MaxAge"), 0, 0, 86400),
	}
}
