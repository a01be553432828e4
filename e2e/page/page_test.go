package page

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

const secret = "s3cret-value-of-sid"

// A site serves the page's folder, and remembers what it was asked for.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, crumb string) *site {
	dir := filepath.Join(t.TempDir(), "page")
	run(t, crumb, "explain", "--page-dir", dir)
	s := &site{}
	files := http.FileServer(http.Dir(dir))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Referer")+string(body))
		s.mu.Unlock()
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestPage(t *testing.T) {
	testenv.Long(t, "the page is compiled and opened in two browsers, a minute")
	page := serve(t, testenv.Build(t))
	in(t, "light", func(v view) {
		for _, test := range []struct {
			name string
			run  func(view, string)
		}{
			{"keyboard", testKeyboard},
			{"fixes", testFixes},
			{"engines", testEngines},
			{"jar", testJar},
			{"har", testHAR},
			{"link", testLink},
			{"not-understood", testNotUnderstood},
			{"hostile-text", testHostileText},
			{"labels", testLabels},
			{"contrast", testContrast},
			{"ten-lines", testTenLines},
		} {
			v.Run(test.name, func(t *testing.T) {
				v := view{t, v.browser}
				v.open(page.URL)
				test.run(v, page.URL)
			})
		}
	})
	page.mu.Lock()
	defer page.mu.Unlock()
	for _, asked := range page.asked {
		if !regexp.MustCompile(`^GET /(page\.js|style\.css|icon\.svg|wasm_exec\.js|crumb\.wasm|favicon\.ico)? $`).MatchString(asked) {
			t.Errorf("the page sends %q", asked)
		}
	}
}

// From the address bar to the verdict without a mouse.
func testKeyboard(v view, _ string) {
	var focused []string
	for range 4 {
		v.press(tab)
		focused = append(focused, eval[string](v, `document.activeElement.id`))
	}
	if want := []string{"paste", "url", "explain", "file"}; !slices.Equal(focused, want) {
		v.Errorf("the focus goes to %q, want %q", focused, want)
	}
	v.explain("sid=1; SameSite=None", "")
	v.until(`document.activeElement.id === "verdicts"`)
	v.shows("#news", "1 line: 1 ignored")
	v.shows("#lines", "sid: ignored the cookie is silently dropped by Chromium and Firefox, kept by Safari", "value of 1 byte, assuming that the response came from https://app.example/cart",
		"ignored: SameSite is None without Secure", "rfc6265bis 5.7: SameSite=None needs Secure [samesite-none-insecure]")
	if role := eval[string](v, `document.querySelector("#news").getAttribute("role")`); role != "status" {
		v.Errorf("the result is a %q", role)
	}
}

func testFixes(v view, _ string) {
	v.explain("sid=1; SameSite=None", "")
	for id, want := range map[string]string{
		"crumb":    `var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}))`,
		"net/http": `http.SetCookie(w, &http.Cookie{Name: "sid"`,
		"flask":    `response.set_cookie("sid"`,
		"express":  `res.cookie("sid"`,
		"spring":   `ResponseCookie.from("sid"`,
	} {
		eval[int](v, fmt.Sprintf(`(document.querySelector("#fix").value = %q, document.querySelector("#fix").dispatchEvent(new Event("change")), 0)`, id))
		v.shows("#lines pre", want)
	}
}

func testEngines(v view, _ string) {
	v.explain("sid=1; Secure; Path=/", "http://localhost:3000/")
	v.shows("#lines", "sid: ignored the cookie is kept by Chromium and Firefox, silently dropped by Safari", "Browser by browser", "Chromium keeps the cookie", "Firefox keeps the cookie", "Safari (documented, not run) drops the cookie: Secure")
	v.explain("sid=1; Path=/", "http://localhost:3000/")
	if shown := eval[string](v, `document.querySelector("#lines").innerText`); strings.Contains(shown, "Safari") {
		v.Errorf("all browsers do the same:\n%s", shown)
	}
}

func testJar(v view, _ string) {
	v.explain("sid=1; Path=/; Secure\ntheme=dark; Path=/shop", "https://app.example/login")
	v.shows("#jar", `"sid" (value of 1 byte) at app.example`, `"theme"`)
	v.shows("#sent", "Cookie: sid=•••")
	eval[int](v, `(document.querySelector("#to").value = "https://app.example/shop/cart", document.querySelector("#to").dispatchEvent(new Event("change")), 0)`)
	v.shows("#sent", "Cookie: theme=•••; sid=•••")
	eval[int](v, `(document.querySelector("#to").value = "http://other.example/", document.querySelector("#to").dispatchEvent(new Event("change")), 0)`)
	v.shows("#sent", "no Cookie header")
}

const har = `{"log":{"version":"1.2","entries":[
{"startedDateTime":"2026-01-01T00:00:00Z","request":{"url":"https://app.example/login"},"response":{"status":200,"headers":[{"name":"Set-Cookie","value":"sid=1; Path=/"}]}},
{"startedDateTime":"2026-01-01T00:00:01Z","request":{"url":"https://id.example/"},"response":{"status":200,"headers":[{"name":"set-cookie","value":"__Host-id=1; Path=/"}]}}]}}`

func testHAR(v view, _ string) {
	eval[int](v, fmt.Sprintf(`(() => { const data = new DataTransfer(); data.items.add(new File([%s], "app.har")); document.querySelector("#file").files = data.files; document.querySelector("#file").dispatchEvent(new Event("change")); return 0 })()`, quoted(har)))
	v.until(`!document.querySelector("#results").hidden`)
	v.shows("#lines > li:nth-child(1)", "sid: stored", "from https://app.example/login")
	v.shows("#lines > li:nth-child(2)", "__Host-id: ignored", "from https://id.example/", "[prefix-host]")
}

func testLink(v view, url string) {
	v.explain("sid="+secret+"; SameSite=None\n__Host-b="+secret, "https://app.example/login")
	link := eval[string](v, `document.querySelector("#link").value`)
	if strings.Contains(link, secret) || !strings.HasPrefix(link, url+"/#") {
		v.Errorf("the link is %s", link)
	}
	eval[int](v, `(document.querySelector("#values").click(), 0)`)
	full := eval[string](v, `document.querySelector("#link").value`)
	if !strings.Contains(full, secret) {
		v.Errorf("the link with values is %s", full)
	}
	for _, link := range []string{link, full} {
		if err := v.Open("about:blank"); err != nil { // so that the page is loaded again
			v.Fatal(err)
		}
		v.open(link)
		v.shows("#news", "2 lines: 2 ignored")
		v.shows("#lines > li:nth-child(1)", fmt.Sprintf("value of %d bytes, from https://app.example/login", len(secret)), "[samesite-none-insecure]")
		v.shows("#lines > li:nth-child(2)", "[prefix-host]")
	}
}

func testNotUnderstood(v view, _ string) {
	v.explain("Cookie: sid=1", "")
	v.shows("#news", "Not understood: this is a Cookie header, which browsers send")
	v.explain("sid=1", "app.example")
	v.shows("#news", `Not understood: the URL needs http or https and a host`)
	if eval[string](v, `document.activeElement.id`) != "explain" {
		v.Error("the focus has left the button")
	}
}

// Names, values and attributes are text, whatever they contain.
func testHostileText(v view, _ string) {
	evil := `<img src=x onerror=document.title="owned">`
	v.explain(evil+"="+evil+"; Path="+evil+"; Domain="+evil+"; SameSite="+evil, "https://app.example/"+evil)
	v.until(`!document.querySelector("#results").hidden`)
	if n := eval[int](v, `document.querySelectorAll("main img, main script").length`); n != 0 {
		v.Errorf("%d elements came of text", n)
	}
}

// Everything that can be used has a name, and headings do not skip a level.
func testLabels(v view, _ string) {
	v.explain("sid=1; SameSite=None\nb=2; Max-Age=x", "")
	const nameless = `[...document.querySelectorAll("button, input, select, textarea")].filter((n) => !(n.labels?.length || n.getAttribute("aria-label") || n.textContent)).map((n) => n.outerHTML)`
	if found := eval[[]string](v, nameless); len(found) > 0 {
		v.Errorf("nothing names %s", found)
	}
	last := 0
	for _, level := range eval[[]int](v, `[...document.querySelectorAll("h1, h2, h3, h4")].map((n) => +n.tagName[1])`) {
		if level > last+1 {
			v.Errorf("a heading h%d follows h%d", level, last)
		}
		last = level
	}
	if ids := eval[[]string](v, `[...document.querySelectorAll("[aria-labelledby], [aria-describedby]")].flatMap((n) => [n.getAttribute("aria-labelledby"), n.getAttribute("aria-describedby")]).filter((id) => id && !document.getElementById(id))`); len(ids) > 0 {
		v.Errorf("there is no %s", ids)
	}
}

// The contrast of each text with what is behind it is at least 4.5 (WCAG 1.4.3), and
// nothing is wider than the window.
func testContrast(v view, _ string) {
	v.explain("sid=1; SameSite=None\nb=2; Max-Age=x; Path=/\nc=3; Path=/\nd=; Max-Age=0\ne=1; Secure", "http://localhost:3000/")
	const low = `(() => {
		const light = (c) => { const [r, g, b] = c.match(/[\d.]+/g).map(Number).map((x) => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
		const behind = (n) => { const c = getComputedStyle(n).backgroundColor; return n.parentElement && /, 0\)$|transparent/.test(c) ? behind(n.parentElement) : c };
		const low = [];
		for (const n of document.querySelectorAll("body *")) {
			if (![...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) || !n.checkVisibility()) continue;
			const [a, b] = [light(getComputedStyle(n).color), light(behind(n))].sort((x, y) => y - x);
			if ((a + .05) / (b + .05) < 4.5) low.push(n.outerHTML.slice(0, 100) + " " + getComputedStyle(n).color + " on " + behind(n));
		}
		return low;
	})()`
	if found := eval[[]string](v, low); len(found) > 0 {
		v.Errorf("too little contrast: %s", strings.Join(found, "\n"))
	}
	if eval[bool](v, `document.documentElement.scrollWidth > innerWidth`) {
		v.Error("the page is wider than the window")
	}
}

// A beginner finds why each of ten famous lines vanishes, by the page and by the command.
func testTenLines(v view, _ string) {
	for _, row := range famous(v.T) {
		v.explain(row.lines, row.url)
		v.shows("#lines > li:last-child", "["+row.reason+"]")
		if kind := eval[string](v, `document.querySelector("#lines > li:last-child").dataset.kind`); kind != row.outcome && (kind != "changed" || row.outcome != "stored") {
			v.Errorf("%s: %s, want %s", row.cause, kind, row.outcome)
		}
	}
}

func TestTenLines(t *testing.T) {
	testenv.Long(t, "crumb is compiled")
	crumb := testenv.Build(t)
	for _, row := range famous(t) {
		cmd := exec.Command(crumb, "explain", "--url", row.url, "-")
		cmd.Stdin = strings.NewReader(row.lines)
		out, _ := cmd.Output() // its exit code says whether a line is ignored
		if !strings.Contains(string(out), "["+row.reason+"]") || !strings.Contains(string(out), strings.ToUpper(row.outcome)) {
			t.Errorf("%s: the command says\n%s\nwant %s by %s", row.cause, out, row.outcome, row.reason)
		}
	}
}

type famousLine struct{ cause, url, lines, outcome, reason string }

var times = regexp.MustCompile(`x\*(\d+)`)

// famous reads the table of docs/cookies-that-vanish.md.
func famous(t *testing.T) (rows []famousLine) {
	text, err := os.ReadFile(filepath.Join(testenv.Root(t), "docs", "cookies-that-vanish.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) != 10 || !strings.Contains(cells[3], "`http") {
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		lines := times.ReplaceAllStringFunc(strings.ReplaceAll(cells[4], "` then `", "\n"), func(s string) string {
			n, _ := strconv.Atoi(s[2:])
			return strings.Repeat("x", n)
		})
		rows = append(rows, famousLine{cells[2], cells[3], lines, cells[5], cells[6]})
	}
	if len(rows) != 10 {
		t.Fatalf("%d rows, want 10", len(rows))
	}
	return rows
}

// The whole page has at most 2 MB, as web servers compress it.
func TestSize(t *testing.T) {
	testenv.Long(t, "the page is compiled")
	dir := t.TempDir()
	run(t, testenv.Build(t), "explain", "--page-dir", dir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(text) // to memory
		w.Close()
		total += packed.Len()
	}
	t.Logf("%d files, %d bytes compressed", len(entries), total)
	if total > 2_000_000 || len(entries) != 6 {
		t.Errorf("%d files, %d bytes compressed", len(entries), total)
	}
}
