package paste_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/paste"
)

// FuzzRead: whatever is pasted, each line has a URL with a host and a place, responses
// are in order, and the value is read again when it is pasted as a header. Errors only
// have texts of this package.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/curl-*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no files: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"a=1; Domain=b.example", "\xff\xfea\x00=\x00", `{"cookies":["a=1"],"headers":{"Set-Cookie":"b=2"}}`, `{"log":{"entries":[{"request":{"url":"https://a.example"},"response":{"headers":[{"name":"set-cookie","value":"a"}]}}]}}`,
		"set-cookie\na=1\nrequest url\nhttp://a", ".a.example\tTRUE\t/\tFALSE\t1\ta\tb", "GET /x HTTP/1.1\nHost: [::1]:1\n\nHTTP/1.1 200\nset-cookie:", "$ curl http://a/\na=1",
	} {
		f.Add(text)
	}
	errorText := regexp.MustCompile(`^(line [0-9]+ is not understood|the |there is |this |nothing to read)[A-Za-z0-9 ,;:=/-]*$`)
	f.Fuzz(func(t *testing.T, text string) {
		lines, err := paste.Read([]byte(text))
		if err != nil {
			if len(lines) > 0 || !errorText.MatchString(err.Error()) {
				t.Errorf("%d lines and %v", len(lines), err)
			}
			return
		}
		if len(lines) == 0 {
			t.Error("neither a line nor an error")
		}
		response := 0
		for _, l := range lines {
			if l.URL == nil || l.URL.Host == "" || l.Place == "" || l.Response < response {
				t.Errorf("%+v after response %d", l, response)
			}
			response = l.Response
			if strings.Trim(l.Value, " \t\r") != l.Value || strings.ContainsAny(l.Value, "\n\x1b") || strings.Contains(l.Value, "\x00") || strings.ToValidUTF8(l.Value, "") != l.Value {
				continue // cannot be a header's value in a text
			}
			again, err := paste.Read([]byte("Set-Cookie: " + l.Value))
			if l.Value != "" && (err != nil || len(again) != 1 || again[0].Value != l.Value) {
				t.Errorf("%q is read again as %v, %v", l.Value, again, err)
			}
		}
	})
}
