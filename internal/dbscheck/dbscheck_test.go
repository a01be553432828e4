package dbscheck_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/dbscheck"
	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// check is the verdict on the last line of a response, of the origin with the response's
// head and body.
func check(t *testing.T, origin, text string) *dbscheck.Verdict {
	t.Helper()
	scheme, host, _ := strings.Cut(origin, "://")
	lines, err := paste.ReadAll([]byte("set-cookie: none=1\n:scheme: " + scheme + "\n:authority: " + host + "\n:path: /login\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	all := dbscheck.Check(lines)
	return all[len(all)-1]
}

const session = `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"__Host-Http-b","attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}]}`

func TestCheck(t *testing.T) {
	const page, register = "https://app.example.com", "Secure-Session-Registration: "
	const set = "Set-Cookie: __Host-Http-b=s3cret; Path=/; Secure; HttpOnly; SameSite=Lax\n"
	with := func(old, new string) string { return set + strings.Replace(session, old, new, 1) }
	for _, tt := range []struct {
		name, origin, text string
		want               dbscheck.Outcome
		ids                string
	}{
		{"registration", page, register + `(ES256 RS256);path="/bind";challenge="s3cret"`, dbscheck.Used, ""},
		{"registration-elsewhere-on-the-site", page, register + `(ES256);path="https://example.com/bind";challenge="s3cret"`, dbscheck.Used, ""},
		{"registration-insecure", "http://app.example.com", register + `(ES256);path="/bind";challenge="s3cret"`, dbscheck.Ignored, "session-insecure"},
		{"registration-localhost", "http://localhost", register + `(ES256);path="/bind";challenge="s3cret"`, dbscheck.Ignored, "session-insecure"},
		{"registration-without-quotes", page, register + `(ES256);path=/bind;challenge="s3cret"`, dbscheck.Ignored, "session-malformed"},
		{"registration-beside-a-malformed-line", page, register + "((\n" + register + `(ES256);path="/bind";challenge="s3cret"`, dbscheck.Ignored, "session-malformed"},
		{"registration-without-parentheses", page, register + `ES256;path="/bind";challenge="s3cret"`, dbscheck.Ignored, "registration-path"},
		{"registration-without-path", page, register + `(ES256);challenge="s3cret"`, dbscheck.Ignored, "registration-path"},
		{"registration-of-a-token", page, register + `(ES256);path="/bind";challenge=s3cret`, dbscheck.Ignored, "registration-path"},
		{"registration-with-another-algorithm", page, register + `("ES256" none);path="/bind";challenge="s3cret"`, dbscheck.Ignored, "registration-algorithm"},
		{"registration-at-another-site", page, register + `(ES256);path="https://example.org/bind";challenge="s3cret"`, dbscheck.Ignored, "registration-path"},
		{"registration-over-http", page, register + `(ES256);path="http://app.example.com/bind";challenge="s3cret"`, dbscheck.Ignored, "registration-path"},
		{"registration-without-challenge", page, register + `(ES256);path="/bind"`, dbscheck.Used, "registration-challenge"},
		{"old-name", page, `Sec-Session-Registration: (ES256);path="/bind"`, dbscheck.Ignored, "session-header"},

		{"challenge", page, `Secure-Session-Challenge: "s3cret";id="s1"`, dbscheck.Used, ""},
		{"challenge-without-id", page, `Secure-Session-Challenge: "s3cret"`, dbscheck.Ignored, "challenge-id"},
		{"challenge-of-a-token", page, `Secure-Session-Challenge: s3cret;id="s1"`, dbscheck.Ignored, "challenge-id"},
		{"challenge-malformed", page, `Secure-Session-Challenge: "s3cret`, dbscheck.Ignored, "session-malformed"},

		{"skipped", page, `Secure-Session-Skipped: quota_exceeded;session_identifier="s1"`, dbscheck.Sent, ""},
		{"skipped-malformed", page, `Secure-Session-Skipped: "quota`, dbscheck.Sent, "session-malformed"},
		{"id", page, `Sec-Secure-Session-Id: "s1"`, dbscheck.Sent, ""},
		{"proof", page, `Secure-Session-Response: s3cret`, dbscheck.Sent, ""},
		{"id-in-a-response", page, "HTTP/1.1 200 OK\nSec-Secure-Session-Id: \"s1\"", dbscheck.Ignored, "session-direction"},

		{"instructions", page, set + session, dbscheck.Used, ""},
		{"instructions-alone", page, "\n" + session, dbscheck.Used, "credential-absent"},
		{"no-scope", page, with(`"scope":{"include_site":false},`, ""), dbscheck.Ignored, "instructions-invalid"},
		{"include-site", page, with("false", "true"), dbscheck.Ignored, "scope-include-site"},
		{"include-site-of-the-domain", "https://example.com", with("false", "true"), dbscheck.Used, ""},
		{"other-origin", page, with(`{"include_site":false`, `{"origin":"https://example.com","include_site":false`), dbscheck.Ignored, "scope-origin"},
		{"origin-of-the-site", page, with(`{"include_site":false`, `{"origin":"https://example.com","include_site":true`), dbscheck.Used, ""},
		{"origin-of-another-site", page, with(`{"include_site":false`, `{"origin":"https://example.org","include_site":true`), dbscheck.Ignored, "scope-origin"},
		{"origin-with-a-path", page, with(`{"include_site":false`, `{"origin":"https://app.example.com/","include_site":false`), dbscheck.Ignored, "scope-origin"},
		{"refresh-at-another-site", page, with(`"scope"`, `"refresh_url":"https://example.org/","scope"`), dbscheck.Ignored, "refresh-url"},
		{"rule", page, with(`"include_site":false`, `"include_site":false,"scope_specification":[{"type":"exclude","domain":"app.example.com"}]`), dbscheck.Used, ""},
		{"rule-of-all", page, with(`"include_site":false`, `"include_site":false,"scope_specification":[{"type":"exclude","domain":"*"}]`), dbscheck.Used, ""},
		{"rule-of-hosts-below", page, with(`"include_site":false`, `"include_site":false,"scope_specification":[{"type":"exclude","domain":"*.example.com"}]`), dbscheck.Used, ""},
		{"rule-outside-the-origin", page, with(`"include_site":false`, `"include_site":false,"scope_specification":[{"type":"exclude","domain":"www.example.com"}]`), dbscheck.Ignored, "scope-rule"},
		{"rule-in-the-site", "https://example.com", with(`"include_site":false`, `"include_site":true,"scope_specification":[{"type":"exclude","domain":"www.example.com"}]`), dbscheck.Used, ""},
		{"rule-below-the-site", "https://example.com", with(`"include_site":false`, `"include_site":true,"scope_specification":[{"type":"exclude","domain":"*.example.com"}]`), dbscheck.Used, ""},
		{"rule-in-capitals", "https://example.com", with(`"include_site":false`, `"include_site":true,"scope_specification":[{"type":"exclude","domain":"EXAMPLE.COM"}]`), dbscheck.Used, ""},
		{"rule-not-the-host", page, with(`"include_site":false`, `"include_site":false,"scope_specification":[{"type":"exclude","domain":"*.app.example.com"}]`), dbscheck.Ignored, "scope-rule"},
		{"rule-outside-the-site", "https://example.com", with(`"include_site":false`, `"include_site":true,"scope_specification":[{"type":"exclude","domain":"*.example.org"}]`), dbscheck.Ignored, "scope-rule"},
		{"max-age", page, with("Lax\"", "Lax; Max-Age=600\""), dbscheck.Ignored, "instructions-invalid"},
		{"prefix", page, with("; HttpOnly", ""), dbscheck.Ignored, "credential-impossible"},
		{"partitioned", page, with("SameSite=Lax\"", "Partitioned\""), dbscheck.Ignored, "instructions-invalid"},
		{"differs", page, with("Lax\"", "Strict\""), dbscheck.Used, "credential-differs"},
		{"not-set", page, "Set-Cookie: b=1\n" + session, dbscheck.Used, "credential-absent"},
		{"not-stored", page, "Set-Cookie: __Host-Http-b=s3cret; Path=/\n" + session, dbscheck.Used, "credential-not-stored"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := check(t, tt.origin, tt.text)
			var ids []string
			effects := map[useragent.Effect]bool{}
			for _, r := range v.Reasons {
				ids = append(ids, r.ID)
				effects[r.Effect] = true
				if strings.Contains(r.String(), "s3cret") {
					t.Errorf("the value is in %q", r.String())
				}
			}
			if v.Outcome != tt.want || strings.Join(ids, " ") != tt.ids || (v.Outcome == dbscheck.Ignored) != effects[useragent.Ignores] {
				t.Errorf("%s by %q, want %s by %q\n%v", v.Outcome, ids, tt.want, tt.ids, v.Reasons)
			}
		})
	}
}

func TestMeaning(t *testing.T) {
	const page = "https://app.example.com"
	for _, tt := range []struct{ text, want string }{
		{`Secure-Session-Registration: (ES256);path="bind?x=1";challenge="x"`, "the browser makes a key and sends a proof of it to https://app.example.com/bind"},
		{`Secure-Session-Registration: (none);path="/bind";challenge="x"`, ""},
		{`Secure-Session-Skipped: unreachable`, "the request goes without its bound cookie: the refresh URL could not be reached"},
		{`Sec-Secure-Session-Id: "s1"`, "the browser asks to renew the bound cookies of the session that it names"},
	} {
		if got := check(t, page, tt.text).Meaning; got != tt.want {
			t.Errorf("%s means %q, want %q", tt.text, got, tt.want)
		}
	}
}

// A pasted JSON alone says nothing of the response's cookies.
func TestInstructionsAlone(t *testing.T) {
	lines, err := paste.ReadAll([]byte(session))
	if err != nil {
		t.Fatal(err)
	}
	if v := dbscheck.Check(lines)[0]; v.Outcome != dbscheck.Used || len(v.Reasons) != 0 {
		t.Errorf("%+v", v)
	}
}
