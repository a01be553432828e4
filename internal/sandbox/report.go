package sandbox

import (
	"fmt"
	"time"
)

// report writes the lines that end an event. Pool.mu is held.
func (s *sandbox) report(c *call, status string) {
	took := time.Since(c.start)
	s.measure()
	var more string
	if s.peak > 0 {
		more = fmt.Sprintf("Max Memory Used: %d MB\t", s.peak)
	}
	if s.init > 0 {
		more += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(s.init))
	}
	billed := (took + s.init + time.Millisecond - 1) / time.Millisecond // a start is billed too, since August 2025
	s.init = 0
	s.log("END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t%s%s\n",
		c.id, c.id, milliseconds(took), billed, s.config.MemoryMB, more, status)
}

// measure takes the peak memory of the process, while there is one. The system
// takes its time to tell, so it is asked 100 times a second at most. Pool.mu is
// held.
func (s *sandbox) measure() {
	if s.process != nil && time.Since(s.measured) > 10*time.Millisecond {
		s.peak = max(s.peak, peakMB(s.process))
		s.measured = time.Now()
	}
}

// log writes lines of Lambda's behind all that the process printed so far.
// Pool.mu is held.
func (s *sandbox) log(format string, args ...any) {
	lines := fmt.Appendf(nil, format, args...)
	if s.output == nil { // it never started
		s.pool.journal.append(lines)
		return
	}
	s.output.sayAfter(lines)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func logTime() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }
