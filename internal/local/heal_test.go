package local

import (
	"path/filepath"
	"strings"
	"testing"
)

const goodAndBad = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Handler: bootstrap, Runtime: provided.al2023}}
Resources:
  Good: {Type: AWS::Serverless::Function, Properties: {CodeUri: good/, Events: {Get: {Type: Api, Properties: {Path: /good, Method: get}}}}}
  Bad: {Type: AWS::Serverless::Function, Properties: {CodeUri: bad/, Events: {Get: {Type: Api, Properties: {Path: /bad, Method: get}}}}}
`

// TestHeal saves code that does not compile: the other function is served, the
// response and the log say why, and once the mistake is fixed the function runs.
// The go command's output for other mistakes is in the tests of gobuild.Check.
func TestHeal(t *testing.T) {
	t.Parallel()
	tr := newTree(t)
	tr.write("template.yaml", goodAndBad)
	tr.write("good/main.go", mainText(`"good"`, ""))
	tr.write("bad/main.go", mainText(`"not yet bad"`, ""))
	url, output := serveTree(t, tr)
	until(t, url+"/bad", "not yet bad")

	imports := mainText("words.Word", "\t\"example.com/app/words\"\n")
	for _, tc := range []struct {
		name    string
		mistake func()
		want    string // in the response
		fix     func()
		fixed   string
		all     bool // functions do not compile
	}{
		{"shared-package", func() {
			tr.write("bad/main.go", imports)
			tr.write("words/words.go", "package words\n\nvar Word = missing\n")
		}, "words/words.go:3:12: undefined: missing", func() {
			tr.write("words/words.go", "package words\n\nvar Word = \"shared\"\n")
		}, "shared", false},
		{"package-to-come", func() {
			tr.write("bad/main.go", strings.Replace(imports, "app/words", "app/in/deep/words", 1))
		}, "bad/main.go:5:2: ", func() {
			tr.write("in/deep/words/words.go", "package words\n\nvar Word = \"deep\"\n")
		}, "deep", false},
		{"broken-go-mod", func() {
			tr.write("go.mod", "modul\n")
			tr.write("bad/main.go", mainText(`"module"`, ""))
		}, "go.mod:1: unknown directive: modul", func() {
			tr.write("go.mod", goMod)
		}, "module", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.mistake()
			want := filepath.FromSlash(tc.want)
			until(t, url+"/bad", want)
			if !tc.all {
				until(t, url+"/good", "good")
			}
			waitFor(t, want, output.String)
			tc.fix()
			until(t, url+"/bad", tc.fixed)
			until(t, url+"/good", "good")
		})
	}
}
