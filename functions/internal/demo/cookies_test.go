package demo_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

func TestUsernameLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock starts at 2000-01-01
		const want = "username=Zo%C3%AB; Path=/; Expires=Mon, 31 Jan 2000 00:00:00 GMT; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax"
		got, err := demo.Username.Line("Zoë")
		if got != want || err != nil {
			t.Errorf("Line = %q, %v, want %q", got, err, want)
		}
	})
	const want = "username=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax"
	w := httptest.NewRecorder()
	if err := demo.Username.Delete(w); err != nil || w.Header().Get("Set-Cookie") != want {
		t.Errorf("Delete: %q, %v, want %q", w.Header()["Set-Cookie"], err, want)
	}
}

func TestUsernameReadsAnyText(t *testing.T) {
	for _, name := range []string{"Cobby", "Zoë", "a;b, \"c\"\r\n", "100%", "\x00", "日本"} {
		line, err := demo.Username.Line(name)
		if err != nil {
			t.Errorf("Line(%q): %v", name, err)
		}
		sent, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatalf("ParseSetCookie(%q): %v", line, err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", sent.Name+"="+sent.Value)
		if got, ok := demo.Username.Get(r); got != name || !ok {
			t.Errorf("Get after %q = %q, %v, want %q", line, got, ok, name)
		}
	}
}
