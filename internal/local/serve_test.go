package local

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/local/localtest"
	"github.com/crumb-go/crumb/internal/token"
)

// open opens a project until the test ends. Its logs are in output.
func open(t *testing.T, o Options) (p *Project, output *localtest.Buffer) {
	t.Helper()
	output = new(localtest.Buffer)
	o.Logs, o.Log = output, slog.New(slog.NewTextHandler(output, nil))
	p, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if t.Failed() {
			t.Logf("output:\n%s", output)
		}
	})
	return p, output
}

// serve opens and serves a project, and watches it, until the test ends.
func serve(t *testing.T, o Options) (p *Project, output *localtest.Buffer) {
	t.Helper()
	o.Watch = true
	p, output = open(t, o)
	if err := p.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- p.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return p, output
}

// serveTree does so for the only API of a tree.
func serveTree(t *testing.T, tr tree) (url string, output *localtest.Buffer) {
	t.Helper()
	p, output := serve(t, Options{Template: tr.dir})
	return p.APIs()[0].URL, output
}

// A user's test needs only this: not Serve and, to invoke, not even a port. Two
// projects opened from one template do not share anything.
func TestOpen(t *testing.T) {
	tr := newTree(t)
	p, _ := open(t, Options{Template: tr.dir})
	for _, name := range []string{"Hello", "hello", ""} { // its logical id, its folder, the only one
		response, err := p.Invoke(t.Context(), name, []byte("{}"))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, err = body.ReadFrom(response.Body)
		response.Body.Close()
		if got, want := body.String(), `{"statusCode":200,"body":"one"}`; got != want || err != nil {
			t.Errorf("Invoke(%q) = %s, %v, want %s", name, got, err, want)
		}
	}
	for range 2 {
		p, _ := open(t, Options{Template: tr.dir})
		if err := p.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		if status, body := localtest.Get(t, p.APIs()[0].URL+"/"); status != 200 || body != "one" || p.InspectorURL() != "" {
			t.Errorf("GET / = %d %q; the inspector on %q", status, body, p.InspectorURL())
		}
	}
	if _, err := p.Invoke(t.Context(), "Nope", nil); err == nil || !strings.HasPrefix(err.Error(), `no function "Nope"; `) {
		t.Errorf("Invoke of a function that does not exist: %v", err)
	}
}

// freePorts returns the first of three free ports in a row, below those that the
// system assigns to clients.
func freePorts(t *testing.T) int {
	t.Helper()
next:
	for range 100 {
		first := 10_000 + rand.IntN(6_000)
		for port := first; port < first+3; port++ {
			l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(port))
			if err != nil {
				continue next
			}
			l.Close()
		}
		return first
	}
	t.Fatal("there are no three free ports in a row")
	return 0
}

// An API that replaces another in the template takes over its port.
func TestReplacedAPI(t *testing.T) {
	first := freePorts(t)
	s := newSite(Options{Host: "127.0.0.1", Port: first, Log: slog.New(slog.DiscardHandler)}, answering(`{"statusCode":200,"body":"x"}`), new(token.Trust), false)
	defer s.close()
	for _, api := range []*app.API{
		{ID: "Before", Kind: app.REST, Stage: "prod"},
		{ID: "After", Kind: app.HTTP, Stage: "$default"},
		{ID: "Renamed", Kind: app.HTTP, Stage: "$default"},
	} {
		api.Routes = []app.Route{{Method: "GET", Path: "/x", Payload: "1.0", Function: &app.Function{ID: "F"}}}
		if err := s.update(t.Context(), &app.App{APIs: []*app.API{api}}); err != nil {
			t.Fatalf("%s: %v", api.ID, err)
		}
		if status, body := localtest.Get(t, "http://127.0.0.1:"+strconv.Itoa(first)+"/x"); status != 200 || body != "x" {
			t.Errorf("%s: %d %q, want 200 and x", api.ID, status, body)
		}
	}
}

// TestEveryAddress prints URLs that work, and holds the limits of each port.
func TestEveryAddress(t *testing.T) {
	p, output := serve(t, Options{Template: "testdata/apis.yaml", Host: "0.0.0.0", Inspect: true})
	for _, server := range p.site.servers() {
		url := server.url
		if status, body := localtest.Get(t, url+"/a"); !strings.HasPrefix(url, "http://127.0.0.1:") || strings.Contains(body, "is not a loopback name") {
			t.Errorf("GET %s/a = %d %q", url, status, body)
		}
		if server.ReadHeaderTimeout != headerTimeout || server.IdleTimeout != idleTimeout {
			t.Errorf("%s has the limits %v and %v", url, server.ReadHeaderTimeout, server.IdleTimeout)
		}
	}
	if s := p.site.inspector; s.ReadHeaderTimeout != headerTimeout || s.IdleTimeout != idleTimeout {
		t.Errorf("the inspector has the limits %v and %v", s.ReadHeaderTimeout, s.IdleTimeout)
	}
	if n := strings.Count(output.String(), "listening on every address of this machine"); n != len(p.APIs()) {
		t.Errorf("%d warnings in %s", n, output)
	}
}

func TestPortsOfSeveralAPIs(t *testing.T) {
	twoAPIs, err := os.ReadFile("testdata/apis.yaml")
	if err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(t.TempDir(), "template.yaml")
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(template, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	save(string(twoAPIs))
	first := freePorts(t)
	url := func(i int) string { return "http://127.0.0.1:" + strconv.Itoa(first+i) }

	// If the second port is in use, the error says so and the first is released.
	l, err := net.Listen("tcp", strings.TrimPrefix(url(1), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := open(t, Options{Template: template, Port: first})
	want := "port " + strconv.Itoa(first+1) + " is in use or reserved (needed for BApi): "
	if err := p.Listen(t.Context()); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Listen: %v, want %s", err, want)
	}
	l.Close()

	var reads []*app.App
	p, _ = serve(t, Options{Template: template, Port: first, OnRead: func(a *app.App) { reads = append(reads, a) }})
	var got []string
	for _, api := range p.APIs() {
		got = append(got, api.ID+" "+api.URL+api.StagePath)
	}
	if got, want := strings.Join(got, "\n"), "AApi "+url(0)+"/x\nBApi "+url(1); got != want || len(reads) != 1 {
		t.Errorf("serves\n%s\nwant\n%s\n(%d readings)", got, want, len(reads))
	}
	for i, path := range []string{"/b", "/a"} { // the other API's
		if status, _ := localtest.Get(t, url(i)+path); status != 403+i {
			t.Errorf("GET %s%s = %d, want %d", url(i), path, status, 403+i)
		}
	}
	if status, body := localtest.Get(t, url(1)+"/b"); status != 500 || !strings.Contains(body, "inline code is not Go") {
		t.Errorf("GET %s/b = %d %q", url(1), status, body)
	}

	// A new API in between gets our next free port, and the others keep theirs.
	// The port of a removed API is released.
	save(strings.NewReplacer("/a,", "/moved,", "  BApi:", "  NewApi: {Type: AWS::Serverless::HttpApi}\n  BApi:").Replace(string(twoAPIs)) +
		"        N: {Type: HttpApi, Properties: {Path: /n, Method: GET, ApiId: !Ref NewApi}}\n")
	until(t, url(0)+"/moved", "inline code is not Go")
	until(t, url(2)+"/n", "inline code is not Go")
	if status, _ := localtest.Get(t, url(1)+"/b"); status != 500 {
		t.Errorf("GET %s/b = %d", url(1), status)
	}
	save(strings.Replace(string(twoAPIs), "        B:", "        # B:", 1))
	waitFor(t, "refused", func() string {
		resp, err := http.Get(url(1) + "/b")
		if err != nil {
			return err.Error()
		}
		resp.Body.Close()
		return resp.Status
	})
}
