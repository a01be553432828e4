package failures

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// requestID is that of every event.
const requestID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

// build compiles the functions, and two for this test only: "faults", and
// "stale", which is visits with keys that are stale after two seconds.
func build(t *testing.T) (bin string) {
	t.Helper()
	bin = t.TempDir() + string(filepath.Separator)
	goBuild(t, "-o", bin, "./functions/...")
	goBuild(t, "-o", bin, "./e2e/failures/testdata/faults")
	goBuild(t, "-overlay", hurried(t), "-o", exe(bin+"stale"), "./functions/visits")
	return bin
}

func exe(path string) string {
	if runtime.GOOS == "windows" {
		return path + ".exe"
	}
	return path
}

func goBuild(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("go", append([]string{"build"}, args...)...)
	cmd.Dir = testenv.Root(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
}

// hurried writes an overlay for go build in which the keyring's minutes are seconds.
func hurried(t *testing.T) string {
	t.Helper()
	replaced := map[string]string{}
	for file, change := range map[string][]string{
		"keys.go":    {"= 10 * time.Minute", "= 2 * time.Second"},
		"reading.go": {"= 5 * time.Minute", "= time.Second", "= 30 * time.Second", "= time.Second"},
	} {
		path := filepath.Join(testenv.Root(t), "shared", "keyring", file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for old := range slices.Chunk(change, 2) {
			if bytes.Count(text, []byte(old[0])) != 1 {
				t.Fatalf("%s does not have %q once", path, old[0])
			}
			text = bytes.Replace(text, []byte(old[0]), []byte(old[1]), 1)
		}
		replaced[path] = filepath.Join(t.TempDir(), file)
		testenv.Write(t, filepath.Dir(replaced[path]), file, string(text))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	testenv.Write(t, dir, "overlay.json", string(overlay))
	return filepath.Join(dir, "overlay.json")
}

// A lambda is a function's process, and its Runtime API.
type lambda struct {
	t         *testing.T
	log       string // a file
	events    chan string
	responses chan response
	ended     chan struct{}
}

type response struct {
	body   string
	failed bool // the event is an error of the function
}

func start(t *testing.T, program string, env map[string]string) *lambda {
	t.Helper()
	l := &lambda{t, filepath.Join(t.TempDir(), "log"), make(chan string), make(chan response), make(chan struct{})}
	api := httptest.NewServer(l)
	log, err := os.Create(l.log)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{
		"AWS_LAMBDA_RUNTIME_API": strings.TrimPrefix(api.URL, "http://"), "AWS_LAMBDA_LOG_FORMAT": "JSON",
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_SESSION_TOKEN": "",
		"SYSTEMROOT": os.Getenv("SYSTEMROOT"), // sockets on Windows need it
	}
	maps.Copy(all, env)
	cmd := exec.Command(exe(program))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = []string{}
	for name, value := range all {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		close(l.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-l.ended
		log.Close()
		api.CloseClientConnections()
		api.Close()
	})
	return l
}

func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		select {
		case l.responses <- response{string(body), strings.HasSuffix(r.URL.Path, "/error")}:
		case <-r.Context().Done():
		}
		return
	}
	select {
	case event := <-l.events:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", requestID)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", "32503680000000")
		_, _ = io.WriteString(w, event)
	case <-r.Context().Done():
	}
}

// invoke returns the status of the response, 0 if the event is an error of the
// function, and -1 if the process has ended.
func (l *lambda) invoke(event string) int {
	l.t.Helper()
	tooLong := time.After(time.Minute)
	select {
	case l.events <- event:
	case <-l.ended:
		return -1
	case <-tooLong:
		l.t.Fatal("the function does not fetch the event")
	}
	select {
	case r := <-l.responses:
		var answer struct{ StatusCode int }
		if err := json.Unmarshal([]byte(r.body), &answer); err != nil && !r.failed {
			l.t.Errorf("response %s: %v", r.body, err)
		}
		return answer.StatusCode
	case <-l.ended:
		return -1
	case <-tooLong:
		l.t.Fatal("the function does not respond")
		return 0
	}
}

// lines returns what the function has logged, which must be lines in Lambda's own
// format.
func (l *lambda) lines() (lines []string) {
	l.t.Helper()
	text, err := os.ReadFile(l.log)
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		lines = append(lines, line)
		var members struct {
			Timestamp      time.Time
			Level, Message string
		}
		if err := json.Unmarshal([]byte(line), &members); err != nil || members.Timestamp.IsZero() || members.Level == "" || members.Message == "" {
			l.t.Errorf("the function logs %s (%v), want a timestamp, a level and a message", line, err)
		}
	}
	return lines
}
