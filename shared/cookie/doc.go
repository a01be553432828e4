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
// A mistake is an error of [New], at start-up, with the rule it breaks: what a
// browser would ignore without a word never reaches one. Give a session's cookie
// a name that begins with __Host-; then no other host of your domain can plant
// it.
//
// # Set
//
// A value is written as it is or refused, never altered. Text that people type
// needs [Percent], bytes need [Base64]; declare it, and [Cookie.Get] decodes. The
// error of a refused value names the one to declare.
// Name and value have room for 4,096 octets in a browser, all cookies of a
// request together for about 10,000 at Amazon API Gateway.
//
// A response sets a name once: a second Set of the same scope (Domain, Path,
// Partitioned) replaces the first, one of another scope is an error. To move a
// cookie to another scope, put beside [Cookie.Set] the [Cookie.Delete] of the old
// declaration, or [Cookie.DeleteAt] with the old Path and Domain.
//
// # Get
//
// What a client sends is its own free choice, and hosts of the same domain can
// set cookies for yours. Take a value for input and escape it in HTML. What must
// not be read or forged is declared with [Seal]. Answers that read or wrote a
// cookie say Cache-Control: no-store.
//
// # Where implementations differ
//
// This package follows draft-ietf-httpbis-rfc6265bis-22, the approved successor
// of RFC 6265, with the name prefixes of layered-cookies and Partitioned of
// CHIPS. Where that leaves a choice, or programs differ:
//
//   - A Domain is refused with a leading or trailing dot, an underscore or a
//     single label, as an IP address in any spelling, and as a public suffix,
//     private ones like github.io included.
//   - A Path is refused without a slash at its start, with a byte over 0x7F or
//     with a space at its end. Empty is "/", so each line has a Path.
//   - A MaxAge over 400 days is refused, as browsers would cut it. Until may lie
//     further away and cuts fractions of a second off. A deletion is written
//     Max-Age=0, never with a minus sign.
//   - Max-Age is accompanied by Expires, for agents that know no Max-Age.
//   - A value in double quotes is the grammar's quoted form: Set writes the
//     quotes, Parse shows them, Get removes them. Backslashes and octal escapes
//     are data.
//   - Names and values of a request are trimmed of SP and HTAB, around the equals
//     sign too, and of nothing more. A semicolon always divides, a comma never.
//   - A pair is left out when its name is not a token or its value has a control
//     byte; HTAB is none. Spaces, commas, quotes, backslashes and bytes over 0x7F
//     come back as sent.
//   - A name without an equals sign is no cookie of that name.
//   - An empty value reads as absent, and of duplicates the first counts, whatever
//     it is.
//   - Over 3,000 pairs or 64 KiB of Cookie lines, nothing is read.
package cookie
