package cookie_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// FuzzValue: what is set is what is read, with every encoding; a rejected value stays rejected
// and does not change the response.
func FuzzValue(f *testing.F) {
	for _, v := range readVectors(f) {
		var d declaration
		if v.Suite == "set-cookie-build" && decodeStrictly(v.Input, &d) {
			f.Add(d.Value)
		}
	}
	f.Add(`"quoted"`)
	f.Add("Zoë, 100% \"ok\"; \\\r\n\x00")
	f.Add("\uFFFD\xff")
	f.Fuzz(func(t *testing.T, value string) {
		for _, c := range []*cookie.Cookie{plain, percent, base64} {
			w := recorder{"Set-Cookie": {"other=1"}}
			line, err := c.Line(value)
			if setErr := c.Set(w, value); (setErr == nil) != (err == nil) {
				t.Fatalf("Line: %v, but Set: %v", err, setErr)
			}
			if err != nil {
				if _, again := c.Line(value); again == nil || len(w["Set-Cookie"]) != 1 {
					t.Fatalf("refused, then %v and %q", again, w["Set-Cookie"])
				}
				continue
			}
			if !sane.MatchString(line) || !slices.Equal(w["Set-Cookie"], []string{"other=1", line}) {
				t.Fatalf("Set wrote %q, Line is %q", w["Set-Cookie"], line)
			}
			pair, _, _ := strings.Cut(line, "; ")
			r, want := request("a=1; b=; "+pair+"; n=later"), value
			if c == plain && len(value) >= 2 && value[0] == '"' {
				want = value[1 : len(value)-1]
			}
			got, ok := c.Get(r)
			if got != want || ok != (want != "") || (c.Check(r) == nil) != ok {
				t.Fatalf("set %q, read %q, %v, %v", value, got, ok, c.Check(r))
			}
			if all := c.All(r); len(all) == 0 || all[0] != want {
				t.Fatalf("set %q, All reads %q", value, all)
			}
		}
	})
}

// FuzzDeclaration: a declaration is rejected with a reason for each mistake, or writes a line
// that net/http reads as declared.
func FuzzDeclaration(f *testing.F) {
	for _, v := range readVectors(f) {
		var d declaration
		if v.Suite == "set-cookie-build" && decodeStrictly(v.Input, &d) {
			f.Add(d.Name, d.Path, d.Domain, int64(60), 0, d.Secure, d.HTTPOnly, d.Partitioned)
		}
	}
	f.Add("__Host-Http-n", "/", "", int64(34560000), 3, false, true, true)
	f.Add("n", "/a b", "Example.com", int64(-1), 4, false, false, false)
	f.Add("n", `/a "\`, "", int64(67), 4, false, false, true)
	f.Fuzz(func(t *testing.T, name, path, domain string, seconds int64, sameSite int, insecure, script, partitioned bool) {
		a := cookie.Attributes{
			Path: path, Domain: domain, MaxAge: time.Duration(seconds) * time.Second, SameSite: http.SameSite(sameSite),
			Insecure: insecure, ScriptReadable: script, Partitioned: partitioned,
		}
		c, err := cookie.New(name, a)
		if err != nil {
			if _, again := cookie.New(name, a); c != nil || again == nil || again.Error() != err.Error() {
				t.Fatalf("refused (%v), then %v", err, again)
			}
			for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
				var ce *cookie.Error
				if !errors.As(e, &ce) || ce.Cookie != name || ce.Field == "" || ce.Reason == "" || ce.Rule == "" {
					t.Fatalf("%+v does not say what broke which rule", e)
				}
			}
			return
		}
		line, err := c.Line("v")
		if errors.Is(err, cookie.ErrTooLarge) && len(name) == 4096 {
			return
		}
		if err != nil || !sane.MatchString(line) {
			t.Fatalf("Line = %q, %v", line, err)
		}
		got, err := http.ParseSetCookie(line)
		if err != nil {
			t.Fatalf("ParseSetCookie(%q): %v", line, err)
		}
		if strings.ContainsAny(path, `"\\`) && slices.Equal(got.Unparsed, []string{"Path=" + path}) {
			got.Path, got.Unparsed = path, nil // it reads attributes by the grammar of values
		}
		if got.Name != name || got.Value != "v" || got.Domain != domain || got.MaxAge != int(seconds) || got.Secure == insecure ||
			got.HttpOnly == script || got.Partitioned != partitioned || len(got.Unparsed) > 0 ||
			got.Path != path && path != "" || got.SameSite != a.SameSite && a.SameSite != 0 {
			t.Fatalf("declared %+v, wrote %q, net/http reads %+v", a, line, got)
		}
		w := recorder{}
		if err := errors.Join(c.Set(w, "v"), c.Delete(w)); err != nil || len(w["Set-Cookie"]) != 1 {
			t.Fatalf("Set and Delete: %q, %v, want one line", w["Set-Cookie"], err)
		}
	})
}

// FuzzRequest: Parse agrees with a simple parser of the lines, with itself on what it returned,
// and with Get and All.
func FuzzRequest(f *testing.F) {
	for _, v := range readVectors(f) {
		var in struct{ Headers []string }
		if v.Suite == "request-cookie-parse" && decodeStrictly(v.Input, &in) {
			f.Add(expand(strings.Join(in.Headers, ";")), "")
		}
	}
	f.Add(" n = \"x\" ;; n", "\x85n=1;n=\x01")
	f.Fuzz(func(t *testing.T, one, two string) {
		r := request(one, two)
		pairs, err := cookie.Parse(r.Header)
		if err != nil {
			if v, ok := plain.Get(r); !errors.Is(err, cookie.ErrTooMany) || len(one)+len(two) < 3000 || ok {
				t.Fatalf("Parse: %v; Get = %q, %v", err, v, ok)
			}
			return
		}
		if want := chosenPairs(r.Header["Cookie"]); !slices.Equal(pairs, want) {
			t.Fatalf("Parse(%q) = %q, want %q", r.Header["Cookie"], pairs, want)
		}
		var text []string
		var first = map[string]string{}
		for _, p := range pairs {
			text = append(text, p.Name+"="+p.Value)
			if _, ok := first[p.Name]; !ok {
				first[p.Name] = p.Value
			}
		}
		clean := request(strings.Join(text, "; "))
		if again, err := cookie.Parse(clean.Header); err != nil || !slices.Equal(again, pairs) {
			t.Fatalf("%q parses as %q, %v, want %q", clean.Header["Cookie"], again, err, pairs)
		}
		for name, value := range first {
			if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
				value = value[1 : len(value)-1]
			}
			c, err := cookie.New(name, cookie.Attributes{})
			if err != nil {
				continue // a prefix or a size that cannot be declared
			}
			if got, ok := c.Get(clean); got != value || ok != (value != "") {
				t.Fatalf("Get(%q) of %q = %q, %v, want %q", name, clean.Header["Cookie"], got, ok, value)
			}
			if all := c.All(r); !slices.Contains(all, value) {
				t.Fatalf("All(%q) of %q = %q, want %q there", name, r.Header["Cookie"], all, value)
			}
		}
	})
}
