package devicebound_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/devicebound"
)

// The data of a session, the cookie that finds it, a user and the key of a device.
type account struct{ Name string }

var (
	id     = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))
	zoe    = session.NewHandle()
	device = dbsctest.NewDevice(dbsc.ES256)
)

// In Lambda the store is one of package dynamostore.
func newSessions() *devicebound.Manager[account] {
	sessions, err := devicebound.New[account](new(session.Memory), session.Config{Cookie: id}, devicebound.Config{})
	if err != nil {
		panic(err)
	}
	return sessions
}

// login signs in, and binds the session as a browser does. It returns the cookies.
func login(sessions *devicebound.Manager[account]) (jar []*http.Cookie) {
	w := httptest.NewRecorder()
	if err := sessions.Start(w, httptest.NewRequest("POST", "/login", nil), zoe, account{"Zoë"}); err != nil {
		panic(err)
	}
	jar = w.Result().Cookies()
	asked, _ := dbsc.Registrations(w.Header())
	r := httptest.NewRequest("POST", asked[0].Path, nil)
	r.AddCookie(jar[0])
	r.Header.Set(dbsc.ResponseHeader, device.Register(asked[0].Challenge, ""))
	w = httptest.NewRecorder()
	sessions.Handler().ServeHTTP(w, r)
	return append(jar, w.Result().Cookies()...)
}

// A copied session cookie opens nothing without the bound cookie, which only the device's
// key renews.
func Example() {
	sessions := newSessions()
	jar := login(sessions)

	r := httptest.NewRequest("GET", "/me", nil)
	r.AddCookie(jar[0])
	_, err := sessions.Get(r)
	fmt.Println(errors.Is(err, session.ErrNone))

	r.AddCookie(jar[1])
	a, err := sessions.Get(r)
	fmt.Println(a.Name, err)
	// Output:
	// true
	// Zoë <nil>
}

func ExampleNew() {
	bound := cookie.Must(cookie.New("__Host-device", cookie.Attributes{MaxAge: 5 * time.Minute}))
	_, err := devicebound.New[account](new(session.Memory), session.Config{Cookie: id}, devicebound.Config{
		Path:   "/account/bind",
		Cookie: bound,
		Policy: devicebound.RequireBound,
	})
	fmt.Println(err)
	// Output: <nil>
}

// Shorter cookies make browsers refresh more often than they want to.
func ExampleNew_incorrect() {
	bound := cookie.Must(cookie.New("__Host-device", cookie.Attributes{MaxAge: time.Minute}))
	_, err := devicebound.New[account](new(session.Memory), session.Config{Cookie: id}, devicebound.Config{Cookie: bound})
	fmt.Println(err)
	// Output: devicebound: the bound cookie's MaxAge is 1m0s, less than 5m0s
}

func ExampleManager_Handler() {
	sessions := newSessions()
	mux := http.NewServeMux()
	mux.Handle("POST /session/bind", sessions.Handler())
	// Browsers refresh on behalf of other origins too.
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST /session/bind")
	handler := protection.Handler(mux)

	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("POST", "/session/bind", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 400 not a request of device-bound sessions
}

func ExampleManager_Binding() {
	sessions := newSessions()
	r := httptest.NewRequest("GET", "/me", nil)
	for _, c := range login(sessions) {
		r.AddCookie(c)
	}
	b, err := sessions.Binding(r)
	if err != nil {
		panic(err)
	}
	if b.Bound() {
		fmt.Println("bound by", b.Algorithm)
	}
	// Output: bound by ES256
}

func ExampleBinding_Bound() {
	fmt.Println(devicebound.Binding{}.Bound())
	// Output: false
}

// A request that must not be made with a stolen jar, however fresh.
func ExampleManager_Demand() {
	sessions := newSessions()
	password := func(w http.ResponseWriter, r *http.Request) {
		b, err := sessions.Binding(r)
		switch {
		case sessions.Retry(w, r, err):
		case err != nil:
			http.Error(w, "Please sign in.", http.StatusUnauthorized)
		case b.Bound() && time.Since(b.Proved) > -time.Minute: // always, as an example; usually a minute
			sessions.Demand(w, r)
		default:
			fmt.Fprint(w, "The password is changed.")
		}
	}
	r := httptest.NewRequest("POST", "/account/password?lang=en", nil)
	for _, c := range login(sessions) {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	password(w, r)
	fmt.Println(w.Code, w.Header().Get("Location"))
	fmt.Println(w.Header().Get("Set-Cookie"))
	// Output:
	// 307 ./password?lang=en
	// __Host-bound=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Secure; HttpOnly; SameSite=Lax
}

func ExampleManager_Retry() {
	sessions := newSessions()
	me := func(w http.ResponseWriter, r *http.Request) {
		a, err := sessions.Get(r)
		switch {
		case sessions.Retry(w, r, err): // the browser will come back with a proof, or later
		case errors.Is(err, session.ErrNone):
			http.Error(w, "Please sign in.", http.StatusUnauthorized)
		case err != nil:
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		default:
			fmt.Fprintf(w, "Hello, %s!", a.Name)
		}
	}
	r := httptest.NewRequest("GET", "/me", nil)
	r.AddCookie(login(sessions)[0])
	r.Header.Set(dbsc.SkippedHeader, "quota_exceeded")
	w := httptest.NewRecorder()
	me(w, r)
	fmt.Println(w.Code, w.Header().Get("Retry-After"))
	// Output: 503 60
}
