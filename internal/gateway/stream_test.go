package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/lambda"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

const (
	streamType = "application/vnd.awslambda.http-integration-response"
	nuls       = "\x00\x00\x00\x00\x00\x00\x00\x00"
)

func streaming(contentType string, body io.Reader) invokeFunc {
	return func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
		return &lambda.Response{ContentType: contentType, Body: io.NopCloser(body)}, nil
	}
}

func TestStreamedResponses(t *testing.T) {
	const streamPage = "Response streaming for Lambda functions"
	rows := []struct {
		name          string
		door          frontdoor.Door
		contentType   string
		response      string
		status        int
		body, cookies string
		mediaType     string
		log           string
	}{
		{"url", furl, streamType, `{"statusCode":201,"headers":{"Content-Type":"text/html"},"cookies":["a=1","b=2"]}` + nuls + "hello\x00", 201, "hello\x00", "a=1|b=2", "text/html", ""},
		{"url-default-type", furl, streamType, `{"statusCode":200}` + nuls + "hello", 200, "hello", "", "application/octet-stream", ""},
		{"url-empty-body", furl, streamType, `{"statusCode":204,"cookies":["a=1"]}` + nuls, 204, "", "a=1", "application/octet-stream", ""},
		{"url-empty-redirect", furl, streamType, `{"statusCode":303,"headers":{"location":"/me"}}` + nuls, 303, "", "", "application/octet-stream", "without a body: people saw AWS keep browsers waiting for its first byte\" function=Function path=/ status=303"},
		{"url-empty-error", furl, streamType, `{"statusCode":400}` + nuls, 400, "", "", "application/octet-stream", "without a body"},
		{"url-empty-see-other", furl, streamType, `{"statusCode":303}` + nuls, 303, "", "", "application/octet-stream", ""},
		{"url-empty-length", furl, streamType, `{"statusCode":400,"headers":{"content-length":"0"}}` + nuls, 400, "", "", "application/octet-stream", ""},
		{"url-empty-created", furl, streamType, `{"statusCode":201,"headers":{"location":"/me"}}` + nuls, 201, "", "", "application/octet-stream", ""},
		{"url-newline", furl, streamType, `{"statusCode":400}` + nuls + "\n", 400, "\n", "", "application/octet-stream", ""},
		{"rest-empty-redirect", rest, streamType, `{"statusCode":302,"multiValueHeaders":{"Location":["/me"]}}` + nuls, 302, "", "", "application/octet-stream", "without a body"},
		{"url-multi", furl, streamType, `{"statusCode":200,"multiValueHeaders":{"Set-Cookie":["a=1"]}}` + nuls, 200, "", "", "application/octet-stream", "cookie=a"},
		{"rest", rest, streamType, `{"statusCode":200,"headers":{"Content-Type":"text/html"},"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]}}` + nuls + "hello", 200, "hello", "a=1|b=2", "text/html", ""},
		{"rest-cookies", rest, streamType, `{"statusCode":200,"cookies":["a=1"]}` + nuls, 200, "", "a=1", "application/octet-stream", ""},
		{"raw", furl, "application/octet-stream", "hello", 200, "hello", "", "application/octet-stream", ""},
		{"json", furl, "application/json", `{"statusCode":200,"body":"hello"}`, 200, "hello", "", "application/json", ""},
		{"no-end", furl, streamType, `{"statusCode":200}` + nuls[1:], 502, urlError, "", "text/plain; charset=utf-8", "stream prelude: no end"},
		{"no-json", rest, streamType, `hello` + nuls, 502, restError, "", "application/json", "stream prelude: not a JSON object"},
		{"no-status", rest, streamType, `{}` + nuls, 502, restError, "", "application/json", "stream prelude: no statusCode"},
		{"bad-cookies", furl, streamType, `{"statusCode":200,"cookies":"a=1"}` + nuls, 502, urlError, "", "text/plain; charset=utf-8", "cookies: not an array"},
		{"bad-header", furl, streamType, `{"statusCode":200,"headers":{"X-A":"a\nb"}}` + nuls, 502, urlError, "", "text/plain; charset=utf-8", "control byte"},
		{"endless-prelude", furl, streamType, strings.Repeat("x", 2<<20), 502, urlError, "", "text/plain; charset=utf-8", "over 1048576 bytes"},
		{"http-does-not-stream", httpAPI, streamType, `{"statusCode":200}` + nuls + "hello", 200, `{"statusCode":200}` + nuls + "hello", "", "application/json", "streaming is not supported here"},
		{"alb-does-not-stream", alb, streamType, `{"statusCode":200}` + nuls + "hello", 502, albError, "", "text/html", "not a JSON object"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(app.URL, "2.0")
			api.Stream = true
			res, log := serve(t, api, streaming(row.contentType, strings.NewReader(row.response)), gateway.Options{Door: row.door}, localRequest("GET", "/", ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, streamPage)
			}
			if got := strings.Join(res.Header["Set-Cookie"], "|"); got != row.cookies {
				t.Errorf("Set-Cookie %q, want %q", got, row.cookies)
			}
			if got := res.Header.Get("Content-Type"); got != row.mediaType {
				t.Errorf("Content-Type %q, want %q", got, row.mediaType)
			}
			if (row.log == "") != (log == "") || !strings.Contains(log, row.log) {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
		})
	}
}

// Where the template does not ask for a stream, AWS waits for the whole of it and
// treats it as a response of the other kind.
func TestStreamNobodyAskedFor(t *testing.T) {
	const response = `{"statusCode":201}` + nuls + "hello"
	rows := []struct {
		name, source string
		kind         app.Kind
		door         frontdoor.Door // "" for that of the API
		stream       bool           // the event has ResponseTransferMode RESPONSE_STREAM
		status       int
		body, log    string
	}{
		{"rest", "Stream the integration response for your proxy integrations in API Gateway: BUFFERED by default", app.REST, "", false, 502, restError, "has no ResponseTransferMode RESPONSE_STREAM"},
		{"rest-asked", "SAM developer guide, Api: ResponseTransferMode", app.REST, "", true, 201, "hello", ""},
		{"rest-by-name", "as above, with --door rest", app.REST, rest, false, 502, restError, "has no ResponseTransferMode RESPONSE_STREAM"},
		{"url", "Invoking Lambda function URLs: InvokeMode BUFFERED, and a payload that is not a JSON object is the body", app.URL, "", false, 200, response, "InvokeMode BUFFERED"},
		{"other-door", "nobody has said how", app.HTTP, rest, false, 201, "hello", ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(row.kind, "2.0")
			api.Routes[0].Stream = row.stream
			res, log := serve(t, api, streaming(streamType, strings.NewReader(response)), gateway.Options{Door: row.door}, localRequest("GET", "/x", ""))
			if got := bodyOf(t, res); res.StatusCode != row.status || got != row.body {
				t.Errorf("status %d, body %q, want %d, %q (%s)", res.StatusCode, got, row.status, row.body, row.source)
			}
			if (row.log == "") != (log == "") || !strings.Contains(log, row.log) {
				t.Errorf("log %q, want it to say %q", log, row.log)
			}
		})
	}
}

// The integration timeout of a REST API goes on until the end of a stream.
func TestStreamIsLimited(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 29 * time.Second, 15 * time.Minute: 15 * time.Minute} {
		for _, prelude := range []string{"", `{"statusCode":200}` + nuls} {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(time.Minute) // until the writer sees the end
				read, write := io.Pipe()
				api := oneRoute(app.REST, "1.0")
				api.Routes[0].Stream, api.Routes[0].Timeout = true, timeout
				invoker := invokeFunc(func(_ context.Context, _ string, in lambda.Invocation) (*lambda.Response, error) {
					in.Built()
					go func() {
						_, err := io.WriteString(write, prelude)
						for prelude != "" && err == nil { // it never pauses for long
							time.Sleep(time.Minute)
							_, err = io.WriteString(write, ".")
						}
					}()
					return &lambda.Response{ContentType: streamType, Body: read}, nil
				})
				h, err := gateway.New(api, invoker, gateway.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					if aborted := recover() == http.ErrAbortHandler; aborted != (prelude != "") {
						t.Errorf("prelude %q: connection aborted: %v", prelude, aborted)
					}
				}()
				start, w := time.Now(), httptest.NewRecorder()
				defer func() {
					if took := time.Since(start); took != want {
						t.Errorf("prelude %q: ended after %v, want %v", prelude, took, want)
					}
				}()
				h.ServeHTTP(w, localRequest("GET", "/x", ""))
				if w.Code != 504 {
					t.Errorf("prelude %q: status %d, want 504", prelude, w.Code)
				}
			})
		}
	}
}

// A stream through a REST API may pause for a while, and every piece restarts
// that time.
func TestStreamMayPause(t *testing.T) {
	for _, row := range []struct {
		name  string
		kind  app.Kind
		edge  bool
		pause time.Duration // after two pieces
		debug bool
		cut   time.Duration // when the stream breaks off; 0: it does not
	}{
		{"edge", app.REST, true, 29 * time.Second, false, 0},
		{"edge-too-long", app.REST, true, 31 * time.Second, false, 30 * time.Second},
		{"regional", app.REST, false, 299 * time.Second, false, 0},
		{"regional-too-long", app.REST, false, 301 * time.Second, false, 300 * time.Second},
		{"url", app.URL, false, 14 * time.Minute, false, 0},
		{"debugged", app.REST, true, 14 * time.Minute, true, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				defer time.Sleep(time.Minute) // until the writer sees the end
				read, write := io.Pipe()
				go func() {
					for _, piece := range []string{`{"statusCode":200}` + nuls + "a", "b"} {
						io.WriteString(write, piece)
						time.Sleep(20 * time.Second)
					}
					time.Sleep(row.pause - 20*time.Second)
					io.WriteString(write, "c")
					write.Close()
				}()
				api := oneRoute(row.kind, "2.0")
				api.Edge, api.Stream = row.edge, true
				api.Routes[0].Stream, api.Routes[0].Timeout = true, 15*time.Minute
				var log bytes.Buffer
				invoker := invokeFunc(func(context.Context, string, lambda.Invocation) (*lambda.Response, error) {
					return &lambda.Response{ContentType: streamType, Body: read}, nil
				})
				h, err := gateway.New(api, invoker, gateway.Options{NoTimeLimit: row.debug, Log: slog.New(slog.NewTextHandler(&log, nil))})
				if err != nil {
					t.Fatal(err)
				}
				start, w := time.Now(), httptest.NewRecorder()
				defer func() {
					aborted, took := recover() == http.ErrAbortHandler, time.Since(start)
					wantBody, wantTook := "abc", 20*time.Second+row.pause
					if row.cut > 0 {
						wantBody, wantTook = "ab", 20*time.Second+row.cut
					}
					if w.Body.String() != wantBody || took != wantTook || aborted != (row.cut > 0) {
						t.Errorf("body %q after %v, aborted: %t; want %q after %v", w.Body, took, aborted, wantBody, wantTook)
					}
					if said := strings.Contains(log.String(), `error="stream idle timeout exceeded"`); said != aborted {
						t.Errorf("the log is %q", &log)
					}
				}()
				h.ServeHTTP(w, localRequest("GET", "/x", ""))
			})
		})
	}
}

// Each piece of a stream is at the client before the next is written.
func TestStreamIsFlushed(t *testing.T) {
	read, write := io.Pipe()
	api := oneRoute(app.URL, "2.0")
	api.Stream = true
	h, err := gateway.New(api, streaming(streamType, read), gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	go io.WriteString(write, `{"statusCode":200,"cookies":["a=1"]}`+nuls)
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Set-Cookie"); got != "a=1" {
		t.Errorf("Set-Cookie %q before the first byte", got)
	}
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{"one\n", "two\n"} {
		go io.WriteString(write, want)
		if got, err := lines.ReadString('\n'); got != want || err != nil {
			t.Fatalf("read %q, %v, want %q", got, err, want)
		}
	}
	write.Close()
	if _, err := lines.ReadByte(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// A stream that breaks off ends the connection, so that the client can tell it
// from one that is complete.
func TestBrokenStreamIsNotComplete(t *testing.T) {
	read, write := io.Pipe()
	api := oneRoute(app.URL, "2.0")
	api.Stream = true
	h, err := gateway.New(api, streaming(streamType, read), gateway.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	go func() {
		io.WriteString(write, `{"statusCode":200}`+nuls+"half")
		write.CloseWithError(errors.New("function died"))
	}()
	res, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("read %q without an error", body)
	}
}

func TestStreamOfHead(t *testing.T) {
	api := oneRoute(app.URL, "2.0")
	api.Stream = true
	res, _ := serve(t, api, streaming(streamType, strings.NewReader(`{"statusCode":200,"cookies":["a=1"]}`+nuls+"hello")), gateway.Options{}, localRequest("HEAD", "/", ""))
	if got := bodyOf(t, res); got != "" || res.Header.Get("Set-Cookie") != "a=1" {
		t.Errorf("body %q, Set-Cookie %q", got, res.Header.Get("Set-Cookie"))
	}
}
