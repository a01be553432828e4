package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
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
		get := func(url string) (*http.Response, string) {
			t.Helper()
			resp, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			return resp, string(body)
		}
		get(api + "/setcookie")
		if resp, body := get(page + "value?out=1&n=0"); resp.StatusCode != 200 || !strings.HasPrefix(body, "username=Cobby; ") {
			t.Errorf("the first Set-Cookie line: %d %q", resp.StatusCode, body)
		}
		if resp, body := get(strings.Replace(page, token, "", 1)); resp.StatusCode != 404 {
			t.Errorf("without the token: %d %q", resp.StatusCode, body)
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
	stdout, _ := startLines(t, func(string) bool { return true }, "--no-inspect")
	if slices.ContainsFunc(stdout, func(line string) bool { return strings.Contains(line, "Inspector") }) {
		t.Errorf("stdout %q", stdout)
	}
}
