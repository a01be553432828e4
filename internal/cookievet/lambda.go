package cookievet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

const (
	events     = "github.com/aws/aws-lambda-go/events."
	httpAPI    = events + "APIGatewayV2HTTPResponse"
	httpPage   = `AWS, "Create AWS Lambda proxy integrations for HTTP APIs"`
	foldedRule = "rfc6265bis 3: each cookie needs a Set-Cookie header; commas do not separate cookies"
)

// doors are the responses of aws-lambda-go, with the field for several cookies.
var doors = map[string]string{
	events + "APIGatewayProxyResponse":   "MultiValueHeaders",
	httpAPI:                              "Cookies",
	events + "LambdaFunctionURLResponse": "Cookies",
	events + "ALBTargetGroupResponse":    "MultiValueHeaders, with the target group's attribute for multi-value headers",
}

// lambda reports Set-Cookie lines in fields of a response that lose them.
func (p *pass) lambda() {
	for c := range p.each((*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil)) {
		switch n := c.Node().(type) {
		case *ast.KeyValueExpr:
			if p.isSetCookie(n.Key) {
				door, field := p.door(c.Parent())
				p.header(n.Value, door, field, c)
			}
		case *ast.AssignStmt:
			if index, ok := n.Lhs[0].(*ast.IndexExpr); ok && p.isSetCookie(index.Index) {
				door, field := p.doorOf(index.X, c)
				p.header(n.Rhs[0], door, field, c)
				if field == "Headers" {
					p.replaced(index, door, c)
				}
			}
		}
	}
}

// header judges one line in a field of a door's response.
func (p *pass) header(line ast.Expr, door, field string, at inspector.Cursor) {
	switch {
	case door == httpAPI && field == "MultiValueHeaders" && p.hasCookies(at, true):
	case door == httpAPI && field == "MultiValueHeaders":
		p.report("lambda", at.Node(), nil, "an HTTP API ignores MultiValueHeaders in payload 2.0, and with them this cookie (%s); put each line into Cookies", httpPage)
	case field == "Headers" && p.joined(line):
		p.report("lambda", at.Node(), nil, "browsers see only the first of the cookies in one Set-Cookie (%s); use %s", foldedRule, doors[door])
	case field == "Headers" && door == httpAPI:
		if s := p.written(line, at); s.exprs["Expires"] != nil || strings.Contains(s.line, ",") {
			p.report("lambda", at.Node(), nil, "an HTTP API splits Headers[\"Set-Cookie\"] at each comma, and Expires has one (quarkusio/quarkus#32110; %s); put each line into Cookies", httpPage)
		}
	}
}

// hasCookies reports whether the response that at writes to also gets Cookies, which may have
// the same lines. With maps, at may write to a map that a response gets.
func (p *pass) hasCookies(at inspector.Cursor, maps bool) bool {
	var response types.Object
	for outer := range at.Enclosing((*ast.CompositeLit)(nil), (*ast.AssignStmt)(nil)) {
		switch n := outer.Node().(type) {
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok && p.typeOf(n) == httpAPI {
					if key, _ := pair.Key.(*ast.Ident); key != nil && key.Name == "Cookies" {
						return true
					}
				}
			}
		case *ast.AssignStmt:
			left := n.Lhs[0]
			if index, ok := left.(*ast.IndexExpr); ok {
				left = index.X
			}
			response = p.object(left)
		}
	}
	if response == nil {
		return false
	}
	for c := range function(at).Preorder((*ast.SelectorExpr)(nil), (*ast.KeyValueExpr)(nil)) {
		switch n := c.Node().(type) {
		case *ast.SelectorExpr:
			if n.Sel.Name == "Cookies" && p.object(n.X) == response {
				return true
			}
		case *ast.KeyValueExpr:
			if id, ok := n.Value.(*ast.Ident); ok && maps && p.object(id) == response && p.hasCookies(c, false) {
				return true
			}
		}
	}
	return false
}

// door returns the response that a map is in, and the field.
func (p *pass) door(m inspector.Cursor) (door, field string) {
	switch outer := m.Parent().Node().(type) {
	case *ast.KeyValueExpr:
		lit, ok := m.Parent().Parent().Node().(*ast.CompositeLit)
		if key, named := outer.Key.(*ast.Ident); ok && named && doors[p.typeOf(lit)] != "" {
			return p.typeOf(lit), key.Name
		}
	case *ast.AssignStmt:
		return p.doorOf(outer.Lhs[0], m)
	}
	return "", ""
}

// doorOf returns the response that has the map e in a field, and the field. If e is a
// variable, its function has to put it into one kind of response.
func (p *pass) doorOf(e ast.Expr, at inspector.Cursor) (door, field string) {
	switch n := e.(type) {
	case *ast.SelectorExpr:
		if door := p.typeOf(n.X); doors[door] != "" {
			return door, n.Sel.Name
		}
	case *ast.Ident:
		fn := function(at)
		if !fn.Valid() {
			return "", ""
		}
		for c := range fn.Preorder((*ast.KeyValueExpr)(nil)) {
			id, ok := c.Node().(*ast.KeyValueExpr).Value.(*ast.Ident)
			if !ok || p.TypesInfo.ObjectOf(id) != p.TypesInfo.ObjectOf(n) {
				continue
			}
			before := door
			if door, field = p.door(c.ChildAt(edge.KeyValueExpr_Value, -1)); before != "" && before != door {
				return "", ""
			}
		}
	}
	return door, field
}

// replaced reports an assignment in the block before at that at replaces.
func (p *pass) replaced(index *ast.IndexExpr, door string, at inspector.Cursor) {
	for c := range function(at).Preorder((*ast.AssignStmt)(nil)) {
		left, ok := c.Node().(*ast.AssignStmt).Lhs[0].(*ast.IndexExpr)
		if ok && left.Pos() < index.Pos() && p.isSetCookie(left.Index) && types.ExprString(left.X) == types.ExprString(index.X) && block(c) == block(at) {
			p.report("lambda", at.Node(), nil, "this replaces the cookie of line %d: Headers has one Set-Cookie; use %s", p.Fset.Position(left.Pos()).Line, doors[door])
			return
		}
	}
}

// joined reports whether e joins lines with commas.
func (p *pass) joined(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || p.callee(call) != "strings.Join" {
		return false
	}
	v := p.TypesInfo.Types[call.Args[1]].Value
	return v != nil && strings.Contains(constant.StringVal(v), ",")
}
