package devicebound

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/internal/rule"
	"github.com/crumb-go/crumb/shared/session"
)

// Errors of Get, Update and Renew, to branch on by errors.Is. ErrStale and ErrPending match
// session.ErrNone too: nobody is signed in by this request.
var (
	// ErrStale: the session is bound and the request does not show it, but its browser may
	// be able to, if it is asked: Retry does.
	ErrStale = fmt.Errorf("devicebound: the bound cookie is missing or has run out: %w", session.ErrNone)
	// ErrPending: the policy is RequireBound, and the browser may still register its key.
	// A page could say so, and reload itself after a second.
	ErrPending = fmt.Errorf("devicebound: the session is not bound yet: %w", session.ErrNone)
	// ErrSkipped: the session is bound, and the browser says in Secure-Session-Skipped that
	// it could not show it now, for example because it refreshes only so often. It does not
	// match session.ErrNone: the user is not signed out, but not known either. Retry
	// responds with 503.
	ErrSkipped = errors.New("devicebound: the browser could not refresh the bound cookie")
)

// A Policy says who may sign in.
type Policy int

const (
	// AllowUnbound lets browsers without keys sign in, as today's mostly are: their
	// sessions are as safe as without this package. Binding tells them apart.
	AllowUnbound Policy = iota
	// RequireBound signs nobody in until the browser has registered its key, which it may
	// not do for each of many logins (see Quotas).
	RequireBound
)

// Config says how sessions are bound. The zero Config is complete.
type Config struct {
	// Path is where Handler is, without the stage: "" means /session/bind. It begins with
	// a slash and is printable ASCII without quotes, backslashes, "?" and "#".
	Path string
	// Cookie is the bound cookie. Nil means __Host-bound, kept for 10 minutes. Its name
	// begins with __Host-, but not with __Host-Http-: Chromium 156 registers no key for
	// such a cookie, and the user would be signed out. It is HttpOnly, not Partitioned,
	// and differs from the session's own. Its MaxAge is how long a stolen jar is good, and
	// is at least 5 minutes: browsers refresh only so often, and hold back requests while
	// they do. After it is renamed, bound sessions are session.ErrNone until the browser's
	// old cookie has run out.
	Cookie *cookie.Cookie
	// Policy is AllowUnbound or RequireBound.
	Policy Policy
	// RegisterWithin is how long after Start the browser may register its key: it does so
	// within a second or never. Zero means 5 minutes, the most; negative is an error.
	RegisterWithin time.Duration
	// Grace is how long the last bound cookie and a used challenge are good after a
	// refresh, whose response may be late or lost, and a bound cookie after it has run
	// out. Zero means 10 seconds, a minute is the most; negative is an error.
	Grace time.Duration
	// InsecureAllowSkipped lets a request use a bound session without its bound cookie, if
	// it returns true for what the request says in Secure-Session-Skipped. A thief can say
	// that too: weigh what the request may do. Nil means never. It must be safe for
	// concurrent use.
	InsecureAllowSkipped func(r *http.Request, s dbsc.Skip) bool
	// TestOnlyShortCookie accepts a Cookie whose MaxAge is less than 5 minutes, down to a
	// second, for tests that wait until it runs out.
	TestOnlyShortCookie bool
}

// Manager is a session.Manager whose sessions can be bound to a device. It is safe for
// concurrent use. New makes one.
type Manager[T any] struct {
	*session.Manager[T]
	b      *binder
	cookie *cookie.Cookie // the session's
	log    *slog.Logger   // nil: slog.Default()
}

// New returns a Manager, or all mistakes of both Configs at once. Every function that uses
// the store's sessions needs the same Configs; to a session.Manager without them a session
// that was started here is session.ErrNone. The Binder of the session.Config must be nil.
func New[T any](store session.Store, sc session.Config, c Config) (*Manager[T], error) {
	b, err := newBinder(c)
	errs := []error{err}
	if sc.Binder != nil {
		errs = append(errs, errors.New("devicebound: the session.Config has a Binder already"))
	}
	if sc.Cookie != nil && sc.Cookie.Name() == b.cookie.Name() {
		errs = append(errs, fmt.Errorf("devicebound: the bound cookie has the session's name, %q", b.cookie.Name()))
	}
	sc.Binder = b
	m, err := session.New[T](store, sc)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	return &Manager[T]{m, b, sc.Cookie, sc.Logger}, nil
}

func newBinder(c Config) (*binder, error) {
	b := &binder{
		path: cmp.Or(c.Path, "/session/bind"), cookie: c.Cookie, policy: c.Policy, allowSkipped: c.InsecureAllowSkipped,
		times: times{grace: cmp.Or(c.Grace, 10*time.Second), register: cmp.Or(c.RegisterWithin, 5*time.Minute)},
	}
	if b.cookie == nil {
		b.cookie = cookie.Must(cookie.New("__Host-bound", cookie.Attributes{MaxAge: 10 * time.Minute}))
	}
	var errs []error
	reject := func(text string, args ...any) { errs = append(errs, fmt.Errorf("devicebound: "+text, args...)) }
	if strings.ContainsFunc(b.path, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"\?#`, r) }) || b.path[0] != '/' || strings.HasPrefix(b.path, "//") {
		reject("the Path %q is not one of printable ASCII that begins with one slash", b.path)
	}
	if b.policy != AllowUnbound && b.policy != RequireBound {
		reject("the Policy %d does not exist", b.policy)
	}
	if c.RegisterWithin < 0 || c.RegisterWithin > 5*time.Minute {
		reject("RegisterWithin is %v, not up to 5 minutes", c.RegisterWithin)
	}
	if c.Grace < 0 || c.Grace > time.Minute {
		reject("Grace is %v, not up to a minute", c.Grace)
	}
	shortest := 5 * time.Minute
	if c.TestOnlyShortCookie {
		shortest = time.Second
	}
	line, err := b.cookie.Line("a")
	if err != nil {
		return b, errors.Join(append(errs, err)...)
	}
	l := rule.ParseLine(line)
	maxAge, _ := l.Last("Max-Age")
	seconds, _ := strconv.Atoi(maxAge)
	if b.times.cookie = time.Duration(seconds) * time.Second; b.times.cookie < shortest {
		reject("the bound cookie's MaxAge is %v, less than %v", b.times.cookie, shortest)
	}
	if !strings.HasPrefix(l.Name, rule.HostPrefix) || !l.Has("HttpOnly") || l.Has("Partitioned") {
		reject("the bound cookie %q must begin with %s, be HttpOnly and not be Partitioned", l.Name, rule.HostPrefix)
	}
	if strings.HasPrefix(l.Name, "__Host-Http-") {
		reject("the bound cookie %q must not begin with __Host-Http-, for which Chromium 156 registers no key", l.Name)
	}
	b.credential = dbsc.Credential{Name: l.Name, Attributes: attributes(l)}
	return b, errors.Join(errs...)
}

// attributes are those of a Set-Cookie line that tell cookies apart (section 8.6).
func attributes(l rule.Line) string {
	var all []string
	for a := range l.Attributes() {
		switch {
		case a.Key == "Max-Age", a.Key == "Expires":
		case a.Value == "":
			all = append(all, a.Key)
		default:
			all = append(all, a.Key+"="+a.Value)
		}
	}
	return strings.Join(all, "; ")
}

// A Binding says whether and how the session of a request is bound.
type Binding struct {
	Since     time.Time      // when the browser registered its key; zero: the session is not bound
	Algorithm dbsc.Algorithm // of the key
	// Proved is when the browser got the bound cookie that the request has, for which it
	// proved that it has the key. Zero if the session is not bound, or if
	// InsecureAllowSkipped let the request in without that cookie.
	Proved time.Time
}

// Bound reports whether the session is bound.
func (b Binding) Bound() bool { return !b.Since.IsZero() }

// Binding returns how the request's session is bound. It reads the store once and writes
// nothing. The errors are those of Get.
func (m *Manager[T]) Binding(r *http.Request) (Binding, error) {
	var found Binding
	none := session.ErrNone
	err := m.Rebind(r, func(binding []byte) ([]byte, error) {
		if err := m.b.Allow(r, binding); err != nil {
			if errors.Is(err, session.ErrNone) {
				none = err
			}
			return nil, err
		}
		var err error
		found, err = m.b.describe(r, binding)
		return nil, err
	})
	if errors.Is(err, session.ErrNone) {
		return Binding{}, none
	}
	return found, err
}

// Demand responds with a redirect to the URL of the request, 307, which deletes the
// request's bound cookie: the browser has to prove that it has the key before it makes the request again,
// with its method and body. Call it before a request that must not be made with a stolen
// jar, such as a change of the password:
//
//	b, err := sessions.Binding(r)
//	if err == nil && b.Bound() && time.Since(b.Proved) > time.Minute {
//		sessions.Demand(w, r)
//		return
//	}
//
// Without the comparison it would redirect for ever. A browser does not refresh for a
// request that comes from another site (section 8.3): the response to a navigation from one
// is a page that loads itself again.
func (m *Manager[T]) Demand(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	if len(m.b.sent(r)) > 0 { // else one could be on its way to the browser
		_ = m.b.cookie.Delete(w) // fails only for a Cookie that New did not make
	}
	if fromElsewhere(r) {
		h.Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(again))
		return
	}
	// Relative, so that it is right behind a stage too, and with frontdoor.PrefixLocations.
	path := r.URL.EscapedPath()
	location := "./" + path[strings.LastIndexByte(path, '/')+1:]
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	h.Set("Location", location)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

const again = `<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>One moment</title></html>` + "\n"

// fromElsewhere reports whether the request loads a page that another origin leads to.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && (site == "cross-site" || site == "same-site")
}

// Retry responds to an error after which the browser should try again, and reports whether
// it did: to ErrStale as Demand does, to ErrSkipped with 503 and a Retry-After of a minute.
// All other errors, and nil, are left to the caller.
//
//	user, err := sessions.Get(r)
//	if sessions.Retry(w, r, err) {
//		return
//	}
func (m *Manager[T]) Retry(w http.ResponseWriter, r *http.Request, err error) bool {
	switch {
	case errors.Is(err, ErrStale):
		m.Demand(w, r)
	case errors.Is(err, ErrSkipped):
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Retry-After", "60")
		http.Error(w, "Please try again in a minute.", http.StatusServiceUnavailable)
	default:
		return false
	}
	return true
}
