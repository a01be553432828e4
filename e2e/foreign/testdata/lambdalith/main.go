package main

import (
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda"
	chiadapter "github.com/awslabs/aws-lambda-go-api-proxy/chi"
	"github.com/go-chi/chi/v5"
)

func main() {
	r := chi.NewRouter()
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "home") })
	r.Get("/users/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "user %s, page %s", chi.URLParam(r, "name"), r.URL.Query().Get("page"))
	})
	r.Post("/session", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: r.FormValue("theme"), Path: "/"})
		w.WriteHeader(http.StatusNoContent)
	})
	lambda.Start(chiadapter.New(r).ProxyWithContext)
}
