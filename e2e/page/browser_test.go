package page

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/e2e/firefox"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// A browser is one in which the page is tested.
type browser interface {
	Open(url string) error
	Eval(code string, value any) error
	Press(keys ...string) error
	Close() error
}

// browsers start those that there are, with a scheme of colours.
var browsers = []struct {
	name  string
	start func(t *testing.T, scheme string) (browser, error)
}{
	{"chromium", startChromium},
	{"firefox", startFirefox},
}

// in runs a test in each browser.
func in(t *testing.T, scheme string, test func(v view)) {
	t.Helper()
	for _, b := range browsers {
		t.Run(b.name, func(t *testing.T) {
			started, err := b.start(t, scheme)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := started.Close(); err != nil {
					t.Error(err)
				}
			})
			test(view{t, started})
		})
	}
}

func startFirefox(t *testing.T, scheme string) (browser, error) {
	path := testenv.Tool(t, "firefox-esr")
	override := map[string]int{"dark": 0, "light": 1}[scheme]
	return firefox.Start(path, fmt.Sprintf(`user_pref("layout.css.prefers-color-scheme.content-override", %d);`, override))
}

// A chrome is a Chromium, where anything on the console is an error, such as a violation
// of the page's policy.
type chrome struct {
	*chromium.Browser
	t       *testing.T
	console *[]string
	read    chan struct{}
}

func startChromium(t *testing.T, scheme string) (browser, error) {
	b, err := chromium.Start(context.Background(), testenv.Tool(t, "chromium"), chromium.EveryHost)
	if err != nil {
		return nil, err
	}
	c := chrome{b, t, new([]string), make(chan struct{})}
	messages := chromedp.Console(b.Tab)
	go func() {
		defer close(c.read)
		for m, err := range messages {
			if err != nil {
				return // the browser is closed
			}
			*c.console = append(*c.console, m.String())
		}
	}()
	_, err = chromedp.Call(b.Tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	return c, err
}

func (c chrome) Open(url string) error { return chromedp.Do(c.Tab, chromedp.Navigate(url)) }

func (c chrome) Eval(code string, value any) error {
	text, err := chromedp.Run(c.Tab, chromedp.Evaluate[string]("Promise.resolve("+code+").then(JSON.stringify)", chromedp.EvalAwaitPromise))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), value)
}

func (c chrome) Press(keys ...string) error {
	for i, key := range keys {
		keys[i] = map[string]string{tab: kb.Tab, enter: kb.Enter}[key]
	}
	return chromedp.Do(c.Tab, chromedp.KeyEvent(strings.Join(keys, "")))
}

func (c chrome) Close() error {
	err := c.Browser.Close()
	<-c.read
	for _, m := range *c.console {
		c.t.Errorf("the console has %q", m)
	}
	return err
}

// Keys, as WebDriver names them.
const tab, enter = "\uE004", "\uE007"

// A view is the page in a browser.
type view struct {
	*testing.T
	browser
}

// open loads a URL of the page and waits for its program.
func (v view) open(url string) {
	v.Helper()
	if err := v.Open(url); err != nil {
		v.Fatal(err)
	}
	v.until(`document.querySelector("#explain")?.textContent === "Explain"`)
	eval[int](v, `(globalThis.blocked = [], addEventListener("securitypolicyviolation", (e) => blocked.push(e.violatedDirective)), 0)`)
	v.Cleanup(func() {
		if blocked := eval[[]string](v, `globalThis.blocked ?? []`); len(blocked) > 0 {
			v.Errorf("the page's policy blocks %v", blocked)
		}
	})
}

func (v view) press(keys ...string) {
	v.Helper()
	if err := v.Press(slices.Clone(keys)...); err != nil {
		v.Fatal(err)
	}
}

func eval[V any](v view, code string) (value V) {
	v.Helper()
	if err := v.Eval(code, &value); err != nil {
		v.Fatalf("%s: %v", code, err)
	}
	return value
}

// until waits until a condition holds on the page.
func (v view) until(condition string) {
	v.Helper()
	eval[bool](v, `new Promise(done => { const look = () => `+condition+` ? done(true) : setTimeout(look, 20); look() })`)
}

// explain fills in the form and presses Enter on its button.
func (v view) explain(paste, url string) {
	v.Helper()
	eval[int](v, fmt.Sprintf(`(document.querySelector("#paste").value = %s, document.querySelector("#url").value = %s, document.querySelector("#explain").focus(), 0)`, quoted(paste), quoted(url)))
	v.press(enter)
}

func quoted(s string) string {
	text, _ := json.Marshal(s) // strings always can
	return string(text)
}

// shows compares an element's visible text.
func (v view) shows(selector string, texts ...string) {
	v.Helper()
	got := eval[string](v, fmt.Sprintf("document.querySelector(%q).innerText", selector))
	for _, want := range texts {
		if !strings.Contains(got, want) {
			v.Errorf("%s shows\n%s\nand not %q", selector, got, want)
		}
	}
}
