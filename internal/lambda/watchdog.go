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

// A watchdog kills the processes of sandboxes if crumb itself is killed. It is a
// shell that reads from a pipe, which is closed when crumb ends: every Unix has a
// shell, and it needs a tenth of the memory of a second crumb.
//
// Each line that it reads lists the live process groups. A group is removed as soon
// as it is dead, so that those in the last line are crumb's: another process could
// have such a number only if the system had used up all others between crumb's end
// and the shell's kill.
//
// A nil watchdog, if there is no shell, does nothing.
type watchdog struct {
	cmd  *exec.Cmd
	pipe *os.File

	mu     sync.Mutex
	groups map[int]bool
}

// watch is the shell's program. It finds processes that left their group as
// killStrays does, if there is /proc and grep.
const watch = `
trap '' HUP INT TERM
while read -r line; do groups=$line; done
for group in $groups; do kill -KILL "-$group"; done
for again in 1 2 3; do
	strays=$(grep -lsF "$1" /proc/[0-9]*/environ; grep -lsF " $2" /proc/[0-9]*/limits)
	[ -n "$strays" ] || break
	for file in $strays; do
		file=${file#/proc/}
		kill -KILL "${file%/*}"
	done
done
`

// newWatchdog starts a watchdog over sandboxes whose Runtime API is below
// address, and whose tags begin with tag. It is a separate session: Ctrl-C does not
// reach it.
func newWatchdog(address, tag string) *watchdog {
	r, w, err := os.Pipe()
	if err != nil {
		return nil
	}
	defer r.Close()
	cmd := exec.Command("/bin/sh", "-c", watch, "crumb-watchdog", apiVariable+address, tag)
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

// guard adds the group of a process to those to kill.
func (d *watchdog) guard(p *os.Process) { d.set(p, true) }

// forget removes the group of a process that is dead.
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
	d.pipe.SetWriteDeadline(time.Now().Add(time.Second)) // a stopped shell must not block crumb
	if _, err := fmt.Fprintln(d.pipe, line); err != nil {
		d.cmd.Process.Kill() // it may have read half a number
	}
}

// close ends the watchdog when no process is left.
func (d *watchdog) close() {
	if d == nil {
		return
	}
	d.cmd.Process.Kill()
	d.cmd.Wait()
	d.pipe.Close()
}
