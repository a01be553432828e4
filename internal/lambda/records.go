package lambda

import (
	"encoding/json"
	"math"
	"time"
)

// A platformRecord is one of Lambda's own lines where LogFormat is JSON ("Lambda
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

// inRecords tells whether Lambda's lines of s are records.
func (s *sandbox) inRecords() bool {
	return s.pool.config.Records && s.config.Env["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
}

// logRecord writes a record behind all that the process printed so far, if the
// function's SystemLogLevel lets it: those here are of the level INFO, or WARN
// where something is wrong ("Log-level filtering" in the Lambda Developer
// Guide). Pool.mu is held.
func (s *sandbox) logRecord(kind string, wrong bool, record any) {
	if s.config.LogLevel == "WARN" && !wrong {
		return
	}
	line, _ := json.Marshal(platformRecord{logTime(), "platform." + kind, record}) // nothing in it can fail
	s.log("%s\n", line)
}

// outcomeOf is the status of a record and the type of its error.
func outcomeOf(err *FunctionError) (status, errorType string) {
	switch {
	case err == nil:
		return "success", ""
	case err.Type == timedOut:
		return "timeout", ""
	}
	return "error", err.Type
}

// inMilliseconds has microseconds behind the point, as Lambda's records have.
func inMilliseconds(d time.Duration) float64 { return math.Round(milliseconds(d)*1000) / 1000 }
