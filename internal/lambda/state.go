package lambda

import (
	"net"
	"os"
	"slices"
	"time"
)

// A state is where a sandbox is in its life. Each has a time limit, and one
// timer watches over all of them.
type state int

const (
	starting state = iota // until the first next; Config.InitLimit
	idle                  // waits in next; Config.IdleTimeout
	busy                  // has an event; Function.Timeout
	dead                  // takes nothing any more; its process may still be ending
)

// A sandbox is one process of a function.
type sandbox struct {
	pool       *Pool
	function   *function
	config     Function // as it was when the process started
	generation int
	key        string // the secret part of its Runtime API address
	bootstrap  string
	output     *output
	gone       chan struct{} // closed when the process has ended

	// Guarded by Pool.mu.
	state     state
	timer     *time.Timer
	deadline  time.Time
	process   *os.Process
	waiter    chan *runtimeResponse // of the next request that waits for an event, or nil; takes one
	current   *call                 // the event it has, until it asks for the next one
	started   time.Time
	init      time.Duration  // how long its start took, until a REPORT line said so
	initError *FunctionError // what it reported while starting
	answered  bool           // has answered and will be back for the next event in a moment
	peak      int            // peak resident memory in MB when last seen; 0: not known
	measured  time.Time      // when that was

	extensions map[string]*extension // by id
}

// next answers with the sandbox's next event, however long that takes; its
// arrival is what ends the event before. Nil hangs up: the runtime is gone or
// must go.
func (s *sandbox) next() *runtimeResponse {
	waiter, refused := s.wait()
	if refused != nil {
		return refuse(refused)
	}
	select {
	case answer, ok := <-waiter:
		if !ok {
			return refuse(errState)
		}
		return answer
	case <-s.gone:
		return nil
	}
}

// wait returns where the sandbox's next event will come, and makes s idle unless
// extensions are at work.
func (s *sandbox) wait() (<-chan *runtimeResponse, *refusal) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	switch s.state {
	case starting:
		s.function.backoff = backoff{}
		s.init = time.Since(s.started)
		s.measure()
	case busy:
		if !s.current.finished {
			return nil, errState
		}
	case dead:
		return nil, nil
	}
	if s.waiter != nil { // a newer request takes over from one that was given up
		close(s.waiter)
	}
	waiter := make(chan *runtimeResponse, 1)
	s.waiter = waiter
	if !s.extended() {
		s.rest()
	}
	return waiter, nil
}

// rest ends what s had to do and makes it idle, or where it must not go on, ends
// it. Pool.mu is held.
func (s *sandbox) rest() {
	p, f := s.pool, s.function
	if s.state == busy {
		s.report(s.current, nil)
		s.current = nil
	}
	if s.generation != f.generation || (f.removed && len(f.pending) == 0) {
		s.kill()
	} else {
		s.enter(idle, p.config.IdleTimeout)
		f.idle = append(f.idle, s)
	}
	p.schedule(f)
}

// assign gives an idle sandbox an event. Pool.mu is held.
func (s *sandbox) assign(c *call) {
	s.enter(busy, s.config.Timeout)
	s.current = c
	c.start, c.sent = time.Now(), false
	s.reportStart(c)
	s.waiter <- s.deliver(c)
	s.waiter = nil
	s.tell(c)
}

// send reports whether c may be written to conn. Where the process is gone, c
// goes to another.
func (s *sandbox) send(c *call, conn net.Conn) bool {
	gone := hungUp(conn)
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.state != busy || s.current != c {
		return false
	}
	if gone {
		s.giveBack(c)
		return false
	}
	c.sent = true
	return true
}

// unsent takes note that c could not be written whole.
func (s *sandbox) unsent(c *call) {
	s.pool.mu.Lock()
	defer s.pool.mu.Unlock()
	if s.state == busy && s.current == c && !c.finished {
		s.giveBack(c)
	}
}

// giveBack takes an event from a process that hung up on it, and will soon be
// gone, and puts it first in the queue. Pool.mu is held.
func (s *sandbox) giveBack(c *call) {
	s.kill()
	s.function.pending = slices.Insert(s.function.pending, 0, c)
	s.pool.schedule(s.function)
}

// enter begins a state and its time limit. Pool.mu is held.
func (s *sandbox) enter(next state, limit time.Duration) {
	s.leave()
	s.state = next
	s.deadline = time.Now().Add(limit)
	s.timer.Reset(limit)
}

// leave undoes what a state means to the function. Pool.mu is held.
func (s *sandbox) leave() {
	f := s.function
	switch s.state {
	case starting:
		f.starting--
	case idle:
		f.idle = slices.DeleteFunc(f.idle, func(o *sandbox) bool { return o == s })
	case busy:
		s.setAnswered(false)
	}
}

// setAnswered says whether s, busy, is about to be idle. Pool.mu is held.
func (s *sandbox) setAnswered(yes bool) {
	switch {
	case yes && !s.answered && s.state == busy:
		s.function.answered++
		s.answered = true
	case !yes && s.answered:
		s.function.answered--
		s.answered = false
	}
}

// discard makes s take no event any more. Pool.mu is held.
func (s *sandbox) discard() {
	if s.state == dead {
		return
	}
	s.leave()
	s.state = dead
	s.timer.Stop()
	s.function.live--
}
