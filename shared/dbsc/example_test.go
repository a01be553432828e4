package dbsc_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/crumb-go/crumb/shared/dbsc"
	"github.com/crumb-go/crumb/shared/dbsc/dbsctest"
)

var both = []dbsc.Algorithm{dbsc.ES256, dbsc.RS256}

// A server with one session, which forgets that it may be asked twice. Package devicebound
// is one for real sessions.
func Example() {
	const id = "my session"
	var challenge string
	var key dbsc.Key

	answer := func(w http.ResponseWriter) {
		challenge = rand.Text()
		_ = dbsc.Challenge{Value: challenge, SessionID: id}.Add(w.Header())
		w.Header().Add("Set-Cookie", "__Host-bound=a random value; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax")
		_ = dbsc.Instructions{
			SessionID:   id,
			RefreshURL:  "/bind",
			Credentials: []dbsc.Credential{{Name: "__Host-bound", Attributes: "Path=/; Secure; HttpOnly; SameSite=Lax"}},
		}.Write(w)
	}
	login := func(w http.ResponseWriter, r *http.Request) {
		challenge = rand.Text()
		_ = dbsc.Registration{Algorithms: both, Path: "/bind", Challenge: challenge}.Add(w.Header())
	}
	bind := func(w http.ResponseWriter, r *http.Request) {
		text, _ := dbsc.Response(r.Header)
		if of, refresh := dbsc.SessionID(r.Header); !refresh {
			proof, k, err := dbsc.VerifyRegistration(text)
			if err != nil || proof.Challenge != challenge {
				http.Error(w, "refused", http.StatusForbidden)
				return
			}
			key = k
		} else if proof, err := key.Verify(text); err != nil || of != id || proof.Challenge != challenge {
			_ = dbsc.Challenge{Value: challenge, SessionID: id}.Add(w.Header()) // the browser tries again
			http.Error(w, "prove it", http.StatusForbidden)
			return
		}
		answer(w)
	}

	// What a browser does.
	device := dbsctest.NewDevice(dbsc.ES256)
	w := httptest.NewRecorder()
	login(w, httptest.NewRequest("POST", "/login", nil))
	asked, _ := dbsc.Registrations(w.Header())

	r := httptest.NewRequest("POST", asked[0].Path, nil)
	r.Header.Set(dbsc.ResponseHeader, device.Register(asked[0].Challenge, ""))
	w = httptest.NewRecorder()
	bind(w, r)
	fmt.Println(w.Code, w.Body)
	next, _ := dbsc.Challenges(w.Header())

	r = httptest.NewRequest("POST", "/bind", nil)
	r.Header.Set(dbsc.SessionIDHeader, id)
	r.Header.Set(dbsc.ResponseHeader, device.Refresh(next[0].Value))
	w = httptest.NewRecorder()
	bind(w, r)
	fmt.Println(w.Code)
	// Output:
	// 200 {"session_identifier":"my session","refresh_url":"/bind","scope":{"include_site":false},"credentials":[{"type":"cookie","name":"__Host-bound","attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}]}
	// 200
}

func ExampleRegistration_Add() {
	h := http.Header{}
	err := dbsc.Registration{Algorithms: both, Path: "/session/bind", Challenge: "a random text"}.Add(h)
	fmt.Println(h.Get(dbsc.RegistrationHeader), err)
	// Output: (ES256 RS256);path="/session/bind";challenge="a random text" <nil>
}

func ExampleRegistrations() {
	h := http.Header{dbsc.RegistrationHeader: {`(ES256);path="/bind";challenge="c", (ES256);challenge="without a path"`}}
	all, err := dbsc.Registrations(h)
	fmt.Printf("%+v %v\n", all, err)
	// Output: [{Algorithms:[ES256] Path:/bind Challenge:c Authorization:}] <nil>
}

func ExampleChallenge_Add() {
	h := http.Header{}
	err := dbsc.Challenge{Value: "a random text", SessionID: "my session"}.Add(h)
	fmt.Println(h.Get(dbsc.ChallengeHeader), err)
	// Output: "a random text";id="my session" <nil>
}

func ExampleChallenges() {
	all, err := dbsc.Challenges(http.Header{dbsc.ChallengeHeader: {`"c1";id="1", "c2";id="2"`}})
	fmt.Println(all, err)
	// Output: [{c1 1} {c2 2}] <nil>
}

func ExampleSkips() {
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set(dbsc.SkippedHeader, `quota_exceeded;session_identifier="my session"`)
	for _, s := range dbsc.Skips(r.Header) {
		fmt.Println(s.Reason, "of", s.SessionID)
	}
	// Output: quota_exceeded of my session
}

func ExampleSessionID() {
	r := httptest.NewRequest("POST", "/bind", nil)
	_, refresh := dbsc.SessionID(r.Header)
	fmt.Println("refresh:", refresh)
	r.Header.Set(dbsc.SessionIDHeader, `"my session"`)
	id, refresh := dbsc.SessionID(r.Header)
	fmt.Println("refresh:", refresh, "of", id)
	// Output:
	// refresh: false
	// refresh: true of my session
}

func ExampleResponse() {
	r := httptest.NewRequest("POST", "/bind", nil)
	r.Header.Set(dbsc.ResponseHeader, `"header.payload.signature"`)
	fmt.Println(dbsc.Response(r.Header))
	// Output: header.payload.signature true
}

func ExampleVerifyRegistration() {
	device := dbsctest.NewDevice(dbsc.RS256)
	proof, key, err := dbsc.VerifyRegistration(device.Register("a random text", ""))
	fmt.Println(proof.Challenge, key.Algorithm(), err)
	// Output: a random text RS256 <nil>
}

// The key is the one that came with the registration, never one of the proof.
func ExampleKey_Verify() {
	device, thief := dbsctest.NewDevice(dbsc.ES256), dbsctest.NewDevice(dbsc.ES256)
	_, key, _ := dbsc.VerifyRegistration(device.Register("c", ""))
	fmt.Println(key.Verify(device.Refresh("d")))
	_, err := key.Verify(thief.Refresh("d"))
	fmt.Println(err)
	// Output:
	// {d } <nil>
	// dbsc: proof not accepted: the signature is wrong, or it has no challenge
}

func ExampleKey_Algorithm() {
	var none dbsc.Key
	fmt.Printf("%q\n", none.Algorithm())
	// Output: ""
}

func ExampleParseKey() {
	key, err := dbsc.ParseKey([]byte(`{"kty":"EC","crv":"P-256","use":"sig",
		"x":"6_GB2voQ0qroMh6OlDFCFS_SJriQi1PTvvBOhGZ3bHI","y":"IegOJULyE7SxH_Cd1KCER7lWBvGFHQ-h0xyjzUjEIWE"}`))
	fmt.Println(key.Algorithm(), err)
	// Output: ES256 <nil>
}

func ExampleKey_JWK() {
	_, key, _ := dbsc.VerifyRegistration(dbsctest.NewDevice(dbsc.ES256).Register("c", ""))
	again, err := dbsc.ParseKey(key.JWK()) // as kept in a store
	fmt.Println(again.Algorithm(), err)
	// Output: ES256 <nil>
}

func ExampleInstructions_Write() {
	w := httptest.NewRecorder()
	err := dbsc.Instructions{
		SessionID:   "my session",
		Credentials: []dbsc.Credential{{Name: "bound", Attributes: "Path=/; Secure; SameSite=Lax"}},
		Scope:       dbsc.Scope{Rules: []dbsc.Rule{{Type: dbsc.Exclude, Path: "/static"}}},
	}.Write(w)
	fmt.Println(w.Body, err)
	// Output: {"session_identifier":"my session","scope":{"include_site":false,"scope_specification":[{"type":"exclude","path":"/static"}]},"credentials":[{"type":"cookie","name":"bound","attributes":"Path=/; Secure; SameSite=Lax"}]} <nil>
}

func ExampleWriteEnd() {
	w := httptest.NewRecorder()
	err := dbsc.WriteEnd(w)
	fmt.Println(w.Body, err)
	// Output: {"continue":false} <nil>
}

func ExampleUnverifiedChallenge() {
	proof := dbsctest.NewDevice(dbsc.ES256).Refresh("anyone could say so")
	fmt.Println(dbsc.UnverifiedChallenge(proof))
	fmt.Printf("%q\n", dbsc.UnverifiedChallenge("not a proof"))
	// Output:
	// anyone could say so
	// ""
}

func ExampleParseInstructions() {
	_, err := dbsc.ParseInstructions([]byte(`{"session_identifier":"s1","credentials":[{"type":"cookie","name":"__Host-bound"}]}`))
	fmt.Println(err)
	// Output: dbsc: invalid session instructions: there is no scope with include_site
}
