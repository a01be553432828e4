package demo_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

// ask sends a request to a handler and prints the response.
func ask(h http.Handler, r *http.Request) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
}

func hello(w http.ResponseWriter, _ *http.Request) { demo.WritePage(w, http.StatusOK, "Hello!") }

func ExampleMethods() {
	h := demo.Methods{http.MethodGet: hello}
	ask(h, httptest.NewRequest("GET", "/prod/hello", nil))
	ask(h, httptest.NewRequest("PUT", "/prod/hello", nil))
	// Output:
	// 200 Hello!
	// 405 Method not allowed.
}

func ExampleForm() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		demo.NoStore(w)
		fields, ok := demo.Form(w, r)
		if !ok {
			return // it has responded
		}
		demo.WritePage(w, http.StatusOK, "Hello, "+html.EscapeString(fields.Get("name"))+"!")
	})
	r := httptest.NewRequest("POST", "/hello", strings.NewReader("name=Zo%C3%AB"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask(h, r)
	// Output: 200 Hello, Zoë!
}

// A page of another site sends a form here.
func ExampleSameOrigin() {
	h := demo.SameOrigin(demo.Methods{http.MethodPost: hello}, "")
	r := httptest.NewRequest("POST", "https://app.example/hello", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	ask(h, r)
	// Output: 403 Cross-origin request refused.
}

func ExampleSeeOther() {
	for _, path := range []string{"/login", "/login/"} {
		w := httptest.NewRecorder()
		demo.SeeOther(w, httptest.NewRequest("POST", path, nil), "me")
		fmt.Println(w.Code, w.Header().Get("Location"))
	}
	// Output:
	// 303 me
	// 303 ../me
}

func ExampleBeside() {
	r := httptest.NewRequest("GET", "/shop/me/", nil)
	fmt.Println(demo.Beside(r, "login"))
	// Output: ../login
}

// Going back to the page after signing out reloads it.
func ExampleWritePrivatePage() {
	w := httptest.NewRecorder()
	demo.WritePrivatePage(w, http.StatusOK, "Hello, Zoë!")
	_, text, _ := strings.Cut(w.Body.String(), "</script>")
	fmt.Println(w.Code, text)
	// Output: 200 Hello, Zoë!
}
