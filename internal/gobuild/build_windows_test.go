package gobuild

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestReplace replaces a program while a virus scanner reads the new one.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, "old"), filepath.Join(dir, "fresh")
	for range 2 { // first there is no old one
		if err := os.WriteFile(fresh, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		name, err := syscall.UTF16PtrFromString(fresh)
		if err != nil {
			t.Fatal(err)
		}
		scanner, err := syscall.CreateFile(name, syscall.GENERIC_READ, syscall.FILE_SHARE_READ, nil, syscall.OPEN_EXISTING, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { syscall.CloseHandle(scanner) })
		if err := replace(old, fresh); err != nil {
			t.Error(err)
		}
	}
}
