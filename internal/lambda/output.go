package lambda

import (
	"bytes"
	"os"
	"sync"
	"syscall"
)

// output carries what one process prints to the journal, line by line.
type output struct {
	journal *journal
	file    *os.File
	raw     syscall.RawConn

	mu    sync.Mutex
	chunk [8 << 10]byte
	line  []byte // the beginning of a line whose end did not come yet
}

// newOutput makes a pipe for a process's stdout and stderr, follows it, and
// returns its writing end.
func newOutput(j *journal) (*output, *os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	raw, err := r.SyscallConn()
	if err != nil {
		r.Close()
		w.Close()
		return nil, nil, err
	}
	o := &output{journal: j, file: r, raw: raw}
	go o.follow()
	return o, w, nil
}

// take queues the whole lines of what was read into chunk. mu is held.
func (o *output) take(n int) {
	text := o.chunk[:n]
	end := bytes.LastIndexByte(text, '\n') + 1
	if end > 0 {
		o.journal.append(append(o.line, text[:end]...))
		o.line = o.line[:0]
	}
	o.line = append(o.line, text[end:]...)
	if len(o.line) >= journalLine {
		o.flush()
	}
}

// flush ends a line that was begun. mu is held.
func (o *output) flush() {
	if len(o.line) > 0 {
		o.journal.append(append(o.line, '\n'))
		o.line = o.line[:0]
	}
}

// sayAfter queues lines of ours behind all that the process printed so far.
func (o *output) sayAfter(lines []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.journal.full() {
		o.drain()
	}
	o.flush()
	o.journal.append(lines)
}

// close ends the pipe when the process is gone.
func (o *output) close() {
	o.sayAfter(nil)
	o.file.Close()
}
