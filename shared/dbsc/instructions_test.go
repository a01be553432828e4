package dbsc_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/dbsc"
)

func TestInstructions(t *testing.T) {
	bound := []dbsc.Credential{{Name: "__Host-bound", Attributes: "Path=/; Secure; HttpOnly; SameSite=Lax"}}
	for _, tc := range []struct {
		name string
		i    dbsc.Instructions
		want string // "" for an error
	}{
		{"small", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a"}}},
			`{"session_identifier":"1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`},
		{"full", dbsc.Instructions{
			SessionID: "1", RefreshURL: "/bind", Credentials: bound, RefreshInitiators: []string{"*.example.com"},
			Scope: dbsc.Scope{Origin: "https://example.com", IncludeSite: true, Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "*.example.com", Path: "/static"}}},
		}, `{"session_identifier":"1","refresh_url":"/bind","scope":{"origin":"https://example.com","include_site":true,` +
			`"scope_specification":[{"type":"exclude","domain":"*.example.com","path":"/static"}]},` +
			`"credentials":[{"type":"cookie","name":"__Host-bound","attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}],"allowed_refresh_initiators":["*.example.com"]}`},
		{"no-session", dbsc.Instructions{Credentials: bound}, ""},
		{"session-not-ascii", dbsc.Instructions{SessionID: "é", Credentials: bound}, ""},
		{"no-credentials", dbsc.Instructions{SessionID: "1"}, ""},
		{"no-name", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{}}}, ""},
		{"partitioned", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure;partitioned"}}}, ""},
		{"max-age", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Path=/; Max-Age=600"}}}, ""},
		{"expires", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "expires=Fri, 01 Jan 2027 00:00:00 GMT;Path=/"}}}, ""},
		{"unknown-attribute", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure; Priority=High"}}}, ""},
		{"empty-attribute", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Path=/;; Secure"}}}, ""},
		{"attributes", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "path=/;SECURE ;\tDomain=.a.example; "}}},
			`{"session_identifier":"1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a","attributes":"path=/;SECURE ;\tDomain=.a.example; "}]}`},
		{"name-with-a-value", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a=b"}}}, ""},
		{"initiator-empty", dbsc.Instructions{SessionID: "1", Credentials: bound, RefreshInitiators: []string{""}}, ""},
		{"initiator-with-half-a-label", dbsc.Instructions{SessionID: "1", Credentials: bound, RefreshInitiators: []string{"*", "www*.example.com"}}, ""},
		{"two-semicolons", dbsc.Instructions{SessionID: "1", Credentials: []dbsc.Credential{{Name: "a", Attributes: "Secure;;"}}}, ""},
		{"rule-with-a-relative-path", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Path: "static"}}}}, ""},
		{"rule-with-a-port", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "a.example:8443"}}}}, ""},
		{"rule-with-half-a-label", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Domain: "www*.a.example"}}}}, ""},
		{"rule-without-type", dbsc.Instructions{SessionID: "1", Credentials: bound, Scope: dbsc.Scope{Rules: []dbsc.Rule{{Path: "/"}}}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			err := tc.i.Write(w)
			if w.Body.String() != tc.want || (err == nil) != (tc.want != "") || err != nil && !errors.Is(err, dbsc.ErrInstructions) {
				t.Errorf("%s, %v", w.Body, err)
			}
			if got := w.Header().Get("Content-Type"); err == nil && got != "application/json" {
				t.Errorf("Content-Type: %s", got)
			}
		})
	}
	w := httptest.NewRecorder()
	if err := dbsc.WriteEnd(w); err != nil || w.Body.String() != `{"continue":false}` || w.Code != 200 {
		t.Errorf("WriteEnd: %d %s, %v", w.Code, w.Body, err)
	}
}

func TestParseInstructions(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"least", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"empty-members", `{"session_identifier":"s1","refresh_url":"","scope":{"origin":"","include_site":true,"scope_specification":[]},"credentials":[{"type":"cookie","name":"a","attributes":""}]}`, ""},
		{"not-json", `{`, "not a JSON object"},
		{"wrong-type", `{"session_identifier":1}`, "not a JSON object"},
		{"no-id", `{"scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, "identifier is empty"},
		{"no-scope", `{"session_identifier":"s1","credentials":[{"type":"cookie","name":"a"}]}`, "no scope with include_site"},
		{"no-include-site", `{"session_identifier":"s1","scope":{},"credentials":[{"type":"cookie","name":"a"}]}`, "no scope with include_site"},
		{"no-credentials", `{"session_identifier":"s1","scope":{"include_site":false}}`, "no credentials"},
		{"no-type", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"name":"a"}]}`, "not the type cookie"},
		{"partitioned", `{"session_identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a","attributes":"Partitioned"}]}`, "partitioned"},
		{"rule-of-an-empty-domain", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","domain":""}]},"credentials":[{"type":"cookie","name":"a"}]}`, "is empty"},
		{"rule-of-an-empty-path", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","path":""}]},"credentials":[{"type":"cookie","name":"a"}]}`, "is empty"},
		{"id-in-capitals", `{"Session_Identifier":"s1","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, "identifier is empty"},
		{"credentials-in-capitals", `{"session_identifier":"s1","scope":{"include_site":false},"Credentials":[{"type":"cookie","name":"a"}]}`, "no credentials"},
		{"end-in-capitals", `{"session_identifier":"s1","Continue":false,"scope":{"include_site":false},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"rule-of-all", `{"session_identifier":"s1","scope":{"include_site":false,"scope_specification":[{"type":"exclude","domain":"*","path":"/"}]},"credentials":[{"type":"cookie","name":"a"}]}`, ""},
		{"end", `{"session_identifier":"s1","continue":false}`, "ends the session"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i, err := dbsc.ParseInstructions([]byte(tt.text))
			if tt.want == "" {
				if err != nil || i.SessionID != "s1" || len(i.Credentials) != 1 {
					t.Errorf("%+v, %v", i, err)
				}
			} else if !errors.Is(err, dbsc.ErrInstructions) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
