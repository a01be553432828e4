// Package cookievet finds cookies in Go source that browsers ignore, that are not
// deleted, or that never leave the program. It is an analyzer for cmd/cookievet, on the
// rules of shared/cookie and shared/cookie/useragent.
//
// It reports only what the source decides: a field that comes from outside the function,
// or that is set under a condition, has any value. Files that end in _test.go, where
// cookies are often wrong on purpose, are skipped.
package cookievet

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

const doc = `find cookies that browsers ignore, that stay, or that are never sent

Each finding names the rule that the cookie breaks, and the fix; with -fix it is
applied where the edit cannot break anything else.

	cookievet ./...
	cookievet -httponly -late=false ./...
	go vet -vettool=$(which cookievet) ./...

The exit code is 0 without findings, 3 with some (1 under go vet), and 1 if a package
does not compile.`

// kinds are the findings, each with a flag.
var kinds = [...]struct {
	name string
	on   bool
	doc  string
}{
	{"samesite", true, "SameSite=None or Partitioned without Secure"},
	{"prefix", true, "a name with __Host-, __Secure-, __Http- or __Host-Http- without what that requires"},
	{"deletion", true, "a deletion with another Path or Domain than the cookie was set with"},
	{"late", true, "a cookie after the header was sent"},
	{"value", true, "a name, value, Path, Domain or line that net/http or browsers change or ignore"},
	{"maxage", true, "a MaxAge that is not in seconds"},
	{"lambda", true, "a Set-Cookie in the field of an AWS Lambda response that loses it"},
	{"httponly", false, "a session, token or password that scripts can read (default off)"},
}

// New returns the analyzer, with a flag for each kind of finding.
func New() *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name:     "cookievet",
		Doc:      doc,
		URL:      "https://github.com/crumb-go/crumb/blob/main/docs/cookievet.md",
		Requires: []*analysis.Analyzer{inspect.Analyzer},
	}
	on := map[string]*bool{}
	for _, k := range kinds {
		on[k.name] = a.Flags.Bool(k.name, k.on, "report "+k.doc)
	}
	a.Run = func(ap *analysis.Pass) (any, error) {
		p := &pass{Pass: ap, on: on, root: ap.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()}
		sets := p.sets()
		for _, s := range sets {
			p.judge(s)
			p.altered(s)
			p.scripts(s)
		}
		p.deletions(sets)
		p.late()
		p.ages()
		p.lambda()
		slices.SortFunc(p.found, func(a, b analysis.Diagnostic) int { return cmp.Compare(a.Pos, b.Pos) })
		for _, d := range p.found {
			p.Report(d)
		}
		return nil, nil
	}
	return a
}

type pass struct {
	*analysis.Pass
	on    map[string]*bool
	root  inspector.Cursor
	found []analysis.Diagnostic
}

func (p *pass) report(kind string, at ast.Node, fix []analysis.TextEdit, format string, args ...any) {
	if !*p.on[kind] {
		return
	}
	d := analysis.Diagnostic{Pos: at.Pos(), End: at.End(), Category: kind, URL: p.Analyzer.URL + "#what-it-finds", Message: fmt.Sprintf(format, args...) + " [" + kind + "]"}
	if fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{{Message: "Fix the cookie", TextEdits: fix}}
	}
	p.found = append(p.found, d)
}

// each yields the nodes of these types in the files that are not tests.
func (p *pass) each(types ...ast.Node) iter.Seq[inspector.Cursor] {
	return func(yield func(inspector.Cursor) bool) {
		for file := range p.root.Children() {
			if strings.HasSuffix(p.Fset.File(file.Node().Pos()).Name(), "_test.go") {
				continue
			}
			for c := range file.Preorder(types...) {
				if !yield(c) {
					return
				}
			}
		}
	}
}

var version = regexp.MustCompile(`/v[0-9]+\b`)

// callee is the function that a call names, as "net/http.SetCookie" or
// "(net/http.Header).Set": without a version in the path, and without a star. It is ""
// if one argument stands for several, or for the receiver.
func (p *pass) callee(call *ast.CallExpr) string {
	f, ok := typeutil.Callee(p.TypesInfo, call).(*types.Func)
	if _, paren := call.Fun.(*ast.ParenExpr); !ok || paren {
		return ""
	}
	if sig := f.Signature(); !sig.Variadic() && sig.Params().Len() != len(call.Args) {
		return ""
	}
	return version.ReplaceAllString(strings.Replace(f.FullName(), "(*", "(", 1), "")
}

// typeOf is the type of e, as "net/http.Cookie": a pointer's element, without a version.
func (p *pass) typeOf(e ast.Expr) string {
	t := p.TypesInfo.TypeOf(e)
	if t == nil {
		return ""
	}
	return version.ReplaceAllString(strings.TrimPrefix(types.Unalias(t).String(), "*"), "")
}

// within reports whether everything that reaches pos has passed c: whether the innermost
// block around c is also around pos.
func within(c inspector.Cursor, pos token.Pos) bool {
	n := block(c)
	return n != nil && n.Pos() <= pos && pos < n.End()
}

// block is the innermost block around c.
func block(c inspector.Cursor) ast.Node {
	for b := range c.Enclosing((*ast.BlockStmt)(nil), (*ast.CaseClause)(nil), (*ast.CommClause)(nil)) {
		return b.Node()
	}
	return nil
}

// function is the innermost function around c; it is not valid outside of functions.
func function(c inspector.Cursor) inspector.Cursor {
	for f := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return f
	}
	return inspector.Cursor{}
}
