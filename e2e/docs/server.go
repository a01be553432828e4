package docs

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience is how long a server may take to print its output: the first build of
// everything, on a busy machine.
const patience = 3 * time.Minute

var portFlag = regexp.MustCompile(` --port (\d+)`)

// withAnyPort makes a command line that starts crumb use a free port, and returns
// the one that documents have in its place.
func withAnyPort(line string) (anyPort, port string) {
	port = "3000"
	if m := portFlag.FindStringSubmatch(line); m != nil {
		line, port = strings.Replace(line, m[0], "", 1), m[1]
	}
	return "exec " + strings.Replace(line, "crumb start", "crumb start --port 0", 1), port
}

// A server is a command that keeps running.
type server struct {
	cmd    *exec.Cmd
	port   string // in the document
	exited chan struct{}

	mu      sync.Mutex
	output  string        // not yet read
	address string        // "127.0.0.1:40123", once it is known
	changed chan struct{} // has an element when output has grown
}

func startServer(cmd *exec.Cmd, port string) (*server, error) {
	s := &server{cmd: cmd, port: port, exited: make(chan struct{}), changed: make(chan struct{}, 1)}
	cmd.Stdout, cmd.Stderr = s, s
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // ending by SIGTERM is not a failure
		close(s.exited)
	}()
	return s, nil
}

var listening = regexp.MustCompile(`Listening on https?://(127\.0\.0\.1:\d+)`)

// Write receives what the server prints.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output += strings.ReplaceAll(string(p), "\r", "")
	if s.address == "" { // later, the output has what the document says
		if m := listening.FindStringSubmatch(s.output); m != nil {
			s.address = m[1]
		}
	}
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return len(p), nil
}

// printed waits until the server has printed what a document says, and removes
// that from output.
func (s *server) printed(ctx context.Context, want string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for gone := false; ; {
		if s.take(want) {
			return nil
		}
		if gone {
			return fmt.Errorf("the server has ended and printed\n%s\nthe document says\n%s", s.output, want)
		}
		select {
		case <-s.changed:
		case <-s.exited:
			gone = true
		case <-ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			return fmt.Errorf("the server has printed\n%s\nthe document says\n%s", s.output, want)
		}
	}
}

// compiling is what crumb start logs when that takes long.
var compiling = regexp.MustCompile(`(?m)^time=\S+ level=INFO msg="compiling; .*\n`)

func (s *server) take(want string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.output = compiling.ReplaceAllString(s.output, "")
	if s.address != "" {
		s.output = strings.ReplaceAll(s.output, s.address, "127.0.0.1:"+s.port)
	}
	n := match(s.output, want, true)
	if n >= 0 {
		s.output = s.output[n:]
	}
	return n >= 0
}

// asRun returns a command line as it runs here.
func (s *server) asRun(line string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, port, _ := strings.Cut(s.address, ":")
	if port == "" {
		return line
	}
	return strings.NewReplacer("127.0.0.1:"+s.port, s.address, "localhost:"+s.port, "localhost:"+port).Replace(line)
}

// asDocumented is the reverse, for the output of a command.
func (s *server) asDocumented(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, port, _ := strings.Cut(s.address, ":")
	if port == "" {
		return text
	}
	return strings.NewReplacer(s.address, "127.0.0.1:"+s.port, "localhost:"+port, "localhost:"+s.port).Replace(text)
}

// stop asks the server to end, and waits for it and every process with its
// output.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	<-s.exited
}
