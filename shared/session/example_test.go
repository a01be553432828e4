package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/session"
)

// The data of a session, and the cookie that finds it. Both are declared once.
type account struct {
	Name  string
	Admin bool `json:",omitempty"`
}

var id = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))

// In Lambda the store is one of package dynamostore.
func newSessions() *session.Manager[account] {
	sessions, err := session.New[account](new(session.Memory), session.Config{Cookie: id})
	if err != nil {
		panic(err)
	}
	return sessions
}

// zoe is the handle of a user, and as permanent as the account.
var zoe = session.NewHandle()

// A browser visits a site and keeps its cookies. It starts without any.
type browser struct{ jar useragent.Jar }

func (b *browser) visit(h http.HandlerFunc) {
	site := useragent.Request{URL: &url.URL{Scheme: "https", Host: "app.example", Path: "/"}}
	r := httptest.NewRequest("GET", site.URL.String(), nil)
	if cookies := b.jar.Header(site); cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	w := httptest.NewRecorder()
	h(w, r)
	for _, line := range w.Header()["Set-Cookie"] {
		b.jar.Set(site, line)
	}
}

func Example() {
	sessions := newSessions()
	login := func(w http.ResponseWriter, r *http.Request) {
		// The password was right.
		if err := sessions.Start(w, r, zoe, account{Name: "Zoë"}); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	}
	me := func(w http.ResponseWriter, r *http.Request) {
		a, err := sessions.Get(r)
		switch {
		case errors.Is(err, session.ErrNone):
			fmt.Println("Nobody is signed in.")
		case err != nil:
			fmt.Println("Please try again.") // the store failed: the user is not known
		default:
			fmt.Printf("Hello, %s!\n", a.Name)
		}
	}
	logout := func(w http.ResponseWriter, r *http.Request) {
		if err := sessions.End(w, r); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	}

	var b browser
	for _, page := range []http.HandlerFunc{me, login, me, logout, me} {
		b.visit(page)
	}
	// Output:
	// Nobody is signed in.
	// Hello, Zoë!
	// Nobody is signed in.
}

func ExampleNew() {
	theme := cookie.Must(cookie.New("theme", cookie.Attributes{}))
	_, err := session.New[account](new(session.Memory), session.Config{Cookie: theme, Idle: time.Hour, Absolute: time.Minute})
	fmt.Println(err)
	// Output:
	// session: the name "theme" does not begin with __Host-, so other hosts could plant the cookie
	// session: Absolute is 1m0s, less than Idle, 1h0m0s
}

// Signing in makes a new id, and ends the session that was there.
func ExampleManager_Start() {
	sessions := newSessions()
	var b browser
	var before string
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(sessions.Start(w, r, zoe, account{Name: "Zoë"}))
		before = w.Header().Get("Set-Cookie")
	})
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(sessions.Start(w, r, zoe, account{Name: "Zoë"}))
		fmt.Println("the same id:", w.Header().Get("Set-Cookie") == before)
	})
	// Output:
	// <nil>
	// <nil>
	// the same id: false
}

func ExampleManager_Get() {
	sessions := newSessions()
	_, err := sessions.Get(httptest.NewRequest("GET", "/", nil))
	fmt.Println(errors.Is(err, session.ErrNone))
	// Output: true
}

// The function may be called again, so it only changes its argument.
func ExampleManager_Update() {
	sessions := newSessions()
	var b browser
	b.visit(func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, account{Name: "Zoe"}) })
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		err := sessions.Update(r, func(a *account) error {
			a.Name = "Zoë"
			return nil
		})
		fmt.Println(err)
	})
	b.visit(func(w http.ResponseWriter, r *http.Request) { fmt.Println(sessions.Get(r)) })
	// Output:
	// <nil>
	// {Zoë false} <nil>
}

// A user gains rights under a new id, so a stolen old one does not gain them.
func ExampleManager_Renew() {
	sessions := newSessions()
	var b browser
	var old *http.Request
	b.visit(func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, account{Name: "Zoë"}) })
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		old = r
		if err := sessions.Renew(w, r); err != nil {
			fmt.Println(err)
		}
	})
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(sessions.Update(r, func(a *account) error { a.Admin = true; return nil }))
	})
	_, err := sessions.Get(old)
	fmt.Println(err)
	// Output:
	// <nil>
	// session: none
}

// A copy of the cookie is useless once the session has ended.
func ExampleManager_End() {
	sessions := newSessions()
	var b, thief browser
	b.visit(func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, account{Name: "Zoë"}) })
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		stolen, _ := id.Line(id.All(r)[0])
		thief.visit(func(w http.ResponseWriter, _ *http.Request) { w.Header().Add("Set-Cookie", stolen) })
	})
	me := func(_ http.ResponseWriter, r *http.Request) { fmt.Println(sessions.Get(r)) }

	thief.visit(me)
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(sessions.End(w, r))
		fmt.Println(w.Header().Get("Clear-Site-Data"))
	})
	thief.visit(me)
	// Output:
	// {Zoë false} <nil>
	// <nil>
	// "storage"
	// { false} session: none
}

// "Sign out everywhere."
func ExampleManager_EndAll() {
	sessions := newSessions()
	start := func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, account{Name: "Zoë"}) }
	var laptop, phone browser
	laptop.visit(start)
	phone.visit(start)

	laptop.visit(func(w http.ResponseWriter, r *http.Request) { fmt.Println(sessions.EndAll(w, r)) })
	phone.visit(func(w http.ResponseWriter, r *http.Request) { fmt.Println(sessions.Get(r)) })
	// Output:
	// <nil>
	// { false} session: none
}

// A password was changed: everyone signed in with the old one is signed out.
func ExampleManager_EndUser() {
	sessions := newSessions()
	var b browser
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		_ = sessions.Start(w, r, zoe, account{Name: "Zoë"})
		fmt.Println(sessions.EndUser(r.Context(), zoe))
	})
	b.visit(func(w http.ResponseWriter, r *http.Request) { fmt.Println(sessions.Get(r)) })
	// Output:
	// <nil>
	// { false} session: none
}

// A handle is made once, with the account, and is not the user's name.
func ExampleNewHandle() {
	zoe, ana := session.NewHandle(), session.NewHandle()
	fmt.Println(len(zoe), zoe == ana)
	// Output: 16 false
}
