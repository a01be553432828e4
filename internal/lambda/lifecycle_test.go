package lambda

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

var (
	stateNames   = []string{"starting", "idle", "assigned", "running", "receiving", "streaming", "responded", "finishing", "stopping", "gone"}
	triggerNames = []string{"born", "initFailed", "asked", "freed", "finished", "given", "claimed", "hungUp", "responding", "brokeOff", "streamed", "completed", "expired", "exited", "retired", "closed"}
	actionNames  = []string{"keepProcess", "keepInitError", "endInit", "failStart", "await", "park", "deliver", "finishIfFreed", "respond", "failEvent", "report", "reportFailure", "requeue", "kill", "killNow"}
)

// describe returns the new state and the actions, the error of a rejection, or "-"
// if nothing happens.
func describe(from state, next transition) string {
	switch next.rejected {
	case hangUp:
		return "hang up"
	case errState:
		return "InvalidStateTransition"
	case errID:
		return "InvalidRequestID"
	}
	if next.to == from && len(next.do) == 0 {
		return "-"
	}
	words := []string{stateNames[next.to]}
	for _, a := range next.do {
		words = append(words, actionNames[a])
	}
	return strings.Join(words, " ")
}

// TestLifecycle has every state for every trigger: the new state and the actions in
// order, the error of a rejection, or "-" if nothing happens.
func TestLifecycle(t *testing.T) {
	for tr, row := range lifecycleRows {
		for from := range states {
			t.Run(stateNames[from]+"-"+triggerNames[tr], func(t *testing.T) {
				want := cmp.Or(row.in[from], row.otherwise)
				if want == "" {
					t.Fatal("no row")
				}
				if got := describe(from, from.on(trigger(tr))); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			})
		}
	}
}

// TestLifecycleEnds checks rules that hold for the whole table.
func TestLifecycleEnds(t *testing.T) {
	hasEvent := func(s state) bool { return s >= assigned && s <= finishing }
	for tr := trigger(0); tr < triggers; tr++ {
		for from := state(0); from < states; from++ {
			next := from.on(tr)
			name := stateNames[from] + " " + triggerNames[tr] + ": " + describe(from, next)
			does := func(actions ...action) (n int) {
				for _, a := range actions {
					if slices.Contains(next.do, a) {
						n++
					}
				}
				return n
			}
			if next.rejected != nil && (next.to != from || len(next.do) > 0) {
				t.Errorf("%s: a rejection that changes something", name)
			}
			if from == gone && (next.to != gone || len(next.do) > 0) || from == stopping && next.to < stopping {
				t.Errorf("%s: a sandbox that ends comes back", name)
			}
			if ends := hasEvent(from) && !hasEvent(next.to); (does(report, reportFailure, requeue) == 1) != ends {
				t.Errorf("%s: an event must end in the log once, or go to another process", name)
			}
			if open := from >= assigned && from <= receiving; open && next.to >= stopping && does(respond, failEvent, requeue) != 1 {
				t.Errorf("%s: a client is left waiting", name)
			}
			if from < stopping && next.to == stopping && does(kill) != 1 {
				t.Errorf("%s: a process is left running", name)
			}
			if next.to == idle && from != idle && does(park) != 1 {
				t.Errorf("%s: an idle sandbox is not in the queue", name)
			}
		}
	}
}

// A lifecycleRow has what a trigger does by state, and in all states that it does not name.
type lifecycleRow struct {
	otherwise string
	in        map[state]string
}

var lifecycleRows = [triggers]lifecycleRow{
	born: {"-", map[state]string{
		starting: "starting keepProcess",
		stopping: "stopping keepProcess killNow",
	}},
	initFailed: {"InvalidStateTransition", map[state]string{starting: "starting keepInitError"}},
	asked: {"InvalidStateTransition", map[state]string{
		starting:  "idle endInit await park",
		idle:      "idle await park",
		streaming: "finishing await finishIfFreed",
		responded: "finishing await finishIfFreed",
		finishing: "finishing await finishIfFreed",
		stopping:  "hang up",
		gone:      "hang up",
	}},
	freed:    {"-", map[state]string{finishing: "finishing finishIfFreed"}},
	finished: {"-", map[state]string{finishing: "idle report park"}},
	given:    {"hang up", map[state]string{idle: "assigned deliver"}},
	claimed:  {"hang up", map[state]string{assigned: "running"}},
	hungUp: {"-", map[state]string{
		assigned:  "stopping kill requeue",
		running:   "stopping kill requeue",
		receiving: "stopping kill requeue",
	}},
	responding: {"InvalidRequestID", map[state]string{
		running:   "receiving",
		receiving: "InvalidStateTransition",
		streaming: "InvalidStateTransition",
		responded: "InvalidStateTransition",
		finishing: "InvalidStateTransition",
	}},
	brokeOff: {"-", map[state]string{receiving: "running"}},
	streamed: {"hang up", map[state]string{receiving: "streaming respond"}},
	completed: {"-", map[state]string{
		receiving: "responded respond",
		streaming: "responded",
	}},
	expired: {"stopping failEvent reportFailure kill", map[state]string{
		starting: "stopping failStart kill",
		idle:     "stopping kill",
		stopping: "stopping killNow",
		gone:     "-",
	}},
	exited: {"gone failEvent report", map[state]string{
		starting:  "gone failStart",
		idle:      "gone",
		assigned:  "gone requeue",
		running:   "gone failEvent reportFailure",
		receiving: "gone failEvent reportFailure",
		stopping:  "gone",
		gone:      "-",
	}},
	retired: {"-", map[state]string{
		starting: "stopping kill",
		idle:     "stopping kill",
	}},
	closed: {"stopping respond report kill", map[state]string{
		starting: "stopping kill",
		idle:     "stopping kill",
		stopping: "-",
		gone:     "-",
	}},
}
