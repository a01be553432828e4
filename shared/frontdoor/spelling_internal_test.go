package frontdoor

import "testing"

func TestSpellings(t *testing.T) {
	seen := make(map[string]bool)
	for n := range spellings {
		seen[spelling(n)] = true
	}
	if len(seen) != spellings || !seen["Set-Cookie"] || spelling(0) != "Set-Cookie" {
		t.Errorf("%d spellings, want %d, the first Set-Cookie", len(seen), spellings)
	}
}
