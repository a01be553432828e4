package sessions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// Functions are killed, connections to the store are cut, and the store is
// unavailable for a while, all in the middle of requests. Requests may fail, but
// none shows another user's session, none ends one, and every acknowledged count
// is kept.
func TestLoss(t *testing.T) {
	testenv.Long(t, "8 seconds of load and loss")
	testenv.Tool(t, "ps")
	store := breakable(t, startTable(t))
	cmd := exec.Command(testenv.Build(t), "start", "--port", "0", "--no-watch",
		"--template", "e2e/sessions/testdata/template.yaml", "--env-vars", envVars(t, store.url))
	crumb := testenv.Start(t, cmd)

	users := make([]*user, 16)
	for i := range users {
		users[i] = &user{url: crumb.URL, name: fmt.Sprintf("user-%d", i)}
		users[i].signIn(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	var breaking, counting sync.WaitGroup
	for _, u := range users {
		for range 2 {
			counting.Go(func() {
				for ctx.Err() == nil {
					u.count(t)
				}
			})
		}
	}
	var kills int
	breaking.Go(func() { kills = kill(ctx, t, cmd.Process.Pid) })
	breaking.Go(func() { store.breakDown(ctx) })
	counting.Wait()
	breaking.Wait()

	var counted, failed int64
	for _, u := range users {
		n := u.counts(t)
		if n < u.counted.Load() || n > u.counted.Load()+u.failed.Load() {
			t.Errorf("%s: the session counts %d; %d were acknowledged, %d are unknown", u.name, n, u.counted.Load(), u.failed.Load())
		}
		counted += u.counted.Load()
		failed += u.failed.Load()
	}
	t.Logf("%d counted, %d failed; %d sandboxes killed, %d connections cut, the store unavailable %d times", counted, failed, kills, store.cuts, store.pauses)
	if counted == 0 || failed == 0 || kills == 0 || store.cuts == 0 || store.pauses == 0 {
		t.Error("nothing was counted, or nothing failed: the test is meaningless")
	}
}

// envVars writes a file for --env-vars that gives the function an endpoint.
func envVars(t *testing.T, endpoint string) string {
	text, err := json.Marshal(map[string]map[string]string{"CounterFunction": {"AWS_ENDPOINT_URL_DYNAMODB": endpoint}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "env.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A user has one session, which two clients use.
type user struct {
	url, name, cookie string
	counted, failed   atomic.Int64
}

func (u *user) ask(t *testing.T, path string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", u.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Cookie", u.cookie)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func (u *user) signIn(t *testing.T) {
	answer, text := u.ask(t, "/start?who="+u.name)
	u.cookie, _, _ = strings.Cut(answer.Header.Get("Set-Cookie"), ";")
	if answer.StatusCode != http.StatusOK || u.cookie == "" {
		t.Fatalf("%s: %d %s", u.name, answer.StatusCode, text)
	}
}

func (u *user) count(t *testing.T) {
	switch answer, text := u.ask(t, "/count"); {
	case answer.StatusCode == http.StatusOK && strings.HasPrefix(text, u.name+" "):
		u.counted.Add(1)
	case answer.StatusCode == http.StatusBadGateway, answer.StatusCode == http.StatusServiceUnavailable:
		u.failed.Add(1)
	default:
		t.Errorf("%s: %d %s", u.name, answer.StatusCode, text)
	}
}

// counts returns the session's final count.
func (u *user) counts(t *testing.T) (n int64) {
	answer, text := u.ask(t, "/me")
	if _, err := fmt.Sscanf(text, u.name+" %d", &n); err != nil {
		t.Errorf("%s: in the end %d %s", u.name, answer.StatusCode, text)
	}
	return n
}

// kill kills a sandbox at random, again and again.
func kill(ctx context.Context, t *testing.T, crumb int) (n int) {
	for sleep(ctx, 100*time.Millisecond) {
		all := testenv.Descendants(t, crumb)
		if len(all) == 0 {
			continue
		}
		if p, err := os.FindProcess(all[rand.IntN(len(all))]); err == nil && p.Kill() == nil {
			n++
		}
	}
	return n
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// A link is an unreliable connection to the store.
type link struct {
	url          string
	cuts, pauses int

	away  atomic.Bool
	mu    sync.Mutex
	conns map[net.Conn]bool
}

func breakable(t *testing.T, backend string) *link {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	address, path, _ := strings.Cut(strings.TrimPrefix(backend, "http://"), "/")
	k := &link{url: "http://" + l.Addr().String() + "/" + path, conns: map[net.Conn]bool{}}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go k.serve(c, address)
		}
	}()
	return k
}

func (k *link) serve(c net.Conn, address string) {
	defer c.Close()
	if k.away.Load() {
		return
	}
	store, err := new(net.Dialer).Dial("tcp", address)
	if err != nil {
		return
	}
	defer store.Close()
	k.mu.Lock()
	k.conns[c] = true
	k.mu.Unlock()
	go func() {
		defer store.Close()
		_, _ = io.Copy(store, c) // ends when either side is gone
	}()
	_, _ = io.Copy(c, store)
	k.mu.Lock()
	delete(k.conns, c)
	k.mu.Unlock()
}

// breakDown cuts connections at random, and sometimes all at once.
func (k *link) breakDown(ctx context.Context) {
	for n := 1; sleep(ctx, 20*time.Millisecond); n++ {
		if n%100 == 0 {
			k.away.Store(true)
			k.cut(1 << 20)
			sleep(ctx, 300*time.Millisecond)
			k.away.Store(false)
			k.pauses++
		}
		k.cut(1)
	}
}

// cut closes some connections without notice.
func (k *link) cut(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for c := range k.conns { // in any order
		if n--; n < 0 {
			return
		}
		_ = c.(*net.TCPConn).SetLinger(0)
		c.Close()
		delete(k.conns, c)
		k.cuts++
	}
}
