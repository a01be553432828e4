package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const monorepo = `Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: provided.al2023, Architectures: [arm64]}}
Resources:
  Hello: {Type: AWS::Serverless::Function, Properties: {CodeUri: ../services/api/cmd/hello, Handler: bootstrap, Events: {Get: {Type: HttpApi, Properties: {Path: /hello, Method: get}}}}}
  Link: {Type: AWS::Serverless::Function, Properties: {CodeUri: ../linked, Handler: bootstrap, Events: {Get: {Type: HttpApi, Properties: {Path: /link, Method: get}}}}}
  Inner: {Type: AWS::Serverless::Function, Properties: {CodeUri: ../services/api, Handler: cmd/inner, Events: {Get: {Type: HttpApi, Properties: {Path: /inner, Method: get}}}}}
`

// TestMonorepo starts a project with many features of foreign projects: a
// workspace of modules, one replaced by a folder beside it, a template in a
// separate folder with Windows line endings, spaces and non-ASCII letters in
// paths, a linked CodeUri, a main package named by Handler, embedded folders.
func TestMonorepo(t *testing.T) {
	t.Parallel()
	tr := emptyTree(t)
	tr.dir = filepath.Join(tr.dir, "our prøject")
	tr.write("go.work", "go 1.26.0\n\nuse (\n\t./lib\n\t./services/api\n)\n")
	tr.write("lib/go.mod", "module example.com/lib\n\ngo 1.26.0\n")
	tr.write("lib/lib.go", "package lib\n\nconst Word = \"lib\"\n")
	tr.write("beside/go.mod", "module example.com/beside\n\ngo 1.26.0\n")
	tr.write("beside/beside.go", "package beside\n\nconst Word = \"beside\"\n")
	tr.writeModule("services/api")
	tr.write("services/api/go.mod", goMod+"\nrequire example.com/beside v0.0.0\n\nreplace example.com/beside => ../../beside\n")
	tr.write("services/api/cmd/hello/main.go", mainText(`lib.Word + " " + beside.Word`, "\t\"example.com/beside\"\n\t\"example.com/lib\"\n"))
	tr.write("services/api/cmd/inner/web/css/a.css", "inner")
	tr.write("services/api/cmd/inner/main.go", mainText("content()", "\t\"embed\"\n")+`
//go:embed all:web
var web embed.FS

func content() string {
	css, _ := web.ReadFile("web/css/a.css")
	more, _ := web.ReadFile("web/js/more.js")
	return string(css) + string(more)
}
`)
	tr.write("deploy/template.yml", strings.ReplaceAll(monorepo, "\n", "\r\n"))
	if err := os.Symlink(filepath.FromSlash("services/api/cmd/hello"), filepath.Join(tr.dir, "linked")); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err) // Windows requires a privilege for it
	}

	p, _ := serve(t, Options{Template: filepath.Join(tr.dir, "deploy")})
	url := p.APIs()[0].URL
	until(t, url+"/hello", "lib beside")
	until(t, url+"/link", "lib beside")
	until(t, url+"/inner", "inner")

	tr.write("lib/lib.go", "package lib\n\nconst Word = \"new\"\n")
	until(t, url+"/hello", "new beside")
	tr.write("beside/beside.go", "package beside\n\nconst Word = \"next\"\n")
	until(t, url+"/link", "new next")
	tr.write("services/api/cmd/inner/web/css/a.css", "outer")
	until(t, url+"/inner", "outer")
	tr.write("services/api/cmd/inner/web/js/more.js", " and more") // in a new folder
	until(t, url+"/inner", "outer and more")
}
