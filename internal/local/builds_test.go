package local

import (
	"strings"
	"testing"
)

// Functions that share a package with a mistake report it once.
func TestPrintOnce(t *testing.T) {
	var stderr strings.Builder
	p := newBuilds(nil, nil, &stderr)
	p.print("a\n")
	p.print("a\n")
	p.print("b\n")
	p.startUsed(t.Context(), nil) // after a change
	p.print("a\n")
	if got, want := stderr.String(), "a\nb\na\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}
