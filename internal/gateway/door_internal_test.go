package gateway

import (
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

// TestDoors holds that no row of the table has a hole that a request could fall into.
func TestDoors(t *testing.T) {
	all := []frontdoor.Door{frontdoor.REST, frontdoor.HTTP, frontdoor.HTTP1, frontdoor.URL, frontdoor.ALB, frontdoor.ALBMulti, frontdoor.Lattice}
	if len(doors) != len(all) {
		t.Errorf("%d doors, want %d", len(doors), len(all))
	}
	for _, name := range all {
		t.Run(string(name), func(t *testing.T) {
			d := doors[name]
			if d == nil {
				t.Fatal("not in the table")
			}
			if d.name != name || d.idLength == 0 || d.hostSuffix == "" || d.isBinary == nil || d.writeEvent == nil {
				t.Errorf("%q has not all that makes an event", d.name)
			}
			if d.errors == nil {
				return
			}
			if d.maxBody == 0 || d.maxResponse == 0 || d.lines == nil {
				t.Error("has not all that makes a response")
			}
			if (d.serveCORS == nil) && d.preflight != 0 || d.streams && d.noStream == "" || d.edgePause > d.pause {
				t.Error("has one half of a rule")
			}
			for p, e := range d.errors {
				if e == (errorResponse{}) && name != frontdoor.REST && problem(p) != functionFailed {
					continue // it does not occur
				}
				if e.status < 400 || e.status > 599 || e.body == "" || e.contentType() == "" {
					t.Errorf("problem %d has the response %d %q", p, e.status, e.body)
				}
			}
		})
	}
	for kind, name := range ownDoors {
		if d := doors[name]; d == nil || d.errors == nil {
			t.Errorf("an API of kind %q has the door %q", kind, name)
		}
	}
}
