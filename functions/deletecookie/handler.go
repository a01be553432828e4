package main

import (
	"net/http"

	"github.com/crumb-go/crumb/shared/card"
	"github.com/crumb-go/crumb/shared/page"
)

func newHandler() http.Handler {
	return page.Methods{http.MethodGet: forget}
}

func forget(w http.ResponseWriter, r *http.Request) {
	page.NoStore(w)
	if err := card.Username.Delete(w); err != nil {
		page.Fail(w, r, err)
		return
	}
	page.Write(w, http.StatusOK, "Cookie has been deleted!")
}
