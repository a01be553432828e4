package rule

import (
	"net/http"
	"strings"
)

var sameSites = [...]struct {
	word string
	mode http.SameSite
}{
	{"Strict", http.SameSiteStrictMode},
	{"Lax", http.SameSiteLaxMode},
	{"None", http.SameSiteNoneMode},
}

// SameSiteWord returns the attribute's value for mode, or "" if it has none.
func SameSiteWord(mode http.SameSite) string {
	for _, s := range sameSites {
		if s.mode == mode {
			return s.word
		}
	}
	return ""
}

// ParseSameSite returns the mode that browsers read from the attribute's value,
// in any case (rfc6265bis 5.6.7). Without one of the three words it is
// http.SameSiteDefaultMode.
func ParseSameSite(value string) http.SameSite {
	for _, s := range sameSites {
		if strings.EqualFold(value, s.word) {
			return s.mode
		}
	}
	return http.SameSiteDefaultMode
}
