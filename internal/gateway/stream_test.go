package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/internal/sam"
	"github.com/crumb-go/crumb/internal/sandbox"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

const (
	streamType = "application/vnd.awslambda.http-integration-response"
	nuls       = "\x00\x00\x00\x00\x00\x00\x00\x00"
)

func streaming(contentType string, body io.Reader) invokeFunc {
	return func(context.Context, string, sandbox.Invocation) (*sandbox.Answer, error) {
		return &sandbox.Answer{ContentType: contentType, Body: io.NopCloser(body)}, nil
	}
}

func TestStreamedAnswers(t *testing.T) {
	const streamPage = "Response streaming for Lambda functions"
	rows := []struct {
		name          string
		door          frontdoor.Door
		contentType   string
		answer        string
		status        int
		body, cookies string
		mediaType     string
		log           string
	}{
		{"url", furl, streamType, `{"statusCode":201,"headers":{"Content-Type":"text/html"},"cookies":["a=1","b=2"]}` + nuls + "hello\x00", 201, "hello\x00", "a=1|b=2", "text/html", ""},
		{"url-default-type", furl, streamType, `{"statusCode":200}` + nuls + "hello", 200, "hello", "", "application/octet-stream", ""},
		{"url-empty-body", furl, streamType, `{"statusCode":204,"cookies":["a=1"]}` + nuls, 204, "", "a=1", "application/octet-stream", ""},
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
		{"http-does-not-stream", httpAPI, streamType, `{"statusCode":200}` + nuls + "hello", 200, `{"statusCode":200}` + nuls + "hello", "", "application/json", "this door does not"},
		{"alb-does-not-stream", alb, streamType, `{"statusCode":200}` + nuls + "hello", 502, albError, "", "text/html", "not a JSON object"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			api := oneRoute(sam.URL, "2.0")
			api.Stream = true
			res, log := serve(t, api, streaming(row.contentType, strings.NewReader(row.answer)), gateway.Options{Door: row.door}, localRequest("GET", "/", ""))
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

func TestStreamOfBufferedURLIsNoted(t *testing.T) {
	_, log := serve(t, oneRoute(sam.URL, "2.0"), streaming(streamType, strings.NewReader(`{"statusCode":200}`+nuls)), gateway.Options{}, localRequest("GET", "/", ""))
	if !strings.Contains(log, "InvokeMode BUFFERED") {
		t.Errorf("log %q", log)
	}
}

// Each piece of a stream is at the client before the next is written.
func TestStreamIsFlushed(t *testing.T) {
	read, write := io.Pipe()
	api := oneRoute(sam.URL, "2.0")
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
	api := oneRoute(sam.URL, "2.0")
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
	api := oneRoute(sam.URL, "2.0")
	api.Stream = true
	res, _ := serve(t, api, streaming(streamType, strings.NewReader(`{"statusCode":200,"cookies":["a=1"]}`+nuls+"hello")), gateway.Options{}, localRequest("HEAD", "/", ""))
	if got := bodyOf(t, res); got != "" || res.Header.Get("Set-Cookie") != "a=1" {
		t.Errorf("body %q, Set-Cookie %q", got, res.Header.Get("Set-Cookie"))
	}
}
