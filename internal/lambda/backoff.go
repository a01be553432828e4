package lambda

import (
	"bytes"
	"strings"
	"time"
)

// A backoff holds back a function that fails to start again and again.
type backoff struct {
	failures int
	last     time.Time
	until    time.Time
	err      *FunctionError
}

// fail counts a failure of a sandbox started at that time and returns how long
// to wait. Sandboxes that were started together count once.
func (b *backoff) fail(started time.Time, err *FunctionError) time.Duration {
	b.err = err
	if started.Before(b.last) {
		return 0
	}
	b.failures++
	b.last = time.Now()
	if b.failures < 3 {
		return 0
	}
	wait := 3 * time.Second
	if doublings := b.failures - 3; doublings < 5 { // from 37 on, the shift would overflow
		wait = 100 * time.Millisecond << doublings
	}
	b.until = b.last.Add(wait)
	return wait
}

// check returns the last failure while it is too early for another try.
func (b *backoff) check(c *call) error {
	if b.err == nil || time.Now().After(b.until) {
		return nil
	}
	return &FunctionError{
		RequestID: c.id,
		Type:      b.err.Type,
		Message:   strings.ReplaceAll(b.err.Message, b.err.RequestID, c.id),
		Payload:   bytes.ReplaceAll(b.err.Payload, []byte(b.err.RequestID), []byte(c.id)),
	}
}
