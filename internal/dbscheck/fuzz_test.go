package dbscheck_test

import (
	"testing"

	"github.com/crumb-go/crumb/internal/dbscheck"
	"github.com/crumb-go/crumb/internal/paste"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

// FuzzCheck: each line but Set-Cookie has a verdict, which is Ignored exactly if a reason
// says so.
func FuzzCheck(f *testing.F) {
	f.Add("https://a.example/x", `(ES256);path="/bind";challenge="x"`, `"x";id="s1"`, session, "__Host-Http-b=1; Path=/; Secure; HttpOnly; SameSite=Lax")
	f.Add("http://[::1]/", `(ES256);path="//b.example"`, "x", `{"session_identifier":"s1","scope":{"origin":"//","include_site":true}}`, "b")
	f.Fuzz(func(t *testing.T, origin, registration, challenge, instructions, cookie string) {
		lines, err := paste.ReadAll([]byte("Request URL: " + origin + "\nSecure-Session-Registration: " + registration + "\nSecure-Session-Challenge: " + challenge + "\nSet-Cookie: " + cookie + "\n" + instructions))
		if err != nil {
			return
		}
		for i, v := range dbscheck.Check(lines) {
			if (v == nil) != (lines[i].Name == paste.SetCookie) {
				t.Fatalf("%s has the verdict %+v", lines[i].Name, v)
			}
			ignores := false
			for j := 0; v != nil && j < len(v.Reasons); j++ {
				ignores = ignores || v.Reasons[j].Effect == useragent.Ignores
			}
			if v != nil && (v.Outcome == dbscheck.Ignored) != ignores {
				t.Errorf("%+v", v)
			}
		}
	})
}
