package lambda

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// An idle sandbox is in the queue once, whatever happens meanwhile.
func TestPark(t *testing.T) {
	p := &Pool{config: Config{IdleTimeout: time.Hour, InitLimit: time.Hour}, journal: newJournal(io.Discard)}
	defer p.journal.close()
	f := &function{pool: p}
	s := newSandbox(f, Function{Name: "F"}, "", 0)
	defer s.timer.Stop()
	f.counts[starting] = 1
	for _, tr := range []trigger{asked, freed, born, asked, finished, completed} {
		s.handle(tr, cause{waiter: make(chan *runtimeResponse, 1)})
		if len(f.idle) != 1 || f.counts[idle] != 1 {
			t.Errorf("after %s: %d in the queue, %d idle; want 1 and 1", triggerNames[tr], len(f.idle), f.counts[idle])
		}
	}
}

// An event whose client went away does not come back to the queue.
func TestRequeue(t *testing.T) {
	f := &function{}
	waits, gone := newCall(Invocation{}), newCall(Invocation{})
	gone.abandon()
	f.requeue(gone)
	f.requeue(waits)
	if len(f.pending) != 1 || f.pending[0] != waits {
		t.Errorf("%d events wait, want the one that somebody waits for", len(f.pending))
	}
}

// A debugger has its port until it has ended, other processes make room as soon as
// they are to end.
func TestRoom(t *testing.T) {
	p := &Pool{config: Config{MaxSandboxes: 1}}
	for _, tc := range []struct {
		name     string
		debugger []string
		before   state
		want     bool
	}{
		{"stopping", nil, stopping, true},
		{"busy", nil, running, false},
		{"debugged-stopping", []string{"dlv"}, stopping, false},
		{"debugged-busy", []string{"dlv"}, running, false},
		{"debugged-gone", []string{"dlv"}, gone, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &function{pool: p, config: Function{Debugger: tc.debugger}, warm: true, sandboxes: map[*sandbox]bool{}}
			s := &sandbox{}
			f.sandboxes[s] = true
			f.moved(s, starting, tc.before)
			if got := f.mayGrow(0); got != tc.want {
				t.Errorf("mayGrow = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		last := newCall(Invocation{}).newError("T", "M")
		for i, want := range []time.Duration{0, 0, 100, 200, 400, 800, 1600, 3000, 3000} {
			c := newCall(Invocation{})
			if err := b.check(c); err != nil {
				t.Fatalf("failure %d: no try allowed, %v", i, err)
			}
			started := time.Now()
			time.Sleep(time.Millisecond)
			wait := b.countFailure(started, last)
			if wait != want*time.Millisecond {
				t.Errorf("failure %d: next try in %v, want %v", i, wait, want*time.Millisecond)
			}
			if together := b.countFailure(started, last); together != 0 {
				t.Errorf("failure %d: another process of the same try waits %v", i, together)
			}
			if wait > 0 {
				time.Sleep(wait)
				err, ok := b.check(c).(*FunctionError)
				if !ok || err.RequestID != c.id || err.Type != "T" || err.Message != "RequestId: "+c.id+" Error: M" || !strings.Contains(string(err.Payload), err.Message) {
					t.Errorf("failure %d: %v when tried too early, want the last error", i, err)
				}
			}
			time.Sleep(time.Millisecond)
		}
	})
}

func TestBackoffLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		last := newCall(Invocation{}).newError("T", "M")
		for failures := 1; failures <= 100; failures++ {
			started := time.Now()
			time.Sleep(time.Millisecond)
			if wait := b.countFailure(started, last); failures >= 8 && wait != 3*time.Second {
				t.Errorf("after %d failures the next try is in %v, want 3s", failures, wait)
			}
		}
	})
}
