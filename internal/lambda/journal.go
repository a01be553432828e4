package lambda

import (
	"io"
	"strconv"
	"sync"
	"time"
)

const (
	journalRoom  = 1 << 20 // what may wait for the writer before functions that log must wait
	journalLimit = 8 << 20 // what may wait at all; more is dropped, and said
	journalLine  = 256 << 10
)

// A journal writes the log lines of all sandboxes. Lines are only queued
// where events are handled, so that a slow terminal slows no answer.
type journal struct {
	w    io.Writer
	done chan struct{}

	mu      sync.Mutex
	changed sync.Cond
	queue   []byte
	dropped int
	ending  bool // nobody waits for room any more
	closed  bool
}

func newJournal(w io.Writer) *journal {
	j := &journal{w: w, done: make(chan struct{})}
	j.changed.L = &j.mu
	go j.write()
	return j
}

// append queues whole lines.
func (j *journal) append(lines []byte) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.queue)+len(lines) > journalLimit {
		j.dropped += len(lines)
		return
	}
	if len(j.queue) == 0 {
		j.changed.Broadcast()
	}
	j.queue = append(j.queue, lines...)
}

// wait returns when there is room for more lines of a function.
func (j *journal) wait() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.queue) > journalRoom && !j.ending {
		j.changed.Wait()
	}
}

func (j *journal) full() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.queue) > journalRoom
}

func (j *journal) write() {
	defer close(j.done)
	var out []byte
	j.mu.Lock()
	defer j.mu.Unlock()
	for {
		for len(j.queue) == 0 && !j.closed {
			j.changed.Wait()
		}
		if len(j.queue) == 0 {
			return
		}
		out, j.queue = j.queue, out[:0]
		if j.dropped > 0 {
			out = append(out, "crumb: "+strconv.Itoa(j.dropped)+" bytes of logs were dropped: they came faster than they could be written\n"...)
			j.dropped = 0
		}
		j.changed.Broadcast()
		j.mu.Unlock()
		j.w.Write(out) // there is nowhere to report a failing log to
		j.mu.Lock()
	}
}

// end lets go of those who wait for room.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ending = true
	j.changed.Broadcast()
}

// close writes what is queued and stops. A writer that blocks is left behind:
// a stopped terminal must not keep crumb from ending.
func (j *journal) close() {
	j.end()
	j.mu.Lock()
	j.closed = true
	j.changed.Broadcast()
	j.mu.Unlock()
	select {
	case <-j.done:
	case <-time.After(2 * time.Second):
	}
}
