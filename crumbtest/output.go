package crumbtest

import (
	"io"
	"sync"
)

// output is a test's, until that ends: to write later would be a panic.
type output struct {
	mu sync.Mutex
	to io.Writer // nil: it has ended
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.to == nil {
		return len(p), nil
	}
	return o.to.Write(p)
}

func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
}
