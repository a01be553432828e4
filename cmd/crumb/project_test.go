package main

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/internal/app"
)

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
