package lambda

import (
	"net"
	"os"
)

// terminate kills: there is no SIGTERM here.
func terminate(p *os.Process) { p.Kill() }

// isHungUp is not known here; a write will tell.
func isHungUp(net.Conn) bool { return false }

// follow reads until the pipe is closed.
func (o *output) follow() {
	var chunk [8 << 10]byte
	for {
		o.journal.wait()
		n, err := o.file.Read(chunk[:])
		o.mu.Lock()
		o.take(copy(o.chunk[:], chunk[:n]))
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// drain does nothing: a pipe cannot be asked for what it holds here.
func (o *output) drain() {}

// A watchdog there is not.
type watchdog struct{}

func newWatchdog(string) *watchdog   { return nil }
func (*watchdog) guard(*os.Process)  {}
func (*watchdog) forget(*os.Process) {}
func (*watchdog) close()             {}

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(string) {}

// peakMB is not known here.
func peakMB(*os.Process) int { return 0 }
