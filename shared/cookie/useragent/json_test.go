package useragent

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestJSON has the objects that tools read, with all members.
func TestJSON(t *testing.T) {
	tests := []struct{ name, origin, line, want string }{
		{"ignored", "https://ana:pw@app.example/a?b=c", "sid=31d4; SameSite=None",
			`{"outcome":"ignored","stored":false,"url":"https://ana:xxxxx@app.example/a?b=c","name":"sid","name_octets":3,"value_octets":4,` +
				`"reasons":[{"id":"samesite-none-insecure","effect":"ignores","field":"SameSite","text":"is None without Secure","rule":"rfc6265bis 5.7: SameSite=None needs Secure"}],` +
				`"go":"var Sid = cookie.Must(cookie.New(\"sid\", cookie.Attributes{SameSite: http.SameSiteNoneMode}))\n",` +
				`"fixes":{"express":"res.cookie(\"sid\", value, { path: \"/\", secure: true, sameSite: \"None\", httpOnly: true });\n",` +
				`"flask":"response.set_cookie(\"sid\", value, path=\"/\", secure=True, samesite=\"None\", httponly=True)\n",` +
				`"net/http":"http.SetCookie(w, \u0026http.Cookie{Name: \"sid\", Value: value, Path: \"/\", Secure: true, SameSite: http.SameSiteNoneMode, HttpOnly: true})\n",` +
				`"spring":"response.addHeader(HttpHeaders.SET_COOKIE,\n        ResponseCookie.from(\"sid\", value).path(\"/\").secure(true).sameSite(\"None\").httpOnly(true).build().toString());\n"}}`},
		{"stored", "https://app.example/", "sid=31d4; Path=/; Domain=app.example; Max-Age=60; Secure; HttpOnly; SameSite=None; Partitioned",
			`{"outcome":"stored","stored":true,"url":"https://app.example/","name":"sid","name_octets":3,"value_octets":4,` +
				`"domain":"app.example","host_only":false,"path":"/","expires":"2026-06-09T10:19:14Z","secure":true,"http_only":true,"same_site":"None","partitioned":true,` +
				`"meanings":{"domain":"app.example and all its subdomains","expires":"Tue, 09 Jun 2026 10:19:14 GMT, in 60 seconds",` +
				`"httponly":"scripts cannot see the cookie: document.cookie does not have it","partitioned":"a separate cookie for each site in the address bar",` +
				`"path":"every path","samesite":"requests from all sites; in pages of other sites, Firefox has a separate cookie for each, and Safari only Partitioned ones",` +
				`"secure":"https only; http on this machine (localhost) counts as https, except in Safari"},"reasons":[]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(Explain(tt.line, mustURL(t, tt.origin), now))
			if err != nil || string(got) != tt.want {
				t.Errorf("%s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
	for mode, want := range map[string]string{"Strict": "Strict", "lax": "Lax", "None; Secure": "None", "x": "default"} {
		var got struct {
			SameSite    string  `json:"same_site"`
			Expires     *string `json:"expires"`
			HostOnly    bool    `json:"host_only"`
			Partitioned bool
		}
		text, err := json.Marshal(Explain("a=1; SameSite="+mode, mustURL(t, "https://app.example/"), now))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil || got.SameSite != want || got.Expires != nil || !got.HostOnly || got.Partitioned {
			t.Errorf("SameSite=%s: %s, %v, want %q", mode, text, err, want)
		}
	}
	for line, want := range map[string]string{"a= 1; Path=/": "changes", "a=; Path=/; Max-Age=0": "deletes", "a=1; Path=/x": "notes", "a=1; Partitioned; Path=/": "ignores"} {
		text, err := json.Marshal(Explain(line, mustURL(t, "https://app.example/"), now))
		if err != nil || !strings.Contains(string(text), `"effect":"`+want+`"`) {
			t.Errorf("%q: %s, %v, want the effect %s", line, text, err, want)
		}
	}
	east := now.In(time.FixedZone("", 7200))
	if text, err := json.Marshal(Explain("a=1; Max-Age=60", mustURL(t, "https://app.example/"), east)); !strings.Contains(string(text), `"expires":"2026-06-09T10:19:14Z"`) {
		t.Errorf("in another zone: %s, %v, want Expires in UTC", text, err)
	}
	text, err := json.Marshal(Explain("a=1", nil, now))
	var got struct{ Outcome, URL string }
	if err != nil || json.Unmarshal(text, &got) != nil || got.Outcome != "ignored" || got.URL != "" {
		t.Errorf("without a URL: %s, %v", text, err)
	}
}
