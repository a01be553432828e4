package main

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
)

func newHandler() http.Handler {
	return page.Methods{http.MethodGet: greet}
}

func greet(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	username, ok := card.Username.Get(r)
	if !ok {
		page.Write(w, http.StatusOK, "Hello, Guest!")
		return
	}
	page.Write(w, http.StatusOK, "Welcome back, "+page.Escape(username)+"!")
}
