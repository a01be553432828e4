package cookievet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// deletes reports whether the cookie is certainly a deletion.
func (s *set) deletes() bool {
	return s.knows("MaxAge") && (s.cookie.MaxAge < 0 || s.cookie.MaxAge == 0 && s.past)
}

// deletions reports those that do not delete what the package sets.
func (p *pass) deletions(sets []*set) {
	routes := p.routes()
	byName := map[string][]*set{}
	for _, s := range sets {
		if s.named() != "" {
			s.route = p.route(s, routes)
			byName[s.cookie.Name] = append(byName[s.cookie.Name], s)
		}
	}
	for _, d := range sets {
		if !d.deletes() {
			continue
		}
		if s, rule := missed(d, byName[d.cookie.Name]); s != nil {
			at := p.Fset.Position(s.at.Pos())
			p.report("deletion", d.at, d.rescope(s), "this does not delete the cookie%s of %s:%d: it has %s, the cookie %s (%s)",
				d.named(), filepath.Base(at.Filename), at.Line, d.scope(), s.scope(), rule)
		}
	}
}

// missed returns a place that sets what d does not delete, and the rule, unless a place may
// set what it deletes. One of several deletions in a function, or one beside a set, removes
// what an earlier version set.
func missed(d *set, same []*set) (found *set, rule string) {
	for _, s := range same {
		switch {
		case s.fn == d.fn && s.scope() != d.scope():
			return nil, ""
		case s.deletes() || s.knows("Value") && s.cookie.Value == "": // which may be a deletion
			continue
		}
		why := keeps(s, d)
		if why == "" {
			return nil, ""
		}
		found, rule = s, why
	}
	return found, rule
}

// keeps returns the rule by which a browser keeps what s set after the deletion d, or "" if
// it does not, or if that is not known: without a Path it depends on the URL.
func keeps(s, d *set) string {
	for _, name := range []string{"Path", "Domain"} {
		if !s.knows(name) || !d.knows(name) {
			return ""
		}
	}
	set, gone := s.harmless(), d.harmless()
	if set.Path == "" && gone.Path != "" && s.route == "" || gone.Path == "" && set.Path != "" && d.route == "" {
		return ""
	}
	set.MaxAge, gone.MaxAge = 1, -1
	from := useragent.Request{URL: origin(cmp.Or(set.Domain, gone.Domain))}
	from.URL.Path = cmp.Or(d.route, s.route, "/")
	var jar useragent.Jar
	jar.Set(from, set.String())
	for _, r := range jar.Set(from, gone.String()).Reasons {
		if r.ID == "deletes-nothing" {
			return r.Rule
		}
	}
	return ""
}

var deep = regexp.MustCompile(`^([A-Z]+ )?(/.+/.*)$`)

// routes has the functions and literals that the package registers under one constant path,
// if that is not directly below the root.
func (p *pass) routes() map[any]string {
	out := map[any]string{}
	for c := range p.each((*ast.CallExpr)(nil)) {
		args := c.Node().(*ast.CallExpr).Args
		if len(args) < 2 {
			continue
		}
		path := ""
		if v := p.TypesInfo.Types[args[0]].Value; v == nil || v.Kind() != constant.String {
			continue
		} else if m := deep.FindStringSubmatch(constant.StringVal(v)); m != nil {
			path = m[2]
		}
		for _, arg := range args[1:] {
			ast.Inspect(arg, func(n ast.Node) bool {
				var key any = n
				if id, ok := n.(*ast.Ident); ok {
					key = p.TypesInfo.Uses[id]
				}
				if before, again := out[key]; again && before != path {
					path = ""
				}
				out[key] = path
				_, body := n.(*ast.FuncLit)
				return !body
			})
		}
	}
	return out
}

func (p *pass) route(s *set, routes map[any]string) string {
	for f := range s.fn.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		var key any = f.Node()
		if decl, ok := key.(*ast.FuncDecl); ok {
			key = p.TypesInfo.Defs[decl.Name]
		}
		if path := routes[key]; path != "" {
			return path
		}
	}
	return ""
}

func (s *set) scope() string {
	text := fmt.Sprintf("Path %q", s.cookie.Path)
	if s.cookie.Path == "" {
		text = "no Path, which means the directory of its URL,"
	}
	if s.cookie.Domain == "" {
		return text + " and no Domain"
	}
	return text + fmt.Sprintf(" and Domain %q", s.cookie.Domain)
}

// rescope gives the deletion d the Path and Domain of s.
func (d *set) rescope(s *set) (edits []analysis.TextEdit) {
	if s.cookie.Path == "" {
		return nil
	}
	if d.cookie.Path != s.cookie.Path {
		edits = d.put("Path", quote(s.cookie.Path))
	}
	if d.cookie.Domain != s.cookie.Domain {
		edits = append(edits, d.put("Domain", quote(s.cookie.Domain))...)
	}
	return edits
}

// past reports whether e is certainly past: time.Unix of a constant, or time.Now().Add of a
// negative one.
func (p *pass) past(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return false
	}
	v := p.TypesInfo.Types[call.Args[0]].Value
	if v == nil || v.Kind() != constant.Int {
		return false
	}
	n, _ := constant.Int64Val(v)
	switch p.callee(call) {
	case "time.Unix":
		return n < time.Now().Unix()
	case "(time.Time).Add":
		now, ok := argument(call, -1).(*ast.CallExpr)
		return ok && n < 0 && p.callee(now) == "time.Now"
	}
	return false
}
