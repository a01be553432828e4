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

// follow reads until the pipe is closed. It reads under mu: otherwise sayAfter
// could find the pipe empty while a line from it is not queued yet.
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

// drain reads what is in the pipe, at most as much as a pipe of Linux has room
// for, 64 KiB: a process that goes on printing must not keep it busy. mu is held.
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

// killStrays kills the processes that left the group of a sandbox. They have its tag,
// or still the address of its Runtime API in their environment. Linux shows both in
// /proc.
func killStrays(address, tag string) {
	marks := map[string][]byte{"limits": []byte(" " + tag), "environ": []byte(apiVariable + address)}
	killed := map[int]bool{} // which may be there until its parent has waited for it
	for found := true; found; {
		found = false
		entries, _ := os.ReadDir("/proc") // none without /proc
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil || killed[pid] {
				continue
			}
			for file, mark := range marks {
				text, _ := os.ReadFile("/proc/" + e.Name() + "/" + file) // unreadable: not ours
				if bytes.Contains(text, mark) && syscall.Kill(pid, syscall.SIGKILL) == nil {
					killed[pid], found = true, true // it may have started another
				}
			}
		}
	}
}

// peakMB is the peak resident memory of the process in MB; 0 if unknown, as
// everywhere but on Linux.
func peakMB(p *os.Process) int {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(p.Pid) + "/status")
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	number, _, _ := bytes.Cut(after, []byte(" kB"))
	kb, _ := strconv.Atoi(string(bytes.TrimSpace(number)))
	return (kb + 1023) / 1024
}
