package need

import (
	"net"
	"os/exec"
	"testing"
)

// Moto starts moto, a mock of AWS, which a requirements file has to name, and
// returns its URL.
func Moto(t testing.TB, requirements string) string {
	t.Helper()
	python := Python(t, requirements)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close() // moto would print port 0 as it is
	return Serve(t, exec.Command(python, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", port), "Running on ")
}
