//go:build unix

package lambda

import (
	"net"
	"os"
	"syscall"
)

// terminate asks a process to end.
func terminate(p *os.Process) { p.Signal(syscall.SIGTERM) }

// isHungUp reports whether the other side of conn is gone, without waiting.
func isHungUp(conn net.Conn) bool {
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	raw.Control(func(fd uintptr) {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		gone = n == 0 && err == nil || err == syscall.ECONNRESET
	})
	return gone
}

// follow reads until the pipe is closed. It reads under mu, so that nobody
// finds the pipe empty while a line is still on its way from it.
func (o *output) follow() {
	o.raw.Read(func(fd uintptr) bool {
		for {
			o.journal.wait()
			o.mu.Lock()
			n, err := syscall.Read(int(fd), o.chunk[:])
			if n > 0 {
				o.take(n)
			}
			o.mu.Unlock()
			switch {
			case err == syscall.EINTR:
			case err == syscall.EAGAIN:
				return false // wait until there is more
			case n <= 0:
				return true
			}
		}
	})
}

// drain reads what the pipe holds, at most what a pipe can hold. mu is held.
func (o *output) drain() {
	o.raw.Control(func(fd uintptr) {
		for range 64<<10/len(o.chunk) + 1 {
			n, err := syscall.Read(int(fd), o.chunk[:])
			if n > 0 {
				o.take(n)
			} else if err != syscall.EINTR {
				return
			}
		}
	})
}
