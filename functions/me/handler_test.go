package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crumb-go/crumb/functions/internal/demo"
	"github.com/crumb-go/crumb/functions/internal/lambdatest"
	"github.com/crumb-go/crumb/shared/frontdoor"
	"github.com/crumb-go/crumb/shared/frontdoor/frontdoortest"
	"github.com/crumb-go/crumb/shared/session"
	"github.com/crumb-go/crumb/shared/session/dynamostore"
	"github.com/crumb-go/crumb/shared/session/sessiontest"
)

// user is signed in with the cookie of the events.
const user = `{"name":"Ana <b>"}`

func TestMain(m *testing.M) { lambdatest.Main(m, main) }

func TestEvents(t *testing.T) {
	frontdoortest.Run(t, sessiontest.SignedIn(t, user, newHandler), "../../events/me")
}

// If the store is down, it is not known whether the user is signed in.
func TestStoreDown(t *testing.T) {
	r := httptest.NewRequest("GET", "/me", nil)
	r.Header.Set("Cookie", "__Host-id="+strings.Repeat("A", 64))
	w := httptest.NewRecorder()
	newHandler(down{}).ServeHTTP(w, r)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "Hello") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// Nor if the table does not respond, and the function says so before its timeout.
func TestTableHangs(t *testing.T) {
	var release sync.WaitGroup
	release.Add(1)
	table := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { release.Wait() }))
	defer table.Close()
	defer release.Done()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", table.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
	event, err := os.ReadFile("../../events/me/signed-in.http.json")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	h := newHandler(dynamostore.New(dynamostore.LambdaClient(), "Sessions"))
	response, err := frontdoor.New(h, frontdoor.Options{}).Invoke(ctx, event)
	if err != nil || !strings.Contains(string(response), `"statusCode":503`) || ctx.Err() != nil {
		t.Errorf("%s, %v, %v", response, err, ctx.Err())
	}
}

type down struct{ session.Store }

func (down) Get(context.Context, session.Key) (session.Record, error) {
	return session.Record{}, errors.New("down")
}

// API Gateway serves /me/ as well, where "login" would be /me/login.
func TestSlash(t *testing.T) {
	r := httptest.NewRequest("GET", "/me/", nil)
	w := httptest.NewRecorder()
	newHandler(new(session.Memory)).ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `href="../login"`) {
		t.Errorf("body = %s, want a link to ../login", w.Body)
	}
}

// The function as Lambda runs it, with the table of its environment.
func TestFunction(t *testing.T) {
	w := httptest.NewRecorder()
	if err := demo.Sessions(lambdatest.Tables(t)).Start(w, httptest.NewRequest("POST", "/login", nil), session.NewHandle(), demo.User{Name: "Zoë"}); err != nil {
		t.Fatal(err)
	}
	event := lambdatest.Event(t, "../../events/me/signed-in.http.json")
	responses, log := lambdatest.Invoke(t, event, strings.Replace(event, sessiontest.SignedInCookie, w.Result().Cookies()[0].Value, 1))
	for i, want := range []string{"Nobody is signed in.", "Hello, Zoë!"} {
		if !strings.Contains(responses[i], want) {
			t.Errorf("%s, want %q in number %d\n%s", responses[i], want, i+1, log)
		}
	}
}
