//go:build linux

// Package bench measures a developer's waiting times with "crumb start". It
// compares them with the lower bounds, the same handler on net/http and in
// process behind shared/frontdoor, with what the go command alone needs to compile, and
// with "sam local start-api" and "cargo lambda watch" if these are installed.
//
//	go test ./e2e/bench -v -measure
package bench

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

var measure = flag.Bool("measure", false, "take the measurements, about ten minutes")

// What is measured, in milliseconds unless stated otherwise, and crumb's goal.
const (
	p50        = "p50, clients: %d"
	p99        = "p99, clients: %d"
	perSecond  = "requests/s, clients: %d"
	first      = "start to first response"
	cold       = "first response of another function"
	allCold    = "12 functions cold at once"
	saveShared = "save in a shared package to new response"
	saveOne    = "save in a function to new response"
	memory     = "MB of a further sandbox"
	few, many  = 1, 32
)

var rows = []struct{ what, goal string }{
	{fmt.Sprintf(p50, few), "≤ 0.6"},
	{fmt.Sprintf(p99, few), ""},
	{fmt.Sprintf(perSecond, few), "≥ 1500"},
	{fmt.Sprintf(p50, many), ""},
	{fmt.Sprintf(p99, many), ""},
	{fmt.Sprintf(perSecond, many), "≥ 1500"},
	{first, ""},
	{cold, ""},
	{allCold, "≤ 150"},
	{saveShared, "≤ 1500"},
	{saveOne, "≤ 1500"},
	{memory, "≤ 8"},
}

// figures are the measurements of one program.
type figures map[string]float64

// took records a time.
func (f figures) took(what string, d time.Duration) { f[what] = d.Seconds() * 1000 }

// load records the results of load.
func (f figures) load(clients int, r result) {
	f.took(fmt.Sprintf(p50, clients), r.p50)
	f.took(fmt.Sprintf(p99, clients), r.p99)
	f[fmt.Sprintf(perSecond, clients)] = r.perSecond
}

func TestMeasure(t *testing.T) {
	if !*measure {
		t.Skip("measurements are taken with -measure")
	}
	b := newBench(t)
	crumb, floor := figures{}, figures{}
	b.warm(crumb, floor)
	b.starts(crumb)
	process := figures{}
	process.took(fmt.Sprintf(p50, few), inProcess(t))
	sam, eager, missing := b.sam(t)

	t.Log("\n" + table(crumb, floor, process, sam, eager))
	if missing != "" {
		t.Log("sam local was not measured: " + missing)
	}
}

// table returns the measurements in Markdown: values, and in brackets the ratio
// to crumb's.
func table(crumb figures, others ...figures) string {
	var b strings.Builder
	b.WriteString("| ms | goal | crumb start | net/http | in process | sam local | sam local, EAGER |\n")
	b.WriteString("| --- | --: | --: | --: | --: | --: | --: |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |", r.what, r.goal, short(crumb[r.what]))
		for _, o := range others {
			if v, ok := o[r.what]; ok {
				fmt.Fprintf(&b, " %s (%s)", short(v), short(v/crumb[r.what]))
			}
			b.WriteString(" |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// short formats a number with three significant digits.
func short(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// warm measures a running crumb, and the same handler on net/http.
func (b *bench) warm(crumb, floor figures) {
	server := b.startServer()
	c := b.start()
	defer c.Stop()
	for _, clients := range []int{few, many} {
		each := 3000 / (1 + clients/8)
		floor.load(clients, b.load(server+"/", clients, 20, each))
		crumb.load(clients, b.load(c.URL+"/f0", clients, 20, each))
	}
	crumb[memory] = b.memory(c)
	crumb.took(saveShared, median(5, func(i int) time.Duration { return b.saveShared(c.URL, fmt.Sprint("shared", i)) }))
	crumb.took(saveOne, median(5, func(i int) time.Duration { return b.saveOne(c.URL, fmt.Sprint("one", i)) }))
}

// starts measures crumbs that have just started; the binaries are up to date.
func (b *bench) starts(crumb figures) {
	crumb.took(first, median(5, func(int) time.Duration {
		began := time.Now()
		c := b.start()
		defer c.Stop()
		b.get(c.URL + "/f0")
		return time.Since(began)
	}))
	crumb.took(cold, median(5, func(int) time.Duration {
		c := b.start()
		defer c.Stop()
		b.get(c.URL + "/f0")
		b.settle(c)
		began := time.Now()
		b.get(c.URL + "/f1")
		return time.Since(began)
	}))
	crumb.took(allCold, median(5, func(int) time.Duration {
		c := b.start()
		defer c.Stop()
		b.settle(c)
		began := time.Now()
		var wg sync.WaitGroup
		for i := range functions {
			wg.Go(func() { b.get(fmt.Sprintf("%s/f%d", c.URL, i)) })
		}
		wg.Wait()
		return time.Since(began)
	}))
}
