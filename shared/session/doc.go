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
// Of several cookies of the name each is tried, eight at most.
//
// # When it ends
//
// A session ends when it was not used for Config.Idle, and at the latest
// Config.Absolute after Start, whatever the browser does. Both are compared here
// on every request; that a store removes what has expired only saves room. Every
// request counts as use, but at most one in a tenth of Idle is written down: the
// idle time may be up to that much shorter, never longer. A user has at most
// Config.MaxPerUser sessions; the oldest end when more are started.
//
// # Concurrency
//
// Update reads, changes and writes under the condition that nobody else wrote in
// between, and else begins again: no update is lost. What has ended stays so: no
// write that was under way brings it back.
//
// # How signing out holds
//
// Each operation of a Store is atomic, but nothing more: Store.List, a Query in
// DynamoDB, is not of one moment, any operation may fail, and a process may die
// after any. Signing out rests on four rules.
//
//  1. An id is random and used once. Create alone adds a record, every other write
//     needs one that is there: what was deleted stays deleted.
//  2. EndAll gives the user a new random mark, then lists the records and deletes
//     those with another mark, the request's own last. It returns nil only if all
//     are gone. After an error the request still has a session to try again with;
//     if that has ended in another way, EndAll still ends all that have another
//     mark than the user.
//  3. A session keeps the mark that its user had before it was created, also through
//     Renew. Marks are the same or not: no clocks are compared.
//  4. Renew reads the mark, creates a record without data under the new id, deletes
//     the old record, reads the mark again, and writes what it deleted into the new
//     record. A record without data is not a session. If the mark is not the session's,
//     Renew ends the session.
//
// From them follows, whichever of two dies at whatever point:
//
//   - Renew and EndAll: a new record from before EndAll set the mark is in the list,
//     and once deleted it takes no data. One from after it stays without data, since
//     Renew reads the mark again. A chain of renewals has the first one's mark.
//   - Renew and End, or two Renews: the old record is deleted once. Only a Renew that
//     deleted it goes on. An End that finds the old id renewed has nothing to end.
//   - Renew and Update: Renew takes the data as it was when deleted; an Update after
//     that finds no session.
//   - Start and EndAll: a session that was started before is in the list. One that
//     starts meanwhile may go on; if it has the mark from before, Renew ends it.
//   - Two EndAlls: each has a mark that no session from before has. If both fail,
//     either request finishes for both.
//   - Several Starts: each lists after it created, so the last to list sees all, and
//     no more than Config.MaxPerUser are left.
//
// A Renew that fails half-way may lose the session: its user signs in again. A mark
// is kept for 400 days, or Config.Absolute if that is longer, so no session from
// before it is left when it is removed.
//
// # Recipes
//
// Examples show how to remember a user when the browser was closed, to let a
// session live on while it is used, to list a user's sessions and end one of them,
// and to keep a message for the next page.
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
