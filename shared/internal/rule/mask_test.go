package rule_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

func TestMaskLine(t *testing.T) {
	x := strings.Repeat("x", 197)
	for _, tt := range []struct{ name, line, want string }{
		{"empty", "", "*"},
		{"pair", "a=s3cret", "a=*"},
		{"pair-in-space", " a = s3cret ", " a =*"},
		{"empty-value", "a=", "a=*"},
		{"equals-in-value", "a=s3cret=s3cret", "a=*"},
		{"nameless", "s3cret", "*"},
		{"nameless-in-space", " \ts3cret; Path=/", " \t*; Path=/"},
		{"nothing-but-a-semicolon", ";", "*;"},
		{"every-attribute", "a=s3cret; Domain=a.example; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; Secure; HttpOnly; SameSite=Lax; Partitioned; Priority=High",
			"a=*; Domain=a.example; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60; Secure; HttpOnly; SameSite=Lax; Partitioned; Priority=High"},
		{"spelling-and-space-stay", "a=s3cret ;\tPATH = /x ;max-age=5;;  ; priority", "a=*;\tPATH = /x ;max-age=5;;  ; priority"},
		{"semicolon-in-value", "a=s3c;ret; s3cret=s3cret; Path=/", "a=*;*; *; Path=/"},
		{"almost-known", "a=s3cret; Paths3cret=/; Prioritys3cret", "a=*; *; *"},
		{"equals-first", "a=s3cret; =s3cret", "a=*; *"},
		{"further-cookie-behind-a-value", "a=s3cret; Path=/x, b=s3cret; Secure", "a=*; Path=/x*; Secure"},
		{"further-cookie-at-once", "a=s3cret; Path=,b=s3cret", "a=*; Path=*"},
		{"further-cookie-of-no-name", "a=s3cret; Priority=High, =s3cret", "a=*; Priority=High*"},
		{"further-cookie-behind-a-flag", "a=s3cret; Secure, b=s3cret", "a=*; *"},
		{"further-cookie-behind-a-date", "a=s3cret; Expires=Thu, 01 Jan 1970 00:00:00 GMT, b=s3cret", "a=*; Expires=Thu, 01 Jan 1970 00:00:00 GMT*"},
		{"of-two-further-cookies-the-first", "a=s3cret; Path=/, b=s3cret, c=s3cret", "a=*; Path=/*"},
		{"value-of-200", "a=s3cret; Path=/" + x + "yz", "a=*; Path=/" + x + "yz"},
		{"value-of-201", "a=s3cret; Path=/" + x + "yzs3cret", "a=*; Path=/" + x + "yz…"},
		{"value-cut-before-a-letter", "a=s3cret; Path=/" + x + "yés3cret", "a=*; Path=/" + x + "y…"},
		{"value-cut-before-a-longer-letter", "a=s3cret; Path=/" + x[1:] + "😀s3cret", "a=*; Path=/" + x[1:] + "…"},
		{"value-of-no-letters", "a=s3cret; Path=/" + x[2:] + strings.Repeat("\x80", 9), "a=*; Path=/" + x[2:] + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.MaskLine(tt.line, "*"); got != tt.want {
				t.Errorf("MaskLine(%q) = %q, want %q", tt.line, got, tt.want)
			}
			if got := rule.MaskLine(tt.line, "(secret)"); strings.Contains(got, "s3c") || strings.Contains(got, "*") {
				t.Errorf("MaskLine(%q) = %q with another mask", tt.line, got)
			}
		})
	}
}

func TestMaskPairs(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"empty", "", ""},
		{"pairs", "a=s3cret; b=s3cret;c=", "a=*; b=*;c=*"},
		{"equals-in-value", "a=s3cret=s3cret", "a=*"},
		{"space", " a = s3cret ; \t", " a =*; \t"},
		{"nameless", "s3cret; s3cret ;=s3cret", "*; *;=*"},
		{"empty-parts", ";; a=s3cret;", ";; a=*;"},
		{"comma-divides-nothing", "a=s3cret, b=s3cret", "a=*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.MaskPairs(tt.line, "*"); got != tt.want {
				t.Errorf("MaskPairs(%q) = %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}
