package local

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/app"
	"github.com/crumb-go/crumb/internal/authorizer"
	"github.com/crumb-go/crumb/internal/token"
)

// BenchmarkInspector reports, as "of-without", the gateway's median share of a
// request with an inspector that has no page open, relative to that without.
func BenchmarkInspector(b *testing.B) {
	const answer = `{"statusCode":200,"multiValueHeaders":{"Content-Type":["text/html; charset=utf-8"],"Set-Cookie":["username=Cobby; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax"]},"body":"Cookie has been set!"}`
	handler := func(page bool) http.Handler {
		s := newSite(Options{Log: slog.New(slog.DiscardHandler), Inspect: page}, answering(answer), new(token.Trust), false)
		h, err := s.newRoutes(&app.API{ID: "Api", Kind: app.REST, Stage: "prod", Routes: []app.Route{
			{Method: "GET", Path: "/setcookie", Payload: "1.0", Function: &app.Function{ID: "F"}},
		}}, authorizer.Config{})
		if err != nil {
			b.Fatal(err)
		}
		return h
	}
	r := httptest.NewRequest("GET", "http://localhost:3000/setcookie", nil)
	r.Header.Set("Cookie", "username=Ana; theme=dark; sid=3f9a0c5d7b")
	serve := func(h http.Handler) time.Duration {
		began := time.Now()
		h.ServeHTTP(httptest.NewRecorder(), r)
		return time.Since(began)
	}
	with, without := handler(true), handler(false)
	var shown, plain []time.Duration
	for b.Loop() {
		shown = append(shown, serve(with))
		plain = append(plain, serve(without))
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return float64(all[len(all)/2])
	}
	b.ReportMetric(median(shown)/median(plain), "of-without")
	b.ReportMetric(median(shown)-median(plain), "more-ns/op")
}
