package cookie_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
)

func ExampleMaskLine() {
	fmt.Println(cookie.MaskLine("sid=31d4d96e; Path=/; Secure; HttpOnly", "***"))
	fmt.Println(cookie.MaskLine("sid=31d4;d96e; Path=/, token=9f2c", "***"))
	// Output:
	// sid=***; Path=/; Secure; HttpOnly
	// sid=***;***; Path=/***
}

func ExampleMaskPairs() {
	fmt.Println(cookie.MaskPairs("sid=31d4d96e; theme=dark", "***"))
	// Output: sid=***; theme=***
}

func ExampleLineName() {
	fmt.Println(cookie.LineName("sid=31d4d96e; Path=/"))
	// Output: sid
}

func TestMaskLine(t *testing.T) {
	long := strings.Repeat("x", 200)
	for _, tt := range []struct{ name, line, want string }{
		{"plain", "sid=s; Path=/; Secure; SameSite=Lax", "sid=*; Path=/; Secure; SameSite=Lax"},
		{"spelling-stays", " sid =s;path=/x ;  MAX-AGE = 5;", " sid =*;path=/x ;  MAX-AGE = 5;"},
		{"priority-stays", "sid=s; Priority=High", "sid=*; Priority=High"},
		{"date-stays", "sid=s; Expires=Wed, 21 Oct 2099 07:28:00 GMT", "sid=*; Expires=Wed, 21 Oct 2099 07:28:00 GMT"},
		{"equals-in-path", "sid=s; Path=/a=b", "sid=*; Path=/a=b"},
		{"equals-in-value", "sid=s=s", "sid=*"},
		{"cut-value", "sid=s; t=u; rest; Path=/", "sid=*; *; *; Path=/"},
		{"folded", "sid=s; Path=/, b=t; Secure", "sid=*; Path=/*; Secure"},
		{"folded-no-token", "sid=s; Path=/, b c=t", "sid=*; Path=/*"},
		{"folded-after-date", "sid=s; Expires=Wed, 21 Oct 2099 07:28:00 GMT, b=t", "sid=*; Expires=Wed, 21 Oct 2099 07:28:00 GMT*"},
		{"folded-in-value", "sid=s, b=t", "sid=*"},
		{"nameless", "s", "*"},
		{"nameless-with-attributes", " s; Path=/", " *; Path=/"},
		{"empty-name", "=s", "=*"},
		{"long", "sid=s; Path=" + long, "sid=*; Path=" + long},
		{"too-long", "sid=s; Path=" + long + "x", "sid=*; Path=" + long + "…"},
		{"too-long-letter", "sid=s; Path=" + long[1:] + "é", "sid=*; Path=" + long[1:] + "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cookie.MaskLine(tt.line, "*"); got != tt.want {
				t.Errorf("MaskLine(%q) = %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}

func TestMaskPairs(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"two", "a=s; b=s=s", "a=*; b=*"},
		{"nameless", "s;a=s; s", "*;a=*; *"},
		{"empty", "", ""},
		{"empty-parts", "; ;a=s;", "; ;a=*;"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cookie.MaskPairs(tt.line, "*"); got != tt.want {
				t.Errorf("MaskPairs(%q) = %q, want %q", tt.line, got, tt.want)
			}
		})
	}
}

// LineName, useragent and the masks agree on where the value is, and no mask leaves a part of
// it.
func FuzzMask(f *testing.F) {
	for _, line := range []string{"sid=s3cret; Path=/", "s3cret", "=s3cret", "a;b=c", "a=b, c=d; Path=/x, e=f", "a=b; Expires=Wed, 1, x=y", " a\t= b ;Priority=x"} {
		f.Add(line)
	}
	origin := &url.URL{Scheme: "https", Host: "app.example", Path: "/"}
	f.Fuzz(func(t *testing.T, line string) {
		name := cookie.LineName(line)
		if got := useragent.Explain(line, origin, time.Now()).Cookie.Name; got != name {
			t.Errorf("LineName(%q) = %q, a browser's name is %q", line, name, got)
		}
		masked := cookie.MaskLine(line, "\x00")
		if got := cookie.LineName(masked); got != name {
			t.Errorf("LineName(%q) = %q, of the masked line %q", line, name, got)
		}
		if again := cookie.MaskLine(masked, "\x00"); again != masked {
			t.Errorf("masked twice: %q, then %q", masked, again)
		}
		pair, _, _ := strings.Cut(masked, ";")
		if want := "\x00"; !strings.HasSuffix(pair, want) {
			t.Errorf("MaskLine(%q) = %q: no mask in place of the value", line, masked)
		}
		if l, p := cookie.MaskLine(line, "*"), cookie.MaskPairs(line, "*"); !strings.Contains(line, ";") && line != "" && strings.Trim(line, " \t") != "" && l != p {
			t.Errorf("one pair: MaskLine = %q, MaskPairs = %q", l, p)
		}
	})
}
