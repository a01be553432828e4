//go:build unix

package start

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// stubborn ignores SIGTERM, which it gets because it has an extension. It starts
// itself twice, inside and outside its process group, and only SIGKILL ends those
// two.
const stubborn = `package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	if len(os.Args) > 1 {
		signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
		time.Sleep(time.Hour)
	}
	lambda.StartWithOptions(func() (*events.APIGatewayProxyResponse, error) {
		for _, away := range []bool{false, true} {
			child := exec.Command(os.Args[0], "child")
			child.SysProcAttr = &syscall.SysProcAttr{Setsid: away}
			if err := child.Start(); err != nil {
				return nil, err
			}
			if away {
				fmt.Println("out of the group:", child.Process.Pid)
			}
		}
		fmt.Println("hangs")
		time.Sleep(time.Hour)
		return nil, nil
	}, lambda.WithEnableSIGTERM(func() { fmt.Println("goes on") }))
}
`

const stubbornTemplate = `Transform: AWS::Serverless-2016-10-31
Resources:
  Stubborn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: stubborn/
      Handler: bootstrap
      Runtime: provided.al2023
      Timeout: 900
      Events: {Get: {Type: Api, Properties: {Path: /, Method: get}}}
`

// TestEnd ends crumb in the middle of a request in every possible way. No
// process, port or file is left.
func TestEnd(t *testing.T) {
	testenv.Long(t, "six ways to die, half a minute")
	testenv.Tool(t, "ps")
	dir := testenv.Project(t, map[string]string{"stubborn/main.go": stubborn, "template.yaml": stubbornTemplate})
	binary, goRun := []string{testenv.Build(t)}, []string{"go", "run", "./cmd/crumb"}
	for _, tc := range []struct {
		name     string
		crumb    []string
		signal   syscall.Signal
		terminal bool // the signal goes to all processes of the terminal
	}{
		{"ctrl-c", binary, syscall.SIGINT, true},
		{"sigterm", binary, syscall.SIGTERM, false},
		{"sigkill", binary, syscall.SIGKILL, false},
		{"go-run-ctrl-c", goRun, syscall.SIGINT, true},
		{"go-run-sigterm", goRun, syscall.SIGTERM, false},
		{"go-run-sigkill", goRun, syscall.SIGKILL, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tmp := t.TempDir()
			args := append(tc.crumb[1:len(tc.crumb):len(tc.crumb)], "start", "--port", "0", "--template", filepath.Join(dir, "template.yaml"))
			cmd := exec.Command(tc.crumb[0], args...)
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "GOTMPDIR="+t.TempDir())
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			crumb := testenv.Start(t, cmd)
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				if resp, err := http.Get(crumb.URL); err == nil {
					resp.Body.Close()
				}
			}()
			for deadline := time.Now().Add(5 * time.Minute); !strings.Contains(crumb.Stderr(), "hangs\n"); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("the function does not run")
				}
			}

			_, after, _ := strings.Cut(crumb.Stderr(), "out of the group: ")
			line, _, _ := strings.Cut(after, "\n")
			away, err := strconv.Atoi(line)
			if err != nil {
				t.Fatal(err)
			}
			processes := testenv.Descendants(t, cmd.Process.Pid)
			if !slices.Contains(processes, away) || len(processes) < 4 {
				t.Fatalf("processes %v, want a watchdog, a function and its two children, %d one of them", processes, away)
			}
			pid := cmd.Process.Pid
			if tc.terminal {
				pid = -pid
			}
			if err := syscall.Kill(pid, tc.signal); err != nil {
				t.Fatal(err)
			}
			<-crumb.Done()
			for _, pid := range processes {
				if pid == away && runtime.GOOS != "linux" {
					_ = syscall.Kill(away, syscall.SIGKILL)
					continue // a process's environment, by which it is found, cannot be read there
				}
				if !testenv.Gone(pid) {
					t.Errorf("process %d outlived crumb", pid)
				}
			}
			<-answered
			if conn, err := net.Dial("tcp", strings.TrimPrefix(crumb.URL, "http://")); err == nil {
				conn.Close()
				t.Errorf("%s is still in use", crumb.URL)
			}
			left, err := os.ReadDir(tmp)
			if err != nil {
				t.Fatal(err)
			}
			if len(left) > 0 {
				t.Errorf("%d temporary files are left, the first is %s", len(left), left[0].Name())
			}
			if code := cmd.ProcessState.ExitCode(); code != 0 && len(tc.crumb) == 1 && tc.signal != syscall.SIGKILL {
				t.Errorf("exit code %d, want 0", code)
			}
		})
	}
}
