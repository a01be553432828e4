package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// tables are the sections of docs/messages.md, with the functions whose messages
// each has, and the folders where these are called.
var tables = []struct {
	heading, functions string
	folders            []string
}{
	{"What AWS would refuse", "Refuse refuse refuseAll", []string{"internal/cfn", "internal/sam", "internal/sam/authorizers", "internal/sam/responses", "internal/rawcfn"}},
	{"What is not emulated", "NotEmulated", []string{"internal/sam", "internal/sam/authorizers", "internal/sam/responses", "internal/rawcfn", "internal/local"}},
	{"Notes about the template", "Note note placeholder", []string{"internal/cfn", "internal/sam", "internal/sam/authorizers", "internal/sam/responses", "internal/rawcfn", "internal/local"}},
	{"Templates that cannot be read", "Fail lineError", []string{"internal/cfn", "internal/sam", "internal/sam/authorizers"}},
	{"Log lines about a request", "Warn errorFor warnLost refuse because", []string{"internal/gateway", "internal/authorizer", "internal/token"}},
	{"Other log lines", "Info Warn Error warn", []string{"internal/local", "internal/lambda", "internal/invokeapi"}},
	{"Errors that end crumb", "fmt.Errorf errors.New", []string{"internal/local", "internal/token"}},
}

var (
	verb = regexp.MustCompile(`%(\[\d\])?[.#+0-9]*[a-zA-Z]`)
	row  = regexp.MustCompile("(?m)^\\| `(.+?)` \\|")
)

// Every message has a row in docs/messages.md, and every row a message. "…" in a
// row is any text. Messages that are put together from several strings, or printed by
// other functions, have rows too, but this test would not miss them.
func TestMessages(t *testing.T) {
	root := testenv.Root(t)
	_, doc, _ := strings.Cut(read(t, filepath.Join(root, "docs", "messages.md")), "\n## ")
	sections := map[string]string{}
	for section := range strings.SplitSeq(doc, "\n## ") {
		heading, text, _ := strings.Cut(section, "\n")
		sections[heading] = text
	}
	var strs []string
	for _, folder := range []string{"internal/cfn", "internal/sam", "internal/sam/authorizers", "internal/sam/responses", "internal/rawcfn", "internal/router", "internal/samconfig", "internal/gateway", "internal/authorizer", "internal/token", "internal/lambda", "internal/gobuild", "internal/local", "internal/invokeapi", "internal/awsproxy", "internal/resources", "cmd/crumb"} {
		strs = append(strs, messages(t, filepath.Join(root, folder), nil)...)
	}
	var all []*regexp.Regexp
	for _, table := range tables {
		var rows []*regexp.Regexp
		for _, m := range row.FindAllStringSubmatch(sections[table.heading], -1) {
			pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(m[1]), "…", ".*") + "$")
			if !slices.ContainsFunc(strs, pattern.MatchString) {
				t.Errorf("docs/messages.md: %s: crumb does not print %q", table.heading, m[1])
			}
			rows = append(rows, pattern)
		}
		found := 0
		for _, folder := range table.folders {
			for _, message := range messages(t, filepath.Join(root, folder), strings.Fields(table.functions)) {
				found++
				checkRow(t, rows, message, table.heading)
			}
		}
		if len(rows) == 0 || found == 0 {
			t.Errorf("%s: %d rows, %d messages", table.heading, len(rows), found)
		}
		all = append(all, rows...)
		delete(sections, table.heading)
	}
	for _, s := range strs {
		if strings.HasPrefix(s, "crumb: ") && strings.Count(s, " ") > 1 {
			checkRow(t, all, s, "any")
		}
	}
	for heading := range sections {
		t.Errorf("docs/messages.md: no messages are collected for %q", heading)
	}
}

func checkRow(t *testing.T, rows []*regexp.Regexp, message, heading string) {
	t.Helper()
	if !slices.ContainsFunc(rows, func(row *regexp.Regexp) bool { return row.MatchString(message) }) {
		t.Errorf("docs/messages.md: %s: no row for %q", heading, message)
	}
}

// messages returns the longest string in the arguments of each call of one of the
// functions, or each string if functions is nil. Single words are left out, and "…" is
// what a message is formatted with.
func messages(t *testing.T, folder string, functions []string) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	add := func(text string) {
		if text = verb.ReplaceAllString(text, "…"); strings.Contains(text, " ") && strings.Trim(text, "…: ") != "" {
			list = append(list, strings.TrimSuffix(text, "\n"))
		}
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, isCall := n.(*ast.CallExpr)
			switch {
			case functions == nil:
				if e, ok := n.(ast.Expr); ok {
					add(stringOf(e))
				}
			case isCall && named(call, functions):
				longest := ""
				for _, arg := range call.Args {
					if text := stringOf(arg); len(text) > len(longest) {
						longest = text
					}
				}
				add(longest)
			}
			return true
		})
	}
	return list
}

func named(call *ast.CallExpr, functions []string) bool {
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		x, _ := f.X.(*ast.Ident)
		return slices.Contains(functions, f.Sel.Name) || x != nil && slices.Contains(functions, x.Name+"."+f.Sel.Name)
	case *ast.Ident:
		return slices.Contains(functions, f.Name)
	}
	return false
}

// stringOf returns the text of a string or of a sum of strings, in which "…" is
// each other expression; "" for no string.
func stringOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.BinaryExpr:
		left, right := stringOf(e.X), stringOf(e.Y)
		if e.Op == token.ADD && left+right != "" {
			return orDots(left) + orDots(right)
		}
	}
	return ""
}

func orDots(text string) string {
	if text == "" {
		return "…"
	}
	return text
}
