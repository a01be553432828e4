package cookie

import "github.com/crumb-go/crumb/shared/internal/rule"

// LineName returns the name of the cookie in a Set-Cookie line, for logs. It is
// empty for a line without an equals sign, which browsers treat as a value
// (rfc6265bis 5.6).
func LineName(line string) string { return rule.ParseLine(line).Name }

// MaskLine returns a Set-Cookie line for logs. mask, such as "***", replaces the
// cookie's value and anything that may be part of one: attributes that browsers do
// not know, which may follow a semicolon in the value, and more cookies after a
// comma. A line without an equals sign becomes mask. Known attributes stay, the
// first 200 bytes of each.
func MaskLine(line, mask string) string { return rule.MaskLine(line, mask) }

// MaskPairs returns a request's Cookie line for logs, with mask in place of each
// value, and of a whole pair without an equals sign.
func MaskPairs(line, mask string) string { return rule.MaskPairs(line, mask) }
