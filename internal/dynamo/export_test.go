package dynamo

import (
	"net/http"
	"net/http/httptest"
)

// Do is what an HTTP client does, without a connection.
func (s *Server) Do(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	s.serve(w, r)
	return w.Result(), nil
}
