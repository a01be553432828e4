package inspector

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// A view is a tab with the inspector of a crumb.
type view struct {
	*testing.T
	tab   context.Context
	crumb *testenv.Crumb
	alone bool // crumb was stopped, which the console reports
}

// open starts crumb and opens its inspector. Any message on the page's console,
// such as a violation of its policy, fails the test.
func open(t *testing.T, chromePath, crumbPath string) *view {
	crumb := testenv.Start(t, exec.Command(crumbPath, "start", "--port", "0", "--template", "e2e/inspector/testdata/template.yaml"))
	chrome, err := chromium.Start(context.Background(), chromePath, chromium.EveryHost) // t.Context would end before Close
	if err != nil {
		t.Fatal(err)
	}
	var console []string
	messages, read := chromedp.Console(chrome.Tab), make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err != nil {
				return // the browser is closed
			}
			console = append(console, m.String())
		}
	}()
	v := &view{T: t, crumb: crumb}
	t.Cleanup(func() {
		if err := chrome.Close(); err != nil {
			t.Error(err)
		}
		<-read
		for _, m := range console {
			if !v.alone || !strings.Contains(m, "net::ERR_") {
				t.Errorf("the console has %q", m)
			}
		}
	})
	ctx, cancel := context.WithTimeout(chrome.Tab, 10*time.Minute)
	t.Cleanup(cancel)
	v.tab = ctx
	v.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(crumb.Inspector(t)))
	v.until(`document.querySelector("#state").textContent === "Live"`)
	return v
}

func (v *view) do(steps ...chromedp.Action[chromedp.Void]) {
	v.Helper()
	if err := chromedp.Do(v.tab, steps...); err != nil {
		v.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[V any](v *view, code string) V {
	v.Helper()
	value, err := chromedp.Run(v.tab, chromedp.Evaluate[V](code, chromedp.EvalAwaitPromise))
	if err != nil {
		v.Fatalf("%s: %v", code, err)
	}
	return value
}

// until waits until a condition holds on the page.
func (v *view) until(condition string) {
	v.Helper()
	eval[bool](v, `new Promise(done => { const look = () => `+condition+` ? done(true) : requestAnimationFrame(look); look() })`)
}

// get requests a path of the API, with a Cookie header.
func (v *view) get(path, cookie string) {
	v.Helper()
	v.send("GET", path, cookie, "")
}

// set makes the API respond with Set-Cookie lines.
func (v *view) set(path string, lines ...string) {
	v.Helper()
	v.send("POST", path, "", strings.Join(lines, "\n"))
}

func (v *view) send(method, path, cookie, body string) {
	v.Helper()
	r, err := http.NewRequest(method, v.crumb.URL+path, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		v.Fatal(err)
	}
}

// text returns an element's visible text.
func (v *view) text(selector string) string {
	v.Helper()
	return eval[string](v, fmt.Sprintf("document.querySelector(%q).innerText", selector))
}

func (v *view) shows(selector string, texts ...string) {
	v.Helper()
	got := v.text(selector)
	for _, want := range texts {
		if !strings.Contains(got, want) {
			v.Errorf("%s shows\n%s\nand not %q", selector, got, want)
		}
	}
}
