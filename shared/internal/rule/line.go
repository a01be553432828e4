package rule

import (
	"fmt"
	"iter"
	"net/http"
	"strings"
)

// A Line is a Set-Cookie line as browsers parse it (rfc6265bis 5.6).
type Line struct {
	Name, Value string // trimmed; a line without an equals sign has only a Value
	Named       bool   // there is an equals sign
	Trimmed     bool   // the value after it lost spaces or tabs
	attributes  string
}

// An Attribute of a line, trimmed. If browsers know it, Key has the usual spelling.
type Attribute struct {
	Key, Value string
	Known      bool
}

// known are the attributes that browsers know, in their usual spelling.
var known = [...]string{"Domain", "Path", "Expires", "Max-Age", "Secure", "HttpOnly", "SameSite", "Partitioned"}

// Known returns the usual spelling of the attributes that browsers know.
func Known() []string { return known[:] }

// ParseLine parses a Set-Cookie line. It accepts any text; Rejected says what
// browsers ignore.
func ParseLine(text string) Line {
	pair, attributes, _ := strings.Cut(text, ";")
	name, value, named := Cut(pair)
	if !named {
		return Line{Value: name, attributes: attributes}
	}
	_, raw, _ := strings.Cut(pair, "=")
	return Line{name, value, true, raw != value, attributes}
}

// Attributes yields every attribute of the line in order, except empty ones.
func (l Line) Attributes() iter.Seq[Attribute] {
	return func(yield func(Attribute) bool) {
		for text := range strings.SplitSeq(l.attributes, ";") {
			key, value, _ := Cut(text)
			if key == "" && value == "" {
				continue
			}
			if a := (Attribute{Key: key, Value: value}); !yield(a.spelled()) {
				return
			}
		}
	}
}

func (a Attribute) spelled() Attribute {
	for _, name := range known {
		if len(a.Key) == len(name) && strings.EqualFold(a.Key, name) {
			return Attribute{name, a.Value, true}
		}
	}
	return a
}

// Last returns the value of the last attribute with this key, without those that
// browsers ignore because they are too large (rfc6265bis 5.6, 5.7).
func (l Line) Last(key string) (value string, found bool) {
	for a := range l.Attributes() {
		if a.Key == key && len(a.Value) <= MaxAttribute {
			value, found = a.Value, true
		}
	}
	return value, found
}

// Has reports whether Last finds the attribute.
func (l Line) Has(key string) bool {
	_, found := l.Last(key)
	return found
}

// A Scope distinguishes cookies with the same name (rfc6265bis 5.7, CHIPS).
type Scope struct {
	Domain      string // in lower case, without a leading dot; "" for the host only
	Path        string // "" for the default path
	Partitioned bool
}

func (s Scope) String() string {
	return fmt.Sprintf("(Path %q, Domain %q, Partitioned %t)", s.Path, s.Domain, s.Partitioned)
}

// Scope returns the scope with which browsers store the line's cookie.
func (l Line) Scope() Scope {
	var s Scope
	for a := range l.Attributes() {
		switch {
		case len(a.Value) > MaxAttribute:
		case a.Key == "Domain":
			s.Domain = strings.ToLower(strings.TrimPrefix(a.Value, "."))
		case a.Key == "Path":
			if s.Path = a.Value; !strings.HasPrefix(a.Value, "/") {
				s.Path = ""
			}
		case a.Key == "Partitioned":
			s.Partitioned = true
		}
	}
	return s
}

// Traits returns what the line declares.
func (l Line) Traits() Traits {
	t := Traits{Name: l.Name, HostOnly: true}
	for a := range l.Attributes() {
		switch {
		case len(a.Value) > MaxAttribute:
		case a.Key == "Secure":
			t.Secure = true
		case a.Key == "HttpOnly":
			t.HTTPOnly = true
		case a.Key == "Partitioned":
			t.Partitioned = true
		case a.Key == "SameSite":
			t.SameSiteNone = ParseSameSite(a.Value) == http.SameSiteNoneMode
		case a.Key == "Domain":
			t.HostOnly = a.Value == ""
		case a.Key == "Path":
			t.RootPath = a.Value == "/"
		}
	}
	return t
}

// Rejected returns the first rule for which every browser ignores the line,
// whatever URL it comes from, or "".
func (l Line) Rejected() string {
	switch {
	case IndexControl(l.Name) >= 0 || IndexControl(l.Value) >= 0 || IndexControl(l.attributes) >= 0:
		return Control
	case l.Name == "" && l.Value == "":
		return Empty
	case len(l.Name)+len(l.Value) > MaxPair:
		return PairSize
	case l.Name == "" && HasPrefix(l.Value):
		return NamelessPrefix
	}
	if conflicts := Conflicts(l.Traits()); len(conflicts) > 0 {
		return conflicts[0].Rule
	}
	return ""
}

// Folded returns the offset of the first comma in s before a name and an equals
// sign, or -1. Another cookie may begin there: some programs join Set-Cookie lines
// with commas.
func Folded(s string, isName func(string) bool) int {
	offset := 0
	for i, part := range strings.Split(s, ",") {
		if name, _, found := Cut(part); i > 0 && found && isName(name) {
			return offset - 1
		}
		offset += len(part) + 1
	}
	return -1
}
