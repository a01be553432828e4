package testenv

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// MiniStack starts MiniStack, an emulator of AWS, which a requirements file has to
// name, and returns its URL.
func MiniStack(t testing.TB, requirements string) string {
	t.Helper()
	cmd := exec.Command(Python(t, requirements), "-m", "ministack")
	cmd.Env = append(os.Environ(), "BIND_HOST=127.0.0.1", "GATEWAY_PORT="+FreePort(t), "IOT_MTLS_ENABLED=0")
	url, _, _ := strings.Cut(Serve(t, cmd, "Running on "), " ")
	return url
}
