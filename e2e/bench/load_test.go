//go:build linux

package bench

import (
	"context"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/bench/visit"
	"github.com/crumb-go/crumb/internal/gateway"
	"github.com/crumb-go/crumb/shared/frontdoor"
)

type result struct {
	p50, p99  time.Duration
	perSecond float64
}

// load sends requests from some clients, each on a separate connection. The first
// ones of each client are not counted.
func (b *bench) load(url string, clients, first, each int) result {
	b.t.Helper()
	took := make([][]time.Duration, clients)
	run := func(each int, record bool) {
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				c, err := newClient(url)
				if err != nil {
					b.lost(err)
					return
				}
				defer c.close()
				for range each {
					began := time.Now()
					if err := c.get(); err != nil {
						b.lost(err)
						return
					}
					if record {
						took[i] = append(took[i], time.Since(began))
					}
				}
			})
		}
		wg.Wait()
	}
	run(first, false)
	began := time.Now()
	run(each, true)
	total := time.Since(began)
	all := slices.Concat(took...)
	if len(all) == 0 {
		b.t.Fatal("nothing was answered")
	}
	slices.Sort(all)
	return result{
		all[len(all)/2].Round(time.Microsecond),
		all[len(all)*99/100].Round(time.Microsecond),
		float64(len(all)) / total.Seconds(),
	}
}

// inProcess returns the median time of one event through the front door.
func inProcess(t *testing.T) time.Duration {
	t.Helper()
	r := httptest.NewRequest("GET", "/f0", nil)
	r.Header.Set("Cookie", visit.Cookies)
	event, err := gateway.Event(frontdoor.REST, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := frontdoor.New(visit.Handler(""), frontdoor.Options{})
	var all []time.Duration
	for range 2000 {
		began := time.Now()
		if _, err := h.Invoke(context.Background(), event); err != nil {
			t.Fatal(err)
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return all[len(all)/2].Round(100 * time.Nanosecond)
}
func median(n int, f func(i int) time.Duration) time.Duration {
	var all []time.Duration
	for i := range n {
		all = append(all, f(i))
	}
	slices.Sort(all)
	return all[n/2].Round(100 * time.Microsecond)
}
