package lambda_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/lambda"
)

func TestReload(t *testing.T) {
	g, processes := newGate(t), newGate(t)
	file := copyBootstrap(t, filepath.Join(t.TempDir(), filepath.Base(bootstrap)))
	p, _ := start(t, lambda.Function{
		Env:   map[string]string{"HELD": processes.url},
		Build: func(context.Context) (string, error) { return file, nil },
	}, lambda.Config{})
	busy := invoke(p, g.event())
	<-g.arrived
	idle := must(t, p, `{}`)
	<-processes.arrived
	<-processes.arrived

	replaceProgram(t, file)
	fresh := must(t, p, `{}`)
	<-processes.left // the idle one
	g.open <- 200
	old := <-busy
	if old.err != nil {
		t.Fatalf("the event on the old program: %v", old.err)
	}
	<-processes.left
	if fresh.PID == idle.PID || fresh.PID == old.response.PID {
		t.Errorf("process %d served after the change, want neither %d nor %d", fresh.PID, idle.PID, old.response.PID)
	}
	if again := must(t, p, `{}`); again.PID != fresh.PID {
		t.Errorf("process %d without a change, want the warm %d", again.PID, fresh.PID)
	}
}

// A program that is replaced after its first event does not serve the second.
func TestReloadAfterOneEvent(t *testing.T) {
	file := copyBootstrap(t, filepath.Join(t.TempDir(), filepath.Base(bootstrap)))
	p, _ := start(t, lambda.Function{
		Build: func(context.Context) (string, error) { return file, nil },
	}, lambda.Config{})
	first := must(t, p, `{}`)
	replaceProgram(t, file)
	if second := must(t, p, `{}`); second.PID == first.PID {
		t.Errorf("process %d serves after the change too", second.PID)
	}
}

func TestUpdate(t *testing.T) {
	f := lambda.Function{Name: "F", Build: prebuilt, Timeout: time.Minute}
	p, _ := start(t, f, lambda.Config{MaxSandboxes: 1})
	first := must(t, p, `{}`)

	g := f
	g.Name = "G"
	if err := p.Update([]lambda.Function{f, g}); err != nil {
		t.Fatal(err)
	}
	if same := must(t, p, `{}`); same.PID != first.PID {
		t.Errorf("process %d after an update of other functions, want the warm %d", same.PID, first.PID)
	}
	f.Env = map[string]string{"NEW": "1"}
	if err := p.Update([]lambda.Function{f}); err != nil {
		t.Fatal(err)
	}
	if next := must(t, p, `{"Do":"env"}`); next.PID == first.PID || !slices.Contains(next.Env, "NEW=1") {
		t.Errorf("process %d after %d, with environment %q; want a new one with NEW=1", next.PID, first.PID, next.Env)
	}
	if _, err := p.Invoke(t.Context(), "G", lambda.Invocation{}); err == nil || err.Error() != `lambda: no function "G"` {
		t.Errorf("Invoke of a function that was removed: %v", err)
	}
}

func TestUpdateWhileBusy(t *testing.T) {
	g := newGate(t)
	processes := newGate(t)
	p, _ := start(t, lambda.Function{Env: map[string]string{"HELD": processes.url}}, lambda.Config{MaxSandboxes: 1})
	running := invoke(p, g.event())
	<-g.arrived
	<-processes.arrived
	waiting := invoke(p, `{"Text":"waits"}`)
	if err := p.Update(nil); err != nil {
		t.Fatal(err)
	}
	g.open <- 200
	if r := <-running; r.err != nil {
		t.Errorf("the event under way: %v", r.err)
	}
	// The one that waits came before the change, or after it and gets an error.
	if r := <-waiting; r.err != nil && r.err.Error() != `lambda: no function "F"` || r.err == nil && r.response.Text != "waits" {
		t.Errorf("the event that waited: %+v", r)
	}
	<-processes.left
}

// A start that hangs is abandoned for an update.
func TestUpdateWhileStarting(t *testing.T) {
	p, logs := start(t, lambda.Function{Env: map[string]string{"INIT": "raw"}}, lambda.Config{InitLimit: time.Hour})
	waiting := invoke(p, `{"Text":"served"}`)
	logs.wait(t, 1, `^address`)
	if err := p.Update([]lambda.Function{{Name: "F", Build: prebuilt}}); err != nil {
		t.Fatal(err)
	}
	if r := <-waiting; r.err != nil || r.response.Text != "served" {
		t.Errorf("the event that waited: %+v", r)
	}
}

func TestCloseAfterRemoval(t *testing.T) {
	g := newGate(t)
	p, _ := start(t, lambda.Function{}, lambda.Config{MaxSandboxes: 1})
	running := invoke(p, g.event())
	<-g.arrived
	waiting := invoke(p, `{}`)
	if err := p.Update(nil); err != nil {
		t.Fatal(err)
	}
	p.Close()
	<-running
	if r := <-waiting; r.err == nil {
		t.Error("an event that waited succeeded after Close")
	}
}

// copyBootstrap makes another file of the same program. No process is started
// meanwhile: it would inherit the open file, and a file that is open for writing
// cannot be executed.
func copyBootstrap(t *testing.T, to string) string {
	t.Helper()
	b, err := os.ReadFile(bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(to, b, 0o700); err != nil {
		t.Fatal(err)
	}
	return to
}

// replaceProgram replaces a program that may be running, in a way that every system
// allows.
func replaceProgram(t *testing.T, file string) {
	t.Helper()
	fresh := copyBootstrap(t, file+".new")
	if err := errors.Join(os.Rename(file, file+".old"), os.Rename(fresh, file)); err != nil {
		t.Fatal(err)
	}
}

// Start starts one process of each program, before any event.
func TestStart(t *testing.T) {
	processes := newGate(t)
	file := copyBootstrap(t, filepath.Join(t.TempDir(), filepath.Base(bootstrap)))
	p, _ := start(t, lambda.Function{
		Env:   map[string]string{"HELD": processes.url},
		Build: func(context.Context) (string, error) { return file, nil },
	}, lambda.Config{})
	for range 2 {
		if err := p.Start(t.Context(), "F"); err != nil {
			t.Fatal(err)
		}
	}
	<-processes.arrived
	first := must(t, p, `{}`)
	select {
	case <-processes.arrived:
		t.Error("two processes were started")
	default:
	}

	replaceProgram(t, file)
	if err := p.Start(t.Context(), "F"); err != nil {
		t.Fatal(err)
	}
	<-processes.left
	<-processes.arrived
	if second := must(t, p, `{}`); second.PID == first.PID {
		t.Errorf("process %d serves after the change too", second.PID)
	}

	if err := p.Start(t.Context(), "G"); err == nil {
		t.Error("a function that there is not was started")
	}
	if err := os.Rename(file, file+".gone"); err != nil { // Windows would not remove it while it runs
		t.Fatal(err)
	}
	if err := p.Start(t.Context(), "F"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Start without a program: %v, want %v", err, os.ErrNotExist)
	}
}
