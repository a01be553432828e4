package compare

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	ours := Answer{"status": "200", "body": "a", "allow": "GET"}
	theirs := Answer{"status": "200", "body": "b"}
	body := Difference{Field: "body", Ours: "a", Theirs: "b"}
	for _, tc := range []struct {
		name   string
		fields []string
		listed []Difference
		faults []string // the start of each
	}{
		{"none-listed", nil, nil, []string{"does not list {\"request\":\"r\",\"field\":\"allow\"", "does not list {\"request\":\"r\",\"field\":\"body\""}},
		{"all-listed", nil, []Difference{body, {Field: "allow", Ours: "GET", Theirs: Absent}}, nil},
		{"other-value", []string{"body"}, []Difference{{Field: "body", Ours: "a", Theirs: "c"}}, []string{"lists {"}},
		{"no-difference", []string{"status"}, []Difference{{Field: "status", Ours: "200", Theirs: "404"}}, []string{"lists status of r"}},
		{"no-such-field", []string{"status"}, []Difference{{Field: "etag", Ours: "1", Theirs: "2"}}, []string{"lists etag of r"}},
		{"field-not-compared", []string{"status"}, []Difference{body}, []string{"lists body of r"}},
		{"fields-that-are-compared", []string{"status", "body"}, []Difference{body}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			listed := map[string]Difference{}
			for _, d := range tc.listed {
				listed[d.Field] = d
			}
			got := faults(Request{Name: "r", Fields: tc.fields}, ours, theirs, listed)
			if !slices.EqualFunc(got, tc.faults, strings.HasPrefix) {
				t.Errorf("faults = %q, want %q", got, tc.faults)
			}
		})
	}
}

func TestNewAnswer(t *testing.T) {
	in := time.Now().Add(90 * time.Minute).UTC().Format(http.TimeFormat)
	got := newAnswer(&http.Response{StatusCode: 200, Header: http.Header{
		"Allow":      {"PUT, GET"},
		"Set-Cookie": {"a=1; Path=/; Secure; Expires=" + in, "a=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b="},
		"Date":       {"now"},
		"X-A":        {"1", "2"},
	}}, "\xFF")
	want := Answer{
		"status": "200", "body": `"\xff"`, "allow": "GET, PUT", "x-a": "1, 2", "cookies": "a, a, b",
		"cookie a": "1", "cookie a Path": "/", "cookie a Secure": "", "cookie a Expires": "in 90 minutes",
		"cookie a #2": "2", "cookie a #2 Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "cookie b": "",
	}
	for _, fault := range faults(Request{}, got, want, nil) {
		t.Error(fault)
	}
}

func TestExchange(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header()["Set-Cookie"] = []string{"a=1", "b=\xE9"}
		fmt.Fprintf(w, "%s %s %d %q", r.Method, r.RequestURI, r.ContentLength, body)
	})
	server := httptest.NewServer(echo)
	defer server.Close()
	for _, tc := range []struct {
		name    string
		request Request
		body    string
	}{
		{"stage", Request{Method: "GET", Target: "/a?b"}, `GET /prod/a?b 0 ""`},
		{"as-written", Request{Method: "GET", Target: "//a%2f/../"}, `GET /prod//a%2f/../ 0 ""`},
		{"body", Request{Method: "POST", Target: "/", Body: "hi"}, `POST /prod/ 2 "hi"`},
		{"chunks", Request{Method: "POST", Target: "/", Header: []string{Chunked}, Body: "2\r\nhi\r\n0\r\n\r\n"}, `POST /prod/ -1 "hi"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent, received, err := Exchange(server.URL+"/prod", tc.request)
			if err != nil {
				t.Fatal(err)
			}
			a, err := Parse(tc.request.Method, received)
			if err != nil || a["body"] != tc.body || a["cookies"] != "a, b" || !strings.Contains(string(received), "Set-Cookie: b=\xE9\r\n") {
				t.Errorf("%q: %v, %v, want %s", received, a, err, tc.body)
			}
			if !strings.HasPrefix(string(sent), tc.request.Method+" /prod/") {
				t.Errorf("sent %q", sent)
			}
		})
	}
	t.Run("broken-response", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nno header\r\n\r\n")
			conn.Close()
		}))
		defer server.Close()
		_, received, err := Exchange(server.URL, Request{Method: "GET", Target: "/"})
		if err == nil || !strings.Contains(string(received), "no header") {
			t.Errorf("received %q, %v", received, err)
		}
	})
	t.Run("unknown-certificate", func(t *testing.T) {
		server := httptest.NewUnstartedServer(echo)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		defer server.Close()
		if _, received, err := Exchange(server.URL, Request{Method: "GET", Target: "/"}); err == nil {
			t.Errorf("received %q", received)
		}
	})
}
