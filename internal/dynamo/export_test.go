package dynamo

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"time"
)

// Limits are how long a client may take for a request's header, and between requests.
func (s *Server) Limits() (header, idle time.Duration) {
	return s.http.ReadHeaderTimeout, s.http.IdleTimeout
}

// Operations are the names of those that are supported, sorted.
func Operations() []string {
	return slices.Sorted(func(yield func(string) bool) {
		maps.Keys(operations)(yield)
		maps.Keys(tableOperations)(yield)
	})
}

// Do serves a request without a connection, in place of an HTTP client.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	r.Host = r.URL.Host // as a client sends it
	w := httptest.NewRecorder()
	s.serve(w, r)
	return w.Result(), nil
}
