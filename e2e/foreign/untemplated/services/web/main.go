package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"github.com/go-chi/chi/v5"
)

func main() {
	r := chi.NewRouter()
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "home of "+os.Getenv("SHOP")) })
	r.Get("/users/{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "user "+chi.URLParam(r, "name")) })
	r.Post("/session", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		w.WriteHeader(http.StatusNoContent)
	})
	lambda.Start(httpadapter.NewV2(r).ProxyWithContext)
}
