package main

import (
	"html"
	"net/http"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

func newHandler() http.Handler {
	return demo.Methods{http.MethodGet: show}
}

func show(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	username, ok := demo.Username.Get(r)
	if !ok {
		demo.WritePage(w, http.StatusOK, "No cookie found!")
		return
	}
	demo.WritePage(w, http.StatusOK, "Found cookie! Username: "+html.EscapeString(username))
}
