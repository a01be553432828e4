// Package useragent says what a browser does with a Set-Cookie line. Browsers
// drop a line, or change what it means, and say nothing.
//
//	origin, _ := url.Parse("https://app.example/cart")
//	v := useragent.Explain("sid=1; SameSite=None", origin, time.Now())
//	fmt.Println(v.Outcome)      // ignored
//	fmt.Println(v.Reasons[0])   // SameSite is None without Secure (rfc6265bis 5.7: SameSite=None needs Secure)
//	fmt.Println(v.Suggestion()) // var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}))
//
// [Explain] judges one line by itself; a [Jar] remembers, as a browser does, and
// knows what it sends back. Both are models for tests and tools: no browser
// runs. What shared/cookie builds is stored by whom it is for, over https; the
// rules are the same code.
//
// Texts never hold a cookie's value, nor what may be a piece of one; the fields
// Cookie.Value and the result of Jar.Header do.
//
// # Which browser
//
// The model is draft-ietf-httpbis-rfc6265bis-22 (5.1 to 5.8) with the prefixes
// __Http- and __Host-Http- of layered-cookies, Partitioned of CHIPS and the
// list of publicsuffix.org. Where Chromium 156 is stricter, it is the judge:
//
//   - A tab inside a name, a value or an attribute drops the cookie; the draft
//     keeps it.
//   - A value without a name that has an equals sign, as in "=a=b", drops the
//     cookie; the draft keeps it.
//   - A Domain of a mere dot drops the cookie; the draft takes it for none.
//   - What a wildcard of the public suffix list stands under is a public suffix
//     too: no cookie has Domain=kawasaki.jp.
//
// Where it is only different, the draft is followed, as the other browsers do:
//
//   - A cookie that is overwritten keeps its place in the Cookie header.
//   - Of several Max-Age, and of several Expires, the last one that can be read
//     counts.
//   - A Max-Age with a plus sign, and an Expires with a year before 1601 or of
//     five digits, cannot be read; 1st is a day.
//
// And where there is a choice:
//
//   - Secure cookies are set by and sent to http on this machine: localhost,
//     names under it, 127.0.0.0/8 and [::1]. Safari does neither (WebKit bug
//     281149).
//   - A cookie whose Domain is the host's own IP address, or a host that is a
//     public suffix, is host-only.
//   - SameSite is Lax where it is absent or unknown, and lets a POST that
//     navigates pass for 2 minutes. http and https of one name are two sites.
//   - Third-party cookies are not blocked.
//   - A site has 180 cookies and a browser 3,300; over that 150 and 3,000 stay,
//     those used last and, before others, those with Secure. Priority does not
//     count.
//
// # Reasons
//
// The ID of a [Reason] does not change between versions.
//
// The line is ignored: origin, ctl, empty, too-long, tab, nameless-prefix,
// nameless-equals, domain-non-ascii, public-suffix, domain-mismatch,
// secure-from-insecure, httponly-from-script, samesite-cross-site,
// samesite-none-insecure, partitioned-insecure, prefix-secure, prefix-host,
// prefix-http, prefix-host-http; and by a Jar: overlay-secure, overlay-httponly.
//
// The line deletes: expired.
//
// Something counts for something else than it says: nameless, trimmed, folded,
// attribute-too-long, attribute-repeated, attribute-unknown, flag-value,
// max-age-invalid, expires-invalid, lifetime-capped, path-invalid,
// samesite-unknown.
//
// The line means what it says, which may surprise: name-token, value-octets,
// path-absent, path-elsewhere; and by a Jar: deletes-nothing.
package useragent
