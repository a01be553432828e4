//go:build !lambda.norpc

package frontdoor_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestServing is the program of these tests.
func TestServing(t *testing.T) {
	if os.Getenv("FRONTDOOR_SERVING") == "" {
		return // it is run by another test
	}
	frontdoor.Start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		slog.Info("begun")
		_, _ = io.Copy(w, r.Body)
	}))
	os.Exit(served)
}

const served = 3 // the status of a program in which Start has returned

// program is TestServing in a process that Lambda has not started.
func program(t *testing.T, file string, args, env []string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), file, args...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == "AWS_LAMBDA_RUNTIME_API" || name == "_LAMBDA_SERVER_PORT" || name == "PORT"
	}), append(env, "FRONTDOOR_SERVING=1")...)
	return cmd
}

var serving = []string{"-test.run=^TestServing$"}

// serve starts the program, and returns its address, what follows in its log, and
// the response to a request under way.
func serve(t *testing.T, body io.Reader) (cmd *exec.Cmd, address string, stderr io.Reader, response <-chan string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	cmd = program(t, os.Args[0], serving, []string{"PORT=0"})
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log := bufio.NewScanner(stderr)
	next := func(message string) map[string]any {
		t.Helper()
		log.Scan()
		line := decoded[map[string]any](t, log.Bytes())
		if line["message"] != message || line["level"] != "INFO" {
			t.Fatalf("log = %v, want %s", line, message)
		}
		return line
	}
	address, _ = next("serving HTTP, as this is not Lambda")["address"].(string)
	_, port, err := net.SplitHostPort(address)
	if err != nil || !strings.HasPrefix(address, "[::]:") && !strings.HasPrefix(address, "0.0.0.0:") {
		t.Fatalf("address %q, %v", address, err)
	}
	address = net.JoinHostPort("127.0.0.1", port)
	result := make(chan string, 1)
	go func() {
		resp, err := http.Post("http://"+address, "text/plain", body)
		if err != nil {
			result <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			body = []byte(err.Error())
		}
		result <- string(body)
	}()
	next("begun")
	return cmd, address, stderr, result
}

// A request that is under way when the process is to end gets its response.
func TestStartOutsideLambda(t *testing.T) {
	reader, writer := io.Pipe()
	cmd, address, stderr, response := serve(t, reader)
	err := cmd.Process.Signal(syscall.SIGTERM)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil { // until it takes no more connections
		var conn net.Conn
		if conn, err = net.Dial("tcp", address); err == nil {
			conn.Close()
		}
	}
	_, _ = io.WriteString(writer, "whole")
	writer.Close()
	if got := <-response; got != "whole" {
		t.Errorf("response %q, want whole", got)
	}
	if _, err := io.Copy(io.Discard, stderr); err != nil {
		t.Error(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != served {
		t.Errorf("the process: %v, want status %d", err, served)
	}
}

// A second signal ends the process at once, whatever is under way.
func TestSecondSignal(t *testing.T) {
	reader, writer := io.Pipe()
	defer writer.Close()
	cmd, _, _, _ := serve(t, reader)
	ended, begun := make(chan error, 1), time.Now()
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			// After 8 s it ends anyway, and gives signals back before.
			if got := cmd.ProcessState.String(); got != "signal: terminated" || time.Since(begun) >= 8*time.Second {
				t.Errorf("the process: %v after %v, want it ended by the signal", err, time.Since(begun))
			}
			return
		default:
			_ = cmd.Process.Signal(syscall.SIGTERM) // the first may not be dealt with yet
		}
	}
}

// Neither of these serves: each ends with status 1 and says why.
func TestStartFails(t *testing.T) {
	holdDefaultPort(t)
	lambdaOnly := filepath.Join(t.TempDir(), "bootstrap.exe")
	if out, err := exec.Command("go", "build", "-tags=lambda.norpc", "-o", lambdaOnly, "./testdata/programs/frontdoor").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const failed = `"level":"ERROR","message":"serving plain HTTP failed","error":"`
	rows := []struct {
		name, file string
		env        []string
		want       string
	}{
		{"loopback-by-default", os.Args[0], nil, failed + "listen tcp 127.0.0.1:8080: "},
		{"empty-port", os.Args[0], []string{"PORT="}, failed + "listen tcp 127.0.0.1:8080: "},
		{"port-with-host", os.Args[0], []string{"PORT=0.0.0.0:80"}, "too many colons"},
		{"in-lambda", os.Args[0], []string{"AWS_LAMBDA_RUNTIME_API=", "PORT=0"}, "expected AWS Lambda environment variables"},
		{"in-go1.x", os.Args[0], []string{"_LAMBDA_SERVER_PORT=", "PORT=0"}, "expected AWS Lambda environment variables"},
		{"built-for-lambda", lambdaOnly, []string{"PORT=0"}, failed + `built for Lambda only, by the tag lambda.norpc: \"crumb start\" runs it here, and without the tag it serves HTTP"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			code, log := runUnlessServing(t, row.file, row.env)
			if code == serves { // another program has just given up the port
				holdDefaultPort(t)
				code, log = runUnlessServing(t, row.file, row.env)
			}
			if code != 1 || !strings.Contains(log, row.want) {
				t.Errorf("status %d, log %s, want 1 and %s in it", code, log, row.want)
			}
		})
	}
}

// holdDefaultPort keeps the port from the program until the test ends, unless another
// program does, such as this test in another checkout.
func holdDefaultPort(t *testing.T) {
	if l, err := net.Listen("tcp", "127.0.0.1:8080"); err == nil {
		t.Cleanup(func() { l.Close() })
	}
}

const serves = -2 // in place of the status of a program that does not end

// runUnlessServing runs the program to its end, or kills it when it serves.
func runUnlessServing(t *testing.T, file string, env []string) (code int, log string) {
	t.Helper()
	cmd := program(t, file, serving, env)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if log += lines.Text() + "\n"; strings.Contains(lines.Text(), "serving HTTP") {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			return serves, log
		}
	}
	_ = cmd.Wait() // its status is in ProcessState
	return cmd.ProcessState.ExitCode(), log
}
