package inspect_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/inspect"
)

// exchange is the part of an event that tests read.
type exchange struct {
	ID  int
	URL string
	In  []struct {
		Members []string
		Cookies []struct {
			N, Octets int
			Name      string
		}
	}
	Unseen []string
	Out    []struct {
		Member, Name, Attributes, Deployed, Differs string
		Verdict                                     struct {
			Outcome, Go string
			Reasons     []struct{ ID, Rule string }
		}
	}
	Changed []struct{ Member, Name string }
	Omitted int
}

type jarCookie struct{ Key, Name, Domain, Path string }

// An event is a server-sent one.
type event struct{ id, name, data string }

// A feed is the stream of events to one page.
type feed struct {
	t     *testing.T
	lines *bufio.Reader
}

// listen opens the events after an id, as a browser does.
func listen(t *testing.T, r *recorder, lastID string) *feed {
	t.Helper()
	s := httptest.NewServer(r)
	t.Cleanup(s.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL+r.Path()+"events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("%s, Content-Type %q", resp.Status, got)
	}
	return &feed{t, bufio.NewReader(resp.Body)}
}

// next waits for the next event.
func (f *feed) next() (e event) {
	f.t.Helper()
	for {
		line, err := f.lines.ReadString('\n')
		if err != nil {
			f.t.Fatal(err)
		}
		switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); name {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e
			}
		}
	}
}

// read reads the first batch of events, which ends with the jar.
func read(t *testing.T, r *recorder, lastID string) (list []event) {
	t.Helper()
	f := listen(t, r, lastID)
	for len(list) == 0 || list[len(list)-1].name != "jar" {
		list = append(list, f.next())
	}
	return list
}

// exchanges reads the events after an id, up to the first jar.
func exchanges(t *testing.T, r *recorder, lastID string) (list []exchange) {
	t.Helper()
	for _, e := range read(t, r, lastID) {
		if e.name == "exchange" {
			var x exchange
			if err := json.Unmarshal([]byte(e.data), &x); err != nil {
				t.Fatal(err)
			}
			list = append(list, x)
		}
	}
	return list
}

func newestJar(t *testing.T, r *recorder) (jar []jarCookie) {
	t.Helper()
	events := read(t, r, "")
	if err := json.Unmarshal([]byte(events[len(events)-1].data), &jar); err != nil {
		t.Fatal(err)
	}
	return jar
}

func ids(events []event) (list []string) {
	for _, e := range events {
		if e.name == "exchange" {
			list = append(list, e.id)
		}
	}
	return list
}

func TestEventsResume(t *testing.T) {
	r := newRecorder()
	if got := ids(read(t, r, "")); got != nil {
		t.Errorf("before the first request: %q", got)
	}
	for _, path := range []string{"/a", "/b", "/c"} {
		r.record(path)
	}
	for _, tt := range []struct {
		name, last string
		want       []string
	}{
		{"new", "", []string{"1", "2", "3"}},
		{"after-one", "1", []string{"2", "3"}},
		{"after-all", "3", nil},
		{"of-another-crumb", "77", []string{"1", "2", "3"}},
		{"negative", "-5", []string{"1", "2", "3"}},
		{"no-number", "x", []string{"1", "2", "3"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ids(read(t, r, tt.last)); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEventsAreLive(t *testing.T) {
	r := newRecorder()
	f := listen(t, r, "")
	if e := f.next(); e.name != "jar" || e.data != "[]" || e.id != "" {
		t.Errorf("first %+v, want an empty jar", e)
	}
	r.record("/a", "sid="+secret+"; Path=/")
	r.record("/b")
	var got []string
	var jar string
	for len(got) < 2 || jar == "" {
		switch e := f.next(); e.name {
		case "exchange":
			got = append(got, e.id)
		case "jar":
			jar = e.data
		}
	}
	if !slices.Equal(got, []string{"1", "2"}) || !strings.Contains(jar, `"name":"sid"`) {
		t.Errorf("exchanges %q, jar %s", got, jar)
	}

	// A changed value sends the jar again, since the page may show the old one.
	r.record("/c", "sid=S3CRET; Path=/")
	if e := f.next(); e.id != "3" {
		t.Errorf("%+v, want exchange 3", e)
	}
	if e := f.next(); e.name != "jar" || e.data != jar {
		t.Errorf("%+v, want the jar again", e)
	}
}

// pipes is a listener whose connections have no buffer, for a synctest bubble.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, errors.New("closed")
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Pages that read nothing do not delay Record and are disconnected. Cookies leave
// the jar when they expire, without any request.
func TestSlowReadersAndTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRecorder()
		l := make(pipes)
		server := &http.Server{Handler: r}
		go server.Serve(l)
		defer server.Close()
		dial := func() (net.Conn, *bufio.Reader) {
			client, conn := net.Pipe()
			l <- conn
			go client.Write([]byte("GET " + r.Path() + "events HTTP/1.1\r\nHost: localhost\r\n\r\n"))
			return client, bufio.NewReader(client)
		}
		for range 16 {
			client, _ := dial()
			defer client.Close()
		}
		synctest.Wait()
		client, lines := dial()
		if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, "503") {
			t.Errorf("one page too many: %q, %v", line, err)
		}
		client.Close()

		began := time.Now()
		for range 300 {
			r.record("/", "sid="+secret+"; Path=/; Max-Age=30")
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("300 exchanges took %v while 16 pages read nothing", took)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()

		client, lines = dial()
		defer client.Close()
		var jars []time.Duration // when the jar arrived, with or without the cookie
		for len(jars) < 2 {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(line, "event: jar") {
				data, _ := lines.ReadString('\n')
				jars = append(jars, time.Since(began))
				if full := strings.Contains(data, "sid"); full != (len(jars) == 1) {
					t.Errorf("jar no. %d after %v: %s", len(jars), jars, data)
				}
			}
		}
		if last := jars[1]; last < 30*time.Second || last > 46*time.Second {
			t.Errorf("a cookie of 30 seconds left the page after %v", last)
		}
	})
}

func TestConcurrently(t *testing.T) {
	r := newRecorder()
	f := listen(t, r, "")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				r.record("/", "sid="+secret+"; Path=/")
				r.get("value?out=1&n=0")
			}
		})
	}
	last := 0
	for last < 200 {
		e := f.next()
		if e.name != "exchange" {
			continue
		}
		var x exchange
		if err := json.Unmarshal([]byte(e.data), &x); err != nil || x.ID != last+1 {
			t.Fatalf("after %d: %d, %v", last, x.ID, err)
		}
		last = x.ID
	}
	wg.Wait()
}

// What the page gets of an exchange.
func TestExchange(t *testing.T) {
	r := newRecorder()
	r.Record(inspect.Exchange{URL: "http://localhost/x", Made: true,
		Cookie:   []string{"first=0", "a=1; b=22"},
		Event:    []gateway.CookieSource{{Member: "headers.cookie", Text: "a=1; b=22"}, {Member: "multiValueHeaders.cookie", Text: "a=1; b=22"}},
		Response: []gateway.CookieSource{{Member: "headers.Set-Cookie", Text: "lost=1"}, {Member: "headers.Set-Cookie", Text: "s3cret; Path=/"}},
	})
	r.record("/", "sid=1; Path=/; SameSite=None", "\u202ea=1")
	got := exchanges(t, r, "")
	x := got[0]
	if len(x.In) != 1 || strings.Join(x.In[0].Members, " ") != "headers.cookie multiValueHeaders.cookie" ||
		len(x.In[0].Cookies) != 2 || x.In[0].Cookies[1].Name != "b" || x.In[0].Cookies[1].Octets != 2 {
		t.Errorf("in: %+v, want a and b in both members", x.In)
	}
	if !slices.Equal(x.Unseen, []string{"first"}) {
		t.Errorf("unseen: %q, want first", x.Unseen)
	}
	if len(x.Changed) != 2 || x.Changed[0].Name != "lost" || x.Changed[0].Member != "headers.Set-Cookie" || x.Changed[1].Name != "" {
		t.Errorf("changed: %+v, want lost and one without a name", x.Changed)
	}
	out := got[1].Out
	if len(out) != 2 || out[0].Member != "cookies" || out[0].Attributes != "; Path=/; SameSite=None" || out[0].Verdict.Outcome != "ignored" ||
		len(out[0].Verdict.Reasons) != 1 || out[0].Verdict.Reasons[0].ID != "samesite-none-insecure" ||
		!strings.Contains(out[0].Verdict.Go, "http.SameSiteNoneMode") || !strings.Contains(out[0].Differs, "Firefox: ignored; Safari: stored") {
		t.Errorf("out: %+v, want the verdict of Explain", out)
	}
	if out[1].Name != `"\u202ea"` {
		t.Errorf("a name that turns the text's direction is shown as %q", out[1].Name)
	}
}
