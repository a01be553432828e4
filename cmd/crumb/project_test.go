package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

func TestEnvironment(t *testing.T) {
	own := map[string]string{"A": "1"}
	for _, row := range []struct {
		name, format, level string
		want                map[string]string
	}{
		{"nothing", "", "", own},
		{"format", "JSON", "", map[string]string{"A": "1", "AWS_LAMBDA_LOG_FORMAT": "JSON"}},
		{"format-and-level", "JSON", "DEBUG", map[string]string{"A": "1", "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := environment(&app.Function{Env: own, LogFormat: row.format, LogLevel: row.level}); !maps.Equal(got, row.want) {
				t.Errorf("environment = %q, want %q", got, row.want)
			}
		})
	}
}

// Functions that share a package with a mistake tell it once.
func TestPrintOnce(t *testing.T) {
	var stderr strings.Builder
	p := &project{stderr: &stderr, printed: map[string]bool{}, template: &app.App{}}
	p.print("a\n")
	p.print("a\n")
	p.print("b\n")
	p.buildUsed(t.Context()) // after a change
	p.print("a\n")
	if got, want := stderr.String(), "a\nb\na\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}
