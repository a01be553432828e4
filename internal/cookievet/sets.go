package cookievet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"net/http"
	"reflect"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// A set is a cookie on its way into a response.
type set struct {
	at     ast.Node          // where to report
	fn     inspector.Cursor  // the function
	route  string            // the path of its handler, or ""
	lit    *ast.CompositeLit // where fields can be added, or nil
	line   string            // a whole Set-Cookie line, instead of a cookie
	gin    bool              // gin escapes the value
	past   bool              // Expires is certainly past
	opaque bool              // every field may have any value
	exprs  map[string]ast.Expr
	any    map[string]bool // these fields may have any value
	cookie http.Cookie     // the other fields
}

func newSet() *set { return &set{exprs: map[string]ast.Expr{}, any: map[string]bool{}} }

var opaque = set{opaque: true}

func (s *set) knows(field string) bool { return !s.opaque && s.line == "" && !s.any[field] }

// named is ` "id"`, or nothing if the name is not known.
func (s *set) named() string {
	if s.knows("Name") && s.cookie.Name != "" {
		return " " + quote(s.cookie.Name)
	}
	return ""
}

// harmless is the cookie, with harmless values for fields that may have any: what a browser
// ignores of it, it ignores in any case.
func (s *set) harmless() http.Cookie {
	c, good := s.cookie, http.Cookie{Name: "name", Path: "/", Secure: true, HttpOnly: true}
	for _, name := range []string{"Name", "Path", "Domain", "Secure", "HttpOnly", "SameSite", "Partitioned", "MaxAge"} {
		if !s.knows(name) {
			field(&c, name).Set(field(&good, name))
		}
	}
	c.Value = "x"
	// What follows net/http does itself, and logs it.
	if (&http.Cookie{Name: "name", Domain: c.Domain}).Valid() != nil {
		c.Domain = ""
	}
	c.Path = strings.Map(func(r rune) rune {
		if ' ' <= r && r < 0x7F && r != ';' {
			return r
		}
		return -1
	}, c.Path)
	return c
}

func field(c *http.Cookie, name string) reflect.Value {
	return reflect.ValueOf(c).Elem().FieldByName(name)
}

// give gives a field the value of e, if that is constant and sure.
func (p *pass) give(s *set, name string, e ast.Expr, sure bool) {
	if s.opaque {
		return
	}
	s.exprs[name] = e
	v := p.TypesInfo.Types[e].Value
	s.any[name] = v == nil || !sure
	if name == "Expires" {
		s.past = sure && p.past(e)
	}
	if s.any[name] {
		return
	}
	switch f := field(&s.cookie, name); f.Kind() {
	case reflect.String:
		f.SetString(constant.StringVal(v))
	case reflect.Bool:
		f.SetBool(constant.BoolVal(v))
	case reflect.Int:
		n, _ := constant.Int64Val(v)
		f.SetInt(n)
	}
}

// senders are the functions that add a cookie to a response, with the places of the
// response and of the http.Cookie among the arguments: -1 is the receiver, and for the
// cookie one that is declared elsewhere.
var senders = map[string]struct{ response, cookie int }{
	"net/http.SetCookie":                           {0, 1},
	"(github.com/labstack/echo.Context).SetCookie": {-1, 0},
	ginSet: {-1, -1},
	"(github.com/gorilla/sessions.Session).Save":              {1, -1},
	"(github.com/crumb-go/crumb/shared/cookie.Cookie).Set":    {0, -1},
	"(github.com/crumb-go/crumb/shared/cookie.Cookie).Delete": {0, -1},
}

const (
	ginSet     = "(github.com/gin-gonic/gin.Context).SetCookie"
	ginSite    = "(github.com/gin-gonic/gin.Context).SetSameSite"
	cookieType = "net/http.Cookie"
)

// sets returns the cookies that the package sends.
func (p *pass) sets() (out []*set) {
	for c := range p.each((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		s, name := &opaque, p.callee(call)
		if how, ok := senders[name]; ok && how.cookie >= 0 {
			s = p.resolve(call.Args[how.cookie], c)
		} else if name == ginSet && len(call.Args) == len(ginFields) {
			s = p.gin(call, c)
		} else if line := p.headerLine(call, name); line != nil {
			s = p.written(line, c)
		}
		if s.opaque {
			continue
		}
		if s.fn = function(c); s.at == nil {
			s.at = call
		}
		out = append(out, s)
	}
	return out
}

// headerLine returns the second argument of w.Header().Set("Set-Cookie", …) and of calls
// like it.
func (p *pass) headerLine(call *ast.CallExpr, callee string) ast.Expr {
	switch callee {
	case "(net/http.Header).Set", "(net/http.Header).Add":
		// The header of a request or of a received response is a field, not a call.
		if from, ok := call.Fun.(*ast.SelectorExpr).X.(*ast.CallExpr); !ok || methodName(from) != "Header" {
			return nil
		}
	case "(github.com/gin-gonic/gin.Context).Header":
	default:
		return nil
	}
	if !p.isSetCookie(call.Args[0]) {
		return nil
	}
	return call.Args[1]
}

func (p *pass) isSetCookie(key ast.Expr) bool {
	v := p.TypesInfo.Types[key].Value
	return v != nil && v.Kind() == constant.String && strings.EqualFold(constant.StringVal(v), "Set-Cookie")
}

func methodName(call *ast.CallExpr) string {
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
		return sel.Sel.Name
	}
	return ""
}

// written is what the text e of a Set-Cookie line sets: a constant, or the String of an
// http.Cookie.
func (p *pass) written(e ast.Expr, at inspector.Cursor) *set {
	if v := p.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return &set{at: e, line: constant.StringVal(v)}
	}
	if call, ok := e.(*ast.CallExpr); ok && p.callee(call) == "(net/http.Cookie).String" {
		return p.resolve(call.Fun.(*ast.SelectorExpr).X, at)
	}
	return &opaque
}

// ginFields are the arguments of gin's SetCookie. An old version had one more.
var ginFields = [...]string{"Name", "Value", "MaxAge", "Path", "Domain", "Secure", "HttpOnly"}

// gin is c.SetCookie(name, value, maxAge, path, domain, secure, httpOnly), with the SameSite
// of a SetSameSite before it.
func (p *pass) gin(call *ast.CallExpr, at inspector.Cursor) *set {
	s := newSet()
	s.gin = true
	for i, name := range ginFields {
		p.give(s, name, call.Args[i], true)
	}
	if s.cookie.Path == "" {
		s.cookie.Path = "/"
	}
	s.any["SameSite"] = true
	for c := range function(at).Preorder((*ast.CallExpr)(nil)) {
		if mode := c.Node().(*ast.CallExpr); mode.Pos() < call.Pos() && p.callee(mode) == ginSite {
			p.give(s, "SameSite", mode.Args[0], within(c, call.Pos()))
		}
	}
	return s
}

// resolve returns the cookie that e is at at: a literal, or a variable of the function with
// all that it was assigned before.
func (p *pass) resolve(e ast.Expr, at inspector.Cursor) *set {
	if ref, ok := e.(*ast.UnaryExpr); ok {
		e = ref.X
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return p.value(e)
	}
	s, obj, fn := &opaque, p.TypesInfo.ObjectOf(id), function(at)
	if !fn.Valid() {
		return s
	}
	for c := range fn.Preorder((*ast.Ident)(nil)) {
		switch id := c.Node().(*ast.Ident); {
		case p.TypesInfo.ObjectOf(id) != obj || id.Pos() >= at.Node().Pos():
		case function(c) != fn:
			return &opaque
		default:
			s = p.use(s, c, within(c, at.Node().Pos()))
		}
	}
	return s
}

// value returns the cookie that e is, if it is new.
func (p *pass) value(e ast.Expr) *set {
	s := newSet()
	switch n := e.(type) {
	case *ast.UnaryExpr:
		return p.value(n.X)
	case *ast.CompositeLit:
		s.lit, s.at = n, n
		for _, e := range n.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				return &opaque
			}
			p.give(s, kv.Key.(*ast.Ident).Name, kv.Value, true)
		}
		return s
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "new" && p.typeOf(n) == cookieType {
			return s
		}
		if p.callee(n) == "(net/http.Request).Cookie" { // it has only a name and a value
			p.give(s, "Name", n.Args[0], true)
			s.any["Value"] = true
			return s
		}
	}
	return &opaque
}

// use is s after one use of its variable, which is sure if it is not under a condition.
func (p *pass) use(s *set, c inspector.Cursor, sure bool) *set {
	outer, i := c.Parent(), c.ParentEdgeIndex()
	switch n := outer.Node().(type) {
	case *ast.AssignStmt:
		if c.ParentEdgeKind() == edge.AssignStmt_Lhs && sure && i < len(n.Rhs) {
			return p.value(n.Rhs[i])
		}
	case *ast.ValueSpec:
		if c.ParentEdgeKind() == edge.ValueSpec_Names && i < len(n.Values) {
			return p.value(n.Values[i])
		} else if len(n.Values) == 0 && p.TypesInfo.TypeOf(n.Type).String() == cookieType {
			return newSet()
		}
	case *ast.SelectorExpr:
		switch a := outer.Parent().Node().(type) {
		case *ast.AssignStmt:
			if outer.ParentEdgeKind() == edge.AssignStmt_Lhs && len(a.Rhs) == len(a.Lhs) {
				p.give(s, n.Sel.Name, a.Rhs[outer.ParentEdgeIndex()], sure && a.Tok == token.ASSIGN)
			}
			return s
		case *ast.IncDecStmt:
			return &opaque
		case *ast.UnaryExpr:
			if a.Op == token.AND {
				return &opaque
			}
		}
		return s
	case *ast.BinaryExpr: // compared with nil
		return s
	case *ast.UnaryExpr:
		if call, ok := outer.Parent().Node().(*ast.CallExpr); ok && p.onlyReads(call) {
			return s
		}
	case *ast.CallExpr:
		if p.onlyReads(n) {
			return s
		}
	}
	return &opaque
}

func (p *pass) onlyReads(call *ast.CallExpr) bool {
	name := p.callee(call)
	_, sends := senders[name]
	return sends || name == "(net/http.Request).AddCookie" || strings.HasPrefix(name, "fmt.") || strings.HasPrefix(name, "log.")
}

// object is the variable that e is, or begins with: c for c and c.Writer.
func (p *pass) object(e ast.Expr) types.Object {
	switch n := e.(type) {
	case *ast.Ident:
		return p.TypesInfo.ObjectOf(n)
	case *ast.SelectorExpr:
		return p.object(n.X)
	case *ast.CallExpr:
		return p.object(n.Fun)
	}
	return nil
}
