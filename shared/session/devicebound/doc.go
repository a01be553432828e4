// Package devicebound binds the sessions of package session to a key that never leaves the
// browser's device, so that a stolen cookie jar is worthless once a short-lived cookie in it
// has run out. Browsers without such keys sign in as before, unless RequireBound says not.
// The protocol is Device Bound Session Credentials, in the W3C editor's draft of 17 February
// 2026 (https://w3c.github.io/webappsec-dbsc/), whose sections the comments name: package
// dbsc has it.
//
// EXPERIMENTAL: the draft is not finished. This package is outside the module's
// compatibility promise, and what it keeps in the store may change too: users may have to
// sign in again.
//
//	sessions, err := devicebound.New[User](store, session.Config{Cookie: Session}, devicebound.Config{})
//
//	mux.Handle("POST /session/bind", sessions.Handler())
//
//	err := sessions.Start(w, r, account.Handle, User{Name: "Ana"}) // at login, as ever
//	user, err := sessions.Get(r)
//	if sessions.Retry(w, r, err) { // only where the browser can come back in
//		return
//	}
//
// # What happens
//
// Start adds a header to the response to the login: where to register a key, and a random
// challenge. A browser that has a key store makes a key, signs the challenge and sends both
// to Handler, usually within a second. From then on the session is bound: every request
// needs the bound cookie beside the session's own. It is kept for ten minutes. When it is
// about to run out, or a request lacks it, the browser signs the next challenge and gets a
// new one; the request waits for that. Nothing of this is visible to the user.
//
// A session that is bound is never unbound again. It ends as every session does, by End,
// EndAll, EndUser or time, and its key with it.
//
// # State
//
// All of it is in the session's record (session.Record.Binding), up to 750 bytes: the key,
// a secret, and the numbers and times of challenges and cookies. Start writes it with the
// session. A registration is one conditional write, and so is a refresh; a request writes
// nothing. A refresh is not a use of the session, as browsers refresh on their own: Idle
// still ends a session in an open tab. Binding is a second read.
//
// # Repeated, late and lost
//
// A refresh with a challenge that was used up to Grace ago gets the same cookie and the
// same next challenge again, without a write: for two tabs, or a lost response, and
// whichever of two responses the browser reads last. After that it gets 403 and the
// current challenge, and the browser tries again; one challenge is replaced by another only
// when it was used or is as old as a bound cookie gets, and the last two are good, so that
// nobody can take a challenge away from a browser that is signing it. The last bound cookie
// is good for Grace after a refresh. If the browser still has it then, because the response
// was lost, Get returns ErrStale, and Retry makes the browser refresh.
//
// A browser waits for one refresh at most for each request (section 10.1). So if a request
// waited for one, and then arrived later than Grace after another tab's, the page has to be
// loaded again.
//
// A browser whose registration was answered with an error, or whose response was lost,
// forgets its key. In the first case the session stays unbound. In the second it is bound
// to a lost key, and the user has to sign in again.
//
// Times are the server's: clients' clocks do not matter. Clocks of several servers may
// differ by a few seconds.
//
// # Quotas
//
// Chromium 156 signs six times in nine minutes for a site: registrations, refreshes, and
// those that Demand forces. After that the bound cookie is not renewed until the nine minutes
// are over, which Retry answers with 503, and a login registers no key: the session stays
// unbound, and under RequireBound nobody is signed in. So Demand a proof only for rare
// requests.
//
// # Paths
//
// The paths in headers and instructions begin with frontdoor.Event.Prefix, as the client
// needs the stage. A browser under "crumb start" has no stage: there bind behind an HTTP API
// with the stage $default.
//
// # Security
//
// What is protected: cookies that are copied from the disk, a log, a proxy or a backup are
// useless a few minutes later, and so is a session that a thief tries to bind to a key of
// their own, to unbind by leaving the bound cookie out, to refresh with another session's
// key or proof, or with an algorithm like "none".
//
// What is not: a thief with a fresh jar has until the bound cookie runs out, at most its
// MaxAge and Grace, or Grace after the browser's next refresh. Demand protects single
// requests from that. Malware that stays on the device can use the key while it is there.
// Sessions of browsers without keys are as safe as their cookie. The login itself must
// happen on a machine that is trusted: anyone who reads its response can register a key.
package devicebound
