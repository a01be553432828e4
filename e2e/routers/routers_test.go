package routers_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/mux"
	"github.com/julienschmidt/httprouter"
	"github.com/labstack/echo/v4"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

// The application that each router serves: fixed paths with and without a slash at
// the end, a group, a parameter, files, and redirects of the handlers' own.
var (
	files = http.FS(fstest.MapFS{
		"a.txt":          {Data: []byte("text")},
		"dir/index.html": {Data: []byte("<h1>index</h1>")},
		"dir/b c.txt":    {Data: []byte("blank")},
	})
	static = http.StripPrefix("/static/", http.FileServer(files))
)

func show(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "path %s, query %s, url %s", r.URL.Path, r.URL.RawQuery, r.URL)
}

func param(w http.ResponseWriter, value string) { fmt.Fprintf(w, "param %q", value) }

// login is where a handler sends clients that are not signed in.
func login(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/login?next="+url.QueryEscape(r.URL.String()), http.StatusSeeOther)
}

func up(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "../cart/", http.StatusFound) }

var routers = map[string]func() http.Handler{
	"servemux": func() http.Handler {
		m := http.NewServeMux()
		m.HandleFunc("GET /cart/{$}", show)
		m.HandleFunc("GET /shop", show)
		m.HandleFunc("GET /tree/", show)
		m.HandleFunc("GET /api/v1/users/{id}", func(w http.ResponseWriter, r *http.Request) { param(w, r.PathValue("id")) })
		m.HandleFunc("GET /api/v1/private", login)
		m.HandleFunc("GET /api/v1/up", up)
		m.Handle("GET /static/", static)
		return m
	},
	"gin": func() http.Handler {
		gin.SetMode(gin.ReleaseMode)
		m := gin.New()
		m.GET("/cart/", gin.WrapF(show))
		m.GET("/shop", gin.WrapF(show))
		m.GET("/tree/*rest", gin.WrapF(show))
		g := m.Group("/api/v1")
		g.GET("/users/:id", func(c *gin.Context) { param(c.Writer, c.Param("id")) })
		g.GET("/private", func(c *gin.Context) {
			c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request.URL.String()))
		})
		g.GET("/up", gin.WrapF(up))
		m.StaticFS("/static", files)
		return m
	},
	"gin-fixed-paths": func() http.Handler {
		m := gin.New()
		m.RedirectFixedPath = true
		m.UseRawPath = true
		m.GET("/cart/", gin.WrapF(show))
		m.GET("/api/v1/users/:id", func(c *gin.Context) { param(c.Writer, c.Param("id")) })
		return m
	},
	"echo": func() http.Handler {
		m := echo.New()
		m.GET("/cart/", echo.WrapHandler(http.HandlerFunc(show)))
		m.GET("/shop", echo.WrapHandler(http.HandlerFunc(show)))
		m.GET("/tree/*", echo.WrapHandler(http.HandlerFunc(show)))
		g := m.Group("/api/v1")
		g.GET("/users/:id", func(c echo.Context) error { param(c.Response(), c.Param("id")); return nil })
		g.GET("/private", func(c echo.Context) error {
			return c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request().URL.String()))
		})
		g.GET("/up", echo.WrapHandler(http.HandlerFunc(up)))
		m.GET("/static/*", echo.WrapHandler(static))
		m.StaticFS("/files", fstest.MapFS{"a.txt": {Data: []byte("text")}, "dir/index.html": {Data: []byte("<h1>index</h1>")}})
		return m
	},
	"chi": func() http.Handler {
		m := chi.NewRouter()
		m.Use(middleware.CleanPath, middleware.RedirectSlashes)
		m.Get("/cart/", show)
		m.Get("/shop", show)
		m.Get("/tree/*", show)
		m.Route("/api/v1", func(m chi.Router) {
			m.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { param(w, chi.URLParam(r, "id")) })
			m.Get("/private", login)
			m.Get("/up", up)
		})
		m.Get("/static/*", static.ServeHTTP)
		return m
	},
	"gorilla": func() http.Handler {
		m := mux.NewRouter().StrictSlash(true)
		m.HandleFunc("/cart/", show).Methods("GET")
		m.HandleFunc("/shop", show).Methods("GET")
		m.PathPrefix("/tree/").HandlerFunc(show)
		g := m.PathPrefix("/api/v1").Subrouter()
		g.HandleFunc("/users/{id}", func(w http.ResponseWriter, r *http.Request) { param(w, mux.Vars(r)["id"]) })
		g.HandleFunc("/private", login)
		g.HandleFunc("/up", up)
		g.HandleFunc("/host", func(w http.ResponseWriter, r *http.Request) { param(w, r.Host) }).Host("{sub}.example.com")
		m.PathPrefix("/static/").Handler(static)
		return m
	},
	"gorilla-encoded": func() http.Handler {
		m := mux.NewRouter().UseEncodedPath().SkipClean(true)
		m.HandleFunc("/api/v1/users/{id}", func(w http.ResponseWriter, r *http.Request) { param(w, mux.Vars(r)["id"]) })
		return m
	},
	"httprouter": func() http.Handler {
		m := httprouter.New()
		m.HandlerFunc("GET", "/cart/", show)
		m.HandlerFunc("GET", "/shop", show)
		m.HandlerFunc("GET", "/tree/*rest", show)
		m.GET("/api/v1/users/:id", func(w http.ResponseWriter, _ *http.Request, p httprouter.Params) { param(w, p.ByName("id")) })
		m.HandlerFunc("GET", "/api/v1/private", login)
		m.HandlerFunc("GET", "/api/v1/up", up)
		m.ServeFiles("/static/*filepath", files)
		return m
	},
}

var requests = []struct{ method, target string }{
	{"GET", "/cart/"},
	{"GET", "/cart/?q=1"},
	{"GET", "/cart?q=1"},
	{"POST", "/cart?q=1"},
	{"HEAD", "/cart?q=1"},
	{"GET", "/shop"},
	{"GET", "/shop/"},
	{"GET", "/shop/?q=a%26b"},
	{"POST", "/shop"},
	{"GET", "/tree"},
	{"GET", "/tree/a/b/"},
	{"GET", "//cart/"},
	{"GET", "//evil.example/..//"},
	{"GET", "/a/../cart/"},
	{"GET", "/./cart/?q=1"},
	{"GET", "/CART/"},
	{"GET", "/api/v1/users/5"},
	{"GET", "/api/v1/users/5/"},
	{"GET", "/api/v1/users/a%20b"},
	{"GET", "/api/v1/users/caf%C3%A9"},
	{"GET", "/api/v1/users/a%2Fb"},
	{"GET", "/api/v1/users/a%3Fb"},
	{"GET", "/api/v1/users/100%25"},
	{"GET", "/api/v1//users/5"},
	{"GET", "/api/v1/private?a=1&b=2"},
	{"GET", "/api/v1/up"},
	{"GET", "/api/v1/host"},
	{"GET", "/static/a.txt"},
	{"HEAD", "/static/a.txt"},
	{"GET", "/static/dir"},
	{"GET", "/static/dir?q=1"},
	{"GET", "/static/dir/"},
	{"GET", "/static/dir/index.html"},
	{"GET", "/static/dir/b%20c.txt"},
	{"GET", "/static/a.txt/"},
	{"GET", "/static/missing"},
	{"GET", "/files/a.txt"},
	{"GET", "/files/dir"},
	{"GET", "/nothing"},
	{"GET", "/"},
}

// doors are those that browsers use, as on AWS: an API's stage is in its events.
var doors = map[string]struct {
	door frontdoor.Door
	api  *app.API
}{
	"rest":       {frontdoor.REST, &app.API{ID: "Api", Kind: app.REST, Stage: "prod"}},
	"http":       {frontdoor.HTTP, &app.API{ID: "Api", Kind: app.HTTP, Stage: "$default"}},
	"http-stage": {frontdoor.HTTP, &app.API{ID: "Api", Kind: app.HTTP, Stage: "prod"}},
	"url":        {frontdoor.URL, nil},
	"alb":        {frontdoor.ALB, nil},
	"alb-multi":  {frontdoor.ALBMulti, nil},
}

// decoded are the targets that an HTTP API cannot distinguish from others, since
// it decodes the path ("Create AWS Lambda proxy integrations for HTTP APIs").
var decoded = []string{"/api/v1/users/a%2Fb", "/api/v1/users/a%3Fb"}

// seen is the target that a handler sees: API Gateway makes one of the slashes at the
// start of a path.
func seen(door frontdoor.Door, target string) string {
	if door == frontdoor.REST || door == frontdoor.HTTP {
		return "/" + strings.TrimLeft(target, "/")
	}
	return target
}

const host = "shop.example.com"

func TestRouters(t *testing.T) {
	for name, make := range routers {
		handler := make()
		server := httptest.NewServer(handler)
		defer server.Close()
		for _, request := range requests {
			for door, at := range doors {
				if at.door == frontdoor.HTTP && slices.Contains(decoded, request.target) {
					continue
				}
				want := overHTTP(t, server, request.method, seen(at.door, request.target))
				got := behind(t, at.door, at.api, handler, request.method, request.target)
				if got != want {
					t.Errorf("%s behind %s: %s %s\n got %+v\nwant %+v", name, door, request.method, request.target, got, want)
				}
			}
		}
	}
}

type response struct {
	status         int
	location, body string
}

// overHTTP sends a request that claims https, as a load balancer does, and does
// not follow redirects.
func overHTTP(t *testing.T, server *httptest.Server, method, target string) response {
	t.Helper()
	r := newRequest(t, method, target)
	r.RequestURI, r.URL.Scheme, r.URL.Host = "", "http", server.Listener.Addr().String()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res.StatusCode, res.Header.Get("Location"), string(body)}
}

func behind(t *testing.T, door frontdoor.Door, api *app.API, h http.Handler, method, target string) response {
	t.Helper()
	event, err := gateway.Event(door, newRequest(t, method, target), api)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(t.Output(), nil))
	out, err := frontdoor.New(h, frontdoor.Options{Logger: logger}).Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders map[string][]string
		Body              string
		IsBase64Encoded   bool
	}
	if err := json.NewDecoder(bytes.NewReader(out)).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	location := answer.Headers["Location"] + strings.Join(answer.MultiValueHeaders["Location"], "")
	if answer.IsBase64Encoded {
		b, err := base64.StdEncoding.DecodeString(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body = string(b)
	}
	return response{answer.StatusCode, location, answer.Body}
}

// newRequest returns a request as a server reads it: the target is not cleaned.
func newRequest(t *testing.T, method, target string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, "/", nil)
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	r.URL, r.RequestURI, r.Host = u, target, host
	return r
}
