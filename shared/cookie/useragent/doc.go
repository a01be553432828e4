// Package useragent says what a browser does with a Set-Cookie line. Browsers
// silently ignore lines, or give them another meaning.
//
//	origin, _ := url.Parse("https://app.example/cart")
//	v := useragent.Explain("sid=1; SameSite=None", origin, time.Now())
//	fmt.Println(v.Outcome)      // ignored
//	fmt.Println(v.Reasons[0])   // SameSite is None without Secure (rfc6265bis 5.7: SameSite=None needs Secure)
//	fmt.Println(v.Suggestion()) // var Sid = cookie.Must(cookie.New("sid", cookie.Attributes{SameSite: http.SameSiteNoneMode}))
//
// [Explain] judges a single line; a [Jar] remembers cookies, as a browser does, and
// says what it sends back. Both are models for tests and tools: no browser runs.
// Browsers store what shared/cookie builds, over https; both use the same rules.
//
// Texts never have a cookie's value, nor anything that may be part of one. The field
// Cookie.Value and the result of Jar.Header do.
//
// # Which browser
//
// Browsers differ in some lines: docs/engines.md has each difference, its source, and
// how well this package predicts Chromium and Firefox. [Compare] has the verdict of
// each [Engine], and a [Jar] can be one's. Safari is documented, not run.
//
// The function [Explain] and a Jar without an Engine have a model of no single browser.
// It is draft-ietf-httpbis-rfc6265bis-22 (5.1 to 5.8) with the prefixes
// __Http- and __Host-Http- of layered-cookies, Partitioned of CHIPS and the
// list of publicsuffix.org. Where Chromium 156 is stricter, the model follows it:
//
//   - A tab inside a name, a value or an attribute makes it ignore the cookie; the
//     draft, Firefox and Safari keep it.
//   - So does an equals sign in a value without a name, as in "=a=b"; the draft
//     keeps the cookie. Firefox and Safari ignore every line like "=a".
//   - So does a Domain that is only a dot; the draft treats it as no Domain.
//   - The parent of a wildcard in the public suffix list is a public suffix too: a
//     cookie cannot have Domain=kawasaki.jp.
//
// Where browsers are only different, the model follows the draft:
//
//   - A cookie that is overwritten keeps its place in the Cookie header, as in Firefox.
//   - A Max-Age with a plus sign is invalid, as in Firefox.
//   - The last valid Max-Age wins, and the last valid Expires; in Chromium and Firefox
//     the last counts, even if it is invalid.
//   - An Expires with a year before 1601 or of five digits is invalid; Chromium and
//     Firefox read it. 1st is a day, but not to them.
//   - A value keeps its bytes, as in Chromium; Firefox replaces those that are not
//     UTF-8.
//   - A line without an equals sign is a value, and comes back alone, as in Chromium;
//     in Firefox it is a name.
//
// And where there is a choice:
//
//   - Secure cookies are set by and sent to http on this machine: localhost,
//     names under it, 127.0.0.0/8 and [::1]. Safari does neither (WebKit bug
//     281149).
//   - A cookie is host-only if its Domain is the host and the host is an IP address
//     or a public suffix.
//   - An absent or unknown SameSite means Lax, but also allows a POST that navigates
//     for 2 minutes. http and https of one name are two sites.
//   - Third-party cookies are not blocked.
//   - A site has at most 180 cookies and a browser 3,300. When there are more, 150
//     and 3,000 stay: those with Secure first, then those used last. Priority is
//     ignored.
//
// # Reasons
//
// The ID of a [Reason] does not change between versions. Its [Effect] can differ
// between engines.
//
// The line is ignored: origin, ctl, empty, too-long, tab, nameless-prefix,
// nameless-equals, domain-non-ascii, public-suffix, domain-mismatch,
// secure-from-insecure, httponly-from-script, third-party, samesite-cross-site,
// samesite-none-insecure, partitioned-insecure, prefix-secure, prefix-host,
// prefix-http, prefix-host-http; and by a Jar: overlay-secure, overlay-httponly.
//
// The line deletes: expired.
//
// Part of the line means something else than it says: nameless, trimmed, folded,
// attribute-swallowed, attribute-too-long, attribute-repeated, attribute-unknown,
// flag-value, max-age-invalid, expires-invalid, expires-zone, lifetime-capped,
// path-invalid, samesite-unknown.
//
// The line means what it says, which may surprise: name-token, value-octets,
// expires-javascript, path-absent, path-elsewhere, path-non-ascii,
// partitioned-samesite; and by a Jar: deletes-nothing.
package useragent
