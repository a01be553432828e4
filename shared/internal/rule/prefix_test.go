package rule_test

import (
	"testing"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

func TestPrefixes(t *testing.T) {
	for _, tt := range []struct {
		name, rest            string
		prefix, hostOnly, old bool
	}{
		{"__Host-id", "id", true, true, true},
		{"__Host-", "", true, true, true},
		{"__Host-Http-id", "id", true, true, true},
		{"__Secure-id", "id", true, false, true},
		{"__Secure-__Host-id", "__Host-id", true, false, true},
		{"__hOST-http-id", "id", true, true, false},
		{"__Http-id", "id", true, false, false},
		{"__SECURE-id", "id", true, false, false},
		{"Host-id", "Host-id", false, false, false},
		{"_Host-id", "_Host-id", false, false, false},
		{"a__Host-", "a__Host-", false, false, false},
		{"__Other-id", "__Other-id", false, false, false},
		{"__Host", "__Host", false, false, false},
		{"__Secure", "__Secure", false, false, false},
		{"", "", false, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rule.WithoutPrefix(tt.name); got != tt.rest {
				t.Errorf("WithoutPrefix(%q) = %q, want %q", tt.name, got, tt.rest)
			}
			if got := rule.HasPrefix(tt.name); got != tt.prefix {
				t.Errorf("HasPrefix(%q) = %v, want %v", tt.name, got, tt.prefix)
			}
			if got := rule.IsHostOnly(tt.name); got != tt.hostOnly {
				t.Errorf("IsHostOnly(%q) = %v, want %v", tt.name, got, tt.hostOnly)
			}
			if got := rule.HasOldPrefix(tt.name); got != tt.old {
				t.Errorf("HasOldPrefix(%q) = %v, want %v", tt.name, got, tt.old)
			}
		})
	}
}
