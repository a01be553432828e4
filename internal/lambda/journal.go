package lambda

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

const (
	journalRoom  = 1 << 20   // bytes that may be queued before functions that log must wait
	journalLimit = 8 << 20   // bytes that may be queued at all; more are dropped, and counted in the log
	journalLine  = 256 << 10 // bytes of a line, after which it is broken
	tailSize     = 4 << 10   // bytes of a log that Lambda's Invoke API returns
)

// A journal writes the log lines of all sandboxes. Code that handles events only
// queues lines, so that a slow terminal does not delay a response.
type journal struct {
	w    io.Writer
	done chan struct{}

	mu      sync.Mutex
	changed sync.Cond
	queue   []byte
	dropped int
	ending  bool // wait returns at once
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
		j.w.Write(out) // there is nowhere else to report an error
		j.mu.Lock()
	}
}

// end makes wait return, now and later.
func (j *journal) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ending = true
	j.changed.Broadcast()
}

// close writes the queued lines and stops. It gives up on a writer that blocks:
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

// An output passes what one process prints to the journal, line by line.
type output struct {
	journal *journal
	file    *os.File
	raw     syscall.RawConn
	ended   chan struct{} // closed when follow has returned

	mu    sync.Mutex
	chunk [8 << 10]byte
	line  []byte // the beginning of a line whose end has not come yet

	tail   []byte // the last lines queued, up to tailSize
	begins bool   // tail begins with the next lines of sayAfter
}

// newOutput makes a pipe for a process's stdout and stderr, reads from it, and
// returns its writing end.
func newOutput(j *journal) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	raw, _ := r.SyscallConn() // fails only for a nil file
	o := &output{journal: j, file: r, raw: raw, ended: make(chan struct{})}
	go func() {
		defer close(o.ended)
		o.follow()
	}()
	return o, w, nil
}

// append queues lines. mu is held.
func (o *output) append(lines []byte) {
	o.journal.append(lines)
	o.tail = append(o.tail, lines[max(0, len(lines)-tailSize):]...)
	o.tail = o.tail[max(0, len(o.tail)-tailSize):]
}

// begin lets last return what sayAfter queues next, and what follows.
func (o *output) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begins = true
}

// last returns a copy of the end of the log, "" for a process that could not start.
func (o *output) last() []byte {
	if o == nil {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.tail)
}

// take queues the whole lines of the first n bytes of chunk. mu is held.
func (o *output) take(n int) {
	text := o.chunk[:n]
	end := bytes.LastIndexByte(text, '\n') + 1
	if end > 0 {
		o.append(append(o.line, text[:end]...))
		o.line = o.line[:0]
	}
	o.line = append(o.line, text[end:]...)
	if len(o.line) >= journalLine {
		o.flush()
	}
}

// flush ends an unfinished line. mu is held.
func (o *output) flush() {
	if len(o.line) > 0 {
		o.append(append(o.line, '\n'))
		o.line = o.line[:0]
	}
}

// sayAfter queues lines of ours after all that the process has printed so far.
func (o *output) sayAfter(lines []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.journal.full() {
		o.drain()
	}
	o.flush()
	if o.begins && len(lines) > 0 {
		o.begins, o.tail = false, o.tail[:0]
	}
	o.append(lines)
}

// catchUp waits, on Windows, until follow has the last lines of a process that is
// gone: drain cannot read them.
func (o *output) catchUp() {
	if runtime.GOOS == "windows" {
		select {
		case <-o.ended:
		case <-time.After(100 * time.Millisecond): // a child keeps the pipe open
		}
	}
}

// close closes the pipe of a process that is gone.
func (o *output) close() {
	o.sayAfter(nil)
	o.file.Close()
}
