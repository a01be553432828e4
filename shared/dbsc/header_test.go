package dbsc_test

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
)

func TestRegistrationHeader(t *testing.T) {
	es, both := []dbsc.Algorithm{dbsc.ES256}, []dbsc.Algorithm{dbsc.ES256, dbsc.RS256}
	const malformed = "dbsc: malformed header: Secure-Session-Registration"
	for _, tc := range []struct {
		name string
		g    dbsc.Registration
		want string // or the error
	}{
		{"both", dbsc.Registration{Algorithms: both, Path: "/bind", Challenge: "c"}, `(ES256 RS256);path="/bind";challenge="c"`},
		{"authorization", dbsc.Registration{Algorithms: es, Path: "bind", Challenge: "c", Authorization: "a"}, `(ES256);path="bind";challenge="c";authorization="a"`},
		{"quotes", dbsc.Registration{Algorithms: es, Path: `/"\`, Challenge: "c"}, `(ES256);path="/\"\\";challenge="c"`},
		{"none", dbsc.Registration{Algorithms: []dbsc.Algorithm{"none"}, Path: "/", Challenge: "c"}, malformed + `: the algorithm "none" is not offered`},
		{"unknown-algorithm", dbsc.Registration{Algorithms: []dbsc.Algorithm{"ES512"}, Path: "/", Challenge: "c"}, malformed + `: the algorithm "ES512" is not offered`},
		{"no-algorithm", dbsc.Registration{Path: "/", Challenge: "c"}, malformed + " needs an algorithm, a path and a challenge"},
		{"no-path", dbsc.Registration{Algorithms: es, Challenge: "c"}, malformed + " needs an algorithm, a path and a challenge"},
		{"no-challenge", dbsc.Registration{Algorithms: es, Path: "/"}, malformed + " needs an algorithm, a path and a challenge"},
		{"line-end", dbsc.Registration{Algorithms: es, Path: "/", Challenge: "c\r\nSet-Cookie: a=b"}, malformed + ": a value is not printable ASCII"},
		{"not-ascii", dbsc.Registration{Algorithms: es, Path: "/bïnd", Challenge: "c"}, malformed + ": a value is not printable ASCII"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := http.Header{}
			if err := tc.g.Add(h); err != nil {
				if err.Error() != tc.want || !errors.Is(err, dbsc.ErrHeader) || len(h) > 0 {
					t.Errorf("%v, %q, want %s", err, h, tc.want)
				}
				return
			}
			if got := h.Get(dbsc.RegistrationHeader); got != tc.want {
				t.Errorf("%s: %s, want %s", dbsc.RegistrationHeader, got, tc.want)
			}
			if got, err := dbsc.Registrations(h); err != nil || !reflect.DeepEqual(got, []dbsc.Registration{tc.g}) {
				t.Errorf("read again: %v, %v", got, err)
			}
		})
	}
}

// Sections 9.1 to 9.5 name the fields, section 9.5 the reasons.
func TestNames(t *testing.T) {
	got := []string{dbsc.RegistrationHeader, dbsc.ChallengeHeader, dbsc.ResponseHeader, dbsc.SessionIDHeader, dbsc.SkippedHeader, dbsc.Unreachable, dbsc.ServerError, dbsc.QuotaExceeded}
	want := []string{"Secure-Session-Registration", "Secure-Session-Challenge", "Secure-Session-Response", "Sec-Secure-Session-Id", "Secure-Session-Skipped", "unreachable", "server_error", "quota_exceeded"}
	if !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

// Section 8.10: what a browser ignores, and what it acts on.
func TestRegistrations(t *testing.T) {
	one := []dbsc.Registration{{Algorithms: []dbsc.Algorithm{"ES256"}, Path: "a", Challenge: "c"}}
	for _, tc := range []struct {
		name  string
		lines []string
		want  []dbsc.Registration
		bad   bool
	}{
		{"none", nil, nil, false},
		{"one", []string{`(ES256);path="a";challenge="c"`}, one, false},
		{"unknown-parameters", []string{`(ES256);path="a";challenge="c";provider_key=7;x`}, one, false},
		{"no-path", []string{`(ES256);challenge="c"`}, nil, false},
		{"path-a-token", []string{`(ES256);path=a;challenge="c"`}, nil, false},
		{"challenge-a-token", []string{`(ES256);path="a";challenge=c`}, nil, false},
		{"authorization-a-number", []string{`(ES256);path="a";authorization=1`}, nil, false},
		{"not-an-inner-list", []string{`ES256;path="a";challenge="c"`}, nil, false},
		{"algorithms-as-strings", []string{`("ES256");path="a"`}, []dbsc.Registration{{Path: "a"}}, false},
		{"two-lines", []string{`(ES256);path="a";challenge="c"`, `(RS256 x);path="b"`}, append(slices.Clone(one), dbsc.Registration{Algorithms: []dbsc.Algorithm{"RS256", "x"}, Path: "b"}), false},
		{"malformed", []string{`(ES256);path="a`}, nil, true},
		{"malformed-second", []string{`(ES256);path="a";challenge="c"`, `(`}, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := dbsc.Registrations(http.Header{dbsc.RegistrationHeader: tc.lines})
			const bad = "dbsc: malformed header: Secure-Session-Registration is not a list of structured fields (RFC 9651)"
			if !reflect.DeepEqual(got, tc.want) || errors.Is(err, dbsc.ErrHeader) != tc.bad || tc.bad && err.Error() != bad {
				t.Errorf("Registrations = %v, %v", got, err)
			}
		})
	}
}

func TestChallenges(t *testing.T) {
	h := http.Header{}
	want := []dbsc.Challenge{{Value: "c1", SessionID: `my "1"`}, {Value: "c2", SessionID: "2"}}
	for _, c := range want {
		if err := c.Add(h); err != nil {
			t.Fatal(err)
		}
	}
	if got := h[dbsc.ChallengeHeader]; !slices.Equal(got, []string{`"c1";id="my \"1\""`, `"c2";id="2"`}) {
		t.Errorf("%s: %q", dbsc.ChallengeHeader, got)
	}
	if got, err := dbsc.Challenges(h); err != nil || !slices.Equal(got, want) {
		t.Errorf("Challenges = %v, %v", got, err)
	}
	oneLine := http.Header{dbsc.ChallengeHeader: {strings.Join(h[dbsc.ChallengeHeader], ", ")}}
	if got, err := dbsc.Challenges(oneLine); err != nil || !slices.Equal(got, want) {
		t.Errorf("in one line: %v, %v", got, err)
	}
	ignored := http.Header{dbsc.ChallengeHeader: {`"c"`, `"c";id=1`, `c;id="1"`, `("c");id="1"`, `"c";id="1";x=1`}}
	if got, err := dbsc.Challenges(ignored); err != nil || !slices.Equal(got, []dbsc.Challenge{{Value: "c", SessionID: "1"}}) {
		t.Errorf("Challenges = %v, %v", got, err)
	}
	const incomplete, notASCII = " needs a challenge and a session identifier", ": a value is not printable ASCII"
	for c, why := range map[dbsc.Challenge]string{{Value: "c"}: incomplete, {SessionID: "1"}: incomplete, {Value: "c\n", SessionID: "1"}: notASCII, {Value: "c", SessionID: "é"}: notASCII} {
		if err := c.Add(h); !errors.Is(err, dbsc.ErrHeader) || err.Error() != "dbsc: malformed header: Secure-Session-Challenge"+why {
			t.Errorf("%v: %v, want%s", c, err, why)
		}
	}
	if got, err := dbsc.Challenges(http.Header{dbsc.ChallengeHeader: {`"c`}}); got != nil || !errors.Is(err, dbsc.ErrHeader) {
		t.Errorf("malformed: %v, %v", got, err)
	}
	if len(h[dbsc.ChallengeHeader]) != 2 {
		t.Errorf("an error changed the header: %q", h)
	}
}

func TestSkips(t *testing.T) {
	for _, tc := range []struct {
		name, line string
		want       []dbsc.Skip
	}{
		{"of-the-draft", `unreachable;session_identifier="123", quota_exceeded;session_identifier="456"`, []dbsc.Skip{{Reason: dbsc.Unreachable, SessionID: "123"}, {Reason: dbsc.QuotaExceeded, SessionID: "456"}}},
		{"no-session", `server_error`, []dbsc.Skip{{Reason: dbsc.ServerError}}},
		{"unknown-reason", `later;x=1`, []dbsc.Skip{{Reason: "later"}}},
		{"session-a-token", `server_error;session_identifier=abc`, nil},
		{"string", `"server_error"`, nil},
		{"inner-list", `(server_error)`, nil},
		{"malformed", `server_error,`, nil},
		{"empty", ``, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := dbsc.Skips(http.Header{dbsc.SkippedHeader: {tc.line}}); !slices.Equal(got, tc.want) {
				t.Errorf("Skips = %v", got)
			}
		})
	}
}

// The draft has strings in quotes, Chromium 156 sends them bare.
func TestSessionIDAndResponse(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lines []string
		want  string // "" for none
	}{
		{"quoted", []string{`"a.b-c_d"`}, "a.b-c_d"},
		{"parameters", []string{`"abc";x=1`}, "abc"},
		{"bare", []string{"a.b-c_d"}, "a.b-c_d"},
		{"bare-spaces", []string{" abc "}, "abc"},
		{"bare-number", []string{"2ABC"}, "2ABC"},
		{"escaped", []string{`"a\"b"`}, `a"b`},
		{"absent", nil, ""},
		{"empty", []string{""}, ""},
		{"empty-quoted", []string{`""`}, ""},
		{"open", []string{`"abc`}, ""},
		{"two-lines", []string{"abc", "abc"}, ""},
		{"list", []string{`"abc", "def"`}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, ok := dbsc.SessionID(http.Header{dbsc.SessionIDHeader: tc.lines})
			proof, ok2 := dbsc.Response(http.Header{dbsc.ResponseHeader: tc.lines})
			if id != tc.want || proof != tc.want || ok != (tc.want != "") || ok2 != ok {
				t.Errorf("SessionID = %q, %v; Response = %q, %v", id, ok, proof, ok2)
			}
		})
	}
}
