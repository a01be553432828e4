package verdict

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

const secret = "s3cret-value"

func TestMake(t *testing.T) {
	r, err := Make("Set-Cookie: sid="+secret+"; Path=/\nSet-Cookie: sid=; Max-Age=0\nSet-Cookie: b=1; SameSite=None", "https://app.example/account/logout", "https://app.example/shop")
	if err != nil {
		t.Fatal(err)
	}
	if v := r.Lines[1].Verdict; v.Outcome != useragent.Deleted || !v.Has("deletes-nothing") {
		t.Errorf("the lines go to different browsers: %s", v)
	}
	if r.Lines[0].Engines != nil {
		t.Errorf("engines differ: %v", r.Lines[0].Engines)
	}
	var does []string
	for _, e := range r.Lines[2].Engines {
		does = append(does, e.Name+" "+string(e.Outcome))
	}
	if got, want := strings.Join(does, ", "), "Chromium ignored, Firefox ignored, Safari stored"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	same, err := Make("__Host-b=1; Domain=x.example", "http://localhost:3000/", "") // Safari has fewer reasons
	if err != nil || same.Lines[0].Engines != nil {
		t.Errorf("all ignore the line: %v, %v", same.Lines[0].Engines, err)
	}
	if r.Sent != "sid=•••" || r.To != "https://app.example/shop" || len(r.Jar) != 1 || !strings.HasPrefix(r.Jar[0], `"sid" (value of 12 bytes)`) {
		t.Errorf("sent %q to %s of %q", r.Sent, r.To, r.Jar)
	}
	full := r.Full
	if want := "Request URL: https://app.example/account/logout\nSet-Cookie: sid=" + secret + "; Path=/\nSet-Cookie: sid=; Max-Age=0\nSet-Cookie: b=1; SameSite=None\n"; full != want {
		t.Errorf("the link has\n%s\nwant\n%s", full, want)
	}
	if want := strings.NewReplacer(secret, "xxxxxxxxxxxx", "b=1", "b=x").Replace(full); r.Masked != want {
		t.Errorf("the masked link has\n%s\nwant\n%s", r.Masked, want)
	}
	r.Full = ""
	if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), secret) {
		t.Errorf("the value is in %s, %v", text, err)
	}
}

// What a link has is read again as it was.
func TestLink(t *testing.T) {
	const har = `{"log":{"version":"1.2","entries":[` +
		`{"startedDateTime":"2026-01-01T00:00:00Z","request":{"url":"https://app.example/login?a=b"},"response":{"status":200,"headers":[{"name":"Set-Cookie","value":"sid=1, 2; Path=/"},{"name":"Set-Cookie","value":"nameless"}]}},` +
		`{"startedDateTime":"2026-01-01T00:00:01Z","request":{"url":"http://id.example/"},"response":{"status":200,"headers":[{"name":"set-cookie","value":"a=b;c; Max-Age=60"}]}}]}}`
	lines, err := paste.Read([]byte(har))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Make(har, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if r.Lines[2].Verdict.Outcome != useragent.Stored {
		t.Errorf("not judged at its time: %s", r.Lines[2].Verdict)
	}
	again, err := paste.Read([]byte(r.Full))
	if err != nil || len(again) != len(lines) {
		t.Fatalf("%d lines of %d: %v\n%s", len(again), len(lines), err, r.Full)
	}
	for i := range lines {
		if again[i].Value != lines[i].Value || *again[i].URL != *lines[i].URL {
			t.Errorf("%q from %s, want %q from %s", again[i].Value, again[i].URL, lines[i].Value, lines[i].URL)
		}
	}
	if m, err := Make(r.Masked, "", ""); err != nil || len(m.Lines) != len(lines) || strings.Contains(r.Masked, "b;c") {
		t.Errorf("masked: %s, %v", r.Masked, err)
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct{ name, text, origin, to, want string }{
		{"nothing", "", "", "", "nothing to read"},
		{"origin", "a=1", "app.example", "", `the URL needs http or https and a host`},
		{"origin-broken", "a=1", "http://[", "", "the URL is not a URL; write it as https://app.example/cart"},
		{"idn", "a=1", "https://bücher.example", "", "the URL needs its host in the xn-- form"},
		{"to", "a=1", "", "ftp://app.example", `the URL of the next request needs http or https`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, secret := range []*string{&tc.origin, &tc.to} {
				if *secret != "" {
					*secret += "/?code=s3cret"
				}
			}
			if _, err := Make(tc.text, tc.origin, tc.to); err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
