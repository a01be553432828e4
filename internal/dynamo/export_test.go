package dynamo

import (
	"net/http"
	"net/http/httptest"
)

// Operations are those that are supported.
var Operations = operations

// Do serves a request without a connection, in place of an HTTP client.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.serve(w, r)
	return w.Result(), nil
}
