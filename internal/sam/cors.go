package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// restCORS reads the Cors of a REST API: the allowed origin, or a map. Each value
// is that of a header, in single quotes, since API Gateway expects an expression.
func restCORS(p property) *app.CORS {
	p = p.open()
	switch {
	case p.isNull():
		return nil
	case p.value.Kind == cfn.Scalar:
		return &app.CORS{AllowOrigins: quotedList(p)}
	case p.value.Kind == cfn.List:
		p.refuse("must be a string or a map")
		return nil
	}
	onlyKeys(p, p.t.Refuse, "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigin", "MaxAge")
	c := &app.CORS{
		AllowOrigins:     quotedList(p.at("AllowOrigin")),
		AllowMethods:     quotedList(p.at("AllowMethods")),
		AllowHeaders:     quotedList(p.at("AllowHeaders")),
		AllowCredentials: plainTrue(p.at("AllowCredentials")),
	}
	if c.AllowOrigins == nil {
		c.AllowOrigins = []string{"*"}
	}
	checkCredentials(p, c)
	age := p.at("MaxAge")
	v := age.resolve()
	age.value = &cfn.Value{Kind: v.Kind, Line: v.Line, Text: strings.Trim(v.Text, "'"), Placeholder: v.Placeholder}
	c.MaxAgeSeconds = age.number(0, 0, 1<<31-1)
	return c
}

// plainTrue reports whether p is true as SAM takes it from a REST API's Cors: any
// other value, such as a text or a parameter, is false.
func plainTrue(p property) bool {
	if p.isNull() || p.value.Bare {
		return p.value.Str() == "true"
	}
	p.t.Note(p.value.Line, "%s: SAM treats everything but a plain true as false", p.where)
	return false
}

// checkCredentials rejects, as SAM does, what every browser rejects.
func checkCredentials(p property, c *app.CORS) {
	if c != nil && c.AllowCredentials && slices.Equal(c.AllowOrigins, []string{"*"}) {
		p.t.Refuse(p.value.Line, "%s: AllowCredentials needs an allowed origin other than *", p.where)
		c.AllowCredentials = false
	}
}

// quotedList reads a header value such as 'GET, POST', with its blanks: joined again, it
// is what SAM writes into the response of the OPTIONS method.
func quotedList(p property) []string {
	text := p.text("")
	if text == "" {
		return nil
	}
	inner, opened := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if !opened || !closed {
		p.t.Note(p.value.Line, "%s: API Gateway requires single quotes inside the quotes of YAML, such as \"'*'\"", p.where)
	}
	return strings.Split(inner, ",")
}

// httpCORS reads the CorsConfiguration of an HTTP API: true (any origin), a list
// of origins, or a map of lists.
func httpCORS(p property) *app.CORS {
	p = p.open()
	if p.isNull() || p.value.Kind == cfn.Map {
		c := listCORS(p)
		checkCredentials(p, c)
		return c
	}
	switch p.value.Text {
	case "true":
		return &app.CORS{AllowOrigins: []string{"*"}}
	case "false":
		return nil
	}
	return &app.CORS{AllowOrigins: p.texts()}
}

// listCORS reads the CORS map of HTTP APIs and Function URLs.
func listCORS(p property) *app.CORS {
	p = p.open()
	if p.isNull() {
		return nil
	}
	if p.value.Kind != cfn.Map {
		p.refuse("must be a map")
		return nil
	}
	onlyKeys(p, p.t.Refuse, "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")
	return &app.CORS{
		AllowOrigins:     p.at("AllowOrigins").texts(),
		AllowMethods:     p.at("AllowMethods").texts(),
		AllowHeaders:     p.at("AllowHeaders").texts(),
		ExposeHeaders:    p.at("ExposeHeaders").texts(),
		AllowCredentials: p.at("AllowCredentials").boolean(false),
		MaxAgeSeconds:    p.at("MaxAge").number(0, 0, 86400),
	}
}
