package lambda

import (
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
		for from, want := range row {
			t.Run(stateNames[from]+"-"+triggerNames[tr], func(t *testing.T) {
				if want == "" {
					t.Fatal("no row")
				}
				if got := describe(state(from), state(from).on(trigger(tr))); got != want {
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

var lifecycleRows = [triggers][states]string{
	born: {
		starting:  "starting keepProcess",
		idle:      "-",
		assigned:  "-",
		running:   "-",
		receiving: "-",
		streaming: "-",
		responded: "-",
		finishing: "-",
		stopping:  "stopping keepProcess killNow",
		gone:      "-",
	},
	initFailed: {
		starting:  "starting keepInitError",
		idle:      "InvalidStateTransition",
		assigned:  "InvalidStateTransition",
		running:   "InvalidStateTransition",
		receiving: "InvalidStateTransition",
		streaming: "InvalidStateTransition",
		responded: "InvalidStateTransition",
		finishing: "InvalidStateTransition",
		stopping:  "InvalidStateTransition",
		gone:      "InvalidStateTransition",
	},
	asked: {
		starting:  "idle endInit await park",
		idle:      "idle await park",
		assigned:  "InvalidStateTransition",
		running:   "InvalidStateTransition",
		receiving: "InvalidStateTransition",
		streaming: "finishing await finishIfFreed",
		responded: "finishing await finishIfFreed",
		finishing: "finishing await finishIfFreed",
		stopping:  "hang up",
		gone:      "hang up",
	},
	freed: {
		starting:  "-",
		idle:      "-",
		assigned:  "-",
		running:   "-",
		receiving: "-",
		streaming: "-",
		responded: "-",
		finishing: "finishing finishIfFreed",
		stopping:  "-",
		gone:      "-",
	},
	finished: {
		starting:  "-",
		idle:      "-",
		assigned:  "-",
		running:   "-",
		receiving: "-",
		streaming: "-",
		responded: "-",
		finishing: "idle report park",
		stopping:  "-",
		gone:      "-",
	},
	given: {
		starting:  "hang up",
		idle:      "assigned deliver",
		assigned:  "hang up",
		running:   "hang up",
		receiving: "hang up",
		streaming: "hang up",
		responded: "hang up",
		finishing: "hang up",
		stopping:  "hang up",
		gone:      "hang up",
	},
	claimed: {
		starting:  "hang up",
		idle:      "hang up",
		assigned:  "running",
		running:   "hang up",
		receiving: "hang up",
		streaming: "hang up",
		responded: "hang up",
		finishing: "hang up",
		stopping:  "hang up",
		gone:      "hang up",
	},
	hungUp: {
		starting:  "-",
		idle:      "-",
		assigned:  "stopping kill requeue",
		running:   "stopping kill requeue",
		receiving: "stopping kill requeue",
		streaming: "-",
		responded: "-",
		finishing: "-",
		stopping:  "-",
		gone:      "-",
	},
	responding: {
		starting:  "InvalidRequestID",
		idle:      "InvalidRequestID",
		assigned:  "InvalidRequestID",
		running:   "receiving",
		receiving: "InvalidStateTransition",
		streaming: "InvalidStateTransition",
		responded: "InvalidStateTransition",
		finishing: "InvalidStateTransition",
		stopping:  "InvalidRequestID",
		gone:      "InvalidRequestID",
	},
	brokeOff: {
		starting:  "-",
		idle:      "-",
		assigned:  "-",
		running:   "-",
		receiving: "running",
		streaming: "-",
		responded: "-",
		finishing: "-",
		stopping:  "-",
		gone:      "-",
	},
	streamed: {
		starting:  "hang up",
		idle:      "hang up",
		assigned:  "hang up",
		running:   "hang up",
		receiving: "streaming respond",
		streaming: "hang up",
		responded: "hang up",
		finishing: "hang up",
		stopping:  "hang up",
		gone:      "hang up",
	},
	completed: {
		starting:  "-",
		idle:      "-",
		assigned:  "-",
		running:   "-",
		receiving: "responded respond",
		streaming: "responded",
		responded: "-",
		finishing: "-",
		stopping:  "-",
		gone:      "-",
	},
	expired: {
		starting:  "stopping failStart kill",
		idle:      "stopping kill",
		assigned:  "stopping failEvent reportFailure kill",
		running:   "stopping failEvent reportFailure kill",
		receiving: "stopping failEvent reportFailure kill",
		streaming: "stopping failEvent reportFailure kill",
		responded: "stopping failEvent reportFailure kill",
		finishing: "stopping failEvent reportFailure kill",
		stopping:  "stopping killNow",
		gone:      "-",
	},
	exited: {
		starting:  "gone failStart",
		idle:      "gone",
		assigned:  "gone requeue",
		running:   "gone failEvent reportFailure",
		receiving: "gone failEvent reportFailure",
		streaming: "gone failEvent report",
		responded: "gone failEvent report",
		finishing: "gone failEvent report",
		stopping:  "gone",
		gone:      "-",
	},
	retired: {
		starting:  "stopping kill",
		idle:      "stopping kill",
		assigned:  "-",
		running:   "-",
		receiving: "-",
		streaming: "-",
		responded: "-",
		finishing: "-",
		stopping:  "-",
		gone:      "-",
	},
	closed: {
		starting:  "stopping kill",
		idle:      "stopping kill",
		assigned:  "stopping respond report kill",
		running:   "stopping respond report kill",
		receiving: "stopping respond report kill",
		streaming: "stopping respond report kill",
		responded: "stopping respond report kill",
		finishing: "stopping respond report kill",
		stopping:  "-",
		gone:      "-",
	},
}
