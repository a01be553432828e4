package cookie_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
)

// fifty is a request with 50 cookies, the last of them sid.
func fifty() *http.Request {
	var line strings.Builder
	for i := range 49 {
		fmt.Fprintf(&line, "cookie_%02d=GA1.2.%d.1700000000; ", i, 1000000+i)
	}
	return &http.Request{Header: http.Header{"Cookie": {line.String() + "sid=31d4d96e407aad42"}}}
}

// Each benchmark reports its own comparison with net/http:
//
//	go test ./shared/cookie -run '^$' -bench .

func BenchmarkGetLastOf50(b *testing.B) {
	r, c := fifty(), cookie.Must(cookie.New("sid", cookie.Attributes{}))
	compare(b, func() {
		if _, ok := c.Get(r); !ok {
			b.Fatal("sid not found")
		}
	}, func() {
		if _, err := r.Cookie("sid"); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkLineAllAttributes(b *testing.B) {
	c, std := allAttributes()
	compare(b, func() {
		if _, err := c.Line("31d4d96e407aad42"); err != nil {
			b.Fatal(err)
		}
	}, func() {
		std.Expires = time.Now().Add(time.Hour)
		if std.String() == "" {
			b.Fatal("no line")
		}
	})
}

// compare benchmarks ours and reports how many times longer net/http's theirs
// takes: the median of rounds that run one right after the other, so that other
// work on the machine disturbs both alike.
func compare(b *testing.B, ours, theirs func()) {
	b.ReportAllocs()
	for b.Loop() {
		ours()
	}
	took := func(f func()) float64 {
		start := time.Now()
		for range 20 {
			f()
		}
		return float64(time.Since(start))
	}
	ratios := make([]float64, 2001)
	for i := range ratios {
		ratios[i] = took(theirs) / took(ours)
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "×net/http")
}

// allAttributes is one cookie, declared here and for net/http.
func allAttributes() (*cookie.Cookie, *http.Cookie) {
	c := cookie.Must(cookie.New("sid", cookie.Attributes{
		Path: "/app", Domain: "example.com", MaxAge: time.Hour, SameSite: http.SameSiteNoneMode, Partitioned: true,
	}))
	return c, &http.Cookie{
		Name: "sid", Value: "31d4d96e407aad42", Path: "/app", Domain: "example.com", MaxAge: 3600,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteNoneMode, Partitioned: true,
	}
}
