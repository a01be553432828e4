package main

import (
	"html"
	"net/http"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

func newHandler() http.Handler {
	return demo.Methods{http.MethodGet: greet}
}

func greet(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	username, ok := demo.Username.Get(r)
	if !ok {
		demo.WritePage(w, http.StatusOK, "Hello, Guest!")
		return
	}
	demo.WritePage(w, http.StatusOK, "Welcome back, "+html.EscapeString(username)+"!")
}
