package main

import (
	"context"
	"testing"

	"github.com/crumb-go/crumb/e2e/need"
)

// The library's own vectors all stand before Chromium.
func TestGivenRows(t *testing.T) {
	rows, err := readRows("../../../shared/cookie/testdata/cookie.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := openCourt(context.Background(), need.Tool(t, "chromium"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for _, r := range rows {
		t.Run(r.ID, func(t *testing.T) {
			verdict, reason, err := c.try(r)
			if err != nil {
				t.Fatal(err)
			}
			if verdict == fail {
				t.Error(reason)
			}
		})
	}
}

// A wrong expectation, and a library that is wrong about Chromium, are found.
func TestJudgeObjects(t *testing.T) {
	c, err := openCourt(context.Background(), need.Tool(t, "chromium"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for name, r := range map[string]row{
		"other-header": {Suite: "ua-storage", Level: "must",
			Input: []byte(`{"steps": [{"url": "https://a.example/", "set_cookie": ["a=1"]}], "request_url": "https://a.example/"}`)},
		"refused-declaration": {Suite: "set-cookie-build", Level: "must", Input: []byte(`{"name": "a b", "value": "v"}`)},
	} {
		other := "a=2"
		r.Expected.CookieHeader, r.Expected.Verdict = &other, "accept"
		verdict, reason, err := c.try(r)
		if verdict != fail || reason == "" || err != nil {
			t.Errorf("%s: %s %q, %v, want %s", name, verdict, reason, err, fail)
		}
	}
}
