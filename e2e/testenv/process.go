package testenv

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Descendants lists the processes below one, as ps shows them.
func Descendants(t testing.TB, root int) []int {
	t.Helper()
	Tool(t, "ps")
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Fatal("ps: ", err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		pid, _ := strconv.Atoi(f[0])
		parent, _ := strconv.Atoi(f[1])
		children[parent] = append(children[parent], pid)
	}
	var found []int
	for todo := children[root]; len(todo) > 0; todo = todo[1:] {
		found = append(found, todo[0])
		todo = append(todo, children[todo[0]]...)
	}
	return found
}

// Gone waits, a minute at most, for a process to end. "go run" ends before the
// command that it started. A zombie that its new parent has not reaped yet has
// ended.
func Gone(pid int) bool {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		if err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z") {
			return true
		}
	}
	return false
}
