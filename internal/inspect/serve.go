package inspect

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var files embed.FS

// policy lets the page load its own files and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

func (i *Inspector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	token, name, slash := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case subtle.ConstantTimeCompare([]byte(token), []byte(i.token)) != 1:
		http.NotFound(w, r) // first of all, so that without the token nobody learns anything
	case !i.hosts.Allow(r.Host):
		http.Error(w, fmt.Sprintf("Host %q is not a loopback name; allow it with --allow-host.", r.Host), http.StatusForbidden)
	case !sameOrigin(r):
		http.Error(w, "Requests from another origin are rejected.", http.StatusForbidden)
	case r.Method != http.MethodGet:
		h.Set("Allow", http.MethodGet)
		http.Error(w, "The inspector is read-only.", http.StatusMethodNotAllowed)
	case !slash:
		h.Set("Location", i.Path())
		w.WriteHeader(http.StatusPermanentRedirect)
	case name == "events":
		i.serveEvents(w, r)
	case name == "value":
		i.serveValue(w, r.URL.Query())
	default:
		serveFile(w, r, name)
	}
}

// sameOrigin reports whether a request comes from the developer or the page
// itself. Another port of this machine is another origin, though the same site.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host || origin == "https://"+r.Host
}

// types are the content types of the page's files, which must not depend on the
// machine.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

func serveFile(w http.ResponseWriter, r *http.Request, name string) {
	if name == "" {
		name = "index.html"
	}
	text, err := files.ReadFile("page/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	_, _ = w.Write(text)
}

// serveValue responds with one value: of a request's cookie (?in=7&n=0), of a
// cookie in the jar (?jar=key), or a whole line of a response (?out=7&n=0).
func (i *Inspector) serveValue(w http.ResponseWriter, q url.Values) {
	value, ok := i.value(q)
	if !ok {
		http.Error(w, "No longer available.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, printable(value))
}

func (i *Inspector) value(q url.Values) (string, bool) {
	if key := q.Get("jar"); key != "" {
		for _, c := range i.jar.All() {
			if keyOf(c) == key {
				return c.Value, true
			}
		}
		return "", false
	}
	in := q.Has("in")
	id, err := strconv.Atoi(q.Get("in") + q.Get("out"))
	n, err2 := strconv.Atoi(q.Get("n"))
	e, ok := i.find(id)
	if err != nil || err2 != nil || !ok || n < 0 {
		return "", false
	}
	if pairs := e.pairs(); in && n < len(pairs) {
		return pairs[n].value, true
	}
	if !in && n < len(e.SetCookie) {
		return e.SetCookie[n].Line, true
	}
	return "", false
}

const (
	mostReaders = 16                     // pages at once
	patience    = 5 * time.Second        // with a reader that does not read
	breath      = 200 * time.Millisecond // between two batches
	pulse       = 15 * time.Second       // when nothing happens, since cookies expire
)

// serveEvents sends, as server-sent events, "exchange" for each exchange after
// Last-Event-ID and "jar" for the whole jar whenever it has changed. A slow
// reader gets what is still kept when it reads.
func (i *Inspector) serveEvents(w http.ResponseWriter, r *http.Request) {
	wake, leave := i.enter()
	if wake == nil {
		http.Error(w, "Too many pages are open.", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	last, _ := strconv.Atoi(r.Header.Get("Last-Event-ID")) // 0, so everything, if it is missing or malformed
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	timer := time.NewTimer(0)
	defer timer.Stop()
	var jar []byte               // as last sent
	var values [sha256.Size]byte // the digest of its values
	buf := bytes.NewBufferString("retry: 1000\n\n")
	for {
		var entries []entry
		entries, last = i.since(last)
		for _, e := range entries {
			writeEvent(buf, "exchange", e.id, mustJSON(e.view()))
		}
		list, digest := i.jarView()
		if text := mustJSON(list); digest != values || !bytes.Equal(text, jar) {
			jar, values = text, digest
			writeEvent(buf, "jar", 0, jar)
		}
		if buf.Len() == 0 {
			buf.WriteString(":\n\n")
		}
		if err := send(w, out, buf); err != nil {
			return
		}
		timer.Reset(breath)
		select {
		case <-r.Context().Done():
			return
		case <-timer.C:
		}
		timer.Reset(pulse)
		select {
		case <-r.Context().Done():
			return
		case <-wake:
		case <-timer.C:
		}
	}
}

func send(w io.Writer, out *http.ResponseController, buf *bytes.Buffer) error {
	if err := out.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := buf.WriteTo(w); err != nil {
		return err
	}
	return out.Flush()
}

func writeEvent(buf *bytes.Buffer, event string, id int, data []byte) {
	if id > 0 {
		fmt.Fprintf(buf, "id: %d\n", id)
	}
	fmt.Fprintf(buf, "event: %s\ndata: %s\n\n", event, data)
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the views have no channels, functions or cycles
	}
	return text
}

// enter adds a reader and returns the channel that notifies it; nil if there are
// too many.
func (i *Inspector) enter() (wake chan struct{}, leave func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.readers) >= mostReaders {
		return nil, nil
	}
	wake = make(chan struct{}, 1)
	i.readers[wake] = true
	return wake, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.readers, wake)
	}
}
