package gobuild_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gobuild"
)

// Programs for Lambda are found in each module of a folder, also if a module that they
// need is not on this machine.
func TestLambdaMains(t *testing.T) {
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const lambdaMain = "package main\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\nfunc main() { lambda.Start(nil) }\n"
	const mod = "module example.com/a\n\ngo 1.26.0\n\nrequire github.com/aws/aws-lambda-go v1.55.1\n"
	write("go.mod", mod)
	write("cmd/api/main.go", lambdaMain)
	write("cmd/by/main.go", "package main\n\nimport \"example.com/a/serve\"\n\nfunc main() { serve.Serve() }\n")
	write("serve/serve.go", "package serve\n\nimport \"github.com/aws/aws-lambda-go/lambda\"\n\nfunc Serve() { lambda.Start(nil) }\n")
	write("cmd/net/main.go", "package main\n\nimport \"github.com/akrylysov/algnhsa\"\n\nfunc main() { algnhsa.ListenAndServe(nil, nil) }\n") // not downloaded yet
	write("cmd/tool/main.go", "package main\n\nfunc main() {}\n")
	write("cmd/broken/main.go", "package main\n\nimport (\n")
	write("orders/go.mod", mod)
	write("orders/main.go", lambdaMain)
	write("bad/go.mod", "modul\n")
	write("bad/main.go", lambdaMain)
	write("vendor/x/main.go", lambdaMain)
	write("old/go.mod", strings.Replace(mod, "1.26.0", "1.16", 1)) // needs the go.mod of what it requires
	write("old/main.go", lambdaMain)
	programs, err := gobuild.LambdaMains(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range programs {
		got = append(got, p.Dir)
	}
	want := []string{filepath.Join(dir, "bad"), filepath.Join(dir, "cmd", "api"), filepath.Join(dir, "cmd", "by"), filepath.Join(dir, "cmd", "net"), filepath.Join(dir, "old"), filepath.Join(dir, "orders")}
	if !slices.Equal(got, want) {
		t.Errorf("LambdaMains = %q, want %q", got, want)
	}
	if got, err := gobuild.LambdaMains(t.Context(), filepath.Join(dir, "serve")); err != nil || got != nil {
		t.Errorf("LambdaMains of a folder without = %v, %v", got, err)
	}
}
