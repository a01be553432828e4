package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/inspect"
)

// startLines runs "crumb start" with further arguments and returns the lines of
// its stdout from "Listening on" to the end, and of its stderr. do gets each
// line while crumb runs, and says when it has had enough.
func startLines(t *testing.T, do func(line string) (enough bool), args ...string) (stdout []string, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	log := new(lockedBuffer)
	go func() {
		if code := run(ctx, append([]string{"start", "--port", "0", "-t", "../../template.yaml"}, args...), nil, w, log); code != 0 {
			t.Errorf("crumb start ended with exit code %d\n%s", code, log)
		}
		w.Close()
	}()
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if len(stdout) > 0 || strings.HasPrefix(lines.Text(), "Listening on ") {
			stdout = append(stdout, lines.Text())
			if do(lines.Text()) {
				cancel()
			}
		}
	}
	return stdout, log.String()
}

func TestStartServesInspector(t *testing.T) {
	var api, page, token string
	stdout, stderr := startLines(t, func(line string) bool {
		if rest, ok := strings.CutPrefix(line, "Listening on "); ok {
			api, _, _ = strings.Cut(rest, " ")
			return false
		}
		page, _ = strings.CutPrefix(line, "Inspector on ")
		token = strings.Split(strings.TrimPrefix(page, "http://"), "/")[1]
		get(t, api+"/setcookie")
		if status, body := get(t, page+"value?out=1&n=0"); status != 200 || !strings.HasPrefix(body, "username=Cobby; ") {
			t.Errorf("the first Set-Cookie line: %d %q", status, body)
		}
		if status, body := get(t, strings.Replace(page, token, "", 1)); status != 404 {
			t.Errorf("without the token: %d %q", status, body)
		}
		return true
	})
	if len(stdout) != 2 {
		t.Errorf("stdout from Listening on: %q, want the inspector's URL behind it, once", stdout)
	}
	if strings.Contains(stderr, token) || strings.Contains(stderr, "Cobby") {
		t.Errorf("the log has the token or a value:\n%s", stderr)
	}
}

func TestStartWithoutInspector(t *testing.T) {
	template := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(template, []byte(twoAPIs), 0o666); err != nil {
		t.Fatal(err)
	}
	stdout, _ := startLines(t, func(string) bool { return true }, "-t", template, "--no-inspect")
	if slices.ContainsFunc(stdout, func(line string) bool { return strings.Contains(line, "Inspector") }) {
		t.Errorf("stdout %q", stdout)
	}
}

// BenchmarkInspector reports, as "of-without", what the median of the gateway's
// whole share of a request is with an inspector that nobody looks at.
func BenchmarkInspector(b *testing.B) {
	const answer = `{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/html; charset=utf-8"],"Set-Cookie":["username=Cobby; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax"]},"body":"Cookie has been set!"}`
	handler := func(page bool) http.Handler {
		w := newCookieWatch(slog.New(slog.DiscardHandler))
		if page {
			w.page = inspect.New(&w.jar, nil)
		}
		s := &servers{invoker: answering(answer), log: w.log, cookies: w}
		h, err := s.newHandler(&app.API{ID: "Api", Kind: app.REST, Stage: "prod", Routes: []app.Route{
			{Method: "GET", Path: "/setcookie", Payload: "1.0", Function: &app.Function{ID: "F"}},
		}})
		if err != nil {
			b.Fatal(err)
		}
		return h
	}
	r := httptest.NewRequest("GET", "http://localhost:3000/setcookie", nil)
	r.Header.Set("Cookie", "username=Ana; theme=dark; sid=3f9a0c5d7b")
	serve := func(h http.Handler) time.Duration {
		began := time.Now()
		h.ServeHTTP(httptest.NewRecorder(), r)
		return time.Since(began)
	}
	with, without := handler(true), handler(false)
	var shown, plain []time.Duration
	for b.Loop() {
		shown = append(shown, serve(with))
		plain = append(plain, serve(without))
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	b.ReportMetric(median(shown)/median(plain), "of-without")
	b.ReportMetric(median(shown)-median(plain), "more-ns/op")
}
