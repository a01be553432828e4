package lambda_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"

	"github.com/crumb-go/crumb/internal/lambda"
)

const benchEvent = `{"Text":"hello","version":"2.0","routeKey":"$default","rawPath":"/getcookie","cookies":["username=Cobby"],"headers":{"accept":"*/*","host":"127.0.0.1:3000"}}`

// BenchmarkInvoke measures a warm event through a sandbox, and the same kind of
// handler called in process: the difference is the cost of process and Runtime API.
func BenchmarkInvoke(b *testing.B) {
	b.Run("in-process", func(b *testing.B) {
		h := awslambda.NewHandler(func(_ context.Context, e struct{ Text string }) (response, error) {
			return response{Text: e.Text}, nil
		})
		b.ReportAllocs()
		for b.Loop() {
			if _, err := h.Invoke(b.Context(), []byte(benchEvent)); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("sandbox-clients-%d", clients), func(b *testing.B) {
			p, _ := start(b, lambda.Function{}, lambda.Config{Logs: io.Discard})
			must(b, p, benchEvent)
			took := make(chan []time.Duration, clients)
			b.ReportAllocs()
			b.ResetTimer()
			for c := range clients {
				go func() {
					var all []time.Duration
					for range (b.N + c) / clients {
						began := time.Now()
						if _, err := raw(p, benchEvent); err != nil {
							b.Error(err)
							break
						}
						all = append(all, time.Since(began))
					}
					took <- all
				}()
			}
			var all []time.Duration
			for range clients {
				all = append(all, <-took...)
			}
			slices.Sort(all)
			b.ReportMetric(float64(all[len(all)/2].Microseconds()), "µs-p50")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "µs-p99")
		})
	}
}

// BenchmarkCold measures the first event of 1 and of 12 functions at once.
func BenchmarkCold(b *testing.B) {
	for _, n := range []int{1, 12} {
		b.Run(fmt.Sprintf("functions-%d", n), func(b *testing.B) {
			for b.Loop() {
				var functions []lambda.Function
				for i := range n {
					functions = append(functions, lambda.Function{Name: fmt.Sprint(i), Build: prebuilt})
				}
				p, err := lambda.New(lambda.Config{Functions: functions})
				if err != nil {
					b.Fatal(err)
				}
				done := make(chan error, n)
				for _, f := range functions {
					go func() {
						_, err := p.Invoke(b.Context(), f.Name, lambda.Invocation{Payload: []byte(benchEvent)})
						done <- err
					}()
				}
				for range n {
					if err := <-done; err != nil {
						b.Error(err)
					}
				}
				b.StopTimer()
				p.Close()
				b.StartTimer()
			}
		})
	}
}
