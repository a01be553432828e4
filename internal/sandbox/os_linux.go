package sandbox

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
)

// ownGroup puts a process in a group of its own, for killGroup and so that
// Ctrl-C does not reach it, and has the system kill it when crumb is gone.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
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
