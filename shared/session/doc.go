// Package session keeps a visitor's data on the server, and gives the browser a cookie
// that finds it. A session can be ended at any time, unlike a sealed cookie, whose
// copies open until they expire.
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
// The cookie has a user's handle and a random token of 256 bits. The store has the
// handle, the SHA-256 of the token, and a T as the JSON of encoding/json, which omits
// unexported fields and replaces invalid UTF-8 in strings with U+FFFD. So reading the
// store does not let anyone sign in, and a user's sessions are stored together: EndAll
// finds them with one consistent query. A client's ids are never accepted as new
// sessions. If a request has several cookies with the name, up to eight are tried.
//
// # When it ends
//
// A session ends when it has not been used for Config.Idle, and at the latest
// Config.Absolute after Start, whatever the browser does. Both are checked on every
// request; a store that removes expired sessions only saves room. Every request counts
// as use, but use is written at most once in a tenth of Idle: the idle time may be
// shorter by that, never longer. A user has at most Config.MaxPerUser sessions; the
// oldest end when more are started.
//
// # Concurrency
//
// Update reads, changes and writes, and begins again if another request wrote in between:
// no update is lost. A session that has ended never comes back, even if it was being
// written meanwhile.
//
// # How signing out holds
//
// Each operation of a Store is atomic, but nothing more: Store.List, a Query in DynamoDB,
// is not a snapshot, any operation may fail, and a process may die after any. Signing
// out relies on four rules.
//
//  1. An id is random and used once. Only Create adds a record; every other write needs
//     one that exists. So what was deleted stays deleted.
//  2. EndAll gives the user a new random mark, then lists the records and deletes those
//     with another mark, the request's own last. It returns nil only if all are deleted.
//     After an error the request still has a session with which to try again; if that
//     was ended by something else, EndAll still ends all sessions whose mark is not the
//     user's.
//  3. A session keeps the mark that its user had before it was created, also through
//     Renew. Marks are only compared for equality: no clocks are involved.
//  4. Renew reads the mark, creates a record without data under the new id, deletes the
//     old record, reads the mark again, and writes what it deleted into the new record.
//     A record without data is not a session. If the mark is not the session's, Renew
//     ends the session.
//
// So this holds, whichever of two requests dies at whatever point:
//
//   - Renew and EndAll: a record that was created before EndAll set the mark is in the
//     list, and takes no data once it is deleted. One that was created later stays
//     without data, since Renew reads the mark again. A chain of renewals has the mark
//     of the first.
//   - Renew and End, or two Renews: the old record is deleted once. Only a Renew that
//     deleted it continues. An End that finds the old id renewed has nothing to end.
//   - Renew and Update: Renew takes the data as it was when deleted; a later Update finds
//     no session.
//   - Start and EndAll: a session that was started before is in the list. One that starts
//     meanwhile may continue; if it has the mark from before, Renew ends it.
//   - Two EndAlls: each has a mark that no earlier session has. If both fail, either
//     request can finish for both.
//   - Several Starts: each lists after it has created, so the last to list sees all, and
//     at most Config.MaxPerUser are left.
//
// A Renew that fails half-way may lose the session, and its user has to sign in again. A
// mark is kept for 400 days, or Config.Absolute if that is longer, so when it is removed
// no session from before it is left.
//
// # Recipes
//
// Examples show how to remember a user after the browser is closed, to keep a session
// alive while it is used, to list a user's sessions and end one of them, and to keep a
// message for the next page.
//
// # Security
//
// The cookie's name must begin with __Host-, so that it is Secure and no other host can
// plant it. Start, Renew, End and EndAll set Cache-Control: no-store; a handler that only
// calls Get must set it. Call Start at login and Renew when a user gains rights, so that
// an id that was known before is useless afterwards. Protect requests that change
// something against cross-site requests with http.CrossOriginProtection, in addition to
// the cookie's SameSite.
//
// A copy of the cookie is the session, wherever it is. Package devicebound binds sessions to
// a key of the browser's device, through Config.Binder, with which other bindings can be
// written too.
package session
