package frontdoor_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// streamed runs a handler to its end and returns its head, its body and what
// reading failed with.
func streamed(t *testing.T, event []byte, h http.HandlerFunc) (head, body string, log []map[string]any, err error) {
	t.Helper()
	logger, logs := testLogger()
	r, err := frontdoor.Stream(h, frontdoor.Options{Logger: logger})(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	defer r.(io.Closer).Close()
	all, err := io.ReadAll(r)
	head, body, ok := strings.Cut(string(all), strings.Repeat("\x00", 8))
	if !ok {
		t.Fatalf("no 8 NULs in %q", all)
	}
	return head, body, lines(t, logs.String()), err
}

func TestStream(t *testing.T) {
	biggest := func(more int) []string { // makes a head of 16 KiB, 8 NULs included
		return []string{strings.Repeat("v", 16<<10-len(`{"statusCode":200,"multiValueHeaders":{"X-Big":[""]}}`)-8+more)}
	}
	tooBig := func(headerBytes int) string {
		return fmt.Sprintf(`"biggestHeader":"X-Big","bytes":%d,"door":"rest","headerBytes":%d,"level":"ERROR","limit":16384,`+
			`"msg":"response rejected: its headers are bigger than the door takes"`, headerBytes+(16<<10)-len(biggest(0)[0]), headerBytes)
	}
	cookies := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2; Path=/")
	}
	tests := []struct {
		name       string
		door       frontdoor.Door
		method     string
		handler    http.HandlerFunc
		head, body string
		logged     string // in the log
	}{
		{"url", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			cookies(w)
			_, _ = io.WriteString(w, "first ")
			w.(http.Flusher).Flush()
			_, _ = w.Write([]byte("second\x00\xff"))
		}, `{"statusCode":200,"headers":{"Content-Type":"text/plain"},"cookies":["a=1","b=2; Path=/"]}`, "first second\x00\xff", ""},
		{"rest", frontdoor.REST, "GET", func(w http.ResponseWriter, _ *http.Request) {
			cookies(w)
			w.WriteHeader(http.StatusCreated)
		}, `{"statusCode":201,"multiValueHeaders":{"Content-Type":["text/plain"],"Set-Cookie":["a=1","b=2; Path=/"]}}`, "", ""},
		{"nothing", frontdoor.URL, "GET", func(http.ResponseWriter, *http.Request) {}, `{"statusCode":200,"headers":{}}`, "", ""},
		{"head", frontdoor.URL, "HEAD", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<html>")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"}}`, "", ""},
		{"no-content", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
			_, err1 := io.WriteString(w, "x")
			_, err2 := w.Write([]byte("x"))
			if !errors.Is(err1, http.ErrBodyNotAllowed) || !errors.Is(err2, http.ErrBodyNotAllowed) {
				t.Errorf("writing = %v, %v; want ErrBodyNotAllowed", err1, err2)
			}
		}, `{"statusCode":204,"headers":{}}`, "", ""},
		{"sniffed", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<ht")
			_, _ = io.WriteString(w, "ml>")
		}, `{"statusCode":200,"headers":{"Content-Type":"text/html; charset=utf-8"}}`, "<html>", ""},
		{"late-cookie", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			w.Header().Add("Set-Cookie", "late=1")
		}, `{"statusCode":200,"headers":{}}`, "", `"cookies":["late"]`},
		{"panic-before", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			cookies(w)
			_, _ = io.WriteString(w, "not sent yet")
			panic("x")
		}, `{"statusCode":500,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Content-Type-Options":"nosniff"}}`, "Internal Server Error\n", `"type":"string"`},
		{"big-headers", frontdoor.URL, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Big", strings.Repeat("v", 20_000))
		}, `{"statusCode":200,"headers":{"X-Big":"` + strings.Repeat("v", 20_000) + `"}}`, "", `"biggestHeader":"X-Big"`},
		{"biggest-headers", frontdoor.REST, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Big"] = biggest(0)
		}, `{"statusCode":200,"multiValueHeaders":{"X-Big":["` + biggest(0)[0] + `"]}}`, "", `"biggestHeader":"X-Big"`},
		{"one-byte-too-big", frontdoor.REST, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Big"], w.Header()["Content-Type"] = biggest(1), nil
			if n, err := w.Write(make([]byte, 8<<10)); n != 0 || err == nil {
				t.Errorf("Write = %d, %v; want 0 and an error", n, err)
			}
		}, `{"statusCode":500,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"X-Content-Type-Options":["nosniff"]}}`, "Internal Server Error\n", tooBig(len(biggest(1)[0]))},
		{"too-big-headers", frontdoor.REST, "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Big", strings.Repeat("v", 20_000))
			const want = "frontdoor: the response's headers are bigger than the door takes"
			err := http.NewResponseController(w).Flush()
			if n, err2 := io.WriteString(w, strings.Repeat("x", 1<<20)); fmt.Sprint(err) != want || n == 1<<20 || fmt.Sprint(err2) != want {
				t.Errorf("Flush = %v, then WriteString = %d, %v; want %s from both", err, n, err2, want)
			}
		}, `{"statusCode":500,"multiValueHeaders":{"Content-Type":["text/plain; charset=utf-8"],"X-Content-Type-Options":["nosniff"]}}`, "Internal Server Error\n", tooBig(20_000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			event := bytes.ReplaceAll(doorEvents(t)[test.door], []byte(`"GET"`), []byte(`"`+test.method+`"`))
			head, body, log, err := streamed(t, event, test.handler)
			if err != nil {
				t.Errorf("reading: %v", err)
			}
			if head != test.head || body != test.body {
				t.Errorf("response = %.300q, %q; want %.300q, %q", head, body, test.head, test.body)
			}
			if text := mustJSON(t, log); (test.logged == "") != (len(log) == 0) || !strings.Contains(text, test.logged) {
				t.Errorf("log = %.300s, want %s in it", text, test.logged)
			}
		})
	}
}

// A response without a body has a newline for one where a browser would wait.
func TestStreamWithoutBody(t *testing.T) {
	const newline = "\n"
	tests := []struct {
		name, method string
		status       int
		header       http.Header
		want         string
	}{
		{"redirect", "POST", 303, http.Header{"Location": {"/me"}}, newline},
		{"multiple-choices", "GET", 300, http.Header{"Location": {"/me"}}, newline},
		{"permanent", "GET", 308, http.Header{"location": {"/me"}}, newline},
		{"no-redirect-yet", "GET", 299, http.Header{"Location": {"/me"}}, ""},
		{"not-a-redirect", "GET", 303, nil, ""},
		{"empty-location", "GET", 303, http.Header{"Location": {""}}, ""},
		{"no-error", "GET", 399, nil, ""},
		{"bad-request", "GET", 400, nil, newline},
		{"client", "GET", 499, nil, newline},
		{"error", "DELETE", 500, nil, newline},
		{"last", "GET", 599, nil, newline},
		{"typed", "GET", 404, http.Header{"Content-Type": {"application/json"}}, newline},
		{"ok", "GET", 200, nil, ""},
		{"created", "POST", 201, http.Header{"Location": {"/me"}}, ""},
		{"head-redirect", "HEAD", 303, http.Header{"Location": {"/me"}}, ""},
		{"head-error", "HEAD", 500, nil, ""},
		{"no-content", "GET", 204, http.Header{"Location": {"/me"}}, ""},
		{"not-modified", "GET", 304, http.Header{"Location": {"/me"}}, ""},
		{"length-zero", "GET", 404, http.Header{"Content-Length": {"0"}}, ""},
		{"length-zero-redirect", "GET", 302, http.Header{"Content-Length": {"0"}, "Location": {"/me"}}, ""},
		{"encoded", "GET", 404, http.Header{"Content-Encoding": {"gzip"}}, ""},
	}
	for _, test := range tests {
		for _, flush := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, "-flush-", flush), func(t *testing.T) {
				event := bytes.ReplaceAll(doorEvents(t)[frontdoor.URL], []byte(`"GET"`), []byte(`"`+test.method+`"`))
				head, body, log, err := streamed(t, event, func(w http.ResponseWriter, _ *http.Request) {
					maps.Copy(w.Header(), test.header)
					w.WriteHeader(test.status)
					if flush {
						w.(http.Flusher).Flush()
					}
				})
				if err != nil || body != test.want || len(log) > 0 {
					t.Errorf("body %q, error %v, log %v; want %q", body, err, log, test.want)
				}
				if typed := strings.Contains(head, "text/plain"); typed != (body != "" && !flush && test.header["Content-Type"] == nil) {
					t.Errorf("head = %s with the body %q", head, body)
				}
			})
		}
	}
	t.Run("with-body", func(t *testing.T) {
		_, body, _, err := streamed(t, doorEvents(t)[frontdoor.REST], func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "x")
		})
		if err != nil || body != "x" {
			t.Errorf("body %q, error %v; want x", body, err)
		}
	})
}

// What the handler has started must not run on in the next invocation.
func TestContextEndsWithHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if ctx = r.Context(); ctx.Err() != nil {
				t.Error("the context has ended before the handler")
			}
		})
		event := doorEvents(t)[frontdoor.URL]
		if _, err := frontdoor.New(h, frontdoor.Options{}).Invoke(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		<-ctx.Done()
		r, err := frontdoor.Stream(h, frontdoor.Options{})(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
	})
}

// After the first byte a response can only be cut off, and the reader says so.
func TestStreamCutOff(t *testing.T) {
	for name, end := range map[string]func(){"panic": func() { panic("hidden") }, "goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			_, body, log, err := streamed(t, doorEvents(t)[frontdoor.URL], func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half an ans")
				w.(http.Flusher).Flush()
				end()
			})
			if want := "frontdoor: the handler ended in the middle of its response"; body != "half an ans" || fmt.Sprint(err) != want {
				t.Errorf("body %q with error %v, want the half and %s", body, err, want)
			}
			if name == "panic" && len(log) != 1 {
				t.Errorf("log = %v, want the panic", log)
			}
		})
	}
}

func TestStreamRefused(t *testing.T) {
	stream := frontdoor.Stream(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the handler was called")
	}), frontdoor.Options{})
	type row struct{ event, want string }
	rows := map[string]row{
		"empty":    {`{}`, "it is not an HTTP request of a known door; its members are []"},
		"bad-body": {`{"httpMethod": "GET", "path": "/", "body": "!", "isBase64Encoded": true}`, "its body is not the base64 that it claims to be"},
	}
	for door, event := range doorEvents(t) {
		if door != frontdoor.URL && door != frontdoor.REST {
			rows[string(door)] = row{string(event), "the door " + string(door) + " cannot stream"}
		}
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			r, err := stream(t.Context(), []byte(row.event))
			if want := "frontdoor: event refused: " + row.want; !errors.Is(err, frontdoor.ErrRefused) || err.Error() != want || r != nil {
				t.Errorf("Stream = %v, %v; want %s", r, err, want)
			}
		})
	}
}

// A reader that is closed early ends the request's context, and the handler's
// writes fail: it does not run on in the next invocation.
func TestStreamClosed(t *testing.T) {
	flush := func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() }
	for _, test := range []struct {
		name  string
		begun bool // before it is closed
		write func(w http.ResponseWriter) error
	}{
		{"write", true, func(w http.ResponseWriter) error {
			_, err := io.WriteString(w, strings.Repeat("x", 1<<20))
			return err
		}},
		{"write-and-flush", true, func(w http.ResponseWriter) error {
			_, _ = io.WriteString(w, "x")
			return flush(w)
		}},
		{"first-flush", false, flush},
	} {
		t.Run(test.name, func(t *testing.T) {
			ended := make(chan error)
			r, err := frontdoor.Stream(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if test.begun {
					_ = flush(w)
				}
				<-r.Context().Done()
				ended <- test.write(w)
			}), frontdoor.Options{})(t.Context(), doorEvents(t)[frontdoor.URL])
			if err != nil {
				t.Fatal(err)
			}
			if test.begun {
				if _, err := bufio.NewReader(r).ReadByte(); err != nil {
					t.Fatal(err)
				}
			}
			if err := r.(io.Closer).Close(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("%v, want io.ErrClosedPipe", err)
			}
		})
	}
}

// Memory does not grow with the response: nothing is read ahead of the client.
func TestStreamIsBounded(t *testing.T) {
	const chunk, chunks = 1 << 20, 64
	written := make(chan int, chunks)
	r, err := frontdoor.Stream(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range chunks {
			_, _ = w.Write(make([]byte, chunk))
			written <- i
		}
	}), frontdoor.Options{})(t.Context(), doorEvents(t)[frontdoor.URL])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(io.Discard, r, chunk/2); err != nil {
		t.Fatal(err)
	}
	if n := len(written); n > 0 {
		t.Errorf("%d chunks of 1 MiB were written when half a one was read", n)
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n < chunk*(chunks-1) {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

// aws-lambda-go treats the response as a reader, and not as a value to encode.
func TestStreamThroughLambda(t *testing.T) {
	stream := frontdoor.Stream(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "streamed")
	}), frontdoor.Options{})
	event := doorEvents(t)[frontdoor.URL]
	got, err := lambda.NewHandler(stream).Invoke(t.Context(), event)
	if err != nil || !bytes.HasSuffix(got, []byte("}\x00\x00\x00\x00\x00\x00\x00\x00streamed")) {
		t.Errorf("Invoke = %q, %v; want head and body", got, err)
	}
	r, err := stream(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	defer r.(io.Closer).Close()
	const want = "application/vnd.awslambda.http-integration-response"
	if typed, ok := r.(interface{ ContentType() string }); !ok || typed.ContentType() != want {
		t.Errorf("reader %T has not the content type %s", r, want)
	}
}
