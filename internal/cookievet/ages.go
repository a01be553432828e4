package cookievet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"
)

// aged are the structs whose MaxAge is a number of seconds.
var aged = map[string]bool{
	cookieType:                                true,
	"github.com/gorilla/sessions.Options":     true,
	"github.com/gin-contrib/sessions.Options": true,
	"github.com/gofiber/fiber.Cookie":         true,
}

// ages reports a MaxAge in another unit than seconds.
func (p *pass) ages() {
	for c := range p.each((*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
		var e ast.Expr
		switch n := c.Node().(type) {
		case *ast.KeyValueExpr:
			lit, ok := c.Parent().Node().(*ast.CompositeLit)
			if key, named := n.Key.(*ast.Ident); ok && named && key.Name == "MaxAge" && aged[p.typeOf(lit)] {
				e = n.Value
			}
		case *ast.AssignStmt:
			if sel, ok := n.Lhs[0].(*ast.SelectorExpr); ok && sel.Sel.Name == "MaxAge" && aged[p.typeOf(sel.X)] {
				e = n.Rhs[0]
			}
		case *ast.CallExpr:
			if p.callee(n) == ginSet {
				e = n.Args[2]
			}
		}
		if unit, fix := p.unit(e); unit != "" {
			p.report("maxage", e, fix, "MaxAge is in seconds, and this is %s (rfc6265bis 4.1.2.2: Max-Age is a number of seconds)", unit)
		}
	}
}

// unit returns in what e is, if it is certainly not in seconds, and a fix.
func (p *pass) unit(e ast.Expr) (string, []analysis.TextEdit) {
	switch n := e.(type) {
	case nil:
		return "", nil
	case *ast.CallExpr:
		if p.TypesInfo.Types[n.Fun].IsType() {
			return p.unit(n.Args[0])
		}
		switch receiver, method, _ := strings.Cut(p.callee(n), ")."); {
		case receiver == "(time.Duration" && (method == "Minutes" || method == "Hours" || strings.HasSuffix(method, "seconds")):
			name := n.Fun.(*ast.SelectorExpr).Sel
			return "in " + strings.ToLower(method), []analysis.TextEdit{{Pos: name.Pos(), End: name.End(), NewText: []byte("Seconds")}}
		case receiver == "(time.Time" && strings.HasPrefix(method, "Unix"):
			return "a point in time, not how long the cookie is kept", nil
		}
	case *ast.BinaryExpr:
		if n.Op == token.MUL && p.typeOf(n) == "int" { // int(time.Hour) * 24
			if unit, fix := p.unit(n.X); unit == nanoseconds {
				return unit, fix
			}
		}
	}
	if p.typeOf(e) == "time.Duration" && p.counts(e) {
		before, after := "", ".Seconds()"
		if _, ok := e.(*ast.BinaryExpr); ok {
			before, after = "(", ").Seconds()"
		}
		return nanoseconds, []analysis.TextEdit{
			{Pos: e.Pos(), End: e.Pos(), NewText: []byte(before)},
			{Pos: e.End(), End: e.End(), NewText: []byte(after)},
		}
	}
	return "", nil
}

const nanoseconds = "a time.Duration, in nanoseconds"

// counts reports whether e, a time.Duration, is certainly one, and not a number of seconds
// that has its type: it has a constant of at least a second, or the result of a function of
// package time, and nothing is divided.
func (p *pass) counts(e ast.Expr) bool {
	sure, divided := false, false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			divided = divided || n.Op == token.QUO
		case *ast.CallExpr:
			switch p.callee(n) {
			case "(time.Time).Sub", "time.Until", "time.Since":
				sure = true
			}
		case *ast.Ident:
			if c, ok := p.TypesInfo.Uses[n].(*types.Const); ok && c.Type().String() == "time.Duration" {
				v, _ := constant.Int64Val(c.Val())
				sure = sure || time.Duration(v) >= time.Second
			}
		}
		return true
	})
	return sure && !divided
}
