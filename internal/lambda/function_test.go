package lambda

import (
	"io"
	"testing"
	"time"
)

// An idle sandbox is in the queue once, whatever else happens to it.
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
