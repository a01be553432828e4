//go:build unix

package lambda

import (
	"bytes"
	"net"
	"os"
	"strconv"
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

// killStrays kills what a sandbox started and moved out of its group: it still
// carries the address of its Runtime API in its environment.
func killStrays(address string) {
	mark := []byte(apiVariable + address)
	for found := true; found; {
		found = false
		entries, _ := os.ReadDir("/proc") // without /proc there is nothing to find
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil {
				continue
			}
			environ, _ := os.ReadFile("/proc/" + e.Name() + "/environ") // unreadable: not ours
			if bytes.Contains(environ, mark) && syscall.Kill(pid, syscall.SIGKILL) == nil {
				found = true // and may have had time to start another
			}
		}
	}
}

// peakMB is the peak resident memory of the process in MB; 0: not known.
func peakMB(p *os.Process) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.Pid) + "/status")
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	number, _, _ := bytes.Cut(after, []byte(" kB"))
	kb, _ := strconv.Atoi(string(bytes.TrimSpace(number)))
	return (kb + 1023) / 1024
}
