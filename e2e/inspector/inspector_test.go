// Package inspector looks at the inspector of "crumb start" in Chromium: what
// appears, what stays hidden until it is asked for, and how it looks.
package inspector

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/crumb-go/crumb/e2e/testenv"
)

func TestInspector(t *testing.T) {
	chrome, crumb := testenv.Tool(t, "chromium"), testenv.Build(t)
	for _, test := range []struct {
		name string
		run  func(*view)
	}{
		{"requests-appear", testRequestsAppear},
		{"values-are-hidden-until-asked-for", testValuesAreHiddenUntilAskedFor},
		{"long-names", testLongNames},
		{"verdicts", testVerdicts},
		{"pause-and-clear", testPauseAndClear},
		{"doors-own-answer", testDoorsOwnAnswer},
		{"crumb-stops", testCrumbStops},
		{"hostile-text", testHostileText},
		{"accessibility", testAccessibility},
		{"looks", testLooks},
		{"picture", testPicture},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(open(t, chrome, crumb)) })
	}
}

const (
	plain   = "plain=1; Path=/; Secure; HttpOnly; SameSite=Lax"
	path    = "path=1; Path=/shop; Secure; HttpOnly; SameSite=Lax"
	secret  = "s3cret-value-of-sid"
	refused = "token=" + secret + "; Path=/; SameSite=None"
)

func testRequestsAppear(v *view) {
	v.shows("main", "No requests yet", "Empty.")
	v.set("/shop", plain, path)
	v.until(`document.querySelectorAll("#list > li").length === 1`)
	v.get("/", "plain=1; theme=dark")
	v.until(`document.querySelectorAll("#list > li").length === 2`)
	v.shows("#list > li:nth-child(1)", "GET", "/", "200", "2 sent")
	v.shows("#list > li:nth-child(2)", "POST", "/shop", "stored: plain, path", "not sent back at AWS: path")
	v.until(`document.querySelectorAll("#jar .host li[data-key]").length === 2`)
	v.shows("#jar", "127.0.0.1", "plain", "path", "Path /shop", "this host only", "HttpOnly", "SameSite Lax")
	v.until(`document.querySelector("#news").textContent === "GET / 200, 2 sent"`)

	v.do(chromedp.Click(chromedp.CSS("#list > li:nth-child(1) .head")))
	v.shows("#list > li:nth-child(1) .body", "LinesFunction", "headers.Cookie and multiValueHeaders.Cookie", "plain", "theme")
}

func testValuesAreHiddenUntilAskedFor(v *view) {
	v.set("/", "sid="+secret+"; Path=/; Max-Age=3600")
	v.get("/", "sid="+secret)
	v.until(`document.querySelectorAll("#list > li").length === 2`)
	v.do(chromedp.Click(chromedp.CSS("#list > li:nth-child(1) .head")), chromedp.Click(chromedp.CSS("#list > li:nth-child(2) .head")))
	if html := eval[string](v, "document.documentElement.outerHTML"); !strings.Contains(html, ">sid<") || strings.Contains(html, secret) {
		v.Error("the page has the value before it is asked for")
	}

	// With the mouse: a request cookie.
	v.do(chromedp.Click(chromedp.CSS("#list > li:nth-child(1) .pairs .eye")))
	v.until(fmt.Sprintf(`document.querySelector("#list > li:nth-child(1) .pairs .secret").textContent === %q`, secret))
	v.do(chromedp.Click(chromedp.CSS("#list > li:nth-child(1) .pairs .eye")))
	v.until(`document.querySelector("#list > li:nth-child(1) .pairs .secret").textContent === ""`)

	// With the keyboard: from the search field to the response's line.
	v.do(chromedp.Focus(chromedp.CSS("#filter")))
	for range 40 {
		if eval[bool](v, `document.activeElement.matches(".setcookie .eye")`) {
			break
		}
		v.do(chromedp.KeyEvent(kb.Tab))
	}
	v.do(chromedp.KeyEvent(" "))
	v.until(fmt.Sprintf(`document.querySelector(".setcookie .secret").textContent === %q`, "sid="+secret+"; Path=/; Max-Age=3600"))
	if got := eval[string](v, `document.activeElement.getAttribute("aria-pressed")`); got != "true" {
		v.Errorf("aria-pressed is %q", got)
	}

	// In the jar, where it stays shown when the jar changes.
	v.do(chromedp.Click(chromedp.CSS("#jar .eye")))
	v.until(fmt.Sprintf(`document.querySelector("#jar .secret").textContent === %q`, secret))
	v.set("/", "sid=another-value; Path=/; Max-Age=3600")
	v.until(`document.querySelector("#jar .secret").textContent === "another-value"`)
}

// A name that fills the page would hide the others. It is shown in full with its
// value.
func testLongNames(v *view) {
	long := strings.Repeat("n", 900)
	v.send("POST", "/"+strings.Repeat("p", 900), long+"=1", long+"=1; Path=/")
	v.until(`document.querySelector("#jar .eye") !== null`)
	v.do(chromedp.Click(chromedp.CSS(".head")))
	v.shows(".head", "/"+strings.Repeat("p", 199)+"…", "stored: "+long[:30]+"…")
	for _, place := range []string{"#list .pairs", "#jar li"} {
		label := fmt.Sprintf("document.querySelector(%q).textContent", place+" .name")
		if got := eval[string](v, label); got != long[:60]+"…" {
			v.Errorf("%s begins with %q", place, got)
		}
		v.do(chromedp.Click(chromedp.CSS(place + " .eye")))
		v.until(fmt.Sprintf("%s === %q", label, long))
		v.do(chromedp.Click(chromedp.CSS(place + " .eye")))
		v.until(fmt.Sprintf("%s === %q", label, long[:60]+"…"))
	}
}

func testVerdicts(v *view) {
	v.set("/shop", refused)
	v.until(`document.querySelectorAll("#list > li").length === 1`)
	v.shows("#list > li", "ignored: token, SameSite is None without Secure")
	v.do(chromedp.Focus(chromedp.CSS("#list .head")), chromedp.KeyEvent(kb.Enter))
	v.shows("#list .line", "ignored", "a browser silently drops the cookie",
		"SameSite is None without Secure", "rfc6265bis 5.7: SameSite=None needs Secure", "[samesite-none-insecure]",
		`var Token = cookie.Must(cookie.New("token", cookie.Attributes{SameSite: http.SameSiteNoneMode}))`, "multiValueHeaders.Set-Cookie")
	v.shows("#jar", "Empty.")
	for _, name := range []string{"clipboard-read", "clipboard-write"} {
		if _, err := chromedp.CallBrowser(v.tab, browser.SetPermission, browser.SetPermissionParams{
			Permission: &browser.PermissionDescriptor{Name: name}, Setting: browser.PermissionSettingGranted,
		}); err != nil {
			v.Fatal(err)
		}
	}
	v.do(chromedp.Click(chromedp.CSS(".fix button")))
	v.until(`document.querySelector(".fix button").textContent === "Copied"`)
	if got := eval[string](v, "navigator.clipboard.readText()"); !strings.HasPrefix(got, "var Token = ") {
		v.Errorf("the clipboard has %q", got)
	}

	v.set("/shop", path)
	v.until(`document.querySelectorAll("#list > li").length === 2`)
	v.do(chromedp.Click(chromedp.CSS("#list > li:first-child .head")), chromedp.Click(chromedp.CSS("#list > li:first-child summary")))
	v.shows("#list > li:first-child .line", "At AWS, behind the stage", `"/shop" and everything below it`)

	v.do(chromedp.Click(chromedp.CSS("#problems")))
	v.set("/", plain)
	v.until(`document.querySelectorAll("#list > li").length === 3`)
	if n := eval[int](v, `document.querySelectorAll("#list > li:not([hidden])").length`); n != 2 {
		v.Errorf("%d requests with problems, want 2", n)
	}
	v.do(chromedp.Click(chromedp.CSS("#problems")), chromedp.SendKeys(chromedp.CSS("#filter"), "TOKEN"))
	v.until(`document.querySelectorAll("#list > li:not([hidden])").length === 1`)
}

func testPauseAndClear(v *view) {
	v.set("/", plain)
	v.until(`document.querySelectorAll("#list > li").length === 1`)
	v.do(chromedp.Click(chromedp.CSS("#pause")))
	v.get("/", "")
	v.until(`document.querySelector("#pause").textContent === "Pause, 1 waiting"`)
	v.do(chromedp.Click(chromedp.CSS("#pause")))
	v.until(`document.querySelectorAll("#list > li").length === 2`)
	v.do(chromedp.Click(chromedp.CSS("#clear")))
	v.until(`document.querySelectorAll("#list > li").length === 0 && !document.querySelector("#none").hidden`)
}

// The door's own responses are there too, with the log's reason.
func testDoorsOwnAnswer(v *view) {
	v.get("/", "big="+strings.Repeat("x", 10_240))
	v.until(`document.querySelectorAll("#list > li").length === 1`)
	v.do(chromedp.Click(chromedp.CSS(".head")))
	v.shows("#list > li", "431", "gateway responded", "bytes of request headers, limit 10240; how large are the cookies?",
		"the Cookie header; the request did not become an event", "big")
}

func testCrumbStops(v *view) {
	v.set("/", "sid="+secret+"; Path=/")
	v.until(`document.querySelector("#jar .eye") !== null`)
	v.alone = true
	v.crumb.Stop()
	v.until(`document.querySelector("#state").textContent.startsWith("crumb does not respond: trying again")`)
	v.do(chromedp.Click(chromedp.CSS("#jar .eye")))
	v.until(`document.querySelector("#jar .secret").textContent === "crumb does not respond"`)
}

// Names, values, attributes and paths are text, whatever they contain.
func testHostileText(v *view) {
	for _, evil := range []string{`<img src=x onerror=document.title="owned">`, `</script><script>document.title="owned"</script>`, `"><svg onload=document.title="owned">`, "\u202egnp.exe"} {
		v.get("/"+url.PathEscape(evil)+"?q="+evil[:1]+url.QueryEscape(evil), "name"+evil+"="+evil)
		v.set("/", evil+"="+evil+"; Path=/"+evil+"; Domain="+evil, "ok=1; Path=/"+evil, "b="+evil)
	}
	v.until(`document.querySelectorAll("#list > li").length === 8`)
	eval[int](v, `document.querySelectorAll(".head").forEach(b => b.click()), document.querySelectorAll(".eye").forEach(b => b.click()), 0`)
	v.until(`[...document.querySelectorAll(".secret")].every(s => s.textContent !== "")`)
	if n := eval[int](v, `document.querySelectorAll("main img, main script, main svg").length`); n != 0 {
		v.Errorf("%d elements came of texts", n)
	}
	if title := eval[string](v, "document.title"); title != "Crumb inspector" {
		v.Errorf("the title is %q", title)
	}
	if eval[bool](v, `document.body.textContent.includes("\u202e")`) {
		v.Error("a letter turns the direction of the text")
	}
}

// What a screen reader is told.
func testAccessibility(v *view) {
	v.set("/shop", refused, "sid=1; Path=/")
	v.until(`document.querySelectorAll("#list > li").length === 1 && document.querySelector("#jar .eye") !== null`)
	v.do(chromedp.Click(chromedp.CSS(".head")))
	tree, err := chromedp.Call(v.tab, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		v.Fatal(err)
	}
	found := map[string]bool{}
	interactive := map[string]bool{"button": true, "searchbox": true, "link": true, "DisclosureTriangle": true}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role, name := text(node.Role), ""
		if node.Name != nil {
			name = text(node.Name)
		}
		if interactive[role] && name == "" {
			v.Errorf("a %s has no name", role)
		}
		found[role+" "+name] = true
		for _, p := range node.Properties {
			if p.Name == "expanded" || p.Name == "pressed" {
				found[role+" "+name+" "+string(p.Name)+" "+text(p.Value)] = true
			}
		}
	}
	for _, want := range []string{
		"heading Crumb inspector", "heading Requests", "heading Cookie jar", "region Requests", "region Cookie jar",
		"searchbox Filter by path or cookie", "button Problems only pressed false", "button Pause pressed false", "button Clear",
		"status ", "link Skip to the requests",
		"button Show the line that sets token pressed false",
		"button Show the value of sid in the jar, path / pressed false",
		"button Copy the Go code for token",
	} {
		if !found[want] {
			v.Errorf("nothing is %q", want)
		}
	}
	rows := 0
	for name := range found {
		if strings.HasPrefix(name, "button POST /shop ") && strings.HasSuffix(name, "expanded true") {
			rows++
		}
	}
	if rows != 1 {
		v.Errorf("%d buttons say that they show a request, want 1 in %v", rows, found)
	}
}

func text(v *accessibility.Value) string { return strings.Trim(string(v.Value), `"`) }

// Screenshots for somebody to look at, in every way that a page is seen; what a
// program can tell of them is that nothing is wider than the window.
func testLooks(v *view) {
	v.set("/login", plain, "__Host-sid="+secret+"; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=2592000", "theme=dark; Path=/; Max-Age=31536000")
	v.send("POST", "/shop", "plain=1; __Host-sid="+secret+"; theme=dark", path)
	v.send("POST", "/logout", "plain=1; __Host-sid="+secret+"; theme=dark", "plain=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
	v.get("/nowhere/"+strings.Repeat("a-long-path/", 12), "")
	v.set("/shop", refused, "sid="+secret+"; Domain=example.com; Max-Age=3600", "cart=a,b; Path=/shop; Expires=Tomorrow")
	v.until(`document.querySelectorAll("#list > li").length === 5`)
	for _, look := range []struct {
		name, scheme  string
		width, height int64
		open          bool
	}{
		{"wide-light", "light", 1280, 900, false},
		{"wide-dark", "dark", 1280, 900, false},
		{"wide-light-open", "light", 1280, 900, true},
		{"wide-dark-open", "dark", 1280, 900, true},
		{"narrow-light-open", "light", 360, 740, true},
		{"narrow-dark-open", "dark", 360, 740, true},
	} {
		if _, err := chromedp.Call(v.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}); err != nil {
			v.Fatal(err)
		}
		v.do(chromedp.EmulateViewport(look.width, look.height))
		if look.open {
			eval[int](v, `document.querySelectorAll("#list > li:nth-child(-n+3) .head[aria-expanded=false]").forEach(b => b.click()), 0`)
			eval[int](v, `document.querySelectorAll("#list > li:nth-child(-n+3) .eye[aria-pressed=false], #jar li:first-child > p .eye[aria-pressed=false]").forEach(b => b.click()), 0`)
			eval[int](v, `document.querySelectorAll("details:last-of-type").forEach(d => d.open = true), 0`)
			v.until(`[...document.querySelectorAll(".eye[aria-pressed=true]")].length > 3`)
		}
		if wide := eval[int](v, "document.documentElement.scrollWidth"); wide > int(look.width) {
			v.Errorf("%s: the page is %d wide", look.name, wide)
		}
		image, err := chromedp.Run(v.tab, chromedp.FullScreenshot(100))
		if err != nil {
			v.Fatal(err)
		}
		testenv.Artifact(v, "inspector-"+look.name+".png", image)
	}
}
