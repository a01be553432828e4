package lambda

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"
)

// A reporter writes Lambda's own lines about one sandbox, whose lock guards it.
type reporter struct {
	journal *journal
	output  *output // nil before the process is started
	config  Function
	arn     string
	records bool // Config.Records

	init     time.Duration // how long the start took; 0 once a REPORT line has it
	peak     int           // peak resident memory in MB when last measured; 0 if unknown
	measured time.Time     // when peak was measured
}

// start writes START.
func (r *reporter) start(id string) {
	r.output.begin()
	if r.inRecords() {
		r.record("start", false, startRecord{id, r.arn, "$LATEST"})
		return
	}
	r.log("START RequestId: %s Version: $LATEST\n", id)
}

// end writes END and REPORT; err is nil if the event has a response.
func (r *reporter) end(id string, took time.Duration, p *os.Process, err *FunctionError) {
	r.measure(p)
	init := r.init
	r.init = 0
	billed := (took + init + time.Millisecond - 1) / time.Millisecond // a start is billed too, since August 2025
	if r.inRecords() {
		status, errorType := err.recordStatus()
		r.record("report", err != nil, reportRecord{id, metrics{inMilliseconds(took), int64(billed), r.config.MemoryMB, r.peak, inMilliseconds(init)}, status, errorType})
		return
	}
	var more string
	if r.peak > 0 {
		more = fmt.Sprintf("Max Memory Used: %d MB\t", r.peak)
	}
	if init > 0 {
		more += fmt.Sprintf("Init Duration: %.2f ms\t", milliseconds(init))
	}
	r.log("END RequestId: %s\nREPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t%s%s\n",
		id, id, milliseconds(took), billed, r.config.MemoryMB, more, err.status())
	switch {
	case err == nil:
	case err.Type == errorTimedOut:
		r.log("%s %s Task timed out after %.2f seconds\n", logTime(), id, r.config.Timeout.Seconds())
	default:
		r.log("%s\n%s\n", err.Message, err.Type)
	}
}

// initFailed writes INIT_REPORT for a start that failed.
func (r *reporter) initFailed(took time.Duration, err *FunctionError) {
	if r.inRecords() {
		status, errorType := err.recordStatus()
		r.record("initReport", true, initReportRecord{"on-demand", "init", status, errorType, metrics{DurationMs: inMilliseconds(took)}})
		return
	}
	r.log("INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s\n%s\n%s\n", milliseconds(took), err.status(), err.Message, err.Type)
}

// measure reads the peak memory of the process, if it runs. That is slow, so it
// happens at most 100 times a second.
func (r *reporter) measure(p *os.Process) {
	if p != nil && time.Since(r.measured) > 10*time.Millisecond {
		r.peak = max(r.peak, peakMB(p))
		r.measured = time.Now()
	}
}

// inRecords reports whether the lines are JSON records.
func (r *reporter) inRecords() bool {
	return r.records && r.config.Env["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
}

// record writes a record if the function's SystemLogLevel includes it: its level is
// WARN if something is wrong, else INFO ("Log-level filtering" in the Lambda
// Developer Guide).
func (r *reporter) record(kind string, wrong bool, record any) {
	if r.config.LogLevel == "WARN" && !wrong {
		return
	}
	line, _ := json.Marshal(platformRecord{logTime(), "platform." + kind, record}) // its fields cannot fail
	r.log("%s\n", line)
}

// log writes lines after all that the process has printed so far.
func (r *reporter) log(format string, args ...any) {
	lines := fmt.Appendf(nil, format, args...)
	if r.output == nil {
		r.journal.append(lines)
		return
	}
	r.output.sayAfter(lines)
}

// A platformRecord is one of Lambda's own lines if LogFormat is JSON ("Lambda
// Telemetry API Event schema reference").
type platformRecord struct {
	Time   string `json:"time"`
	Type   string `json:"type"`
	Record any    `json:"record"`
}

type startRecord struct {
	RequestID   string `json:"requestId"`
	FunctionARN string `json:"functionArn"`
	Version     string `json:"version"`
}

type reportRecord struct {
	RequestID string  `json:"requestId"`
	Metrics   metrics `json:"metrics"`
	Status    string  `json:"status"`
	ErrorType string  `json:"errorType,omitempty"`
}

type initReportRecord struct {
	InitializationType string  `json:"initializationType"`
	Phase              string  `json:"phase"`
	Status             string  `json:"status"`
	ErrorType          string  `json:"errorType,omitempty"`
	Metrics            metrics `json:"metrics"`
}

type metrics struct {
	DurationMs       float64 `json:"durationMs"`
	BilledDurationMs int64   `json:"billedDurationMs,omitempty"`
	MemorySizeMB     int     `json:"memorySizeMB,omitempty"`
	MaxMemoryUsedMB  int     `json:"maxMemoryUsedMB,omitempty"`
	InitDurationMs   float64 `json:"initDurationMs,omitempty"`
}

// status is the end of a REPORT line; "" without an error.
func (e *FunctionError) status() string {
	switch {
	case e == nil:
		return ""
	case e.Type == errorTimedOut:
		return "Status: timeout"
	}
	return "Status: error\tError Type: " + e.Type
}

// recordStatus is the status in a record, and the type of the error, if any.
func (e *FunctionError) recordStatus() (status, errorType string) {
	switch {
	case e == nil:
		return "success", ""
	case e.Type == errorTimedOut:
		return "timeout", ""
	}
	return "error", e.Type
}

// inMilliseconds is rounded to microseconds, as in Lambda's records.
func inMilliseconds(d time.Duration) float64 { return math.Round(milliseconds(d)*1000) / 1000 }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func logTime() string { return time.Now().UTC().Format("2006-01-02T15:04:05.000Z") }
