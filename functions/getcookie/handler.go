package main

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
)

func newHandler() http.Handler {
	return page.Methods{http.MethodGet: show}
}

func show(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	username, ok := card.Username.Get(r)
	if !ok {
		page.Write(w, http.StatusOK, "No cookie found!")
		return
	}
	page.Write(w, http.StatusOK, "Found cookie! Username: "+page.Escape(username))
}
