package local_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/local"
	"github.com/crumb-go/crumb/internal/sam"
)

const shopModule = "module example.com/shop\n\ngo 1.26\n"

const handler = "package main\n\nimport _ \"github.com/aws/aws-lambda-go/lambda\"\n\nfunc main() {}\n"

// compile builds a program in dir for a system, as with go build args.
func compile(t *testing.T, dir, out, system string, args ...string) {
	t.Helper()
	goos, goarch, _ := strings.Cut(system, "/")
	cmd := exec.Command("go", append([]string{"build", "-o", filepath.Join(dir, out)}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, text)
	}
}

// other is a system that is not this machine's.
func other() string {
	if runtime.GOARCH == "arm64" {
		return "linux/amd64"
	}
	return "linux/arm64"
}

// The CDK leaves folders with programs, whose source is somewhere in the project.
func TestPackaged(t *testing.T) {
	const plain = "package main\n\nfunc main() {}\n"
	here := runtime.GOOS + "/" + runtime.GOARCH
	for _, row := range []struct {
		name     string
		system   string
		args     []string          // of go build, in the folder go
		files    map[string]string // further ones
		gone     string            // a folder that is removed after the build
		given    string            // --source
		dir      string            // what the function is built from; "": not run
		asPacked bool              // it runs as it is
		finding  string
	}{
		{name: "source-found", system: other(), args: []string{"./cmd/items"}, dir: "go/cmd/items",
			finding: "built from source in place of what was packed: F from go/cmd/items"},
		{name: "two-modules", system: other(), args: []string{"./cmd/items"}, files: map[string]string{"copy/go.mod": shopModule, "copy/cmd/items/main.go": plain},
			finding: "F is not run: several modules here have the main package of its program, example.com/shop/cmd/items: copy/cmd/items, go/cmd/items; its program is for " + other() + ", and this machine is " + here + "; --source F=copy/cmd/items names its source"},
		{name: "copy-elsewhere-in-cdk.out", system: other(), args: []string{"./cmd/items"}, files: map[string]string{"cdk.out/asset.b/go.mod": shopModule, "cdk.out/asset.b/cmd/items/main.go": plain}, dir: "go/cmd/items",
			finding: "built from source"},
		{name: "of-files", system: other(), args: []string{"-ldflags=-s -w", "cmd/items/main.go"}, dir: "go/cmd/items",
			finding: "built from source in place of what was packed: F from go/cmd/items"},
		{name: "of-one-of-two-mains", system: other(), args: []string{"cmd/items/main.go"}, files: map[string]string{"go/cmd/items/other.go": plain},
			finding: "F is not run: its program does not say its main package, as after go build main.go; its program is for " + other()},
		{name: "of-files-elsewhere", system: other(), args: []string{"cmd/items/main.go"}, gone: "go/go.mod",
			finding: "F is not run: its program does not say its main package, as after go build main.go; its program is for " + other()},
		{name: "of-files-without-paths", system: other(), args: []string{"-trimpath", "cmd/items/main.go"}, files: map[string]string{"go/cmd/items/main.go": handler, "go/cmd/web/main.go": plain},
			finding: "F is not run: its program does not say its main package, as after go build main.go; its program is for " + other() + ", and this machine is " + here + "; --source F=go/cmd/items names its source"},
		{name: "gone", system: other(), args: []string{"./cmd/items"}, gone: "go",
			finding: "F is not run: the main package of its program, example.com/shop/cmd/items, is not in this project; its program is for " + other()},
		{name: "given", system: other(), args: []string{"-trimpath", "cmd/items/main.go"}, given: "F=go/cmd/items", dir: "go/cmd/items"},
		{name: "given-by-name", system: other(), args: []string{"-trimpath", "cmd/items/main.go"}, given: "shop-items=go/cmd/items", dir: "go/cmd/items"},
		{name: "runs-as-packed", system: "linux/" + runtime.GOARCH, args: []string{"./cmd/items"}, gone: "go", asPacked: true,
			finding: "F: the main package of its program, example.com/shop/cmd/items, is not in this project; it runs as it was packed, until --source F=DIR names its source"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.asPacked && runtime.GOOS != "linux" {
				t.Skip("Lambda's programs run on Linux only")
			}
			dir := t.TempDir()
			t.Chdir(dir)
			writeFiles(t, dir, map[string]string{"go/go.mod": shopModule, "go/cmd/items/main.go": plain, "cdk.out/cdk.out": "{}", "package.json": "{}", ".git": ""})
			compile(t, filepath.Join(dir, "go"), "../cdk.out/asset.a/bootstrap", row.system, row.args...)
			writeFiles(t, dir, row.files)
			writeFiles(t, dir, map[string]string{
				"cdk.out/Shop.template.json": "{\"Resources\": {\"F\": {\"Type\": \"AWS::Lambda::Function\", \"Properties\": {\"FunctionName\": \"shop-items\", \"Runtime\": \"provided.al2023\", \"Handler\": \"bootstrap\",\n\"Code\": {\"S3Bucket\": {\"Ref\": \"Assets\"}, \"S3Key\": \"a.zip\"}}}}}",
				"cdk.out/Shop.assets.json":   `{"files": {"a": {"source": {"path": "asset.a"}, "destinations": {"x": {"objectKey": "a.zip"}}}}}`,
			})
			if row.gone != "" {
				if err := os.RemoveAll(filepath.Join(dir, row.gone)); err != nil {
					t.Fatal(err)
				}
			}
			a, err := sam.Read(filepath.Join(dir, "cdk.out", "Shop.template.json"), sam.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := local.FindSources(a, strings.Fields(row.given)...); err != nil {
				t.Fatal(err)
			}
			f := a.Functions[0]
			if row.dir != "" && !sameFile(f.Dir, filepath.Join(dir, filepath.FromSlash(row.dir))) || (f.NotRun == "") != (row.dir != "" || row.asPacked) || (f.Program != "") != row.asPacked {
				t.Errorf("Dir = %q, NotRun = %q, Program = %q, want %+v", f.Dir, f.NotRun, f.Program, row)
			}
			if got := findings(a); !strings.Contains(got, row.finding) || row.finding == "" && got != "" {
				t.Errorf("findings %q, want %q", got, row.finding)
			}
			if row.dir != "" && (len(f.Beside) != 1 || !sameFile(f.Beside[0].Path, filepath.Join(dir, "cdk.out", "asset.a"))) {
				t.Errorf("beside it: %v", f.Beside)
			}
		})
	}
}

func TestSourceErrors(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	write(t, dir, "code/main.go=main library/l.go=library", lonely+"Properties: {CodeUri: code, Runtime: provided.al2023, Handler: bootstrap}\n  P:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: code, Runtime: python3.13, Handler: x}\n")
	for given, want := range map[string]string{
		"F":               "--source F: write ID=DIR, a function and the folder of its main package",
		"=code":           "--source =code: write ID=DIR",
		"F=":              "--source F=: write ID=DIR",
		"G=code":          `--source G=code: no function "G"; `,
		"F=gone":          "--source F=gone: gone is not a folder that exists",
		"F=library":       "--source F=library: library has the package library, not main",
		"F=.":             "--source F=.: . has no Go package",
		"P=code":          "--source P=code: P is not run: the runtime python3.13 is not Go's",
		"F=code F=./code": "--source F=./code: F has another --source",
	} {
		a, err := sam.Read(filepath.Join(dir, "template.yaml"), sam.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := local.FindSources(a, strings.Fields(given)...); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("--source %s: %v, want %s", given, err, want)
		}
	}
}

// The folder of the CDK has no template.yaml.
func TestTemplateOfCDK(t *testing.T) {
	const one = `{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "code", "Runtime": "provided.al2023", "Handler": "bootstrap"}}}}`
	dir := t.TempDir()
	read := func() (string, error) {
		a, err := local.Read(local.Options{Template: dir})
		if err != nil {
			return "", err
		}
		return filepath.Base(a.File), nil
	}
	writeFiles(t, dir, map[string]string{"code/main.go": handler, "Shop.template.json": one, "ShopUsers.nested.template.json": one})
	if got, err := read(); got != "Shop.template.json" {
		t.Errorf("with one: %s, %v", got, err)
	}
	writeFiles(t, dir, map[string]string{"Web.template.json": one})
	if got, err := read(); err == nil {
		t.Errorf("with two: %s", got)
	}
	writeFiles(t, dir, map[string]string{"template.json": one})
	if got, err := read(); got != "template.json" {
		t.Errorf("beside template.json: %s, %v", got, err)
	}
}
