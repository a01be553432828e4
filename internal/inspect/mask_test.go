package inspect

import "testing"

func TestAttributes(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"plain", "sid=s; Path=/; Secure; HttpOnly; SameSite=Lax", "; Path=/; Secure; HttpOnly; SameSite=Lax"},
		{"spelling-is-kept", "sid=s;path=/x ;  MAX-AGE = 5;", ";path=/x ;  MAX-AGE = 5;"},
		{"none", "sid=s", ""},
		{"date", "sid=s; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "; Expires=Wed, 21 Oct 2099 07:28:00 GMT"},
		{"equals-in-path", "sid=s; Path=/a=b", "; Path=/a=b"},
		{"cut-value", "sid=s; t=u; rest; Path=/", "; •••; •••; Path=/"},
		{"folded", "sid=s; Path=/, b=t; Secure", "; Path=/•••; Secure"},
		{"folded-after-date", "sid=s; Expires=Wed, 21 Oct 2099 07:28:00 GMT, b=t", "; Expires=Wed, 21 Oct 2099 07:28:00 GMT•••"},
		{"control", "sid=s; Path=/\x00", `"; Path=/\x00"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := attributes(tt.line); got != tt.want {
				t.Errorf("attributes(%q) = %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}

func TestPrintableLines(t *testing.T) {
	const in, want = "build of F failed\n\n\tmain.go:3: \x1b[31mundefined", "build of F failed\n\n" + `"    main.go:3: \x1b[31mundefined"`
	if got := printableLines(in); got != want {
		t.Errorf("printableLines(%q) = %q, want %q", in, got, want)
	}
}

func TestPrintable(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"ascii", `a "b" <c>`, `a "b" <c>`},
		{"letters", "Zoë 🍪", "Zoë 🍪"},
		{"newline", "a\nb", `"a\nb"`},
		{"not-utf-8", "a\xffb", `"a\xffb"`},
		{"right-to-left-override", "a\u202eb", `"a\u202eb"`},
		{"no-width", "a\u200bb", `"a\u200bb"`},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := printable(tt.in); got != tt.want {
				t.Errorf("printable(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}
