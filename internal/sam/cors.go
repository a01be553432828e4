package sam

import (
	"slices"
	"strings"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/cfn"
)

// restCORS reads the Cors of a REST API: the allowed origin, or a map. Each value
// is that of a header, in single quotes, since API Gateway expects an expression.
func restCORS(p cfn.Property) *app.CORS {
	p = p.Open()
	switch {
	case p.IsNull():
		return nil
	case p.Value.Kind == cfn.Scalar:
		return &app.CORS{AllowOrigins: quotedList(p)}
	case p.Value.Kind == cfn.List:
		p.Refuse("must be a string or a map")
		return nil
	}
	p.OnlyKeys(p.T.Refuse, "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigin", "MaxAge")
	c := &app.CORS{
		AllowOrigins:     quotedList(p.At("AllowOrigin")),
		AllowMethods:     quotedList(p.At("AllowMethods")),
		AllowHeaders:     quotedList(p.At("AllowHeaders")),
		AllowCredentials: plainTrue(p.At("AllowCredentials")),
	}
	if c.AllowOrigins == nil {
		c.AllowOrigins = []string{"*"}
	}
	checkCredentials(p, c)
	age := p.At("MaxAge")
	v := age.Resolve()
	age.Value = &cfn.Value{Kind: v.Kind, Line: v.Line, Text: strings.Trim(v.Text, "'"), Placeholder: v.Placeholder}
	c.MaxAgeSeconds = age.Number(0, 0, 1<<31-1)
	return c
}

// plainTrue reports whether p is true as SAM takes it from a REST API's Cors: any
// other value, such as a text or a parameter, is false.
func plainTrue(p cfn.Property) bool {
	if p.IsNull() || p.Value.Bare {
		return p.Value.Str() == "true"
	}
	p.T.Note(p.Value.Line, "%s: SAM treats everything but a plain true as false", p.Where)
	return false
}

// checkCredentials rejects, as SAM does, what every browser rejects.
func checkCredentials(p cfn.Property, c *app.CORS) {
	if c != nil && c.AllowCredentials && slices.Equal(c.AllowOrigins, []string{"*"}) {
		p.T.Refuse(p.Value.Line, "%s: AllowCredentials needs an allowed origin other than *", p.Where)
		c.AllowCredentials = false
	}
}

// quotedList reads a header value such as 'GET, POST', with its blanks: joined again, it
// is what SAM writes into the response of the OPTIONS method.
func quotedList(p cfn.Property) []string {
	text := p.Text("")
	if text == "" {
		return nil
	}
	inner, opened := strings.CutPrefix(text, "'")
	inner, closed := strings.CutSuffix(inner, "'")
	if !opened || !closed {
		p.T.Note(p.Value.Line, "%s: API Gateway requires single quotes inside the quotes of YAML, such as \"'*'\"", p.Where)
	}
	return strings.Split(inner, ",")
}

// httpCORS reads the CorsConfiguration of an HTTP API: true (any origin), a list
// of origins, or a map of lists.
func httpCORS(p cfn.Property) *app.CORS {
	p = p.Open()
	if p.IsNull() || p.Value.Kind == cfn.Map {
		c := listCORS(p)
		checkCredentials(p, c)
		return c
	}
	switch p.Value.Text {
	case "true":
		return &app.CORS{AllowOrigins: []string{"*"}}
	case "false":
		return nil
	}
	return &app.CORS{AllowOrigins: p.Texts()}
}

// listCORS reads the CORS map of HTTP APIs and Function URLs.
func listCORS(p cfn.Property) *app.CORS {
	p = p.Open()
	if p.IsNull() {
		return nil
	}
	if p.Value.Kind != cfn.Map {
		p.Refuse("must be a map")
		return nil
	}
	p.OnlyKeys(p.T.Refuse, "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge")
	return &app.CORS{
		AllowOrigins:     p.At("AllowOrigins").Texts(),
		AllowMethods:     p.At("AllowMethods").Texts(),
		AllowHeaders:     p.At("AllowHeaders").Texts(),
		ExposeHeaders:    p.At("ExposeHeaders").Texts(),
		AllowCredentials: p.At("AllowCredentials").Boolean(false),
		MaxAgeSeconds:    p.At("MaxAge").Number(0, 0, 86400),
	}
}
