package wire_test

import (
	"testing"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/wire"
)

func TestToUTF8(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":         {"", ""},
		"ascii":           {"a=1", "a=1"},
		"utf-8":           {"é☕", "é☕"},
		"latin-1":         {"a=\xe9\xff", "a=éÿ"},
		"both":            {"é\xe9", "éé"},
		"half-a-letter":   {"\xe2\x98", "â\u0098"},
		"replacement":     {"\ufffd\x80", "\ufffd\u0080"},
		"surrogate":       {"\xed\xa0\x80", "í\u00a0\u0080"},
		"control-and-del": {"\x00\x7f", "\x00\x7f"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wire.ToUTF8(tt.in); got != tt.want {
				t.Errorf("ToUTF8(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzToUTF8(f *testing.F) {
	f.Add("é\xe9")
	f.Fuzz(func(t *testing.T, s string) {
		got := wire.ToUTF8(s)
		if !utf8.ValidString(got) {
			t.Errorf("ToUTF8(%q) = %q is not UTF-8", s, got)
		}
		if again := wire.ToUTF8(got); again != got {
			t.Errorf("ToUTF8(%q) = %q, and once more %q", s, got, again)
		}
		if utf8.ValidString(s) && got != s {
			t.Errorf("ToUTF8(%q) = %q", s, got)
		}
	})
}
