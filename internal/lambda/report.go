package lambda

import (
	"fmt"
	"time"
)

// reportStart writes the line that begins an event. Pool.mu is held.
func (s *sandbox) reportStart(c *call) {
	if s.inRecords() {
		s.logRecord("start", false, startRecord{c.id, s.arn(), "$LATEST"})
		return
	}
	s.log("START RequestId: %s Version: $LATEST\n", c.id)
}

// report writes the lines that end an event, with err or, if that is nil, an
// answer. Pool.mu is held.
func (s *sandbox) report(c *call, err *FunctionError) {
	took := time.Since(c.start)
	s.measure()
	billed := (took + s.init + time.Millisecond - 1) / time.Millisecond // a start is billed too, since August 2025
	init := s.init
	s.init = 0
	if s.inRecords() {
		status, errorType := outcomeOf(err)
		s.logRecord("report", err != nil, reportRecord{c.id, metrics{inMilliseconds(took), int64(billed), s.config.MemoryMB, s.peak, inMilliseconds(init)}, status, errorType})
		return
	}
	var more string
	if s.peak > 0 {
		more = fmt.Sprintf("Max Memory Used: %d MB\t", s.peak)
	}
	if init > 0 {
		more += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(init))
	}
	s.log("END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t%s%s\n",
		c.id, c.id, milliseconds(took), billed, s.config.MemoryMB, more, err.status())
	switch {
	case err == nil:
	case err.Type == timedOut:
		s.log("%s %s Task timed out after %.2f seconds\n", logTime(), c.id, s.config.Timeout.Seconds())
	default:
		s.log("%s\n%s\n", err.Message, err.Type)
	}
}

// reportInit writes what ends a start that failed. Pool.mu is held.
func (s *sandbox) reportInit(err *FunctionError) {
	took := time.Since(s.started)
	if s.inRecords() {
		status, errorType := outcomeOf(err)
		s.logRecord("initReport", true, initReportRecord{"on-demand", "init", status, errorType, metrics{DurationMs: inMilliseconds(took)}})
		return
	}
	s.log("INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s\n%s\n%s\n", milliseconds(took), err.status(), err.Message, err.Type)
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
