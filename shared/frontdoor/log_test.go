package frontdoor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

const lambdaID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

// logged responds to the door's event in testdata and returns the log's lines, too.
func logged(t *testing.T, door frontdoor.Door, h http.HandlerFunc) (response, []map[string]any) {
	t.Helper()
	return loggedEvent(t, doorEvents(t)[door], h)
}

func loggedEvent(t *testing.T, event []byte, h http.HandlerFunc) (response, []map[string]any) {
	t.Helper()
	logger, log := testLogger()
	options := frontdoor.Options{Logger: logger}
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
	out, err := frontdoor.New(h, options).Invoke(ctx, event)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, out), lines(t, log.String())
}

func lines(t *testing.T, log string) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(log) {
		all = append(all, decoded[map[string]any](t, []byte(line)))
	}
	return all
}

func wantIDs(t *testing.T, line map[string]any) {
	t.Helper()
	if line["requestId"] != lambdaID || line["door"] == nil {
		t.Errorf("log = %v, want requestId %s and a door", line, lambdaID)
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Without a Lambda context the log has the door's request id.
func TestLogWithoutLambdaContext(t *testing.T) {
	logger, log := testLogger()
	options := frontdoor.Options{Logger: logger}
	handler := frontdoor.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }), options)
	if _, err := handler.Invoke(context.Background(), doorEvents(t)[frontdoor.REST]); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, log.String()); len(got) != 1 || got[0]["requestId"] != "c6af9ac6-7b61-11e6-9a41-93e8deadbeef" {
		t.Errorf("log = %v, want one line with the event's request id", got)
	}
}

// Without a logger it is slog's default when the line is written, not when the
// function was made.
func TestDefaultLogger(t *testing.T) {
	before, output, flags := slog.Default(), log.Writer(), log.Flags()
	defer func() {
		slog.SetDefault(before)
		log.SetOutput(output) // which SetDefault has changed
		log.SetFlags(flags)
	}()
	panics := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") })
	handler := frontdoor.New(panics, frontdoor.Options{})
	stream := frontdoor.Stream(panics, frontdoor.Options{})
	logger, buffer := testLogger()
	slog.SetDefault(logger)
	event := doorEvents(t)[frontdoor.REST]
	if _, err := handler.Invoke(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	r, err := stream(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	if got := lines(t, buffer.String()); len(got) != 2 || got[0]["level"] != "ERROR" || got[1]["level"] != "ERROR" {
		t.Errorf("log = %v, want two errors", got)
	}
}

// The logger of package lambdacontext adds the requestId itself.
func TestLambdaLogger(t *testing.T) {
	stdout := os.Stdout
	defer func() { os.Stdout = stdout }()
	file, err := os.Create(t.TempDir() + "/stdout")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	os.Stdout = file
	logger := lambdacontext.NewLogger()
	os.Stdout = stdout

	type key struct{}
	ctx := lambdacontext.NewContext(context.WithValue(t.Context(), key{}, "trace"), &lambdacontext.LambdaContext{AwsRequestID: lambdaID})
	handler := frontdoor.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }), frontdoor.Options{Logger: logger})
	if _, err := handler.Invoke(ctx, doorEvents(t)[frontdoor.REST]); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "requestId="+lambdaID); n != 1 {
		t.Errorf("requestId is %d times in %s, want once", n, log)
	}
}

// valueHandler is a slog.Handler that keeps what a context has under a key.
type valueHandler struct {
	slog.Handler
	key, value any
}

func (h *valueHandler) Handle(ctx context.Context, r slog.Record) error {
	h.value = ctx.Value(h.key)
	return h.Handler.Handle(ctx, r)
}

// A logger finds in a line's context what the caller of Invoke has put there.
func TestLogContext(t *testing.T) {
	type key struct{}
	h := &valueHandler{Handler: slog.NewTextHandler(io.Discard, nil), key: key{}}
	logger := slog.New(h)
	ctx := context.WithValue(t.Context(), key{}, "trace")
	handler := frontdoor.New(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("x") }), frontdoor.Options{Logger: logger})
	if _, err := handler.Invoke(ctx, doorEvents(t)[frontdoor.REST]); err != nil {
		t.Fatal(err)
	}
	if h.value != "trace" {
		t.Errorf("the context of a line has %v", h.value)
	}
}

// A header whose name cannot be one may hold more than a name.
func TestDroppedHeader(t *testing.T) {
	_, lines := logged(t, frontdoor.REST, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Set-Cookie: sid=hidden"] = []string{"hidden"}
		w.Header()[""] = []string{"hidden"}
	})
	if len(lines) != 2 || lines[1]["begins"] != "Set-Cookie" || lines[1]["level"] != "ERROR" || lines[1]["msg"] != "header dropped: its name is not a token" {
		t.Fatalf("log = %v, want two errors, the second about Set-Cookie", lines)
	}
	if strings.Contains(mustJSON(t, lines[1]), "hidden") {
		t.Errorf("log = %v has a value", lines[1])
	}
}

// testLogger returns a logger and what it has logged.
func testLogger() (*slog.Logger, *bytes.Buffer) {
	var log bytes.Buffer
	return slog.New(slog.NewJSONHandler(&log, nil)), &log
}
