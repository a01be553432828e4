package procgroup_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/crumb-go/crumb/internal/procgroup"
)

// TestBind kills a process that has called Bind. Its child, which left the process
// group, ends too, and with it the pipe that it has.
func TestBind(t *testing.T) {
	const role = "CRUMB_TEST_BIND"
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := func(next string) *exec.Cmd {
		cmd := exec.Command(self, "-test.run=^TestBind$")
		cmd.Env = append(os.Environ(), role+"="+next)
		cmd.SysProcAttr = procgroup.Attr()
		return cmd
	}
	switch os.Getenv(role) {
	case "parent":
		if err := procgroup.Bind(); err != nil {
			t.Fatal(err)
		}
		child := command("child")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // until it is killed
	case "child":
		fmt.Println("started")
		time.Sleep(time.Hour) // until it is killed
	}
	parent := command("parent")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var word string
	if _, err := fmt.Fscan(out, &word); err != nil || word != "started" {
		t.Errorf("%q, %v", word, err)
	}
	parent.Process.Kill()
	io.Copy(io.Discard, out) // until the child has ended
	parent.Wait()
}
