package browser

import (
	"net/http"
	"slices"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/chromium"
)

// sessions are the tests of signing in and out. other is a second browser, with a
// separate jar.
func sessions(b *tab, other *chromium.Browser) {
	b.run("sign-in", testSignIn)
	b.run("signed-out-elsewhere", func(b *tab) { testSignedOutElsewhere(b, other) })
	b.run("cross-site-post", testCrossSitePost)
	b.run("back-button", testBackButton)
}

const (
	nobody = "Nobody is signed in. Sign in"
	name   = "Hello, name! Sign out"
)

// signIn fills the form and sends it, and expects to be greeted.
func (b *tab) signIn() {
	b.Helper()
	b.open("/login", "User name  Password  Sign in")
	b.fill("name", "password")
	page := b.shows(chromedp.Click(chromedp.CSS("button")), name)
	if len(page.Refused) != 0 {
		b.Errorf("Chromium refused %q", page.Refused)
	}
}

func (b *tab) fill(username, password string) {
	b.Helper()
	if err := chromedp.Do(b.chrome.Tab,
		chromedp.SendKeys(chromedp.CSS("input[name=username]"), username),
		chromedp.SendKeys(chromedp.CSS("input[name=password]"), password)); err != nil {
		b.Fatal(err)
	}
}

// cookie returns the one cookie in the jar, which must be a session's.
func (b *tab) cookie() *network.Cookie {
	b.Helper()
	jar, err := b.chrome.Jar()
	if err != nil {
		b.Fatal(err)
	}
	if len(jar) != 1 {
		b.Fatalf("the jar holds %d cookies, want one", len(jar))
	}
	line := *jar[0]
	line.Value = ""
	if got, want := chromium.Line(&line), "__Host-id=; Domain=localhost; Path=/; Secure; HttpOnly; SameSite=Lax"; got != want {
		b.Errorf("the jar holds %s, want %s", got, want)
	}
	return jar[0]
}

func testSignIn(b *tab) {
	if page := b.open("/me", nobody); page.Status != http.StatusUnauthorized {
		b.Errorf("status %d, want 401", page.Status)
	}
	b.shows(chromedp.Click(chromedp.CSS("a")), "User name  Password  Sign in")
	b.fill("name", "guess")
	if page := b.shows(chromedp.Click(chromedp.CSS("button")), "Wrong user name or password.User name  Password  Sign in"); page.Status != http.StatusUnauthorized {
		b.Errorf("status %d, want 401", page.Status)
	}
	b.holds()
	b.signIn()
	first := b.cookie()
	if seen := script[string](b, "document.cookie"); seen != "" {
		b.Errorf("a script sees %q", seen)
	}
	b.signIn()
	if b.cookie().Value == first.Value {
		b.Error("the second sign-in kept the id of the first")
	}
	b.shows(chromedp.Click(chromedp.CSS("a")), "Sign out Sign out everywhere")
	b.shows(chromedp.Click(chromedp.CSS("button")), "User name  Password  Sign in")
	b.holds()
	b.open("/me", nobody)
}

// Signing out everywhere ends the session of the other browser too, and a copy of
// its cookie stops working.
func testSignedOutElsewhere(b *tab, other *chromium.Browser) {
	b.signIn()
	stolen := b.cookie()
	if err := other.Clear(); err != nil {
		b.Fatal(err)
	}
	there := &tab{b.T, other, b.url}
	there.signIn()
	b.open("/me", name)
	there.open("/logout", "Sign out Sign out everywhere")
	there.shows(chromedp.Click(chromedp.CSS("button[name=everywhere]")), "User name  Password  Sign in")
	there.open("/me", nobody)
	b.open("/me", nobody)

	if err := there.chrome.Clear(); err != nil {
		b.Fatal(err)
	}
	if _, err := chromedp.CallBrowser(other.Tab, storage.SetCookies, storage.SetCookiesParams{Cookies: []*network.CookieParam{{
		Name: stolen.Name, Value: stolen.Value, URL: b.url, Path: "/", Secure: true, HTTPOnly: true, SameSite: stolen.SameSite,
	}}}); err != nil {
		b.Fatal(err)
	}
	if there.cookie().Value != stolen.Value {
		b.Fatal("the copy is not in the jar")
	}
	there.open("/me", nobody)
}

// Another site's page cannot sign anyone in or out.
func testCrossSitePost(b *tab) {
	b.signIn()
	before := b.cookie()
	for _, form := range []string{
		`<form method=post action="` + b.url + `/logout"><input name=everywhere value=true></form>`,
		`<form method=post action="` + b.url + `/login"><input name=username value=name><input name=password value=password></form>`,
	} {
		if _, err := b.chrome.Open(b.otherSite(form)); err != nil {
			b.Fatal(err)
		}
		page := b.shows(chromedp.Submit(chromedp.CSS("form")), "Cross-origin request refused.")
		if page.Status != http.StatusForbidden {
			b.Errorf("status %d, want 403", page.Status)
		}
	}
	if b.cookie().Value != before.Value {
		b.Error("another site changed the session")
	}
	b.open("/me", name)
}

// After signing out, going back does not show the previous page.
func testBackButton(b *tab) {
	b.signIn()
	b.shows(chromedp.Click(chromedp.CSS("a")), "Sign out Sign out everywhere")
	b.shows(chromedp.Click(chromedp.CSS("button")), "User name  Password  Sign in")
	var shown []string
	for _, path := range []string{"/logout", "/me"} { // over the form to sign out, to the greeting
		text, err := b.chrome.Back(path)
		if err != nil {
			b.Fatal(err)
		}
		shown = append(shown, text)
	}
	if want := []string{"Sign out Sign out everywhere", nobody}; !slices.Equal(shown, want) {
		b.Errorf("going back shows %q, want %q", shown, want)
	}
}
