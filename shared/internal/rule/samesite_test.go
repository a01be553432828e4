package rule_test

import (
	"net/http"
	"testing"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

func TestSameSite(t *testing.T) {
	for _, tt := range []struct {
		name, written string
		mode          http.SameSite
		word          string
	}{
		{"strict", "Strict", http.SameSiteStrictMode, "Strict"},
		{"lax", "lAX", http.SameSiteLaxMode, "Lax"},
		{"none", "none", http.SameSiteNoneMode, "None"},
		{"absent", "", http.SameSiteDefaultMode, ""},
		{"space", " Lax", http.SameSiteDefaultMode, ""},
		{"unknown", "Default", http.SameSiteDefaultMode, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.ParseSameSite(tt.written); got != tt.mode {
				t.Errorf("ParseSameSite(%q) = %v, want %v", tt.written, got, tt.mode)
			}
			if got := rule.SameSiteWord(tt.mode); got != tt.word {
				t.Errorf("SameSiteWord(%v) = %q, want %q", tt.mode, got, tt.word)
			}
		})
	}
	if got := rule.SameSiteWord(0); got != "" {
		t.Errorf("SameSiteWord(0) = %q, want none", got)
	}
}
