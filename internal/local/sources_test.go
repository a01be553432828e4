package local_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
)

// read reads a template next to some files, each "name=package", and finds the
// sources of its functions.
func read(t *testing.T, files, template string) *app.App {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "_app") // a name that is skipped within a project
	write(t, dir, files, template)
	return readIn(t, dir)
}

func readIn(t *testing.T, dir string) *app.App {
	t.Helper()
	got, err := sam.Read(filepath.Join(dir, "template.yaml"), sam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	local.FindSources(got)
	return got
}

func write(t *testing.T, dir, files, template string) {
	t.Helper()
	texts := map[string]string{"template.yaml": template, "go.mod": "module example.com/app\n"}
	for _, file := range strings.Fields(files) {
		name, pkg, _ := strings.Cut(file, "=")
		texts[name] = "package " + pkg + "\n"
	}
	writeFiles(t, dir, texts)
}

func writeFiles(t *testing.T, dir string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// usual are files, some of which most templates here name.
const usual = "code/main.go=main outer/inner/main.go=main library/library.go=library broken/main.go= empty/notes.txt=x made/Makefile=x"

const lonely = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    "

func findings(a *app.App) string {
	var texts []string
	for _, f := range a.Findings {
		texts = append(texts, f.Text)
	}
	return strings.Join(texts, "\n")
}

// named returns those of the usual files whose folder a template names, so that
// no other is found instead.
func named(template string) string {
	var files []string
	for _, file := range strings.Fields(usual) {
		if folder, _, _ := strings.Cut(file, "/"); strings.Contains(template, folder) {
			files = append(files, file)
		}
	}
	return strings.Join(files, " ")
}

func TestFindSources(t *testing.T) {
	for _, row := range []struct{ name, function, dir, notRun, finding string }{
		{"main", `Properties: {CodeUri: code/, Runtime: provided.al2023, Handler: bootstrap}`, "code", "", ""},
		{"dot", `Properties: {CodeUri: ./code, Runtime: provided.al2, Handler: bootstrap}`, "code", "", ""},
		{"handler-folder", `Properties: {CodeUri: outer, Runtime: provided.al2023, Handler: inner}`, "outer/inner", "", ""},
		{"handler-broken", `Properties: {CodeUri: ., Runtime: provided.al2023, Handler: broken}`, "broken", "", ""},
		{"handler-broken-beside-a-package", `Properties: {CodeUri: library, Runtime: provided.al2023, Handler: ../broken}`, "library", "the package in its CodeUri is library, not main", "F is not run"},
		{"handler-outside", `Properties: {CodeUri: empty, Runtime: provided.al2023, Handler: ../none}`, "empty", "there is no Go package in its CodeUri", "F is not run: there is no Go package in its CodeUri"},
		{"go1.x", `Properties: {CodeUri: code, Runtime: go1.x, Handler: main}`, "code", "", "F: Lambda no longer creates functions with the runtime go1.x"},
		{"go1.x-method", "Metadata: {BuildMethod: go1.x}\n    Properties: {CodeUri: code, Runtime: provided, Handler: bootstrap}", "code", "", "F: Lambda no longer creates functions with the runtime provided;"},
		{"makefile", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: made, Runtime: provided.al2023, Handler: bootstrap}", "made", "", ""},
		{"makefile-above", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}", "code", "", "F: its CodeUri has no Makefile, so go build builds it"},
		{"makefile-nowhere", "Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: empty, Runtime: provided.al2023, Handler: bootstrap}", "empty", "there is no Go package in its CodeUri", "F is not run"},
		{"image-of-go", "Metadata: {DockerContext: ./code}\n    Properties: {PackageType: Image}", "code", "", "F: its image is not built; it runs from the main package in code, beside files that Dockerfile copies"},
		{"image-built", "Metadata: {DockerContext: .}\n    Properties: {PackageType: Image}", ".", "container images are not emulated", "F is not run"},
		{"zip", `Properties: {CodeUri: function.zip, Runtime: provided.al2023, Handler: bootstrap}`, "function.zip", "its CodeUri is an archive", "F is not run"},
		{"no-code-uri", `Properties: {Runtime: provided.al2023, Handler: code}`, "code", "", ""},
		{"library", `Properties: {CodeUri: library, Runtime: provided.al2023, Handler: bootstrap}`, "library", "the package in its CodeUri is library, not main", "F is not run"},
		{"broken", `Properties: {CodeUri: broken, Runtime: provided.al2023, Handler: bootstrap}`, "broken", "", ""},
		{"missing", `Properties: {CodeUri: gone, Runtime: provided.al2023, Handler: bootstrap}`, "gone", "its CodeUri gone is not a folder that exists, which sam build needs", "F is not run"},
		{"space", `Properties: {CodeUri: code/a b, Runtime: provided.al2023, Handler: bootstrap}`, "code/a b", `the go command does not accept the path of its package, "code/a b"; rename the folder`, `F is not run: the go command does not accept`},
		{"space-of-an-image", "Metadata: {DockerContext: code/a b}\n    Properties: {PackageType: Image}", "code/a b", `the go command does not accept the path of its package, "code/a b"; rename the folder`, `F is not run: the go command does not accept`},
		{"umlaut", `Properties: {CodeUri: code/ä, Runtime: provided.al2023, Handler: bootstrap}`, "code/ä", `the go command does not accept the path of its package, "code/ä"; rename the folder`, `F is not run: the go command does not accept`},
		{"odd-but-accepted", `Properties: {CodeUri: code/a-b_c.d~e+f, Runtime: provided.al2023, Handler: bootstrap}`, "code/a-b_c.d~e+f", "", ""},
		{"misspelt-runtime", `Properties: {CodeUri: code, Runtime: provided.al2032, Handler: bootstrap}`, "code", "", "F: Lambda does not have the runtime provided.al2032"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "_app with space", "app")
			write(t, dir, named(row.function), lonely+row.function)
			writeFiles(t, dir, map[string]string{"go.mod": "module x\n"})
			for _, odd := range []string{"a b", "ä", "a-b_c.d~e+f"} {
				if strings.Contains(row.function, "code/"+odd) {
					writeFiles(t, dir, map[string]string{"code/" + odd + "/main.go": "package main\n"})
				}
			}
			got := readIn(t, dir)
			fn := got.Functions[0]
			if want := filepath.Join(filepath.Dir(got.File), filepath.FromSlash(row.dir)); fn.Dir != want {
				t.Errorf("Dir = %q, want %q", fn.Dir, want)
			}
			if fn.NotRun != row.notRun {
				t.Errorf("NotRun = %q, want %q", fn.NotRun, row.notRun)
			}
			if got := findings(got); !strings.Contains(got, row.finding) || row.finding == "" && got != "" {
				t.Errorf("findings %q, want %q", got, row.finding)
			}
		})
	}
}

// Public projects with a separate build step name its result in CodeUri: binaries
// of a Makefile, or an archive, which do not exist in a fresh clone.
func TestSourceElsewhere(t *testing.T) {
	for _, row := range []struct{ name, files, properties, dir, finding string }{
		{"handler-names-it", "doc.go=doc service/api/main.go=main service/worker/main.go=main", "Handler: api, Runtime: go1.x", "service/api", "F: the package in its CodeUri is doc, not main; it runs from the main package in service/api"},
		{"code-uri-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put/", "cmd/put", "F: its CodeUri bin/put is not a folder that exists, which sam build needs; it runs from the main package in cmd/put"},
		{"archive-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: ./dist/put.zip", "cmd/put", "F: its CodeUri is an archive; it runs from the main package in cmd/put"},
		{"folder-of-archive-names-it", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: build/put/bootstrap.zip", "cmd/put", "its CodeUri is an archive"},
		{"beside-the-archive", "list/main.go=main put/main.go=main", "Handler: bootstrap, CodeUri: put/out.zip", "put", "its CodeUri is an archive"},
		{"below-the-package", "list/main.go=main put/main.go=main", "Handler: bootstrap, CodeUri: put/dist", "put", "its CodeUri put/dist is not a folder that exists, which sam build needs"},
		{"the-only-one", "go.mod=x main.go=main", "Handler: api, CodeUri: bin/", ".", "it runs from the main package in ., beside the files of ."},
		{"beside-data", "go.mod=x main.go=main bin/config.yml=x", "Handler: api, CodeUri: bin/", ".", "it runs from the main package in ., beside the files of bin"},
		{"a-module-of-its-own", "lambdas/gin/go.mod=x lambdas/gin/main.go=main", "Handler: main", "lambdas/gin", "it runs from the main package in lambdas/gin"},
		{"two-of-a-name", "a/put/main.go=main b/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run: its CodeUri bin/put is not a folder that exists, which sam build needs"},
		{"no-name-of-the-machine", "cmd/tmp/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin", "", "F is not run"},
		{"no-name-fits", "cmd/list/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin", "", "F is not run: its CodeUri bin is not a folder that exists, which sam build needs"},
		{"vendored", "vendor/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"test-data", "testdata/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"of-npm", "node_modules/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"hidden", ".git/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"underscored", "_old/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "", "F is not run"},
		{"one-is-the-projects-own", "vendor/put/main.go=main _old/put/main.go=main cmd/put/main.go=main", "Handler: bootstrap, CodeUri: bin/put", "cmd/put", "it runs from the main package in cmd/put"},
		{"makefile-above", "functions/put/main.go=main Makefile=x", "Handler: bootstrap, CodeUri: functions/put/", "functions/put", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := read(t, row.files, "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: provided.al2023}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {"+row.properties+"}\n")
			fn := got.Functions[0]
			if want := filepath.Join(filepath.Dir(got.File), filepath.FromSlash(row.dir)); (fn.NotRun != "") != (row.dir == "") || row.dir != "" && fn.Dir != want {
				t.Errorf("Dir = %q, NotRun = %q, want %q", fn.Dir, fn.NotRun, row.dir)
			}
			if got := findings(got); !strings.Contains(got, row.finding) {
				t.Errorf("findings %q, want %q", got, row.finding)
			}
		})
	}
}

// Of several main packages, only those that link aws-lambda-go can be a function.
func TestSourceLinksLambda(t *testing.T) {
	const program, library = "package main\n\nimport _ %q\n\nfunc main() {}\n", "package inner\n\nimport _ \"github.com/aws/aws-lambda-go/lambda\"\n"
	for _, row := range []struct{ name, properties, dir, finding, links string }{ // links is what b/put imports
		{"archive", "Handler: bootstrap, CodeUri: ../build/geo.zip", "cmd/fn", "F: its CodeUri is an archive; it runs from the main package in cmd/fn", "net/http"},
		{"two-of-a-name", "Handler: put, CodeUri: gone", "b/put", "it runs from the main package in b/put", "example.com/m/inner"},
		{"handler-names-another", "Handler: put, CodeUri: cmd/web", "cmd/web", "F: the main package in its CodeUri does not link aws-lambda-go, and the one in b/put, which its Handler names, does", "example.com/m/inner"},
		{"handler-names-no-function", "Handler: put, CodeUri: a/put", "a/put", "", "example.com/m/inner"},
		{"handler-of-a-function", "Handler: put, CodeUri: cmd/fn", "cmd/fn", "", "example.com/m/inner"},
		{"handler-bootstrap", "Handler: bootstrap, CodeUri: cmd/web", "cmd/web", "", "example.com/m/inner"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "", "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: provided.al2023}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {"+row.properties+"}\n")
			writeFiles(t, dir, map[string]string{
				"go.mod":          "module example.com/m\n\ngo 1.26.0\n\nrequire github.com/aws/aws-lambda-go v1.55.1\n",
				"inner/inner.go":  library,
				"cmd/fn/main.go":  fmt.Sprintf(program, "example.com/m/inner"),
				"cmd/web/main.go": fmt.Sprintf(program, "net/http"),
				"a/put/main.go":   fmt.Sprintf(program, "net/http"),
				"b/put/main.go":   fmt.Sprintf(program, row.links),
			})
			got := readIn(t, dir)
			if f := got.Functions[0]; !sameFile(f.Dir, filepath.Join(dir, row.dir)) {
				t.Errorf("Dir = %q, NotRun = %q, want %s", f.Dir, f.NotRun, row.dir)
			}
			if got := findings(got); !strings.Contains(got, row.finding) || row.finding == "" && got != "" {
				t.Errorf("findings %q, want %q", got, row.finding)
			}
		})
	}
}

// What a Makefile leaves is found as Lambda finds it: the runtime go1.x runs Handler.
func TestSourceOfMakefile(t *testing.T) {
	for runtime, want := range map[string]string{"go1.x": "bin/a", "provided.al2023": ""} {
		got := read(t, "made/Makefile=x", lonely+"Metadata: {BuildMethod: makefile}\n    Properties: {CodeUri: made, Handler: bin/a, Runtime: "+runtime+"}\n")
		s := local.SourceOf(got.Functions[0])
		if s.Rule != "build-F" || s.Program != want {
			t.Errorf("%s: %+v, want the program %q", runtime, s, want)
		}
	}
}

// A CodeUri may be a link, or contain one; links above the template stay.
func TestLinkedCodeUri(t *testing.T) {
	for _, row := range []struct{ name, uri, want string }{
		{"link", "linked", "outer/inner"},
		{"through-a-link", "away/inner", "outer/inner"},
		{"no-link", "code", "code"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, usual, lonely+"Properties: {Runtime: provided.al2023, Handler: bootstrap, CodeUri: "+row.uri+"}\n")
			for link, target := range map[string]string{"linked": "outer/inner", "away": "outer"} {
				if err := os.Symlink(filepath.FromSlash(target), filepath.Join(dir, link)); err != nil {
					if os.Getenv("CI") == "true" {
						t.Fatal(err)
					}
					t.Skip(err) // Windows requires a privilege for it
				}
			}
			above := filepath.Join(t.TempDir(), "above")
			if err := os.Symlink(dir, above); err != nil {
				t.Fatal(err)
			}
			for _, dir := range []string{dir, above} {
				got := readIn(t, dir)
				want := filepath.Join(dir, filepath.FromSlash(row.want))
				if f := got.Functions[0]; !sameFile(f.Dir, want) || row.name == "no-link" && f.Dir != want || filepath.Base(f.Dir) != filepath.Base(want) {
					t.Errorf("Dir = %q, want %q", f.Dir, want)
				}
			}
		})
	}
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// TestFindingLines holds that a finding about a function's sources has the line
// of the property in question, or else that of the function.
func TestFindingLines(t *testing.T) {
	for _, row := range []struct{ name, template, want string }{
		{"code-uri", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Runtime: provided.al2023
      CodeUri: empty
`, "8 F is not run: there is no Go package in its CodeUri; --source F=DIR names its source"},
		{"no-code-uri", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: bootstrap
      Runtime: provided.al2023
`, "3 F is not run: there is no Go package in its CodeUri; --source F=DIR names its source"},
		{"old-runtime", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: bootstrap
      Runtime: go1.x
`, "8 F: Lambda no longer creates functions with the runtime go1.x; it runs here as with provided.al2023"},
		{"unknown-runtime-of-globals", `Globals:
  Function:
    CodeUri: code
    Runtime: provided.al2032
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: bootstrap}
`, "5 F: Lambda does not have the runtime provided.al2032; it runs here as with provided.al2023"},
		{"elsewhere", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: inner
      Runtime: provided.al2023
      CodeUri: bin/inner # made of outer/inner
`, "8 F: its CodeUri bin/inner is not a folder that exists, which sam build needs; it runs from the main package in outer/inner, beside the files of outer/inner"},
		{"image", `Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Image}
    Metadata:
      DockerContext: code
`, "7 F: its image is not built; it runs from the main package in code, beside files that Dockerfile copies"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := read(t, named(row.template), "Transform: AWS::Serverless-2016-10-31\n"+row.template)
			if len(got.Findings) != 1 || fmt.Sprint(got.Findings[0].Line, " ", got.Findings[0].Text) != row.want {
				t.Errorf("findings %v, want %s", got.Findings, row.want)
			}
		})
	}
}

// A project that is older than modules is built all the same, and named.
func TestFindSourcesLoose(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, usual, "Transform: AWS::Serverless-2016-10-31\nResources:\n"+
		"  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}}\n"+
		"  G: {Type: AWS::Serverless::Function, Properties: {CodeUri: outer/inner, Runtime: provided.al2023, Handler: bootstrap}}\n"+
		"  M: {Type: AWS::Serverless::Function, Metadata: {BuildMethod: makefile}, Properties: {CodeUri: made, Runtime: provided.al2023, Handler: bootstrap}}\n")
	if err := os.Remove(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	got := readIn(t, dir)
	if got, want := findings(got), "F, G: there is no go.mod, so the newest release of each module is used; to choose releases: go mod init NAME && go mod tidy"; got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
}

// TestSecretFolder holds that findings do not show the value of a NoEcho
// parameter in the name of a folder.
func TestSecretFolder(t *testing.T) {
	got := read(t, "", "Parameters: {P: {Type: String, NoEcho: true, Default: hush}}\n"+lonely+"Properties: {Runtime: provided, Handler: x, CodeUri: !Sub 'bin/${P}'}\n")
	if got, want := findings(got), "F is not run: its CodeUri bin/(NoEcho) is not a folder that exists, which sam build needs; --source F=DIR names its source"; got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
}
