package testenv

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Moto starts moto, a mock of AWS, which a requirements file has to name, and
// returns its URL.
func Moto(t testing.TB, requirements string) string {
	t.Helper()
	return serveMoto(t, Python(t, requirements), "-c", "from moto.server import main; main()")
}

// Account is a Moto to which SAM can deploy.
func Account(t testing.TB) string {
	t.Helper()
	cloud := filepath.Join(Root(t), "e2e", "cloud")
	python := Python(t, filepath.Join(cloud, "requirements.txt"))
	url := serveMoto(t, python, "-B", filepath.Join(cloud, "account.py"))
	// Moto's CloudFormation only finds templates in moto's buckets there.
	return strings.Replace(url, "127.0.0.1", "localhost", 1)
}

func serveMoto(t testing.TB, python string, program ...string) string {
	t.Helper()
	program = append(program, "-H", "127.0.0.1", "-p", FreePort(t)) // it would print port 0
	return Serve(t, exec.Command(python, program...), "Running on ")
}
