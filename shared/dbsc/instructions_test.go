package dbsc_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
)

func TestInstructions(t *testing.T) {
	const bad = "dbsc: invalid session instructions: "
	bound := []dbsc.Credential{{Name: "__Host-bound", Attributes: "Path=/; Secure; HttpOnly; SameSite=Lax"}}
	for _, tc := range []struct {
		name string
		i    dbsc.Instructions
		want string // or the error
	}{
		{"small", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a"}}},
			`{"session_identifier":"1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`},
		{"full", dbsc.Instructions{
			SessionID: "1", RefreshURL: "/bind", Credentials: bound, RefreshInitiators: []string{"*.example.com"},
			Scope: dbsc.Scope{Origin: "https://example.com", IncludeSite: true, Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "*.example.com", Path: "/static"}}},
		}, `{"session_identifier":"1","refresh_url":"/bind","scope":{"origin":"https://example.com","include_site":true,` +
			`"scope_specification":[{"type":"exclude","domain":"*.example.com","path":"/static"}]},` +
			`"credentials":[{"type":"cookie","name":"__Host-bound","attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}],"allowed_refresh_initiators":["*.example.com"]}`},
		{"no-session", dbsc.Instructions{Credentials: bound}, bad + `the session identifier is empty or not printable ASCII`},
		{"session-not-ascii", dbsc.Instructions{SessionID: "é", Credentials: bound}, bad + `the session identifier is empty or not printable ASCII`},
		{"session-with-a-control", dbsc.Instructions{SessionID: "a\x1f", Credentials: bound}, bad + `the session identifier is empty or not printable ASCII`},
		{"session-with-a-delete", dbsc.Instructions{SessionID: "a\x7f", Credentials: bound}, bad + `the session identifier is empty or not printable ASCII`},
		{"session-from-space-to-tilde", dbsc.Instructions{SessionID: " ~", Credentials: []dbsc.Credential{{Name: "a"}}},
			`{"session_identifier":" ~","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`},
		{"no-credentials", dbsc.Instructions{SessionID: "1"}, bad + `there are no credentials`},
		{"no-name", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{}}}, bad + `a credential has the name ""`},
		{"partitioned", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure;partitioned"}}}, bad + `the attribute "partitioned" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"max-age", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Path=/; Max-Age=600"}}}, bad + `the attribute "max-age" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"expires", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "expires=Fri, 01 Jan 2027 00:00:00 GMT;Path=/"}}}, bad + `the attribute "expires" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"unknown-attribute", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure; Priority=High"}}}, bad + `the attribute "priority" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"empty-attribute", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Path=/;; Secure"}}}, bad + `the attribute "" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"attributes", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "path=/;SECURE ;\tDomain=.a.example;\t "}}},
			`{"session_identifier":"1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a","attributes":"path=/;SECURE ;\tDomain=.a.example;\t "}]}`},
		{"name-with-a-value", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a=b"}}}, bad + `a credential has the name "a=b"`},
		{"name-with-an-attribute", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a;b"}}}, bad + `a credential has the name "a;b"`},
		{"second-credential", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a"}, {}}}, bad + `a credential has the name ""`},
		{"initiator-empty", dbsc.Instructions{SessionID: "1", Credentials: bound, RefreshInitiators: []string{""}}, bad + `the refresh initiator "" is not a host`},
		{"initiator-with-a-star-alone", dbsc.Instructions{SessionID: "1", Credentials: bound, RefreshInitiators: []string{"*example.com"}}, bad + `the refresh initiator "*example.com" is not a host`},
		{"initiator-with-half-a-label", dbsc.Instructions{SessionID: "1", Credentials: bound, RefreshInitiators: []string{"*", "www*.example.com"}}, bad + `the refresh initiator "www*.example.com" is not a host`},
		{"two-semicolons", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure;;"}}}, bad + `the attribute "" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"rule-with-a-relative-path", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Path: "static"}}}}, bad + `the rule's path "static" does not begin with a slash`},
		{"rule-with-a-port", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "a.example:8443"}}}}, bad + `the rule's domain "a.example:8443" is not a host`},
		{"rule-with-a-slash", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Include, Domain: "a.example/"}}}}, bad + `the rule's domain "a.example/" is not a host`},
		{"rules", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a"}}, RefreshInitiators: []string{"*", "b.example"},
			Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Include, Domain: "[::1]"}, {Type: dbsc.Exclude, Domain: "*", Path: "/"}, {Type: dbsc.Exclude}}}},
			`{"session_identifier":"1","scope":{"include_site":false,"scope_specification":[{"type":"include","domain":"[::1]"},{"type":"exclude","domain":"*","path":"/"},{"type":"exclude"}]},` +
				`"credentials":[{"type":"cookie","name":"a"}],"allowed_refresh_initiators":["*","b.example"]}`},
		{"rule-with-half-a-label", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "www*.a.example"}}}}, bad + `the rule's domain "www*.a.example" is not a host`},
		{"rule-without-type", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Path: "/"}}}}, bad + `the rule's type is "", not include or exclude`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			if err := tc.i.Write(w); err != nil {
				if err.Error() != tc.want || !errors.Is(err, dbsc.ErrInstructions) || w.Body.Len() > 0 {
					t.Errorf("%v, %s, want %s", err, w.Body, tc.want)
				}
				return
			}
			if got := w.Header().Get("Content-Type"); w.Body.String() != tc.want || got != "application/json" {
				t.Errorf("%s: %s, want %s", got, w.Body, tc.want)
			}
		})
	}
	w := httptest.NewRecorder()
	if err := dbsc.WriteEnd(w); err != nil || w.Body.String() != `{"continue":false}` || w.Code != 200 {
		t.Errorf("WriteEnd: %d %s, %v", w.Code, w.Body, err)
	}
	if err := dbsc.WriteEnd(gone{w}); !errors.Is(err, http.ErrHandlerTimeout) {
		t.Errorf("WriteEnd = %v, want the ResponseWriter's error", err)
	}
}

// gone is a ResponseWriter whose client has left.
type gone struct{ http.ResponseWriter }

func (gone) Write([]byte) (int, error) { return 0, http.ErrHandlerTimeout }

func TestParseInstructions(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"least", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"empty-members", `{"session_identifier":"s1","refresh_url":"","scope":{"origin":"","include_site":true,"scope_specification":[]},"credentials":[{"type":"cookie","name":"a","attributes":""}]}`, ""},
		{"not-json", `{`, "it is not a JSON object with members of the right types"},
		{"wrong-type", `{"session_identifier":1}`, "it is not a JSON object with members of the right types"},
		{"no-id", `{"scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, "the session identifier is empty or not printable ASCII"},
		{"no-scope", `{"session_identifier":"s1","credentials":[{"type":"cookie","name":"a"}]}`, "there is no scope with include_site"},
		{"no-include-site", `{"session_identifier":"s1","scope":{},"credentials":[{"type":"cookie","name":"a"}]}`, "there is no scope with include_site"},
		{"no-credentials", `{"session_identifier":"s1","scope":{"include_site":false}}`, "there are no credentials"},
		{"no-type", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"name":"a"}]}`, "a credential has not the type cookie"},
		{"partitioned", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a","attributes":"Partitioned"}]}`, `the attribute "partitioned" of a credential is not Domain, Path, Secure, HttpOnly or SameSite`},
		{"rule-of-an-empty-domain", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","domain":""}]},"credentials":[{"type":"cookie","name":"a"}]}`, "a rule's domain or path is empty, not absent"},
		{"rule-of-an-empty-path", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","path":""}]},"credentials":[{"type":"cookie","name":"a"}]}`, "a rule's domain or path is empty, not absent"},
		{"id-in-capitals", `{"Session_Identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, "the session identifier is empty or not printable ASCII"},
		{"credentials-in-capitals", `{"session_identifier":"s1","scope":{"include_site":false},"Credentials":[{"type":"cookie","name":"a"}]}`, "there are no credentials"},
		{"end-in-capitals", `{"session_identifier":"s1","Continue":false,"scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"rule-of-all", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","domain":"*","path":"/"}]},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"end", `{"session_identifier":"s1","continue":false}`, "the server ends the session"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, err := dbsc.ParseInstructions([]byte(tt.text))
			if tt.want == "" {
				if err != nil || i.SessionID != "s1" || len(i.Credentials) != 1 {
					t.Errorf("%+v, %v", i, err)
				}
			} else if want := "dbsc: invalid session instructions: " + tt.want; !errors.Is(err, dbsc.ErrInstructions) || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}
