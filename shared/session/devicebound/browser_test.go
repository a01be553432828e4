package devicebound_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crumb-go/crumb/shared/cookie/useragent"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
)

// A browser is written from the draft, whose sections its comments name, not from the
// package that it tests. It has one site, https://app.example, and no clock but time.
type browser struct {
	wire     func(*http.Request) (*http.Response, error) // the network, and the server behind it
	alg      dbsc.Algorithm                              // "": it has no key store
	jar      useragent.Jar
	quota    bool // refreshes no more for now
	oneByOne bool // waits for a refresh that is under way, as section 6 recommends

	mu         sync.Mutex
	sessions   map[string]*bond
	refreshing map[string]*underway
	background sync.WaitGroup // registrations
	forgotten  int            // sessions that the server has ended
	lostKeys   int            // registrations without a response
}

// A bond is a device bound session (section 7.3).
type bond struct {
	id, refreshURL, challenge string
	cookies                   []useragent.Cookie // as plain returns them
	device                    *dbsctest.Device
}

const origin = "https://app.example"

// over is a network that loses nothing.
func over(h http.Handler) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func newBrowser(h http.Handler) *browser {
	return &browser{wire: over(h), alg: dbsc.ES256, oneByOne: true}
}

func target(path string) *url.URL {
	u, err := url.Parse(origin)
	if err == nil {
		u, err = u.Parse(path)
	}
	if err != nil {
		panic(err)
	}
	return u
}

// errSpent comes with the response to a request that was redirected after it had waited for
// a refresh: it does not wait for another (section 10.1). The user has to load it again.
var errSpent = errors.New("redirected after a refresh")

// visit makes a request and follows redirects. The response has been read. It does not wait
// for registrations.
func (b *browser) visit(ctx context.Context, method, path string, header ...string) (status int, body string, err error) {
	deferred := map[string]bool{} // section 10.1: once for each session and request
	u, redirected := target(path), false
	for range 21 {
		res, err := b.fetch(ctx, method, u, deferred, header)
		if err != nil {
			return 0, "", err
		}
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return 0, "", err
		}
		switch {
		case res.StatusCode == http.StatusSeeOther:
			method = "GET"
		case res.StatusCode == http.StatusTemporaryRedirect:
			redirected = redirected || len(deferred) > 0
		case strings.Contains(string(text), `http-equiv="refresh"`): // the page loads itself
			header, deferred = []string{"Sec-Fetch-Site", "same-origin", "Sec-Fetch-Mode", "navigate"}, map[string]bool{}
			continue
		case res.StatusCode == 401 && redirected:
			return 401, string(text), errSpent
		default:
			return res.StatusCode, string(text), nil
		}
		if u, err = u.Parse(res.Header.Get("Location")); err != nil {
			return 0, "", err
		}
	}
	return 0, "", errors.New("too many redirects")
}

// fetch refreshes what a request lacks (sections 8.5 and 10.1), and makes it.
func (b *browser) fetch(ctx context.Context, method string, u *url.URL, deferred map[string]bool, header []string) (*http.Response, error) {
	r := httptest.NewRequestWithContext(ctx, method, u.String(), nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	var skipped []string
	sameOrigin := r.Header.Get("Sec-Fetch-Site") != "cross-site" // section 8.3
	for _, s := range b.lacking(r.URL) {
		if deferred[s] || !sameOrigin {
			continue
		}
		deferred[s] = true
		if why := b.refresh(ctx, s); why != "" {
			skipped = append(skipped, why+`;session_identifier="`+s+`"`) // section 8.12
		}
	}
	if skipped != nil {
		r.Header.Set(dbsc.SkippedHeader, strings.Join(skipped, ", "))
	}
	return b.send(r)
}

// lacking returns the sessions with this URL in scope (section 8.2) of which a request would
// lack a bound cookie (section 8.6).
func (b *browser) lacking(u *url.URL) (ids []string) {
	sent := b.jar.Cookies(useragent.Request{URL: u})
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, s := range b.sessions {
		missing := func(c useragent.Cookie) bool {
			return !slices.ContainsFunc(sent, func(has useragent.Cookie) bool { return plain(has) == c })
		}
		if u.Path != target(s.refreshURL).Path && slices.ContainsFunc(s.cookies, missing) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// plain leaves what section 8.6 compares: the name, Domain, Path, Secure, HttpOnly and SameSite.
func plain(c useragent.Cookie) useragent.Cookie {
	c.Value, c.Created, c.Expires = "", time.Time{}, time.Time{}
	return c
}

// refresh sends a proof of a session (section 8.8). It returns the reason why the request
// that waits is not helped, "" if it is.
func (b *browser) refresh(ctx context.Context, id string) (why string) {
	if b.quota {
		return dbsc.QuotaExceeded
	}
	if !b.oneByOne {
		return b.refreshNow(ctx, id)
	}
	u, first := b.begin(id)
	if !first {
		<-u.done
		return u.why
	}
	u.why = b.refreshNow(ctx, id)
	b.mu.Lock()
	delete(b.refreshing, id)
	b.mu.Unlock()
	close(u.done)
	return u.why
}

func (b *browser) refreshNow(ctx context.Context, id string) (why string) {
	for range 5 { // a browser ends this at some time
		s, challenge, ok := b.bond(id)
		if !ok {
			return ""
		}
		r := httptest.NewRequestWithContext(ctx, "POST", target(s.refreshURL).String(), nil)
		r.Header.Set(dbsc.SessionIDHeader, id)
		if challenge != "" {
			r.Header.Set(dbsc.ResponseHeader, s.device.Refresh(challenge))
		}
		res, err := b.send(r)
		switch {
		case err != nil:
			return dbsc.Unreachable
		case res.StatusCode == 407, res.StatusCode == 429, res.StatusCode >= 500:
			return dbsc.ServerError
		case res.StatusCode == 403:
			continue
		case res.StatusCode >= 400:
			b.end(id)
			return ""
		}
		b.create(res, s.device, id)
		return ""
	}
	return dbsc.ServerError
}

// An underway is a refresh that others wait for.
type underway struct {
	done chan struct{}
	why  string
}

// begin returns a session's refresh, and whether it is this caller's to make.
func (b *browser) begin(id string) (u *underway, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if u = b.refreshing[id]; u != nil {
		return u, false
	}
	if b.refreshing == nil {
		b.refreshing = map[string]*underway{}
	}
	u = &underway{done: make(chan struct{})}
	b.refreshing[id] = u
	return u, true
}

func (b *browser) bond(id string) (s *bond, challenge string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s = b.sessions[id]; s == nil {
		return nil, "", false
	}
	return s, s.challenge, true
}

func (b *browser) end(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sessions[id] != nil {
		delete(b.sessions, id)
		b.forgotten++
	}
}

// send makes a request with the cookies of the jar, and keeps what the response says.
func (b *browser) send(r *http.Request) (*http.Response, error) {
	to := useragent.Request{URL: r.URL, Method: r.Method}
	if cookies := b.jar.Header(to); cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	res, err := b.wire(r)
	if err != nil {
		return nil, err
	}
	for _, line := range res.Header["Set-Cookie"] {
		b.jar.Set(to, line)
	}
	if strings.Contains(res.Header.Get("Clear-Site-Data"), `"storage"`) { // section 10.2
		b.mu.Lock()
		clear(b.sessions)
		b.mu.Unlock()
	}
	b.keepChallenges(res)
	asked, _ := dbsc.Registrations(res.Header)
	for _, g := range asked {
		if b.alg != "" && slices.Contains(g.Algorithms, b.alg) {
			b.background.Go(func() { b.register(context.WithoutCancel(r.Context()), g) })
		}
	}
	return res, nil
}

// keepChallenges is section 8.7.
func (b *browser) keepChallenges(res *http.Response) {
	all, _ := dbsc.Challenges(res.Header)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range all {
		if s := b.sessions[c.SessionID]; s != nil {
			s.challenge = c.Value
		}
	}
}

// register makes a key and sends it (sections 8.8 and 8.10). It is forgotten unless the
// server's response says otherwise.
func (b *browser) register(ctx context.Context, g dbsc.Registration) {
	device := dbsctest.NewDevice(b.alg)
	r := httptest.NewRequestWithContext(ctx, "POST", target(g.Path).String(), nil)
	r.Header.Set(dbsc.ResponseHeader, device.Register(g.Challenge, g.Authorization))
	res, err := b.send(r)
	if err != nil || res.StatusCode >= 300 {
		b.mu.Lock()
		b.lostKeys++
		b.mu.Unlock()
		return
	}
	b.create(res, device, "")
}

// create is section 8.9.
func (b *browser) create(res *http.Response, device *dbsctest.Device, old string) {
	text, err := io.ReadAll(res.Body)
	if err == nil && len(text) == 0 && old != "" {
		return
	}
	in := struct {
		SessionID  string `json:"session_identifier"`
		RefreshURL string `json:"refresh_url"`
		Continue   *bool
		Scope      *struct {
			IncludeSite *bool `json:"include_site"`
		}
		Credentials []struct{ Type, Name, Attributes string }
	}{}
	if err != nil || json.Unmarshal(text, &in) != nil || in.Continue != nil && !*in.Continue ||
		in.SessionID == "" || old != "" && old != in.SessionID || in.Scope == nil || in.Scope.IncludeSite == nil || len(in.Credentials) == 0 {
		b.end(old)
		return
	}
	s := &bond{id: in.SessionID, refreshURL: in.RefreshURL, device: device}
	for _, c := range in.Credentials {
		if c.Type != "cookie" || c.Name == "" {
			b.end(old)
			return
		}
		line := useragent.Explain(c.Name+"=; "+c.Attributes, target("/"), time.Now())
		s.cookies = append(s.cookies, plain(line.Cookie))
	}
	b.mu.Lock()
	if b.sessions == nil {
		b.sessions = map[string]*bond{}
	}
	b.sessions[s.id] = s
	b.mu.Unlock()
	b.keepChallenges(res)
}

// bound returns the sessions that the browser has.
func (b *browser) bound() (ids []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range b.sessions {
		ids = append(ids, id)
	}
	return ids
}
