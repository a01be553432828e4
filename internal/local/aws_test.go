package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What functions need to meet the tables in place of AWS is there until Close, and with
// real credentials it is not there.
func TestServeAWS(t *testing.T) {
	dir := t.TempDir()
	template := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "template.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	template(strings.Replace(strings.Replace(sealing, "  T: ", "  #", 1), "TABLE: !Ref T, ", "", 1))
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, _ := open(t, Options{Template: dir})
	env := p.functions(p.app())[0].Env
	if env["HTTPS_PROXY"] != p.proxy.URL || env["AWS_ENDPOINT_URL"] != p.proxy.Refuses {
		t.Errorf("without a table: %q", env)
	}
	for goos, opens := range map[string]bool{"linux": true, "freebsd": true, "darwin": false, "windows": false} {
		p.given.Roots, p.given.GOOS = "", goos
		if err := p.serveAWS(); err != nil || p.given.Roots != "" != opens {
			t.Errorf("without a table, on %s: certificates %q, %v", goos, p.given.Roots, err)
		}
	}
	template(sealing) // as a saved change
	read, err := p.options.read()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		functions, err := p.take(read)
		if err != nil {
			t.Fatal(err)
		}
		env = functions[0].Env
	}
	file := p.given.Roots
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' || env["HTTPS_PROXY"] != p.proxy.URL {
		t.Errorf("%v %v\n%q", info, err, env)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after Close: %v", err)
	}

	account := func(context.Context) (map[string]string, time.Time, error) { return nil, time.Time{}, nil }
	p, _ = open(t, Options{Template: dir, Credentials: account, LocalTables: true})
	env = p.functions(p.app())[0].Env
	if env["HTTPS_PROXY"] != os.Getenv("HTTPS_PROXY") || env["AWS_ENDPOINT_URL"] != "" || env["SSL_CERT_FILE"] != os.Getenv("SSL_CERT_FILE") || env["AWS_ENDPOINT_URL_DYNAMODB"] == "" {
		t.Errorf("with real credentials: %q", env)
	}
}
