package page_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/crumb-go/crumb/shared/page"
)

// ask sends a request to a handler and prints the answer.
func ask(h http.Handler, r *http.Request) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	fmt.Println(w.Code, w.Body)
}

func hello(w http.ResponseWriter, _ *http.Request) { page.Write(w, http.StatusOK, "Hello!") }

func ExampleMethods() {
	h := page.Methods{http.MethodGet: hello}
	ask(h, httptest.NewRequest("GET", "/prod/hello", nil))
	ask(h, httptest.NewRequest("PUT", "/prod/hello", nil))
	// Output:
	// 200 Hello!
	// 405 Method not allowed.
}

func ExampleEscape() {
	fmt.Println("Hello, " + page.Escape("<script>alert(1)</script>") + "!")
	// Output: Hello, &lt;script&gt;alert(1)&lt;/script&gt;!
}

func ExampleForm() {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page.NoStore(w)
		fields, ok := page.Form(w, r)
		if !ok {
			return // it has answered
		}
		page.Write(w, http.StatusOK, "Hello, "+page.Escape(fields.Get("name"))+"!")
	})
	r := httptest.NewRequest("POST", "/hello", strings.NewReader("name=Zo%C3%AB"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	ask(h, r)
	// Output: 200 Hello, Zoë!
}

// A page of another site sends a form here.
func ExampleSameOrigin() {
	h := page.SameOrigin(page.Methods{http.MethodPost: hello}, "")
	r := httptest.NewRequest("POST", "https://app.example/hello", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	ask(h, r)
	// Output: 403 Cross-origin request refused.
}

func ExampleSeeOther() {
	for _, path := range []string{"/login", "/login/"} {
		w := httptest.NewRecorder()
		page.SeeOther(w, httptest.NewRequest("POST", path, nil), "me")
		fmt.Println(w.Code, w.Header().Get("Location"))
	}
	// Output:
	// 303 me
	// 303 ../me
}

func ExampleBeside() {
	r := httptest.NewRequest("GET", "/shop/me/", nil)
	fmt.Println(page.Beside(r, "login"))
	// Output: ../login
}

// Going back to the page after signing out asks the server again.
func ExampleWritePrivate() {
	w := httptest.NewRecorder()
	page.WritePrivate(w, http.StatusOK, "Hello, Zoë!")
	_, text, _ := strings.Cut(w.Body.String(), "</script>")
	fmt.Println(w.Code, text)
	// Output: 200 Hello, Zoë!
}
