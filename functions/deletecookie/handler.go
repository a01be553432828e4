package main

import (
	"net/http"

	"github.com/crumb-go/crumb/functions/internal/demo"
)

func newHandler() http.Handler {
	return demo.Methods{http.MethodGet: forget}
}

func forget(w http.ResponseWriter, r *http.Request) {
	demo.NoStore(w)
	if err := demo.Username.Delete(w); err != nil {
		demo.Fail(w, r, err)
		return
	}
	demo.WritePage(w, http.StatusOK, "Cookie has been deleted!")
}
