package samcli

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// startDocker returns the variables for finding Docker: the running one, or with
// CI=true one started for this test. That one keeps everything in a temporary
// folder, has its own bridge and does not change the firewall, so that nothing is
// left behind.
func startDocker(t testing.TB) (env []string) {
	t.Helper()
	if exec.Command(testenv.Tool(t, "docker"), "info").Run() == nil {
		return nil
	}
	if os.Getenv("CI") != "true" {
		t.Skip("no Docker daemon responds")
	}
	dir, err := os.MkdirTemp("", "crumb-e2e-") // t.TempDir's would be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	bridge := "crumb-" + strings.ToLower(rand.Text()[:8])
	run(t, "ip", "link", "add", bridge, "type", "bridge")
	t.Cleanup(func() { run(t, "ip", "link", "del", bridge) })
	run(t, "ip", "address", "add", fmt.Sprintf("10.213.%d.1/24", os.Getpid()%256), "dev", bridge)
	run(t, "ip", "link", "set", bridge, "up")

	socket := "unix://" + filepath.Join(dir, "docker.sock")
	testenv.Serve(t, exec.Command(testenv.Tool(t, "dockerd"),
		"--host", socket,
		"--data-root", filepath.Join(dir, "data"),
		"--exec-root", filepath.Join(dir, "exec"),
		"--pidfile", filepath.Join(dir, "pid"),
		"--bridge", bridge, "--iptables=false", "--ip-forward=false", "--ip-masq=false",
	), "API listen on")
	return []string{"DOCKER_HOST=" + socket}
}

// baseImage creates the image that functions run in and returns its name. It
// replaces AWS's, which would have to be downloaded: a function is a static
// binary, and SAM only needs a shell to add its runtime emulator.
func baseImage(t testing.TB, env []string) string {
	t.Helper()
	// SAM names its own image after this one, and each run has its own
	// repository.
	repository := "crumb-e2e-" + strings.ToLower(rand.Text()[:8])
	docker := func(args ...string) string {
		cmd := exec.Command("docker", args...)
		cmd.Env = append(os.Environ(), env...)
		return Output(t, cmd)
	}
	t.Cleanup(func() {
		for image := range strings.FieldsSeq(docker("images", "--quiet", repository)) {
			for container := range strings.FieldsSeq(docker("ps", "--all", "--quiet", "--filter", "ancestor="+image)) {
				docker("rm", "--force", container)
			}
			docker("rmi", "--force", image)
		}
	})
	root := t.TempDir()
	for _, dir := range []string{"bin", "tmp", "opt", "var/task", "var/runtime"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run(t, "cp", testenv.Tool(t, "busybox"), filepath.Join(root, "bin", "busybox"))
	for _, applet := range []string{"sh", "mv", "chmod"} {
		if err := os.Symlink("busybox", filepath.Join(root, "bin", applet)); err != nil {
			t.Fatal(err)
		}
	}
	tar := filepath.Join(t.TempDir(), "image.tar")
	run(t, "tar", "--create", "--file", tar, "--directory", root, ".")
	docker("import", "--change", "ENV PATH=/bin", "--change", "WORKDIR /var/task", tar, repository+":base")
	return repository + ":base"
}

func run(t testing.TB, name string, args ...string) {
	t.Helper()
	Output(t, exec.Command(name, args...))
}
