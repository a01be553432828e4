//go:build linux

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/testenv"
)

// TestMeasurePeer compares with "cargo lambda watch" and a Rust function that does the
// same, both behind a Function URL, in alternating rounds.
func TestMeasurePeer(t *testing.T) {
	if !*measure {
		t.Skip("measurements are taken with -measure")
	}
	for _, tool := range []string{"cargo", "cargo-lambda"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("for comparison with cargo lambda watch (pip install cargo-lambda): ", err)
		}
	}
	b := newBench(t)
	c := b.start("--door", "url")
	defer c.Stop()
	for _, concurrency := range []string{"1", "32"} { // 1 is the default
		peer := b.startPeer(concurrency)
		for _, clients := range []int{few, many} {
			const rounds = 5
			var ours, theirs []result
			for range rounds {
				each := 2000 / (1 + clients/8)
				ours = append(ours, b.load(c.URL+"/f0", clients, 20, each))
				theirs = append(theirs, b.load(peer, clients, 20, each))
			}
			crumb, cargo := middle(ours), middle(theirs)
			t.Logf("clients: %d; p50 of crumb %v, of cargo lambda watch --concurrency %s %v, ratio %.2f; requests/s %.0f and %.0f, ratio %.2f", clients,
				crumb.p50, concurrency, cargo.p50, crumb.p50.Seconds()/cargo.p50.Seconds(), crumb.perSecond, cargo.perSecond, crumb.perSecond/cargo.perSecond)
		}
	}
}

// middle returns the median of each value.
func middle(all []result) result {
	var p50, perSecond []float64
	for _, r := range all {
		p50, perSecond = append(p50, float64(r.p50)), append(perSecond, r.perSecond)
	}
	return result{p50: time.Duration(medianOf(p50)), perSecond: medianOf(perSecond)}
}

// startPeer starts cargo lambda watch and returns the URL of its function.
func (b *bench) startPeer(concurrency string) string {
	b.t.Helper()
	dir := b.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/peer")); err != nil {
		b.t.Fatal(err)
	}
	port := testenv.FreePort(b.t)
	cmd := exec.Command("cargo-lambda", "lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1", "--invoke-port", port, "--concurrency", concurrency)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait() // ending by SIGTERM is not a failure
	})
	url := fmt.Sprintf("http://127.0.0.1:%s/lambda-url/peer/", port)
	for deadline := time.Now().Add(5 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		c, err := newClient(url)
		if err != nil {
			b.t.Fatal(err)
		}
		err = c.get()
		c.close()
		if err == nil {
			return url
		}
		if time.Now().After(deadline) {
			b.t.Fatal("cargo lambda watch: ", err)
		}
	}
}
