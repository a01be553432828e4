package compare

import (
	"net/http"
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
