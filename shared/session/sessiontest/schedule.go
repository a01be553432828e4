package sessiontest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

// A Wire executes one request of a store: it calls request once or not at all, now or
// later, and returns its error or another one. The context is that of the store's method.
type Wire func(ctx context.Context, request func() error) error

// A requester is the Wire of one caller, in whose context it is.
type requester func(request func() error) error

type requesterKey struct{}

func (r requester) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, requesterKey{}, r)
}

// wire makes the caller's requester execute a request. Without one it is executed at once.
func wire(ctx context.Context, request func() error) error {
	if r, ok := ctx.Value(requesterKey{}).(requester); ok {
		return r(request)
	}
	return request()
}

var errFault = errors.New("sessiontest: a request that was made to fail")

// A fault is what happens to a request.
type fault int

const (
	refused fault = iota // it is not executed
	lost                 // it is executed, but its response is lost
	dead                 // the caller dies: neither it nor a later one is executed
)

var faults = map[string]fault{"refused": refused, "response-lost": lost, "caller-dead": dead}

// fails returns a requester whose n-th request fails, and how many there were.
func (f fault) fails(n int64, next requester) (requester, *atomic.Int64) {
	count := new(atomic.Int64)
	return func(request func() error) error {
		i := count.Add(1)
		switch {
		case i == n && f == lost:
			_ = next(request)
			return errFault
		case i == n, i > n && f == dead:
			return errFault
		}
		return next(request)
	}, count
}

func atOnce(request func() error) error { return request() }

// orders are orders in which several callers' requests can be executed.
type orders struct {
	t        *testing.T
	switches int // how often it may switch from a caller that could go on; negative: any number
	path     []choice
	at       int
	order    []byte // the current order, with the caller of each request as a letter
}

type choice struct{ taken, of int }

// each calls try for each order. try calls together once or not at all.
func each(t *testing.T, switches int, try func(o *orders)) {
	o := &orders{t: t, switches: switches}
	for n := 1; ; n++ {
		o.at, o.order = 0, nil
		try(o)
		if t.Failed() {
			t.Fatalf("order %d, by callers: %s", n, o.order)
		}
		if !o.next() {
			t.Logf("%d orders", n)
			return
		}
	}
}

// choose returns one of n choices.
func (o *orders) choose(n int) int {
	if o.at == len(o.path) {
		o.path = append(o.path, choice{0, n})
	}
	o.at++
	return min(o.path[o.at-1].taken, n-1)
}

// next moves on to an order that was not yet tried, depth first.
func (o *orders) next() bool {
	o.path = o.path[:o.at]
	for len(o.path) > 0 {
		last := &o.path[len(o.path)-1]
		if last.taken++; last.taken < last.of {
			return true
		}
		o.path = o.path[:len(o.path)-1]
	}
	return false
}

// together runs callers concurrently and executes one of their requests at a time.
func (o *orders) together(callers ...func(ctx context.Context)) {
	events := make(chan event)
	for i, call := range callers {
		r := requester(func(request func() error) error {
			turn := make(chan struct{})
			events <- event{who: i, turn: turn}
			<-turn
			defer func() { events <- event{who: i, done: true} }()
			return request()
		})
		go func() {
			defer func() { events <- event{who: i, ended: true} }()
			call(r.context(o.t.Context()))
		}()
	}

	held := make([][]chan struct{}, len(callers)) // requests that wait for their turn
	busy, ended := make([]bool, len(callers)), make([]bool, len(callers))
	settle := func(i int) { // until caller i waits or has ended
		for busy[i] || len(held[i]) == 0 && !ended[i] {
			switch e := <-events; {
			case e.turn != nil:
				held[e.who] = append(held[e.who], e.turn)
			case e.done:
				busy[e.who] = false
			case e.ended:
				ended[e.who] = true
			}
		}
	}
	for i := range callers {
		settle(i)
	}
	switches, current := 0, -1
	for {
		var ready []int // the current one first
		for i := range callers {
			if i == current && len(held[i]) > 0 {
				ready = append([]int{i}, ready...)
			} else if len(held[i]) > 0 {
				ready = append(ready, i)
			}
		}
		if len(ready) == 0 {
			return
		}
		goesOn := ready[0] == current
		if goesOn && switches == o.switches {
			ready = ready[:1]
		}
		next := ready[o.choose(len(ready))]
		if goesOn && next != current {
			switches++
		}
		current = next
		o.order = append(o.order, byte('A'+next))
		turn := held[next][0]
		held[next], busy[next] = held[next][1:], true
		close(turn)
		settle(next)
	}
}

type event struct {
	who         int
	turn        chan struct{}
	done, ended bool
}
