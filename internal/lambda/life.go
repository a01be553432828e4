package lambda

import "time"

// This file has the whole life of a sandbox: its states, what can happen in each,
// and the actions that follow. The actions themselves are in sandbox.go.
//
// A process is starting until it asks for its first event, then idle until it is
// given one. It has the event from assigned to finishing, and is idle again when
// it and its extensions have asked for the next. From any of these states it may
// become stopping. If an extension is registered, it then gets SIGTERM, and SIGKILL
// after termGrace unless it ends before; otherwise it gets SIGKILL at once. Requests
// of a stopping process are rejected or hung up on, a response that was on its way
// is dropped, and nothing is logged for it. When the process has ended, the sandbox
// is gone.

// A state is what a sandbox is doing. One timer limits them all.
type state uint8

const (
	starting  state = iota // its process has not asked for an event yet; for Config.InitLimit at most
	idle                   // waits for an event; for Config.IdleTimeout
	assigned               // has an event that its process has not got yet; from here on for Function.Timeout
	running                // the process has the event
	receiving              // the response is coming in
	streaming              // the response is coming in, and the client has its beginning
	responded              // the response is complete, the process about to ask for the next event
	finishing              // the process has asked for it, an extension is still at work
	stopping               // accepts nothing any more; for termGrace after a SIGTERM
	gone                   // the process has ended

	states // how many there are

	// Rows of lifecycle for states that it does not list.
	withEvent = states     // assigned to finishing
	otherwise = states + 1 // the rest
)

// termGrace is the time from SIGTERM to SIGKILL.
const termGrace = 500 * time.Millisecond

// A trigger is what happens to a sandbox.
type trigger uint8

const (
	born       trigger = iota // the system has started the process
	initFailed                // the runtime reports why it cannot start; it exits then
	asked                     // the runtime asks for its next event
	freed                     // an extension asks for its next event
	finished                  // the runtime and all extensions have asked for the next event
	given                     // the function's queue has an event
	claimed                   // the event is about to be written to the process
	hungUp                    // the process closed the connection before it had the whole event
	responding                // a response begins to come in
	brokeOff                  // the response was cut off; the process may try again
	streamed                  // the response is to be passed on as it comes
	completed                 // the response is complete, or an error is there instead
	expired                   // the time limit of the state has passed
	exited                    // the process has ended, or could not be started
	retired                   // the program or the configuration has changed
	closed                    // the pool closes

	triggers // how many there are
)

// An action is a part of what a trigger causes.
type action uint8

const (
	keepProcess   action = iota // remember the process, for signals and its memory
	keepInitError               // remember the reason, for failStart
	endInit                     // note how long the start took, and that the function can start
	failStart                   // fail the oldest event in the queue with the reason, write INIT_REPORT
	await                       // make the request wait for an event; an older one that waits is rejected
	park                        // begin the time limit and offer the sandbox to the queue, or retire an outdated one, or one with expired credentials
	deliver                     // write START, then send the event to the request that waits, and to extensions
	finishIfFreed               // if no extension is at work, finished follows at once
	respond                     // give the client the outcome; an error cuts a stream that it has
	failEvent                   // give the client the reason; it cuts a stream too
	report                      // write END and REPORT
	reportFailure               // write END and REPORT with the reason
	requeue                     // put the event, which the process did not get, at the head of the queue
	kill                        // SIGTERM if an extension is registered, else SIGKILL
	killNow                     // SIGKILL
)

// A transition is the new state and the actions that follow from a trigger.
type transition struct {
	to       state
	do       []action         // in this order
	rejected *runtimeResponse // if set, the request that is the trigger gets this, and nothing else happens
}

// on returns what follows from t in state s.
func (s state) on(t trigger) transition {
	next, listed := lifecycle[t][s]
	if !listed && s >= assigned && s <= finishing {
		next, listed = lifecycle[t][withEvent]
	}
	if !listed {
		next = lifecycle[t][otherwise]
	}
	if !listed || next.rejected != nil {
		next.to = s
	}
	return next
}

func to(s state, do ...action) transition { return transition{to: s, do: do} }

// reject keeps the state.
func reject(with *runtimeResponse) transition { return transition{rejected: with} }

// lifecycle has a row for each trigger. States that are not listed follow withEvent or
// otherwise; the latter do not change. Without a row the trigger comes too late or has
// no meaning in that state.
var lifecycle = [triggers]map[state]transition{
	born: {
		starting: to(starting, keepProcess),
		stopping: to(stopping, keepProcess, killNow), // killed before it had started
	},
	initFailed: {
		starting:  to(starting, keepInitError),
		otherwise: reject(errState),
	},
	asked: {
		starting:  to(idle, endInit, await, park),
		idle:      to(idle, await, park),
		streaming: to(finishing, await, finishIfFreed),
		responded: to(finishing, await, finishIfFreed),
		finishing: to(finishing, await, finishIfFreed),
		stopping:  reject(hangUp),
		gone:      reject(hangUp),
		otherwise: reject(errState), // it has an event and has not responded
	},
	freed:    {finishing: to(finishing, finishIfFreed)},
	finished: {finishing: to(idle, report, park)},
	given: {
		idle:      to(assigned, deliver),
		otherwise: reject(hangUp), // the queue must find another
	},
	claimed: {
		assigned:  to(running),
		otherwise: reject(hangUp),
	},
	hungUp: {
		assigned:  to(stopping, kill, requeue),
		running:   to(stopping, kill, requeue),
		receiving: to(stopping, kill, requeue),
	},
	responding: {
		running:   to(receiving),
		receiving: reject(errState), // one response for an event
		streaming: reject(errState),
		responded: reject(errState),
		finishing: reject(errState),
		otherwise: reject(errID),
	},
	brokeOff: {receiving: to(running)},
	streamed: {
		receiving: to(streaming, respond),
		otherwise: reject(hangUp),
	},
	completed: {
		receiving: to(responded, respond),
		streaming: to(responded),
	},
	expired: {
		starting:  to(stopping, failStart, kill),
		idle:      to(stopping, kill),
		withEvent: to(stopping, failEvent, reportFailure, kill), // first, so that the client gets the timeout, not the exit that it causes
		stopping:  to(stopping, killNow),
	},
	exited: {
		starting:  to(gone, failStart),
		idle:      to(gone),
		assigned:  to(gone, requeue),
		running:   to(gone, failEvent, reportFailure),
		receiving: to(gone, failEvent, reportFailure),
		streaming: to(gone, failEvent, report),
		responded: to(gone, failEvent, report), // has no effect for the client, which has its response
		finishing: to(gone, failEvent, report),
		stopping:  to(gone),
	},
	retired: {
		starting: to(stopping, kill),
		idle:     to(stopping, kill),
		// park retires the others when their event is over
	},
	closed: {
		starting:  to(stopping, kill),
		idle:      to(stopping, kill),
		withEvent: to(stopping, respond, report, kill),
	},
}
