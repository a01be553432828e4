package cookievet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"strings"
)

// writers are functions that send the header, with the place of the response among their
// arguments; -1 is the receiver.
var writers = map[string]int{
	"(net/http.ResponseWriter).Write": -1, "(net/http.ResponseWriter).WriteHeader": -1,
	"net/http.Error": 0, "net/http.NotFound": 0, "net/http.Redirect": 0, "net/http.ServeFile": 0, "net/http.ServeContent": 0,
	"fmt.Fprint": 0, "fmt.Fprintf": 0, "fmt.Fprintln": 0, "io.WriteString": 0,
	"(html/template.Template).Execute": 0, "(html/template.Template).ExecuteTemplate": 0,
	"(text/template.Template).Execute": 0, "(text/template.Template).ExecuteTemplate": 0,
	"(encoding/json.Encoder).Encode": -1, "(encoding/xml.Encoder).Encode": -1,
}

// contexts matches the methods of frameworks' contexts that send the header.
var contexts = regexp.MustCompile(`^\(github.com/(gin-gonic/gin|labstack/echo)\.Context\)\.(JSON|IndentedJSON|JSONPretty|XML|YAML|HTML|String|Blob|Data|NoContent|AbortWithStatusJSON)$`)

// late reports cookies that are set after the header was sent.
func (p *pass) late() {
	for c := range p.each((*ast.BlockStmt)(nil)) {
		switch c.Parent().Node().(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			p.follow(c.Node().(*ast.BlockStmt).List, map[types.Object]*ast.CallExpr{})
		}
	}
}

// follow follows what certainly runs, one statement after the other. The header of the
// responses in sent is sent.
func (p *pass) follow(list []ast.Stmt, sent map[types.Object]*ast.CallExpr) {
	for _, stmt := range list {
		calls, blocks := parts(stmt)
		for _, call := range calls {
			if by := sent[p.sendsCookie(call)]; by != nil {
				p.report("late", call, nil, "this cookie is never sent: %s on line %d has sent the header (net/http, ResponseWriter.Header: changes after WriteHeader or Write have no effect); set it before",
					callText(by), p.Fset.Position(by.Pos()).Line)
			}
			if w := p.sendsHeader(call); w != nil && sent[w] == nil {
				sent[w] = call
			}
		}
		for _, block := range blocks {
			p.follow(block, maps.Clone(sent))
		}
	}
}

// parts returns the calls that a statement makes outside of its blocks, and the blocks.
func parts(stmt ast.Stmt) (calls []*ast.CallExpr, blocks [][]ast.Stmt) {
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.DeferStmt, *ast.GoStmt:
			return false
		case *ast.BlockStmt: // of a switch or select this is a list with its clauses
			blocks = append(blocks, n.List)
			return false
		case *ast.CaseClause:
			blocks = append(blocks, n.Body)
			return false
		case *ast.CommClause:
			blocks = append(blocks, n.Body)
			return false
		case *ast.CallExpr:
			calls = append(calls, n)
		}
		return true
	})
	return calls, blocks
}

// callText is a call without its arguments: "w.WriteHeader".
func callText(call *ast.CallExpr) string {
	text := types.ExprString(call.Fun)
	if strings.ContainsAny(text, "({") {
		return methodName(call)
	}
	return text
}

// sendsCookie returns the response to which a call adds a cookie, or nil.
func (p *pass) sendsCookie(call *ast.CallExpr) types.Object {
	name := p.callee(call)
	if how, ok := senders[name]; ok {
		return p.object(argument(call, how.response))
	}
	if p.headerLine(call, name) != nil {
		return p.object(call.Fun)
	}
	return nil
}

func argument(call *ast.CallExpr, at int) ast.Expr {
	if at < 0 {
		return call.Fun.(*ast.SelectorExpr).X
	}
	return call.Args[at]
}

// sendsHeader returns the response whose header a call sends, or nil.
func (p *pass) sendsHeader(call *ast.CallExpr) types.Object {
	name := p.callee(call)
	if contexts.MatchString(name) {
		return p.object(argument(call, -1))
	}
	at, ok := writers[name]
	if !ok {
		return nil
	}
	w := argument(call, at)
	switch methodName(call) {
	case "Encode": // json.NewEncoder(w).Encode(v)
		encoder, ok := w.(*ast.CallExpr)
		if !ok {
			return nil
		}
		w = encoder.Args[0]
	case "WriteHeader":
		if v := p.TypesInfo.Types[call.Args[0]].Value; v != nil && constant.Compare(v, token.LSS, constant.MakeInt64(200)) {
			return nil // informational
		}
	}
	if id, ok := w.(*ast.Ident); ok && p.typeOf(id) == "net/http.ResponseWriter" {
		if v, ok := p.TypesInfo.ObjectOf(id).(*types.Var); ok && v.Kind() == types.ParamVar && !p.reassigned(v) {
			return v
		}
	}
	return nil
}

// reassigned reports whether a parameter also gets another value: a response that a wrapper
// keeps back is not sent yet.
func (p *pass) reassigned(param *types.Var) bool {
	for c := range p.each((*ast.AssignStmt)(nil), (*ast.UnaryExpr)(nil)) {
		targets := []ast.Expr{}
		switch n := c.Node().(type) {
		case *ast.AssignStmt:
			targets = n.Lhs
		case *ast.UnaryExpr: // &w
			targets = append(targets, n.X)
		}
		for _, e := range targets {
			if id, ok := e.(*ast.Ident); ok && p.TypesInfo.ObjectOf(id) == param {
				return true
			}
		}
	}
	return false
}
