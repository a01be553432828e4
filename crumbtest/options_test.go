package crumbtest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/crumbtest"
)

// A program that names no source gets it from the test, or the test fails.
func TestSources(t *testing.T) {
	t.Parallel()
	template := strings.Replace(function, "CodeUri: .", "CodeUri: s3://bucket/none.zip", 1)
	dir := project(t, template, "package main\n\nfunc main() { undefined() }\n")
	start := func(id string) string {
		return failure(t, func(t testing.TB) { crumbtest.Start(t, dir, crumbtest.Options{Sources: []string{id + "=" + dir}}) })
	}
	if got, want := start("F"), "main.go:3:15: undefined: undefined"; !strings.Contains(got, want) {
		t.Errorf("Start fails with %q, want %q", got, want)
	}
	if got, want := start("G"), `no function "G"`; !strings.Contains(got, want) {
		t.Errorf("Start fails with %q, want %q", got, want)
	}
}

// With an emulator, functions find it; an address elsewhere is rejected.
func TestAWSEndpoint(t *testing.T) {
	t.Parallel()
	const source = `package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	next, err := http.Get(base + "next")
	if err == nil {
		body := fmt.Sprintf("{\"statusCode\":200,\"body\":%q}", os.Getenv("AWS_ENDPOINT_URL"))
		http.Post(base+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "", strings.NewReader(body))
		http.Get(base + "next")
	}
}
`
	dir := project(t, function, source)
	p := crumbtest.Start(t, dir, crumbtest.Options{AWSEndpoint: "http://localhost:4566"})
	resp, err := http.Get(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "http://127.0.0.1:4566" {
		t.Errorf("AWS_ENDPOINT_URL = %q, %v", body, err)
	}
	want := `crumbtest: --aws-endpoint: "http://192.0.2.1" is not a URL on this machine`
	if got := failure(t, func(t testing.TB) { crumbtest.Start(t, dir, crumbtest.Options{AWSEndpoint: "http://192.0.2.1"}) }); !strings.HasPrefix(got, want) {
		t.Errorf("Start fails with %q, want %q", got, want)
	}
}
