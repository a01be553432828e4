// Package need is what the end-to-end suites have in common: the tools they
// need from the machine, and a crumb to test.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// Tool returns the path of a program. Without it the test skips, saying what is
// missing; where CI=true it fails, because there nothing may skip.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name+" is not on PATH")
	}
	return path
}

// Missing skips the test for a reason, or fails it where CI=true.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("CI needs everything: ", reason)
	}
	t.Skip(reason)
}
