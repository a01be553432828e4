package frontdoor_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// BenchmarkInvoke responds to one HTTP API event, JSON included, and compares with
// decoding and encoding aws-lambda-go's types for it, without even a handler,
// and with aws-lambda-go-api-proxy:
//
//	go test -run '^$' -bench Invoke ./shared/frontdoor
//
// The three take turns, so that a busy machine slows all of them. It fails above
// 1.15 and 0.65 times their costs.
func BenchmarkInvoke(b *testing.B) {
	event, err := os.ReadFile("testdata/doors/http.json")
	if err != nil {
		b.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sid, err := r.Cookie("sid")
		if err != nil {
			b.Error(err)
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: sid.Value, Path: "/", HttpOnly: true, Secure: true})
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "light", Path: "/", MaxAge: 3600})
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = io.WriteString(w, "<p>Found cookie! Username: Ana</p>\n")
	})
	ctx := context.Background()
	function := frontdoor.New(handler, frontdoor.Options{})
	adapter := httpadapter.NewV2(handler)

	contestants := []struct {
		name  string
		limit float64
		run   func() error
		spent time.Duration
	}{
		{name: "frontdoor", run: func() error {
			_, err := function.Invoke(ctx, event)
			return err
		}},
		{name: "events", limit: 1.15, run: func() error {
			var request events.APIGatewayV2HTTPRequest
			if err := json.Unmarshal(event, &request); err != nil {
				return err
			}
			_, err := json.Marshal(events.APIGatewayV2HTTPResponse{
				StatusCode: 200,
				Headers:    map[string]string{"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8"},
				Cookies:    []string{"sid=3f9a0c5d7b; Path=/; HttpOnly; Secure", "theme=light; Path=/; Max-Age=3600"},
				Body:       "<p>Found cookie! Username: Ana</p>\n",
			})
			return err
		}},
		{name: "api-proxy", limit: 0.65, run: func() error {
			var request events.APIGatewayV2HTTPRequest
			if err := json.Unmarshal(event, &request); err != nil {
				return err
			}
			response, err := adapter.ProxyWithContext(ctx, request)
			if err != nil {
				return err
			}
			_, err = json.Marshal(response)
			return err
		}},
	}
	const turn = 20 // calls
	turns := 0
	for b.Loop() {
		turns++
		for i := range contestants {
			c := &contestants[i]
			start := time.Now()
			for range turn {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
			c.spent += time.Since(start)
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of the three says nothing
	own := contestants[0].spent
	b.ReportMetric(float64(own.Nanoseconds())/float64(turns*turn), "ns/event")
	for _, c := range contestants[1:] {
		ratio := float64(own) / float64(c.spent)
		b.ReportMetric(ratio, "x-"+c.name)
		if turns > 10 && ratio > c.limit {
			b.Errorf("costs %.2f times %s, want at most %.2f", ratio, c.name, c.limit)
		}
	}
}

// BenchmarkDoors shows the allocations for each door.
func BenchmarkDoors(b *testing.B) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, r.Header.Get("Cookie"))
	})
	function := frontdoor.New(handler, frontdoor.Options{})
	for door, event := range doorEvents(b) {
		b.Run(string(door), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := function.Invoke(b.Context(), event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// doorEvents reads testdata/doors.
func doorEvents(t testing.TB) map[frontdoor.Door][]byte {
	t.Helper()
	all := make(map[frontdoor.Door][]byte)
	for _, door := range vectorDoors {
		event, err := os.ReadFile("testdata/doors/" + string(door) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all[door] = event
	}
	return all
}
