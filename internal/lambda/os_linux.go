package lambda

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

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
