package session

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/internal/rule"
)

// Errors to branch on, by errors.Is.
var (
	// ErrNone: there is no such session. The request has no cookie or a malformed one,
	// or its session is unknown or has ended.
	ErrNone = errors.New("session: none")
	// ErrConflict: other requests changed the session at the same time, repeatedly.
	// Nothing was written; the client may repeat its request.
	ErrConflict = errors.New("session: too many concurrent updates")
	// ErrTooLarge: the data is larger than the store keeps. It was not written.
	ErrTooLarge = errors.New("session: too much data for the store")
)

var errNoHandle = errors.New("session: the user's Handle is zero; make one for each account with NewHandle")

// Config says how long sessions live, and in which cookie.
type Config struct {
	// Cookie is the declared cookie, required. Its name begins with __Host- and its
	// Encoding is cookie.Base64. Its MaxAge only tells the browser: if it equals
	// Absolute, the cookie is kept for as long as a session can live.
	Cookie *cookie.Cookie
	// Idle ends a session that is not used. Zero means 30 minutes; less than a second
	// is an error. OWASP: 15 to 30 minutes if the risk is low, 2 to 5 if it is high.
	Idle time.Duration
	// Absolute ends a session that long after Start, even if it is used. Zero means 12
	// hours, the limit of NIST SP 800-63B at AAL2; less than Idle is an error. OWASP: 4
	// to 8 hours for office work.
	Absolute time.Duration
	// MaxPerUser is how many sessions a user has at most: Start ends older ones. Zero
	// means 50; negative is an error.
	MaxPerUser int
	// ClearSiteData is what End and EndAll ask the browser to clear for this origin, in
	// the header of that name: the directives of W3C's Clear Site Data, without quotes.
	// Nil means "storage". An empty list sends no header. "cache" can block Chromium
	// for seconds if the cache is large, and "cookies" deletes those of the whole
	// registrable domain.
	//
	// Without "cache" browsers may show a page from their back/forward cache, in spite
	// of no-store, when the user goes back after signing out. A private page needs a
	// script that reloads it: on pageshow, if the event is persisted, location.reload().
	ClearSiteData []string
	// Binder binds sessions to more than their cookie. Nil means not: sessions that
	// another Manager of the store has bound are ErrNone then.
	Binder Binder
	// Logger receives errors that do not stop a request, with the request's context.
	// Nil means slog.Default() at the time of logging.
	Logger *slog.Logger
}

// Manager starts, finds and ends the sessions in a store, each with a T. It is safe for
// concurrent use. New makes one.
type Manager[T any] struct {
	store          Store
	cookie         *cookie.Cookie
	idle, absolute time.Duration
	maxPerUser     int
	latest         atomic.Int64 // start of a session, in nanoseconds
	clearSiteData  string       // the header, "" for none
	binder         Binder       // nil: none
	log            *slog.Logger // nil: slog.Default()
}

// New returns a Manager, or all mistakes of the Config at once.
func New[T any](s Store, c Config) (*Manager[T], error) {
	m := &Manager[T]{
		store: s, cookie: c.Cookie, binder: c.Binder, log: c.Logger,
		idle: cmp.Or(c.Idle, 30*time.Minute), absolute: cmp.Or(c.Absolute, 12*time.Hour),
		maxPerUser: cmp.Or(c.MaxPerUser, 50),
	}
	var errs []error
	if s == nil {
		errs = append(errs, errors.New("session: the Store is nil"))
	}
	errs = append(errs, checkCookie(c.Cookie))
	if m.idle < time.Second {
		errs = append(errs, fmt.Errorf("session: Idle is %v, less than 1 s", m.idle))
	}
	if m.absolute < m.idle {
		errs = append(errs, fmt.Errorf("session: Absolute is %v, less than Idle, %v", m.absolute, m.idle))
	}
	if c.MaxPerUser < 0 {
		errs = append(errs, fmt.Errorf("session: MaxPerUser is negative (%d)", c.MaxPerUser))
	}
	var err error
	m.clearSiteData, err = clearSiteData(c.ClearSiteData)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

// clearSiteData returns the header for some directives, "" for none. It rejects what
// would make the header malformed: browsers would silently clear nothing.
func clearSiteData(directives []string) (string, error) {
	if directives == nil {
		directives = []string{"storage"}
	}
	var quoted []string
	for _, d := range directives {
		if d == "" || strings.ContainsFunc(d, func(r rune) bool { return r != '*' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }) {
			return "", fmt.Errorf("session: ClearSiteData has %q, which is not a directive", d)
		}
		quoted = append(quoted, `"`+d+`"`)
	}
	return strings.Join(quoted, ", "), nil
}

func checkCookie(c *cookie.Cookie) error {
	if c == nil {
		return errors.New("session: Config has no Cookie")
	}
	if name := c.Name(); !strings.HasPrefix(name, rule.HostPrefix) {
		return fmt.Errorf("session: the name %q does not begin with %s, so other hosts could plant the cookie", name, rule.HostPrefix)
	}
	if _, err := c.Line("\xff"); err != nil {
		return fmt.Errorf("session: the cookie %q needs Encoding: cookie.Base64", c.Name())
	}
	return nil
}

// Start begins a session with v for a user and sets the cookie. It always makes a new id.
// The sessions that the request has, if any, end, and so do the user's oldest beyond
// Config.MaxPerUser; others continue.
//
// The errors are ErrTooLarge, those of json.Marshal, of the Binder and of the store, and
// cookie.ErrScope. The zero Handle is an error too: EndAll would treat all users
// with it as one. After an error the request's earlier sessions may have ended.
func (m *Manager[T]) Start(w http.ResponseWriter, r *http.Request, user Handle, v T) error {
	if user == (Handle{}) {
		return errNoHandle
	}
	data, err := encode(v)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := m.deleteAll(ctx, keys(m.ids(r))); err != nil {
		return err
	}
	mark, err := m.store.Mark(ctx, user)
	if err != nil {
		return err
	}
	binding, err := m.bind(w, r)
	if err != nil {
		return err
	}
	id, now := newID(user), time.Now()
	rec := Record{Data: data, Binding: binding, Version: rand.Text(), Started: m.started(now), Ends: now.Add(m.absolute).Truncate(time.Second), Mark: mark}
	rec.Expires = m.expires(rec)
	if err := m.store.Create(ctx, id.key(), rec); err != nil {
		return err
	}
	if err := m.endOldest(ctx, user); err != nil {
		_, _ = m.store.Delete(ctx, id.key()) // nobody has its id; at worst it counts until it expires
		return err
	}
	return m.give(w, id)
}

// started returns now, or a little later if a session started at that time, as happens
// where the clock is coarse, on Windows: the one that starts last is the newest.
func (m *Manager[T]) started(now time.Time) time.Time {
	for {
		before := m.latest.Load()
		start := max(now.UnixNano(), before+1)
		if m.latest.CompareAndSwap(before, start) {
			return time.Unix(0, start)
		}
	}
}

// endOldest ends the user's oldest sessions beyond the limit. It lists them after the
// newest was created, so if several start at once, the last to list sees all. All use
// the same order, so none ends a session that should stay.
func (m *Manager[T]) endOldest(ctx context.Context, user Handle) error {
	all, err := m.store.List(ctx, user)
	if err != nil {
		return err
	}
	now := time.Now()
	all = slices.DeleteFunc(all, func(l Listed) bool { return !now.Before(l.Expires) })
	slices.SortFunc(all, func(a, b Listed) int {
		return cmp.Or(a.Started.Compare(b.Started), bytes.Compare(a.Key.ID[:], b.Key.ID[:]))
	})
	var oldest []Key
	for _, l := range all[:max(0, len(all)-m.maxPerUser)] {
		oldest = append(oldest, l.Key)
	}
	return m.deleteAll(ctx, oldest)
}

// give sets the cookie.
func (m *Manager[T]) give(w http.ResponseWriter, id id) error {
	noStore(w)
	return m.cookie.Set(w, id.text())
}

// Get returns the data of the request's session. If the request has several cookies with
// the name, the first that finds a session wins.
//
// The error is ErrNone if there is no session; to the client all reasons must look the
// same. Any other error is the store's or the Binder's: the user is not known.
func (m *Manager[T]) Get(r *http.Request) (T, error) {
	var none T
	id, rec, err := m.find(r)
	if err != nil {
		return none, err
	}
	if err := m.touch(r.Context(), id, rec); errors.Is(err, ErrNone) {
		return none, ErrNone
	} else if err != nil { // the session exists, so the request can go on; it only ends sooner
		cmp.Or(m.log, slog.Default()).ErrorContext(r.Context(), "session: could not record activity", "error", err)
	}
	return decode[T](rec.Data)
}

// find reads the first live session that the request names and may use. If there is none,
// the error is the Binder's, if it has one that matches ErrNone.
func (m *Manager[T]) find(r *http.Request) (id, Record, error) {
	none := ErrNone
	for _, id := range m.ids(r) {
		rec, err := m.live(r.Context(), id.key())
		if err == nil {
			err = m.allow(r, rec)
			none = err // if it does not match ErrNone, err is returned below
		}
		if !errors.Is(err, ErrNone) {
			return id, rec, err
		}
	}
	return id{}, Record{}, none
}

// live reads a session that has not ended.
func (m *Manager[T]) live(ctx context.Context, k Key) (Record, error) {
	rec, err := m.store.Get(ctx, k)
	if err == nil && rec.ended() {
		return Record{}, ErrNone
	}
	return rec, err
}

// touch records that a session is used, unless that was recorded a short while ago.
func (m *Manager[T]) touch(ctx context.Context, id id, rec Record) error {
	expires := m.expires(rec)
	if expires.Sub(rec.Expires) < m.idle/10 {
		return nil
	}
	return m.store.Touch(ctx, id.key(), expires)
}

// expires is when a session that is used now ends, in whole seconds as stores keep it.
func (m *Manager[T]) expires(rec Record) time.Time {
	idle := time.Now().Add(m.idle)
	if rec.Ends.Before(idle) {
		idle = rec.Ends
	}
	return idle.Truncate(time.Second)
}

// Update changes the data of the request's session. If another request changes it at the
// same time, change is called again with the new data, so it must only change its T. An
// error of change is returned unchanged, and nothing is written.
//
// The errors are those of Get, ErrTooLarge and, after 16 attempts, ErrConflict. After any
// other error of the store it is not known whether the change was written.
func (m *Manager[T]) Update(r *http.Request, change func(*T) error) error {
	return repeat(r.Context(), func() error { return m.updateOnce(r, change) })
}

// repeat calls once until it does not return ErrConflict, at most 16 times.
func repeat(ctx context.Context, once func() error) error {
	const attempts = 16
	for n := range attempts {
		if err := pause(ctx, n); err != nil {
			return err
		}
		if err := once(); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}

func (m *Manager[T]) updateOnce(r *http.Request, change func(*T) error) error {
	id, rec, err := m.find(r)
	if err != nil {
		return err
	}
	v, err := decode[T](rec.Data)
	if err != nil {
		return err
	}
	if err := change(&v); err != nil {
		return err
	}
	data, err := encode(v)
	if err != nil {
		return err
	}
	old := rec.Version
	rec.Data, rec.Version, rec.Expires = data, rand.Text(), m.expires(rec)
	return m.store.Replace(r.Context(), id.key(), rec, old)
}

func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
}

func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("session: %T cannot be encoded as JSON: %w", v, err)
	}
	if !utf8.Valid(data) { // a json.RawMessage may hold anything
		return nil, fmt.Errorf("session: the JSON of %T is not UTF-8", v)
	}
	return data, nil
}

func decode[T any](data []byte) (v T, err error) {
	if json.Unmarshal(data, &v) != nil { // its error would show the data
		return *new(T), fmt.Errorf("session: the stored data does not decode as %T (fields may be added, not changed)", v)
	}
	return v, nil
}
