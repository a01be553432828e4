package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/internal/spelling"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// A pipe is a connection of which one read gets at most what one write wrote.
type pipe struct{ net.Conn }

func (p pipe) CloseWrite() error { return p.Close() }

// pipes accepts the connections that dial makes.
type pipes struct {
	net.Listener // for its address
	accept       chan net.Conn
}

func (l pipes) Accept() (net.Conn, error) {
	if c, ok := <-l.accept; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l pipes) dial() net.Conn {
	client, server := net.Pipe()
	l.accept <- pipe{server}
	return client
}

// spellingServer serves an API whose responses say which names of headers, without
// the door's own, its events had.
func spellingServer(t testing.TB, door frontdoor.Door) pipes {
	t.Helper()
	invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
		return jsonResponse(`{"statusCode":200,"headers":{"X-Names":"` + clientNames(t, in.Payload) + `"}}`), nil
	})
	kind := app.HTTP
	if door == rest {
		kind = app.REST
	}
	h, err := gateway.New(oneRoute(kind, "1.0"), invoker, gateway.Options{Door: door})
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := pipes{tcp, make(chan net.Conn)}
	server := &http.Server{Handler: h}
	served := make(chan error, 1)
	go func() { served <- server.Serve(spelling.Keep(server, l)) }()
	t.Cleanup(func() {
		close(l.accept)
		<-served
		server.Close()
		tcp.Close()
	})
	return l
}

var doorNames = []string{"Content-Length", "content-length", "Host", "host", "X-Amzn-Trace-Id", "x-amzn-trace-id",
	"X-Forwarded-For", "x-forwarded-for", "X-Forwarded-Port", "x-forwarded-port", "X-Forwarded-Proto", "x-forwarded-proto"}

// clientNames also holds that both members of headers agree, where there are both.
func clientNames(t testing.TB, payload []byte) string {
	t.Helper()
	event := parseEvent(t, payload)
	names := func(member string) string {
		object, _ := event[member].(map[string]any)
		return strings.Join(slices.DeleteFunc(slices.Sorted(maps.Keys(object)), func(name string) bool { return slices.Contains(doorNames, name) }), " ")
	}
	single, multi := names("headers"), names("multiValueHeaders")
	if event["multiValueHeaders"] != nil && single != multi {
		t.Errorf("headers has %s, multiValueHeaders %s", single, multi)
	}
	return single
}

// exchange writes pieces and returns what the responses say, as many as wanted.
func exchange(t testing.TB, conn net.Conn, from *bufio.Reader, pieces []string, responses int) (names []string) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(time.Minute)) // for a mistake in a row
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() {
		for _, piece := range pieces {
			if _, err := io.WriteString(conn, piece); err != nil {
				t.Errorf("write: %v", err)
			}
		}
	})
	for len(names) < responses {
		res, err := http.ReadResponse(from, nil)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		if res.StatusCode == http.StatusContinue {
			continue
		}
		if res.StatusCode != 200 {
			t.Fatalf("status %d", res.StatusCode)
		}
		names = append(names, res.Header.Get("X-Names"))
	}
	return names
}

// head is one without its empty line.
func head(method string, lines ...string) string {
	return method + " /x HTTP/1.1\r\nHost: localhost\r\n" + strings.Join(append(lines, ""), "\r\n")
}

func TestSpelling(t *testing.T) {
	const forged = "GET /x HTTP/1.1\r\nHost: localhost\r\nX-FORGED: 1\r\n\r\n"
	post := head("POST", "x-pOSt: 1", fmt.Sprint("Content-Length: ", len(forged))) + "\r\n"
	chunked := head("POST", "x-pOSt: 1", "transfer-ENCODING: chunked", "TRAILER: x-t") + "\r\n"
	next := head("GET", "x-Forged: 1") + "\r\n"
	hidden := fmt.Sprintf("%-*s", len(forged), "A: \r\nX-POST: 1\r\n\r\n") // as long as forged
	atOnce := fmt.Sprintf("%-*s", len(forged), "X-POST: 1\r\n\r\n")
	long := strings.Repeat("x", 90)
	var many, manyLower []string
	for i := range 800 { // names of 74 kB
		many = append(many, fmt.Sprintf("X-%03d%s: 1", i, long))
		manyLower = append(manyLower, fmt.Sprintf("x-%03d%s", i, long))
	}
	type step struct {
		pieces []string
		want   []string // for each response
	}
	one := func(want string, pieces ...string) step { return step{pieces, []string{want}} }
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(forged), forged)
	for name, steps := range map[string][]step{
		"each-request-its-own": {
			one("tEsT-HEADeR", head("GET", "tEsT-HEADeR: a")+"\r\n"),
			one("TEST-header", head("GET", "TEST-header: a")+"\r\n"),
			one("", head("GET")+"\r\n"),
			one("X-a x-B", head("GET", "x-B: : b", "X-a:a")+"\r\n")},
		"byte-by-byte": {
			one("tEsT-HEADeR", strings.Split(head("GET", "tEsT-HEADeR: a")+"\r\n", "")...),
			one("TEST-header", strings.Split(head("GET", "TEST-header: a")+"\r\n", "")...)},
		"line-feeds-alone": {one("x-A", "GET /x HTTP/1.1\nHost: localhost\nx-A: 1\n\n")},
		"two-spellings":    {one("x-A", head("GET", "x-A: 1", "X-a: 2")+"\r\n"), one("X-a", head("GET", "X-a: 2", "x-A: 1")+"\r\n")},
		"pragma":           {one("PRAGMA cache-control", head("GET", "PRAGMA: no-cache")+"\r\n")},
		"folded-line":      {one("x-a", head("GET", "X-a: 1", " x-b: 2")+"\r\n"), one("X-a", head("GET", "X-a: 1")+"\r\n")},
		"folded-forgery":   {one("x-a x-b", head("GET", "X-a: 1", " X-B: 2", "x-b: 3")+"\r\n")},
		"long-value":       {one("x-A", head("GET", "x-A: "+strings.Repeat("a", 9000))+"\r\n")},
		"long-names":       {one(strings.Join(manyLower, " "), head("GET", many...)+"\r\n"), one("X-a", head("GET", "X-a: 1")+"\r\n")},
		"line-before":      {one("x-pOSt", post+forged), one("x-forged", "\r\n"+next), one("x-Forged", next)},

		"forged-in-body":          {one("x-pOSt", post+forged), one("x-Forged", next)},
		"forged-after-head":       {one("x-pOSt", post, forged), one("x-Forged", next)},
		"forged-byte-by-byte":     {one("x-pOSt", append([]string{post}, strings.Split(forged, "")...)...), one("x-Forged", next)},
		"forged-in-chunk":         {one("x-pOSt", chunked+chunk+"0\r\nX-t: 1\r\n\r\n"), one("x-Forged", next)},
		"forged-in-chunks":        {one("x-pOSt", chunked, chunk, chunk, "0\r\n", "\r\n"), one("x-Forged", next)},
		"forged-after-continue":   {one("x-pOSt", strings.Replace(post, "x-pOSt", "Expect: 100-continue\r\nx-pOSt", 1), forged), one("x-Forged", next)},
		"body-with-next-head":     {{[]string{post, forged + next}, []string{"x-pOSt", "x-forged"}}, one("x-Forged", next)},
		"chunk-with-next-head":    {{[]string{chunked, chunk + "0\r\n\r\n" + next}, []string{"x-pOSt", "x-forged"}}, one("x-Forged", next)},
		"body-with-half-a-head":   {{[]string{post, forged + next[:36], next[36:]}, []string{"x-pOSt", "x-forged"}}, one("x-Forged", next)},
		"pipelined":               {{[]string{next + next}, []string{"x-Forged", "x-forged"}}, one("x-Forged", next)},
		"pipelined-with-body":     {{[]string{post + forged + post + forged}, []string{"x-pOSt", "x-post"}}, one("x-Forged", next)},
		"pipelined-but-its-body":  {{[]string{next + post, hidden}, []string{"x-Forged", "x-post"}}, one("x-Forged", next)},
		"pipelined-but-its-end":   {{[]string{next + strings.TrimSuffix(post, "\r\n"), "\r\n" + atOnce}, []string{"x-Forged", "x-post"}}, one("x-Forged", next)},
		"pipelined-but-a-newline": {{[]string{next + strings.TrimSuffix(post, "\n"), "\n" + atOnce}, []string{"x-Forged", "x-post"}}, one("x-Forged", next)},
	} {
		for _, door := range []frontdoor.Door{rest, httpAPI1} {
			t.Run(name+"/"+string(door), func(t *testing.T) {
				l := spellingServer(t, door)
				conn := l.dial()
				defer conn.Close()
				from := bufio.NewReaderSize(conn, 1<<18)
				for i, s := range steps {
					for j, got := range exchange(t, conn, from, s.pieces, len(s.want)) {
						if door == rest { // which drops it
							got = strings.TrimPrefix(got, "Expect ")
						}
						if want := s.want[j]; strings.TrimPrefix(got, "Expect ") != want {
							t.Errorf("step %d: %q, want %q", i, got, want)
						}
					}
				}
			})
		}
	}
}

const urlNames = " x-amzn-tls-cipher-suite x-amzn-tls-version"

// TestSpellingOfOtherDoors holds that the other doors, and a gateway without the
// connection, have lower case.
func TestSpellingOfOtherDoors(t *testing.T) {
	for _, door := range []frontdoor.Door{httpAPI, furl, alb} {
		l := spellingServer(t, door)
		conn := l.dial()
		if got := exchange(t, conn, bufio.NewReader(conn), []string{head("GET", "X-a: 1") + "\r\n"}, 1); strings.TrimSuffix(got[0], urlNames) != "x-a" {
			t.Errorf("%s: %q", door, got)
		}
		conn.Close()
	}
	if event := eventOf(t, rest, with("GET", "/", "", "X-a", "1")(), nil); member(t, event, "headers.x-a") != `"1"` {
		t.Errorf("without a server: %v", event["headers"])
	}
}

// Clients that keep their connections do not get each other's names.
func TestSpellingOfManyClients(t *testing.T) {
	h, err := gateway.New(oneRoute(app.REST, "1.0"), invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
		return jsonResponse(`{"headers":{"X-Names":"` + clientNames(t, in.Payload) + `"}}`), nil
	}), gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener = spelling.Keep(server.Config, server.Listener)
	server.Start()
	defer server.Close()
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			name := []byte("x-client-name")
			for j := range 40 {
				at := (i + j) % len(name)
				spelled := string(name[:at]) + strings.ToUpper(string(name[at:at+1])) + string(name[at+1:])
				r, err := http.NewRequest("POST", server.URL+"/x", strings.NewReader("X-CLIENT-NAME: 1\r\n\r\n"))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header = http.Header{spelled: {"1"}, "accept-ENCODING": {"a"}, "User-Agent": {""}}
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				io.Copy(io.Discard, res.Body)
				res.Body.Close()
				if got := strings.Fields(res.Header.Get("X-Names")); len(got) != 2 || !slices.Contains(got, spelled) || !slices.Contains(got, "accept-ENCODING") {
					t.Errorf("%q, want %s and accept-ENCODING", got, spelled)
				}
			}
		})
	}
	clients.Wait()
}

// FuzzSpelling sends requests with any names, bodies full of other spellings, and any
// pieces: an event has the names of its head, or those are in lower case, which the first
// request's never are.
func FuzzSpelling(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		anyCase := func(s string) string {
			b := []byte(s)
			for i := range b {
				if random.IntN(2) == 0 {
					b[i] = strings.ToUpper(s)[i]
				}
			}
			return string(b)
		}
		var stream strings.Builder
		var want []string
		for range 1 + random.IntN(6) {
			var names, lines []string
			for _, name := range []string{"x-a", "x-b", "cookie"} {
				name = anyCase(name)
				names, lines = append(names, name), append(lines, name+": a")
			}
			slices.Sort(names)
			want = append(want, strings.Join(names, " "))
			body := ""
			for range random.IntN(3) {
				body += "GET /x HTTP/1.1\r\n" + anyCase("host") + ": a\r\n" + anyCase("x-a") + ": a\r\n" + anyCase("x-b") + ": a\r\n" + anyCase("cookie") + ": a\r\n\r\n"
			}
			switch random.IntN(3) {
			case 0:
				stream.WriteString(head("GET", lines...) + "\r\n")
			case 1:
				stream.WriteString(head("POST", append(lines, fmt.Sprint(anyCase("content-length"), ": ", len(body)))...) + "\r\n" + body)
			case 2:
				stream.WriteString(head("PUT", append(lines, anyCase("transfer-encoding")+": chunked")...) + "\r\n")
				if body != "" {
					fmt.Fprintf(&stream, "%x\r\n%s\r\n", len(body), body)
				}
				stream.WriteString("0\r\n\r\n")
			}
		}
		var pieces []string
		for rest := stream.String(); rest != ""; {
			n := min(len(rest), 1+random.IntN(300))
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		conn := spellingServer(t, rest).dial()
		defer conn.Close()
		for i, got := range exchange(t, conn, bufio.NewReader(conn), pieces, len(want)) {
			if got != want[i] && (i == 0 || got != "cookie x-a x-b") {
				t.Errorf("request %d: %q, want %q, or in a later request lower case", i, got, want[i])
			}
		}
	})
}
