package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// untilOrphaned returns a context that ends when the "go run" that started this
// process is gone, since go run does not pass on SIGTERM. If the process was not
// started by go run, the context is ctx itself.
func untilOrphaned(ctx context.Context) (context.Context, context.CancelFunc) {
	parent := os.Getppid()
	if !isGo(parent) {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		for os.Getppid() == parent {
			select {
			case <-ctx.Done():
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
		cancel()
	}()
	return ctx, cancel
}

// isGo reports whether the process is the go command. Without /proc and ps it
// returns false.
func isGo(pid int) bool {
	name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		name, err = exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	}
	return err == nil && filepath.Base(strings.TrimSpace(string(name))) == "go"
}
