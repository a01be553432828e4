package lambda

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// tag marks a process, and what it starts from then on, by a limit: the time that a
// real-time process may keep a processor, here thousands of years. All descendants have
// it, whatever they do with sessions and environments, and /proc shows it. Where the
// system has a limit already, nothing is marked.
func tag(p *os.Process, tag string) {
	n, err := strconv.ParseUint(tag, 10, 64)
	var limit unix.Rlimit
	if err == nil && unix.Prlimit(p.Pid, unix.RLIMIT_RTTIME, nil, &limit) == nil && limit.Max == unix.RLIM_INFINITY {
		limit.Cur = n
		unix.Prlimit(p.Pid, unix.RLIMIT_RTTIME, &limit, nil)
	}
}
