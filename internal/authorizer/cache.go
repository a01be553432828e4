package authorizer

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/internal/app"
)

// maxCached is how many responses are kept. When there are more, all go.
const maxCached = 1000

// A cache keeps the responses of Lambda authorizers by authorizer and identity sources,
// each for the authorizer's TTL: so it is by token, not by route, and a policy is matched
// again with each route that a token is sent to. The zero value is empty.
//
// Requests of a token that are under way at once before there is a response each call
// the function.
type cache struct {
	mu      sync.Mutex
	entries map[cacheKey]cached
	emptied int // how often
}

type cacheKey struct{ authorizer, sources string }

type cached struct {
	response *response
	until    time.Time
}

// keyOf returns the key of a request; false if its response is not cached.
func keyOf(d *app.Authorizer, sources []string) (cacheKey, bool) {
	if d.TTL <= 0 || len(sources) == 0 {
		return cacheKey{}, false
	}
	var b strings.Builder
	for _, s := range sources {
		b.WriteString(strconv.Itoa(len(s)) + ":" + s)
	}
	return cacheKey{d.Name, b.String()}, true
}

// get returns the response for a key that has not expired, or nil, and what put needs to
// know.
func (c *cache) get(key cacheKey) (r *response, emptied int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.entries[key]
	if !ok || !time.Now().Before(entry.until) {
		return nil, c.emptied
	}
	return entry.response, c.emptied
}

// put adds a response that was asked for after get, unless the cache was emptied since.
func (c *cache) put(key cacheKey, r *response, ttl time.Duration, emptied int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if emptied != c.emptied {
		return
	}
	if c.entries == nil || len(c.entries) >= maxCached {
		c.entries = map[cacheKey]cached{}
	}
	c.entries[key] = cached{r, time.Now().Add(ttl)}
}

func (c *cache) empty() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = nil
	c.emptied++
}
