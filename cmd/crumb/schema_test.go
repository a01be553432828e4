package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/spf13/cobra"
)

const schemas = "../../docs/schemas"

// schemaURL is where documents and $ids say that a schema is.
func schemaURL(name string) string {
	return "https://raw.githubusercontent.com/crumb-go/crumb/main/docs/schemas/" + name + ".json"
}

// compile returns a schema of docs/schemas. It fails without a $id, and where an
// object may have members that are not described.
func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open(filepath.Join(schemas, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	if id := doc.(map[string]any)["$id"]; id != schemaURL(name) {
		t.Errorf("%s has the $id %v, want %s", name, id, schemaURL(name))
	}
	undescribed(t, name, doc)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(schemaURL(name), doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(schemaURL(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// undescribed fails for objects that are open, and for values without a description
// that are not one of few.
func undescribed(t *testing.T, at string, doc any) {
	t.Helper()
	object, ok := doc.(map[string]any)
	if !ok {
		return
	}
	if object["type"] == "object" && object["additionalProperties"] == nil {
		t.Errorf("%s has no additionalProperties", at)
	}
	typ, typed := object["type"].(string)
	if _, described := object["description"]; typed && typ != "object" && !described && !strings.HasSuffix(at, "/additionalProperties") {
		t.Errorf("%s has no description", at)
	}
	for name, value := range object {
		undescribed(t, at+"/"+name, value)
	}
}

func validate(t *testing.T, s *jsonschema.Schema, line string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
	if err == nil {
		err = s.Validate(doc)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, line)
	}
}

// Every command with --json has a schema, which its help and docs/editors.md name.
func TestSchemas(t *testing.T) {
	doc, err := os.ReadFile("../../docs/editors.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"start": "log", "run": "log"} // else as the command
	var want []string
	for _, cmd := range allCommands(newRoot()) {
		flag := cmd.Flags().Lookup("json")
		if flag == nil {
			continue
		}
		name := cmd.Name()
		if file, ok := files[name]; ok {
			name = file
		}
		want = append(want, name+".json")
		compile(t, name)
		if path := "docs/schemas/" + name + ".json"; !strings.Contains(cmd.Long+flag.Usage, path) {
			t.Errorf("the help of crumb %s does not name %s", cmd.Name(), path)
		}
		if link := "](schemas/" + name + ".json)"; !strings.Contains(string(doc), link) {
			t.Errorf("docs/editors.md does not have %s", link)
		}
	}
	entries, err := os.ReadDir(schemas)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if !slices.Equal(got, want) {
		t.Errorf("docs/schemas has %q, want %q", got, want)
	}
}

func allCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, allCommands(c)...)
	}
	return all
}

func TestVersionSchema(t *testing.T) {
	s := compile(t, "version")
	var stdout strings.Builder
	if code := run(t.Context(), []string{"version", "--json"}, nil, &stdout, io.Discard); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	validate(t, s, stdout.String())
	all, err := json.Marshal(buildInfo{Version: "v1.0.0", Revision: "b66ea9613f01", Modified: true, Go: "go1.26.8", OS: "linux", Arch: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	validate(t, s, string(all))
}

// What is written about the templates of TestCheck, and about a file that is none.
func TestCheckSchema(t *testing.T) {
	s := compile(t, "check")
	templates, err := filepath.Glob("testdata/check/*.yaml")
	if err != nil || len(templates) == 0 {
		t.Fatal("no templates", err)
	}
	for _, template := range append(templates, "../../template.yaml", "testdata/check/refused.txt", "nowhere") {
		_, stdout, _ := check(t, "-t", template, "--json")
		validate(t, s, stdout)
	}
}

// Lines of each outcome.
func TestExplainSchema(t *testing.T) {
	s := compile(t, "explain")
	outcomes := map[string]bool{}
	for _, url := range []string{"https://app.example/login", "http://localhost:3000/", "http://user:secret@app.example/"} {
		_, stdout, _ := explain(strings.Join(explained, "\n"), "--json", "--url", url)
		for line := range strings.Lines(stdout) {
			validate(t, s, line)
			var v struct{ Outcome string }
			if err := json.Unmarshal([]byte(line), &v); err != nil {
				t.Fatal(err)
			}
			outcomes[v.Outcome] = true
		}
	}
	const sessions = "Secure-Session-Registration: (ES256);path=\"/bind\";challenge=\"x\"\nSecure-Session-Challenge: x\nSecure-Session-Skipped: unreachable"
	_, stdout, _ := explain(sessions, "--json")
	for line := range strings.Lines(stdout) {
		validate(t, s, line)
	}
	if lines := strings.Count(stdout, "\n"); lines != 3 {
		t.Errorf("%d lines of sessions", lines)
	}
	if len(outcomes) != 3 {
		t.Errorf("only the outcomes %v", outcomes)
	}
}

var explained = []string{
	"sid=1; Path=/; Secure; HttpOnly; SameSite=Lax", "sid=1; SameSite=None", "sid=1; SameSite=None; Secure; Partitioned", "__Host-sid=1", "__Secure-a=1; Secure",
	"sid=; Max-Age=0; Path=/", "sid=1; Max-Age=99999999; Domain=app.example; Path=/login", "sid=1; Domain=example.org", "sid=1; Expires=nonsense; Max-Age=x",
	"", "=1", "nameless", "a=\x01", "a=ü; Path=relative; SameSite=Maybe; Unknown=1", "a=" + strings.Repeat("x", 5000), "a=1, b=2; Path=/", "a=1; Secure; Secure", `a="quoted"`,
	"sid=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
}

const logged = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: bootstrap, Runtime: provided.al2023, LoggingConfig: {LogFormat: JSON}}}
Resources:
  Good: {Type: AWS::Serverless::Function, Properties: {CodeUri: good/, Events: {Get: {Type: Api, Properties: {Path: /good, Method: get}}}}}
  Exits: {Type: AWS::Serverless::Function, Properties: {CodeUri: exits/, Events: {Get: {Type: Api, Properties: {Path: /exits, Method: get}}}}}
`

// loggedFunction answers with a cookie that browsers drop, or fails.
const loggedFunction = `package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			return
		}
		event, _ := io.ReadAll(next.Body)
		fmt.Println("printed")
		if strings.Contains(string(event), "fail=1") {
			os.Exit(1)
		}
		http.Post(api+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "", strings.NewReader(ANSWER))
	}
}
`

// A run in which each kind of line is logged.
func TestLogSchema(t *testing.T) {
	s := compile(t, "log")
	dir := t.TempDir()
	large := strings.Repeat("x", 3000) // four of them are too many for API Gateway
	answer := strconv.Quote(`{"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["__Host-a=1", "b=` + large + `", "c=` + large + `", "d=` + large + `", "e=` + large + `"]}}`)
	for name, text := range map[string]string{
		"template.yaml": logged, "go.mod": "module example.com/app\n\ngo 1.26\n",
		"good/main.go":  strings.Replace(loggedFunction, "ANSWER", answer, 1),
		"exits/main.go": "package main\n\nfunc main() {}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	stdout, stderr := startCrumb(t, 4, "--template", dir, "--json", "--verbose")
	for _, path := range []string{"/good", "/good?fail=1", "/exits", "/nowhere"} {
		resp, err := http.Get(listening(t, stdout[2]) + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	for deadline := time.Now().Add(10 * time.Second); !strings.Contains(stderr.String(), "platform.initReport"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no platform.initReport in the log")
		}
	}
	seen := map[string]int{}
	for line := range strings.Lines(stderr.String()) {
		var l struct{ Level, Type, Msg string }
		if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &l) != nil {
			continue // printed by a function
		}
		validate(t, s, line)
		seen[l.Level+l.Type]++
	}
	for _, kind := range []string{"INFO", "WARN", "platform.start", "platform.report", "platform.initReport"} {
		if seen[kind] == 0 {
			t.Errorf("no line is %s: %v", kind, seen)
		}
	}
}

// Every attribute that the code logs is in the schema, also where no test logs it.
func TestLoggedAttributes(t *testing.T) {
	file, err := os.ReadFile(filepath.Join(schemas, "log.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Log struct{ Properties map[string]any }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(file, &schema); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, dir := range []string{"../../internal/gateway", "../../internal/local", "../../internal/dynamo", "../../internal/inspect"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					for _, key := range loggedKeys(call) {
						keys[key] = true
					}
				}
				return true
			})
		}
	}
	if len(keys) < 10 {
		t.Fatalf("only %q were found", slices.Sorted(maps.Keys(keys)))
	}
	for key := range keys {
		if schema.Defs.Log.Properties[key] == nil {
			t.Errorf("docs/schemas/log.json lacks %s", key)
		}
	}
}

var loggerName = regexp.MustCompile(`(?i)log$`)

// loggedKeys lists the attributes of a call of a logger, as far as they are literal.
func loggedKeys(call *ast.CallExpr) (keys []string) {
	skip := map[string]int{"Debug": 1, "Info": 1, "Warn": 1, "Error": 1, "Log": 3, "say": 3}
	var n int
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		var on string
		switch x := f.X.(type) {
		case *ast.SelectorExpr:
			on = x.Sel.Name
		case *ast.Ident:
			on = x.Name
		}
		if loggerName.MatchString(on) {
			n = skip[f.Sel.Name]
		}
	case *ast.Ident:
		n = skip[f.Name]
	}
	if n == 0 || len(call.Args) < n {
		return nil
	}
	args := call.Args[n:]
	if call.Ellipsis.IsValid() {
		args = nil
		ast.Inspect(call, func(n ast.Node) bool {
			if list, ok := n.(*ast.CompositeLit); ok {
				args = list.Elts
			}
			return true
		})
	}
	for i := 0; i < len(args); i += 2 {
		if lit, ok := args[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			key, _ := strconv.Unquote(lit.Value)
			keys = append(keys, key)
		}
	}
	return keys
}
