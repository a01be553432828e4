package main

import (
	"context"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// The library's own vectors all hold in Chromium.
func TestGivenRows(t *testing.T) {
	rows, err := readRows("../../../shared/cookie/testdata/cookie.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := newReferee(context.Background(), testenv.Tool(t, "chromium"))
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

// The judge detects wrong rows.
func TestJudgeObjects(t *testing.T) {
	c, err := newReferee(context.Background(), testenv.Tool(t, "chromium"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	other := "a=2"
	var wrongHeader, refused, accepted row
	wrongHeader.Suite = "ua-storage"
	wrongHeader.Input = []byte(`{"steps": [{"url": "https://a.example/", "set_cookie": ["a=1"]}], "request_url": "https://a.example/"}`)
	wrongHeader.Expected.CookieHeader = &other
	refused.Suite, refused.Input, refused.Expected.Verdict = "set-cookie-build", []byte(`{"name": "a b", "value": "v"}`), "accept"
	accepted.Suite, accepted.Input, accepted.Expected.Verdict = "set-cookie-build", []byte(`{"name": "a", "value": "v"}`), "reject"
	for name, r := range map[string]row{"wrong-header": wrongHeader, "refused": refused, "accepted": accepted} {
		verdict, reason, err := c.try(r)
		if verdict != fail || reason == "" || err != nil {
			t.Errorf("%s: %s %q, %v, want %s", name, verdict, reason, err, fail)
		}
	}
}
