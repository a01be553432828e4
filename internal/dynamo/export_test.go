package dynamo

import (
	"net/http"
	"net/http/httptest"
	"time"
)

// Limits are how long a client may take for a request's header, and between requests.
func (s *Server) Limits() (header, idle time.Duration) {
	return s.http.ReadHeaderTimeout, s.http.IdleTimeout
}

// Operations are those that are supported.
var Operations = operations

// Do serves a request without a connection, in place of an HTTP client.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	r.Host = r.URL.Host // as a client sends it
	w := httptest.NewRecorder()
	s.serve(w, r)
	return w.Result(), nil
}
