package lambda_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

func TestStreamForms(t *testing.T) {
	t.Parallel()
	const mode = "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
	failed := base64.StdEncoding.EncodeToString([]byte(`{"errorType":"T","errorMessage":"M"}`))
	for name, test := range map[string]struct {
		header, rest string
		want         string
		err          string
	}{
		"by-content-type": {"Content-Type: application/vnd.awslambda.http-integration-response\r\n", "3\r\nend\r\n0\r\n\r\n", "end", ""},
		"by-mode":         {mode, "3\r\nend\r\n0\r\n\r\n", "end", ""},
		"trailer-error":   {mode + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n", "0\r\nLambda-Runtime-Function-Error-Type: T\r\nLambda-Runtime-Function-Error-Body: " + failed + "\r\n\r\n", "", "T: M"},
		"trailer-garbage": {mode + "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n", "0\r\nLambda-Runtime-Function-Error-Type: T\r\nLambda-Runtime-Function-Error-Body: !\r\n\r\n", "", "T: "},
		"truncated":       {mode, "9\r\nen", "en", "Runtime.TruncatedResponse: the response ended before it was complete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _, _, done := startRuntime(t, `{}`, lambda.Config{})
			conn := r.post(r.next(), test.header+"Transfer-Encoding: chunked\r\n")
			io.WriteString(conn, "5\r\nbegin\r\n")
			o := <-done // before the rest was sent
			if o.err != nil {
				t.Fatal(o.err)
			}
			begin := make([]byte, 5)
			if _, err := io.ReadFull(o.response.Body, begin); err != nil || string(begin) != "begin" {
				t.Fatalf("%q, error %v; want the beginning", begin, err)
			}
			io.WriteString(conn, test.rest)
			conn.(*net.TCPConn).CloseWrite()
			rest, err := io.ReadAll(o.response.Body)
			if err == nil {
				err = errors.New("")
			}
			if string(rest) != test.want || err.Error() != test.err {
				t.Errorf("rest %q, error %v; want %q, %s", rest, err, test.want, test.err)
			}
		})
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	event := func(n int) string { return fmt.Sprintf(`{"Do":"stream","Text":%q,"N":%d}`, g.url, n) }
	p, logs := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	begin := func(t *testing.T, n int) *lambda.Response {
		t.Helper()
		o := <-invokeRaw(p, event(n))
		if o.err != nil {
			t.Fatal(o.err)
		}
		if got, err := io.CopyN(io.Discard, o.response.Body, int64(n)); err != nil {
			t.Fatalf("%d of %d bytes before the function ended: %v", got, n, err)
		}
		<-g.arrived
		return o.response
	}
	t.Run("whole", func(t *testing.T) {
		a := begin(t, 8<<20) // may exceed the limit of a buffered response
		g.open <- 200
		if rest, err := io.ReadAll(a.Body); string(rest) != "end" || err != nil {
			t.Errorf("rest %q, error %v", rest, err)
		}
	})
	t.Run("function-fails", func(t *testing.T) {
		a := begin(t, 10)
		g.open <- 500
		var failed *lambda.FunctionError
		if _, err := io.ReadAll(a.Body); !errors.As(err, &failed) || failed.Message != "stream broke" || failed.RequestID != a.RequestID {
			t.Errorf("error %v, want the function's", err)
		}
	})
	t.Run("client-leaves", func(t *testing.T) {
		a := begin(t, 10)
		a.Body.Close()
		g.open <- 200
		logs.wait(t, 1, "^REPORT RequestId: "+a.RequestID+`\t.*\t$`)
		before := must(t, p, `{}`)
		if next := must(t, p, `{}`); next.PID != before.PID {
			t.Errorf("process %d after %d", next.PID, before.PID)
		}
	})
	t.Run("timeout", func(t *testing.T) {
		if err := p.Update([]lambda.Function{{Name: "F", Build: prebuilt, Timeout: 2 * time.Second}}); err != nil {
			t.Fatal(err)
		}
		a := begin(t, 10)
		var failed *lambda.FunctionError
		if _, err := io.ReadAll(a.Body); !errors.As(err, &failed) || !failed.Timeout {
			t.Errorf("error %v, want the timeout", err)
		}
		logs.wait(t, 1, a.RequestID+" Task timed out after 2.00 seconds$")
	})
}

// A buffered response may fail at its end too.
func TestTrailerOfBufferedResponse(t *testing.T) {
	r, _, _, done := startRuntime(t, `{}`, lambda.Config{})
	conn := r.post(r.next(), "Transfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type\r\n")
	io.WriteString(conn, "2\r\n{}\r\n0\r\nLambda-Runtime-Function-Error-Type: T\r\n\r\n")
	var failed *lambda.FunctionError
	if o := <-done; !errors.As(o.err, &failed) || failed.Type != "T" {
		t.Errorf("%v, want an error T", o.err)
	}
}
