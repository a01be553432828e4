package lambda

import (
	"net"
	"os"
	"syscall"
	"unsafe"
)

// terminate kills: Windows does not have SIGTERM.
func terminate(p *os.Process) { p.Kill() }

var wsaPoll = syscall.NewLazyDLL("ws2_32.dll").NewProc("WSAPoll")

// isHungUp reports whether the other side of conn is gone, without waiting.
func isHungUp(conn net.Conn) bool {
	const readable, gone = 0x100, 0x7 // POLLRDNORM; POLLERR, POLLHUP and POLLNVAL
	poll := struct {
		fd              uintptr
		events, revents uint16
	}{events: readable}
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err == nil {
		err = raw.Control(func(fd uintptr) {
			poll.fd = fd
			wsaPoll.Call(uintptr(unsafe.Pointer(&poll)), 1, 0)
		})
	}
	return err != nil || poll.revents&gone != 0
}

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

func newWatchdog(_, _ string) *watchdog { return nil }
func (*watchdog) guard(*os.Process)     {}
func (*watchdog) forget(*os.Process)    {}
func (*watchdog) close()                {}

// killStrays does nothing: a process's environment cannot be read here.
func killStrays(_, _ string) {}

// peakMB is unknown here.
func peakMB(*os.Process) int { return 0 }
