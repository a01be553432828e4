package rule_test

import (
	"os"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/internal/rule"
)

// TestCitations compares what errors and verdicts cite, in texts and in JSON, with
// testdata/citations.txt.
func TestCitations(t *testing.T) {
	want, err := os.ReadFile("testdata/citations.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join([]string{
		rule.Name, rule.Value, rule.PairSize, rule.AttributeSize, rule.Path, rule.Domain, rule.PublicSuffix,
		rule.MaxAge, rule.Lifetime, rule.Expires, rule.SameSite, rule.SameSiteNone, rule.Partitioned, rule.OneLine,
		rule.Control, rule.Origin, rule.Empty, rule.Tab, rule.Nameless, rule.NamelessDropped, rule.NamelessNamed,
		rule.RepairedUTF8, rule.PathASCII, rule.ThirdParty, rule.NamelessEquals, rule.NamelessPrefix, rule.Trimmed,
		rule.Semicolon, rule.Comma, rule.LastWins, rule.Flag, rule.Expired, rule.CookieDate, rule.Zone,
		rule.MaxAgeDigits, rule.DomainMatch, rule.DomainASCII, rule.DefaultPath, rule.PathMatch, rule.SecureOrigin,
		rule.LeaveSecure, rule.ScriptHTTPOnly, rule.CrossSite, rule.PartitionedNone, rule.SameSiteValue,
		rule.OneScope,
	}, "\n") + "\n"
	if got != string(want) {
		t.Errorf("citations are\n%s\nwant\n%s", got, want)
	}
}
