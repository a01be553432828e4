package lambda

import (
	"net"
	"os"
)

// terminate kills: Windows does not have SIGTERM.
func terminate(p *os.Process) { p.Kill() }

// isHungUp cannot tell; a write will.
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

// drain does nothing: a pipe cannot be read here without waiting.
func (o *output) drain() {}

// A watchdog does nothing here.
type watchdog struct{}

func newWatchdog(string) *watchdog   { return nil }
func (*watchdog) guard(*os.Process)  {}
func (*watchdog) forget(*os.Process) {}
func (*watchdog) close()             {}

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(string) {}

// peakMB is unknown here.
func peakMB(*os.Process) int { return 0 }
