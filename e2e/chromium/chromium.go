// Package chromium drives a headless Chromium and reports what it does with
// cookies.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// A Browser is a running Chromium with one tab and a separate profile. It accepts
// any certificate.
type Browser struct {
	Tab context.Context // for chromedp.Run

	cancel context.CancelFunc
	dir    string // everything that Chromium writes
}

// patience is how long a page may take to load: a function may have to be
// compiled for it, on a busy machine.
const patience = 5 * time.Minute

// EveryHost maps every host name to this machine, with the port unchanged.
const EveryHost = "MAP * 127.0.0.1"

// Start starts the Chromium at path, with rules for resolving host names and more
// options. The caller closes it, before ctx ends.
func Start(ctx context.Context, path, hosts string, more ...chromedp.ExecAllocatorOption) (*Browser, error) {
	dir, err := os.MkdirTemp("", "chromium-")
	if err != nil {
		return nil, err
	}
	allocator, cancel := chromedp.NewExecAllocator(ctx, append(append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.Env("XDG_CONFIG_HOME="+dir, "XDG_CACHE_HOME="+dir, "TMPDIR="+dir),
		chromedp.NoSandbox, // it runs as root in a container
		chromedp.IgnoreCertErrors,
		chromedp.Flag("host-resolver-rules", hosts),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-features", "Translate,HttpsUpgrades"),
	), more...)...)
	tab, _ := chromedp.NewContext(allocator)
	b := &Browser{tab, cancel, dir}
	if err := chromedp.Do(tab); err != nil {
		return nil, fmt.Errorf("chromium: %w", errors.Join(err, b.Close()))
	}
	return b, nil
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	err := chromedp.Cancel(b.Tab)
	b.cancel()
	left := os.RemoveAll(b.dir)
	for n := 0; left != nil && n < 100; n++ { // its last processes still write there
		time.Sleep(100 * time.Millisecond)
		left = os.RemoveAll(b.dir)
	}
	return errors.Join(err, left)
}

// A Page is the result of a navigation.
type Page struct {
	Status  int
	Text    string              // what the page shows
	Refused map[string][]string // each Set-Cookie line that was not stored, with Chromium's reasons
	Blocked []string            // what a Content-Security-Policy blocked during loading, in Chromium's words
}

// Open loads a URL as if it was typed into the address bar.
func (b *Browser) Open(url string) (Page, error) {
	return b.Follow(chromedp.Navigate(url))
}

// Follow runs steps that load a page, such as a click on a link.
func (b *Browser) Follow(steps ...chromedp.Action[chromedp.Void]) (Page, error) {
	ctx, cancel := context.WithTimeout(b.Tab, patience)
	defer cancel()
	received := chromedp.Events(ctx, network.ResponseReceived)
	withCookies := chromedp.Events(ctx, network.ResponseReceivedExtraInfo)
	var blocked blockedBy
	if err := chromedp.Listen(ctx, blocked.add); err != nil {
		return Page{}, err
	}
	if _, err := chromedp.RunResponse(ctx, steps...); err != nil {
		return Page{}, err
	}
	var document network.RequestID
	for r, err := range received {
		if err != nil {
			return Page{}, err
		}
		if r.Type == network.ResourceTypeDocument {
			document = r.RequestID
			break
		}
	}
	page := Page{Refused: map[string][]string{}}
	for r, err := range withCookies {
		if err != nil {
			return Page{}, err
		}
		if r.RequestID != document {
			continue
		}
		page.Status = int(r.StatusCode)
		for _, c := range r.BlockedCookies {
			for _, reason := range c.BlockedReasons {
				page.Refused[c.CookieLine] = append(page.Refused[c.CookieLine], string(reason))
			}
		}
		break
	}
	var err error
	page.Text, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.textContent"))
	page.Blocked = blocked.all()
	return page, err
}

// Back goes back to the page with this path and returns what it shows. Unlike
// Follow it does not wait for a response: the browser may have kept the whole
// page.
func (b *Browser) Back(path string) (text string, err error) {
	ctx, cancel := context.WithTimeout(b.Tab, patience)
	defer cancel()
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("history.back(), true")); err != nil {
		return "", err
	}
	const script = `location.pathname.endsWith(%q) && document.readyState === "complete" && !document.body.hidden ? "shown:" + document.body.textContent : ""`
	for {
		// It fails while one page replaces the other.
		text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(script, path)))
		if text, shown := strings.CutPrefix(text, "shown:"); shown {
			return text, nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// blockedBy collects what a Content-Security-Policy blocks, from the console.
type blockedBy struct {
	mu    sync.Mutex
	texts []string
}

func (b *blockedBy) add(event any) {
	if e, ok := event.(*log.EventEntryAdded); ok && e.Entry.Source == log.EntrySourceSecurity {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.texts = append(b.texts, e.Entry.Text)
	}
}

func (b *blockedBy) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.texts)
}

// Jar returns all cookies in the order of their names.
func (b *Browser) Jar() ([]*network.Cookie, error) {
	jar, err := chromedp.CallBrowser(b.Tab, storage.GetCookies, storage.GetCookiesParams{})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(jar.Cookies, func(a, b *network.Cookie) int { return strings.Compare(a.Name, b.Name) })
	return jar.Cookies, nil
}

// Clear empties the jar.
func (b *Browser) Clear() error {
	_, err := chromedp.CallBrowser(b.Tab, storage.ClearCookies, storage.ClearCookiesParams{})
	return err
}

// Line writes a cookie as a Set-Cookie line with everything that Chromium stores.
// Max-Age is rounded to minutes, and a Domain without a dot is host-only.
func Line(c *network.Cookie) string {
	line := fmt.Sprintf("%s=%s; Domain=%s; Path=%s", c.Name, c.Value, c.Domain, c.Path)
	if !c.Session {
		left := time.Until(time.UnixMicro(int64(c.Expires * 1e6))).Round(time.Minute)
		line += fmt.Sprintf("; Max-Age=%.0f", left.Seconds())
	}
	if c.Secure {
		line += "; Secure"
	}
	if c.HTTPOnly {
		line += "; HttpOnly"
	}
	if c.SameSite != "" {
		line += "; SameSite=" + string(c.SameSite)
	}
	if c.PartitionKey != nil {
		line += "; Partitioned=" + c.PartitionKey.TopLevelSite
	}
	return line
}
