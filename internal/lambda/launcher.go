package lambda

import (
	"os/exec"
	"runtime"
)

// A launcher starts processes from one thread that lives as long as the pool:
// Linux sends Pdeathsig when the thread that started a process ends, not when
// its program does.
type launcher struct {
	jobs chan job
	done chan struct{}
}

type job struct {
	cmd *exec.Cmd
	err chan error
}

func newLauncher() *launcher {
	l := &launcher{jobs: make(chan job), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		for j := range l.jobs {
			j.err <- j.cmd.Start()
		}
	}()
	return l
}

func (l *launcher) start(cmd *exec.Cmd) error {
	j := job{cmd, make(chan error, 1)}
	l.jobs <- j
	return <-j.err
}

func (l *launcher) close() {
	close(l.jobs)
	<-l.done
}
