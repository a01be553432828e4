package main

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
)

func newHandler() http.Handler {
	return page.Methods{http.MethodGet: forget}
}

func forget(w http.ResponseWriter, _ *http.Request) {
	page.NoStore(w)
	card.Username.Delete(w)
	page.Write(w, http.StatusOK, "Cookie has been deleted!")
}
