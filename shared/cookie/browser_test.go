package cookie_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
)

// browser is a cookie jar that sees one page, for examples.
type browser struct {
	jar  *cookiejar.Jar
	page *url.URL
}

func newBrowser(page string) browser {
	jar, _ := cookiejar.New(nil)
	u, _ := url.Parse(page)
	return browser{jar, u}
}

func (b browser) visit(h func(http.ResponseWriter)) {
	w := httptest.NewRecorder()
	h(w)
	b.jar.SetCookies(b.page, w.Result().Cookies())
}

func (b browser) cookies() []*http.Cookie { return b.jar.Cookies(b.page) }
