// Package script is a site of device-bound sessions with written responses. It compares the
// requests of a browser with those that Chromium has sent: both are in chromium.txt.
package script

import (
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed chromium.txt
var text string

// A Site responds as the script says.
type Site struct {
	steps []step

	mu    sync.Mutex
	now   []*exchange // of the current step
	extra []string    // requests that the script does not have
}

type step struct {
	action    string
	exchanges []*exchange
}

type exchange struct {
	want, got, response []string // lines
	taken               bool
	done                chan struct{} // closed with the response
}

// New returns a Site at the beginning of the script.
func New() *Site {
	s := new(Site)
	before := ""
	for line := range strings.Lines(text) {
		kind, line, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if kind == "!" {
			s.steps = append(s.steps, step{action: line})
		}
		if kind == ">" || kind == "<" {
			in := &s.steps[len(s.steps)-1].exchanges
			if kind == ">" && before != ">" {
				*in = append(*in, &exchange{done: make(chan struct{})})
			}
			e := (*in)[len(*in)-1]
			lines := map[string]*[]string{">": &e.want, "<": &e.response}[kind]
			*lines = append(*lines, line)
		}
		before = kind
	}
	return s
}

// patience is how late a request may be, which fails.
const patience = 20 * time.Second

// Run has a browser take each step. It returns the script with the requests of that browser,
// and an error for those that differ.
func (s *Site) Run(do func(action string)) (recorded string, err error) {
	var errs []error
	var got [][]string
	for _, st := range s.steps {
		s.mu.Lock()
		s.now = st.exchanges
		s.mu.Unlock()
		do(st.action)
		for _, e := range st.exchanges {
			select {
			case <-e.done:
			case <-time.After(patience):
				errs = append(errs, fmt.Errorf("%s: the request %s does not come", st.action, e.want[0]))
				return "", errors.Join(append(errs, s.tooMany())...)
			}
			if got = append(got, e.got); !slices.Equal(e.got, e.want) {
				errs = append(errs, fmt.Errorf("%s: the request is\n\t%s\nwant\n\t%s", st.action, strings.Join(e.got, "\n\t"), strings.Join(e.want, "\n\t")))
			}
		}
	}
	return rewrite(got), errors.Join(append(errs, s.tooMany())...)
}

func (s *Site) tooMany() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.extra) == 0 {
		return nil
	}
	return fmt.Errorf("requests too many:\n%s", strings.Join(s.extra, "\n"))
}

// rewrite returns the script with other requests.
func rewrite(requests [][]string) string {
	var b strings.Builder
	before := ""
	for line := range strings.Lines(text) {
		kind, _, _ := strings.Cut(line, " ")
		switch {
		case kind != ">":
			b.WriteString(line)
		case before != ">":
			b.WriteString("> " + strings.Join(requests[0], "\n> ") + "\n")
			requests = requests[1:]
		}
		before = kind
	}
	return b.String()
}

// ServeHTTP responds after the responses that the script has before this one: a browser may
// send requests at once.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e, before := s.take(r)
	if e == nil {
		http.NotFound(w, r)
		return
	}
	if before != nil {
		select {
		case <-before.done:
		case <-time.After(patience):
		}
	}
	defer close(e.done)
	e.got = describe(r)
	w.Header().Set("Cache-Control", "no-store")
	body := ""
	for _, line := range e.response[1:] {
		if name, value, ok := strings.Cut(line, ": "); ok && line[0] != '{' {
			w.Header().Add(name, value)
		} else {
			body += line
		}
	}
	status, err := strconv.Atoi(e.response[0])
	if err != nil { // "broken": off after the header, as browsers send again what got nothing
		w.Header().Set("Content-Length", "1")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// take returns the request's place in the script, and the one before it.
func (s *Site) take(r *http.Request) (e, before *exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := describe(r)
	for _, e := range s.now {
		if !e.taken && e.want[0] == lines[0] {
			e.taken = true
			return e, before
		}
		before = e
	}
	if r.URL.Path != "/favicon.ico" {
		s.extra = append(s.extra, strings.Join(lines, "\n\t"))
	}
	return nil, nil
}

// describe returns what the protocol says of a request, without keys and signatures.
func describe(r *http.Request) []string {
	lines := []string{r.Method + " " + r.URL.RequestURI()}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name != "Authorization" && name != "Cookie" && !strings.Contains(name, "Secure-Session-") {
			continue
		}
		for _, value := range r.Header[name] {
			if name == "Secure-Session-Response" {
				value = proof(value)
			}
			lines = append(lines, name+": "+value)
		}
	}
	return lines
}

// proof shows a JWS: the members of two parts, with lengths for those of a key, and the
// length of the third.
func proof(jws string) string {
	parts := strings.Split(jws, ".")
	for i, part := range parts {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return "not a JWS"
		}
		parts[i] = fmt.Sprintf("%d bytes", len(text))
		var members map[string]any
		if json.Unmarshal(text, &members) == nil {
			if key, ok := members["jwk"].(map[string]any); ok {
				key["x"], key["y"] = len(fmt.Sprint(key["x"])), len(fmt.Sprint(key["y"]))
			}
			text, _ = json.Marshal(members) // it was JSON
			parts[i] = string(text)
		}
	}
	return strings.Join(parts, ".")
}
