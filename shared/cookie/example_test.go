package cookie_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// Keep declarations like these in one package that every handler imports.
var (
	theme = cookie.Must(cookie.New("theme", cookie.Attributes{}))
	guest = cookie.Must(cookie.New("guest", cookie.Attributes{Encoding: cookie.Percent}))
)

func Example() {
	set := func(w http.ResponseWriter, r *http.Request) {
		if err := guest.Set(w, "Zoë"); err != nil {
			http.Error(w, "This name cannot be kept.", http.StatusBadRequest)
		}
	}
	greet := func(w http.ResponseWriter, r *http.Request) {
		name, ok := guest.Get(r)
		if !ok {
			name = "Guest"
		}
		fmt.Printf("Hello, %s!\n", name)
	}

	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	greet(w, r)
	set(w, r)
	r.AddCookie(w.Result().Cookies()[0]) // the browser comes back
	greet(w, r)
	// Output:
	// Hello, Guest!
	// Hello, Zoë!
}

func ExampleNew() {
	_, err := cookie.New("__Host-id", cookie.Attributes{Path: "/app", MaxAge: 500 * 24 * time.Hour})
	fmt.Println(err)
	// Output:
	// cookie: "__Host-id": MaxAge is 12000h0m0s (rfc6265bis 5.5: a browser keeps a cookie for at most 400 days)
	// cookie: "__Host-id": Path must be "/", as the prefix __Host- requires (rfc6265bis 4.1.3.2: a __Host- cookie is Secure, has Path=/ and no Domain)
}

// A third-party widget, embedded in pages of other sites, keeps one cookie for
// each of these sites.
func ExampleNew_embedded() {
	widget, err := cookie.New("__Host-widget", cookie.Attributes{SameSite: http.SameSiteNoneMode, Partitioned: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(widget.Line("compact"))
	// Output: __Host-widget=compact; Path=/; Secure; HttpOnly; SameSite=None; Partitioned <nil>
}

func ExampleMust() {
	theme := cookie.Must(cookie.New("theme", cookie.Attributes{}))
	fmt.Println(theme.Name())
	// Output: theme
}

func ExampleCookie_Set() {
	w := httptest.NewRecorder()
	fmt.Println(theme.Set(w, "dark"))
	fmt.Println(theme.Set(w, "light")) // in place of the first
	fmt.Println(theme.Set(w, "very dark"))
	fmt.Println(w.Header()["Set-Cookie"])
	// Output:
	// <nil>
	// <nil>
	// cookie: "theme": Value has a space at offset 4 (length 9); declare Encoding: cookie.Percent (rfc6265bis 4.1.1: a cookie-value is cookie-octets, optionally in double quotes)
	// [theme=light; Path=/; Secure; HttpOnly; SameSite=Lax]
}

// Each cookie needs its own header line. Lines joined by a comma set one cookie; here the
// second one becomes a part of SameSite.
func ExampleCookie_Set_incorrect() {
	themeLine, _ := theme.Line("dark")
	guestLine, _ := guest.Line("Zoe")

	wrong := httptest.NewRecorder()
	wrong.Header().Set("Set-Cookie", themeLine+", "+guestLine)
	fmt.Println("joined:", len(wrong.Result().Cookies()), "cookie")

	right := httptest.NewRecorder()
	theme.Set(right, "dark")
	guest.Set(right, "Zoe")
	fmt.Println("set:", len(right.Result().Cookies()), "cookies")
	// Output:
	// joined: 1 cookie
	// set: 2 cookies
}

func ExampleCookie_Get() {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", `theme="dark"; guest=Zo%C3%AB`)
	fmt.Println(theme.Get(r))
	fmt.Println(guest.Get(r))
	// Output:
	// dark true
	// Zoë true
}

// net/http drops bytes that a value cannot have, and sets another value.
func ExampleCookie_Get_incorrect() {
	name := `Zoë; "admin"`
	r := httptest.NewRequest("GET", "/", nil)

	w := httptest.NewRecorder()
	http.SetCookie(w, &http.Cookie{Name: "guest", Value: name})
	r.AddCookie(w.Result().Cookies()[0])
	c, _ := r.Cookie("guest")
	fmt.Println("net/http:", c.Value)

	w, r = httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	guest.Set(w, name)
	r.AddCookie(w.Result().Cookies()[0])
	fmt.Println(guest.Get(r))
	// Output:
	// net/http: Zo admin
	// Zoë; "admin" true
}

func ExampleCookie_All() {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "theme=dark; guest=Zoe; theme=light")
	fmt.Println(theme.All(r))
	// Output: [dark light]
}

func ExampleCookie_Check() {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", "guest=100%")
	err := guest.Check(r)
	fmt.Println(err)
	fmt.Println(errors.Is(err, cookie.ErrMalformed))
	fmt.Println(theme.Check(r))
	// Output:
	// cookie: "guest": Value has a broken escape at offset 3 (length 4)
	// true
	// cookie: "theme": Value is absent
}

func ExampleCookie_Delete() {
	w := httptest.NewRecorder()
	theme.Delete(w)
	fmt.Println(w.Header().Get("Set-Cookie"))
	// Output: theme=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
}

// A deletion with another Path deletes another cookie. Deletions written by hand forget the
// Path one day; the declaration does not.
func ExampleCookie_Delete_incorrect() {
	cart := cookie.Must(cookie.New("cart", cookie.Attributes{Path: "/shop"}))
	browser := newBrowser("https://example.com/shop/list")

	browser.visit(func(w http.ResponseWriter) { cart.Set(w, "42") })
	browser.visit(func(w http.ResponseWriter) {
		http.SetCookie(w, &http.Cookie{Name: "cart", Path: "/", MaxAge: -1})
	})
	fmt.Println("deleted at /:", browser.cookies())

	browser.visit(func(w http.ResponseWriter) { cart.Delete(w) })
	fmt.Println("deleted:", browser.cookies())
	// Output:
	// deleted at /: [cart=42]
	// deleted: []
}

// The cookie is Partitioned from this release on. DeleteAt only takes a Path and a Domain;
// the declaration of the last release deletes what it set.
func ExampleCookie_Delete_earlierDeclaration() {
	old := cookie.Must(cookie.New("widget", cookie.Attributes{SameSite: http.SameSiteNoneMode}))
	widget := cookie.Must(cookie.New("widget", cookie.Attributes{SameSite: http.SameSiteNoneMode, Partitioned: true}))

	w := httptest.NewRecorder()
	fmt.Println(widget.Set(w, "compact"), old.Delete(w))
	for _, line := range w.Header()["Set-Cookie"] {
		fmt.Println(line)
	}
	// Output:
	// <nil> <nil>
	// widget=compact; Path=/; Secure; HttpOnly; SameSite=None; Partitioned
	// widget=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=None
}

// The cookie was set for /shop by the last release, and is for all paths now.
func ExampleCookie_DeleteAt() {
	cart := cookie.Must(cookie.New("cart", cookie.Attributes{}))
	browser := newBrowser("https://example.com/shop/list")
	browser.visit(func(w http.ResponseWriter) {
		http.SetCookie(w, &http.Cookie{Name: "cart", Value: "old", Path: "/shop"})
	})

	browser.visit(func(w http.ResponseWriter) {
		cart.Set(w, "new")
		cart.DeleteAt(w, "/shop", "")
	})
	fmt.Println(browser.cookies())
	// Output: [cart=new]
}

func ExampleCookie_Until() {
	endOfTerm := time.Date(2030, 7, 31, 22, 0, 0, 0, time.UTC)
	fmt.Println(theme.Until(endOfTerm).Line("dark"))
	// Output: theme=dark; Path=/; Expires=Wed, 31 Jul 2030 22:00:00 GMT; Secure; HttpOnly; SameSite=Lax <nil>
}

func ExampleCookie_Line() {
	fmt.Println(guest.Line("Zoë"))
	// Output: guest=Zo%C3%AB; Path=/; Secure; HttpOnly; SameSite=Lax <nil>
}

func ExampleParse() {
	pairs, err := cookie.Parse(http.Header{"Cookie": {"theme=dark; theme=light", `guest="Zo%C3%AB"`}})
	fmt.Printf("%q %v\n", pairs, err)
	// Output: [{"theme" "dark"} {"theme" "light"} {"guest" "\"Zo%C3%AB\""}] <nil>
}

func ExampleCookie_Name() {
	fmt.Println(theme.Name())
	// Output: theme
}

// Every mistake of a declaration is a separate Error.
func ExampleError() {
	_, err := cookie.New("a b", cookie.Attributes{Insecure: true, SameSite: http.SameSiteNoneMode})
	for _, err := range err.(interface{ Unwrap() []error }).Unwrap() {
		if e := (*cookie.Error)(nil); errors.As(err, &e) {
			fmt.Printf("%s %s\n", e.Field, e.Reason)
		}
	}
	// Output:
	// Name has a space at offset 1
	// SameSite is None without Secure
}

// A message for the next page, without a session: the page that shows it deletes it. Its name
// keeps other hosts from planting one; the visitor can, so it is escaped like everything from
// outside.
func Example_flash() {
	flash := cookie.Must(cookie.New("__Host-flash", cookie.Attributes{Encoding: cookie.Percent, MaxAge: time.Minute}))
	save := func(w http.ResponseWriter, r *http.Request) {
		if err := flash.Set(w, "Your order is saved. <3"); err != nil {
			http.Error(w, "Please try again.", http.StatusInternalServerError)
			return
		}
		http.Redirect(w, r, "/orders", http.StatusSeeOther)
	}
	orders := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if message, ok := flash.Get(r); ok {
			_ = flash.Delete(w) // fails only if the response sets it in another scope
			fmt.Println(html.EscapeString(message))
		}
		for _, line := range w.Header()["Set-Cookie"] {
			fmt.Println(line)
		}
	}

	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/orders", nil)
	save(w, httptest.NewRequest("POST", "/save", nil))
	r.AddCookie(w.Result().Cookies()[0]) // the browser follows
	orders(httptest.NewRecorder(), r)
	// Output:
	// Your order is saved. &lt;3
	// __Host-flash=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
}
