// Package cookie declares a cookie once; the same declaration sets, reads and
// deletes it, so that the three cannot disagree. It replaces http.SetCookie and
// Request.Cookie beside any http.Handler.
//
//	var Theme = cookie.Must(cookie.New("theme", cookie.Attributes{MaxAge: 30 * 24 * time.Hour}))
//
//	func main() {
//		http.HandleFunc("POST /dark", func(w http.ResponseWriter, r *http.Request) {
//			if err := Theme.Set(w, "dark"); err != nil {
//				log.Print(err) // names the cookie and the rule, never the value
//			}
//		})
//		http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
//			theme, ok := Theme.Get(r)
//			if !ok {
//				theme = "light"
//			}
//			fmt.Fprintln(w, theme)
//		})
//		log.Fatal(http.ListenAndServe("localhost:8080", nil))
//	}
//
// # Declare
//
// Keep every declaration in one package that all handlers import. The zero
// [Attributes] is the safe choice; a field that weakens it says so in its name.
// [New] reports mistakes at start-up, with the rules they break: what a browser
// would silently ignore is never sent. Give a session's cookie a name that begins
// with __Host-, so that no other host of your domain can plant it.
//
// # Set
//
// A value is written unchanged or rejected. Text that people type needs [Percent],
// bytes need [Base64]; [Cookie.Get] decodes what is declared. The error for a
// rejected value names the encoding to declare. Browsers allow 4,096 bytes for name
// and value, Amazon API Gateway about 10,000 for all cookies of a request.
//
// A response sets a name once: a second Set with the same scope (Domain, Path,
// Partitioned) replaces the first, one with another scope is an error. To move a
// cookie to another scope, call [Cookie.Set] and also [Cookie.Delete] of the old
// declaration, or [Cookie.DeleteAt] with the old Path and Domain.
//
// # Get
//
// A client can send anything, and hosts of the same domain can set cookies for
// yours. Treat a value as input and escape it in HTML. Declare with [Seal] what must
// not be read or forged. Send Cache-Control: no-store with responses that read or
// set a cookie.
//
// # Where implementations differ
//
// This package follows draft-ietf-httpbis-rfc6265bis-22, the approved successor
// of RFC 6265, with the name prefixes of layered-cookies and Partitioned of
// CHIPS. Where that leaves a choice, or programs differ:
//
//   - A Domain is rejected if it has a leading or trailing dot, an underscore or
//     a single label, or is an IP address in any spelling or a public suffix,
//     private ones like github.io included.
//   - A Path is rejected if it does not start with a slash, has a byte over 0x7F
//     or ends in a space. Empty is "/", so each line has a Path.
//   - A MaxAge over 400 days is rejected, as browsers would shorten it. Until
//     allows later times and drops fractions of a second. A deletion is written
//     Max-Age=0, never with a minus sign.
//   - Max-Age comes with Expires, for agents that do not support Max-Age.
//   - A value in double quotes is the grammar's quoted form: Set writes the
//     quotes, Parse shows them, Get removes them. Backslashes and octal escapes
//     are data.
//   - Names and values of a request are trimmed of SP and HTAB, around the equals
//     sign too, and of nothing more. Semicolons separate cookies, commas do not.
//   - A pair is ignored if its name is not a token or its value has a control byte
//     other than HTAB. Spaces, commas, quotes, backslashes and bytes over 0x7F are
//     returned as sent.
//   - A name without an equals sign is not a cookie with that name.
//   - An empty value counts as absent. The first of several cookies with one name
//     wins, even if its value is empty or malformed.
//   - Over 3,000 pairs or 64 KiB of Cookie lines, nothing is read.
package cookie
