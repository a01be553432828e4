// Package session keeps what a visitor has on the server, and gives the browser
// a cookie that finds it. Unlike a sealed cookie, which a copy of it opens until
// it expires, a session ends when it is ended.
//
//	var Session = cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64}))
//
//	sessions, err := session.New[User](store, session.Config{Cookie: Session})
//
//	err := sessions.Start(w, r, account.Handle, User{Name: "Ana"}) // at login
//	user, err := sessions.Get(r)                                   // ErrNone: nobody is signed in
//	err = sessions.Update(r, func(u *User) error { u.Theme = "dark"; return nil })
//	err = sessions.End(w, r)                                       // at logout
//
// # What is kept where
//
// The cookie holds a user's handle and a random token of 256 bits, the store the
// handle, the SHA-256 of the token, and a T as the JSON of encoding/json, which
// leaves out unexported fields and has U+FFFD for bytes of a string that are not
// UTF-8. So who reads the store can
// sign in as nobody, and all sessions of a user lie together: EndAll finds them
// with one consistent query. Ids that the store does not know are never adopted.
//
// # When it ends
//
// A session ends when it was not used for Config.Idle, and at the latest
// Config.Absolute after Start, whatever the browser does. Both are compared here
// on every request; that a store removes what has expired only saves room. Every
// request counts as use, but at most one in a tenth of Idle is written down: the
// idle time may be up to that much shorter, never longer.
//
// # Concurrency
//
// Update reads, changes and writes under the condition that nobody else wrote in
// between, and else begins again: no update is lost. What has ended stays so: no
// write that was under way brings it back.
//
// # Security
//
// The cookie's name must begin with __Host-, so that it is Secure and no other
// host can plant it. Answers of Start, Renew, End and EndAll say Cache-Control:
// no-store; a handler that only calls Get says so itself. Call Start at login and
// Renew when a user gains rights, so that an id that was known before is worth
// nothing after. Requests that change something need protection against cross-site
// requests beside the cookie's SameSite: http.CrossOriginProtection.
package session

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/crumb-go/crumb/shared/cookie"
)

// Errors to branch on, by errors.Is.
var (
	// ErrNone: there is no such session. The request has no cookie, a malformed
	// one, one of a session that nobody knows, or of one that ended.
	ErrNone = errors.New("session: none")
	// ErrConflict: others wrote the session at the same time, again and again.
	// Nothing was written; the client may repeat its request.
	ErrConflict = errors.New("session: changed by other requests at the same time")
	// ErrTooLarge: the data is over MaxSize.
	ErrTooLarge = errors.New("session: data over 400,000 bytes of JSON (a DynamoDB item ends at 400 KB, keys and names included)")
)

var errNoHandle = errors.New("session: the user's Handle is zero: NewHandle makes one for each account")

// MaxSize is the most bytes of JSON that a session holds, in any store. A small
// one is cheaper: DynamoDB charges reads by 4 KB and writes by 1 KB.
const MaxSize = 400_000

// Config says how long sessions live, and in which cookie.
type Config struct {
	// Cookie is the declared cookie, required. Its name begins with __Host- and
	// its Encoding is cookie.Base64. A MaxAge is about the browser only.
	Cookie *cookie.Cookie
	// Idle ends a session that is not used. Zero means 30 minutes; less than a
	// second is an error. OWASP: 15 to 30 minutes where little is at stake, 2 to 5
	// where much is.
	Idle time.Duration
	// Absolute ends a session after Start, however much it is used. Zero means
	// 12 hours, the most that NIST SP 800-63B allows at AAL2; less than Idle is an
	// error. OWASP: 4 to 8 hours where people work all day.
	Absolute time.Duration
	// ClearSiteData is what End and EndAll ask the browser to drop of this origin,
	// in a header of that name: the directives of W3C's Clear Site Data, without
	// quotes. Nil means "storage". An empty list sends no header. "cache" can block
	// Chromium for seconds, for as long as the cache is large, and "cookies" takes
	// those of the whole registrable domain.
	ClearSiteData []string
	// Logger gets a warning where a request could go on in spite of an error, with
	// the request's context. Nil means slog.Default(), as it is at that time.
	Logger *slog.Logger
}

// Manager starts, finds and ends the sessions of one store, each with a T. It is
// safe for concurrent use. New makes one.
type Manager[T any] struct {
	store          Store
	cookie         *cookie.Cookie
	idle, absolute time.Duration
	clearSiteData  string       // the header, "" for none
	log            *slog.Logger // nil: slog.Default()
}

// New returns a Manager, or every mistake of the Config at once.
func New[T any](s Store, c Config) (*Manager[T], error) {
	m := &Manager[T]{
		store: s, cookie: c.Cookie, log: c.Logger,
		idle: cmp.Or(c.Idle, 30*time.Minute), absolute: cmp.Or(c.Absolute, 12*time.Hour),
	}
	var errs []error
	if s == nil {
		errs = append(errs, errors.New("session: needs a Store"))
	}
	if err := checkCookie(c.Cookie); err != nil {
		errs = append(errs, err)
	}
	if m.idle < time.Second {
		errs = append(errs, fmt.Errorf("session: Idle is %v, the least is 1 s", m.idle))
	}
	if m.absolute < m.idle {
		errs = append(errs, fmt.Errorf("session: Absolute is %v, less than Idle, %v", m.absolute, m.idle))
	}
	var err error
	if m.clearSiteData, err = clearSiteData(c.ClearSiteData); err != nil {
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

// clearSiteData returns the header of some directives, "" for none. A header that
// is malformed would clear nothing, silently.
func clearSiteData(directives []string) (string, error) {
	if directives == nil {
		directives = []string{"storage"}
	}
	var quoted []string
	for _, d := range directives {
		if d == "" || strings.ContainsFunc(d, func(r rune) bool { return r != '*' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') }) {
			return "", fmt.Errorf("session: ClearSiteData has %q, which is no directive", d)
		}
		quoted = append(quoted, `"`+d+`"`)
	}
	return strings.Join(quoted, ", "), nil
}

func checkCookie(c *cookie.Cookie) error {
	if c == nil {
		return errors.New("session: Config needs a Cookie")
	}
	const prefix = "__Host-" // in no other spelling: older browsers know this one alone
	if name := c.Name(); !strings.HasPrefix(name, prefix) {
		return fmt.Errorf("session: the name %q does not begin with %s, so other hosts could plant the cookie", name, prefix)
	}
	if _, err := c.Line("\xff"); err != nil {
		return fmt.Errorf("session: the cookie %q needs Encoding: cookie.Base64", c.Name())
	}
	return nil
}

// Start begins a session with v for a user and sets the cookie. It always makes
// a new id. The session that the request had, if any, ends; another browser's
// sessions of the user go on.
//
// The errors are ErrTooLarge, what json.Marshal and the store return, and
// cookie.ErrScope. The zero Handle is an error too: who all have it would be one
// user to EndAll.
func (m *Manager[T]) Start(w http.ResponseWriter, r *http.Request, user Handle, v T) error {
	if user == (Handle{}) {
		return errNoHandle
	}
	data, err := encode(v)
	if err != nil {
		return err
	}
	if old, ok := m.id(r); ok {
		if _, err := m.store.Delete(r.Context(), old.key()); err != nil && !errors.Is(err, ErrNone) {
			return err
		}
	}
	return m.begin(w, r, user, Record{Data: data, Ends: time.Now().Add(m.absolute).Truncate(time.Second)})
}

// begin gives rec, which has its data and end, a new id.
func (m *Manager[T]) begin(w http.ResponseWriter, r *http.Request, user Handle, rec Record) error {
	id := newID(user)
	rec.Version = rand.Text()
	rec.Expires = m.expires(rec)
	if err := m.store.Create(r.Context(), id.key(), rec); err != nil {
		return err
	}
	noStore(w)
	return m.cookie.Set(w, id.text())
}

// Get returns what the request's session holds.
//
// The error is ErrNone when there is no session; to the client all reasons must
// look the same. Another error is the store's: it is not known who asks.
func (m *Manager[T]) Get(r *http.Request) (T, error) {
	var none T
	id, ok := m.id(r)
	if !ok {
		return none, ErrNone
	}
	rec, err := m.live(r.Context(), id)
	if err != nil {
		return none, err
	}
	if err := m.touch(r.Context(), id, rec); errors.Is(err, ErrNone) {
		return none, ErrNone
	} else if err != nil { // it was there, so the request can go on: the session only ends sooner
		cmp.Or(m.log, slog.Default()).WarnContext(r.Context(), "session: use not noted", "error", err)
	}
	return decode[T](rec.Data)
}

// live reads a session that has not expired.
func (m *Manager[T]) live(ctx context.Context, id id) (Record, error) {
	rec, err := m.store.Get(ctx, id.key())
	if err == nil && rec.ended() {
		return Record{}, ErrNone
	}
	return rec, err
}

// touch notes that a session is used, unless that was noted a short while ago.
func (m *Manager[T]) touch(ctx context.Context, id id, rec Record) error {
	expires := m.expires(rec)
	if expires.Sub(rec.Expires) < m.idle/10 {
		return nil
	}
	return m.store.Touch(ctx, id.key(), expires)
}

// expires is when a session that is used now ends, in whole seconds as stores
// keep it.
func (m *Manager[T]) expires(rec Record) time.Time {
	idle := time.Now().Add(m.idle)
	if rec.Ends.Before(idle) {
		idle = rec.Ends
	}
	return idle.Truncate(time.Second)
}

// Update changes what the request's session holds. If others change it at the
// same time, change is called again, with what they left, so it must do nothing
// but change its T. An error of change is returned as it is, and nothing written.
//
// The errors are those of Get, ErrTooLarge and, after 16 attempts, ErrConflict.
// After another error of the store it is not known whether the change was written.
func (m *Manager[T]) Update(r *http.Request, change func(*T) error) error {
	const attempts = 16
	for n := range attempts {
		if err := pause(r.Context(), n); err != nil {
			return err
		}
		if err := m.updateOnce(r, change); !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return ErrConflict
}

func (m *Manager[T]) updateOnce(r *http.Request, change func(*T) error) error {
	id, ok := m.id(r)
	if !ok {
		return ErrNone
	}
	rec, err := m.live(r.Context(), id)
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
	next := Record{Data: data, Version: rand.Text(), Expires: m.expires(rec), Ends: rec.Ends}
	return m.store.Replace(r.Context(), id.key(), next, rec.Version)
}

// Renew gives the request's session a new id, for when its user gains rights:
// the old id is worth nothing from then on. Data and absolute end stay. Of
// several requests that renew one session at the same time one wins, and the
// others get ErrNone.
//
// The errors are those of Get and Start. After an error of the store the session
// may be gone, and is never there twice.
func (m *Manager[T]) Renew(w http.ResponseWriter, r *http.Request) error {
	id, ok := m.id(r)
	if !ok {
		return ErrNone
	}
	rec, err := m.store.Delete(r.Context(), id.key())
	if err != nil {
		return err
	}
	if rec.ended() {
		return ErrNone
	}
	return m.begin(w, r, id.user, rec)
}

// End ends the request's session, deletes the cookie, and asks the browser to
// drop what Config.ClearSiteData says. Without a session it does just the same.
//
// The error is the store's: then the session goes on, and the cookie is left, so
// that the user can try again.
func (m *Manager[T]) End(w http.ResponseWriter, r *http.Request) error {
	if id, ok := m.id(r); ok {
		if _, err := m.store.Delete(r.Context(), id.key()); err != nil && !errors.Is(err, ErrNone) {
			return err
		}
	}
	return m.forget(w)
}

// EndAll ends every session of the request's user, and else does what End does.
// A request whose own session has ended can end no others.
//
// The errors are those of End. After one, some of the sessions may have ended.
func (m *Manager[T]) EndAll(w http.ResponseWriter, r *http.Request) error {
	id, ok := m.id(r)
	if !ok {
		return m.forget(w)
	}
	if _, err := m.live(r.Context(), id); errors.Is(err, ErrNone) {
		return m.forget(w)
	} else if err != nil {
		return err
	}
	if err := m.EndUser(r.Context(), id.user); err != nil {
		return err
	}
	return m.forget(w)
}

// EndUser ends every session of a user: a password has changed, an account was
// closed. Sessions that start meanwhile may go on. The zero Handle is an error, as
// nobody has it.
func (m *Manager[T]) EndUser(ctx context.Context, user Handle) error {
	if user == (Handle{}) {
		return errNoHandle
	}
	return m.store.DeleteUser(ctx, user)
}

func (m *Manager[T]) forget(w http.ResponseWriter) error {
	noStore(w)
	if m.clearSiteData != "" {
		w.Header().Set("Clear-Site-Data", m.clearSiteData)
	}
	return m.cookie.Delete(w)
}

func noStore(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
}

func encode(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("session: %T has no JSON: %w", v, err)
	}
	if !utf8.Valid(data) { // a json.RawMessage may hold anything
		return nil, fmt.Errorf("session: the JSON of %T is not UTF-8", v)
	}
	if len(data) > MaxSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(data))
	}
	return data, nil
}

func decode[T any](data []byte) (v T, err error) {
	if json.Unmarshal(data, &v) != nil { // its error would tell what is in there
		return *new(T), fmt.Errorf("session: the stored data is no %T; a T may gain fields, not change them", v)
	}
	return v, nil
}
