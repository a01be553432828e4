//go:build unix

package lambda

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A watchdog ends what runs in sandboxes should crumb be killed, when crumb
// itself no longer can. It is a shell that reads from a pipe which ends with
// crumb: a shell is there on every Unix and takes a tenth of the memory that a
// second crumb would.
//
// Each line that it reads names the process groups that live now. A group is
// taken off as soon as it is dead, so that those which the last line names are
// crumb's: another could have its number only if the system had used up all
// others in the moment between crumb's end and the shell's kill.
//
// Without a shell there is no watchdog, and nil stands for it.
type watchdog struct {
	cmd  *exec.Cmd
	pipe *os.File

	mu     sync.Mutex
	groups map[int]bool
}

// watch is what the shell runs. What left its group it finds as killStrays
// does, where there is /proc and grep.
const watch = `
trap '' HUP INT TERM
while read -r line; do groups=$line; done
for group in $groups; do kill -KILL "-$group"; done
for again in 1 2 3; do
	strays=$(grep -lsF "$1" /proc/[0-9]*/environ)
	[ -n "$strays" ] || break
	for file in $strays; do
		file=${file#/proc/}
		kill -KILL "${file%/environ}"
	done
done
`

// newWatchdog starts a watchdog over sandboxes whose Runtime API is below
// address. It has a session of its own: Ctrl-C does not reach it.
func newWatchdog(address string) *watchdog {
	r, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-c", watch, "crumb-watchdog", apiVariable+address)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.Stdin = r
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if cmd.Start() != nil {
		w.Close()
		return nil
	}
	return &watchdog{cmd: cmd, pipe: w, groups: map[int]bool{}}
}

// guard has the group of a process killed when crumb is gone.
func (d *watchdog) guard(p *os.Process) { d.set(p, true) }

// forget says that the group of a process is dead.
func (d *watchdog) forget(p *os.Process) { d.set(p, false) }

func (d *watchdog) set(p *os.Process, alive bool) {
	if d == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if alive {
		d.groups[p.Pid] = true
	} else {
		delete(d.groups, p.Pid)
	}
	line := strings.Trim(fmt.Sprint(slices.Sorted(maps.Keys(d.groups))), "[]")
	d.pipe.SetWriteDeadline(time.Now().Add(time.Second)) // a stopped shell must not stop us
	if _, err := fmt.Fprintln(d.pipe, line); err != nil {
		d.cmd.Process.Kill() // it may have seen half a number
	}
}

// close ends the watchdog when there is nothing left to watch.
func (d *watchdog) close() {
	if d == nil {
		return
	}
	d.cmd.Process.Kill()
	d.cmd.Wait()
	d.pipe.Close()
}
