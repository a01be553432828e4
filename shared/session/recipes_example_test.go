package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/crumb-go/crumb/shared/cookie"
	"github.com/crumb-go/crumb/shared/session"
)

// must is for declarations, whose errors appear at every start.
func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}

// "Remember me" is a second session of the user in the same store, with a cookie that is kept
// when the browser closes. It only starts a first session again, which records that no
// password was entered. Signing out ends both; EndAll of either ends all of the user's
// sessions.
func Example_rememberMe() {
	type visitor struct {
		User       session.Handle
		Name       string
		Remembered bool // so ask for the password before anything that matters
	}
	const month = 30 * 24 * time.Hour
	store := new(session.Memory) // in Lambda, one from package dynamostore
	sessions := must(session.New[visitor](store, session.Config{Cookie: id}))
	remembered := must(session.New[visitor](store, session.Config{
		Cookie:   cookie.Must(cookie.New("__Host-remember", cookie.Attributes{Encoding: cookie.Base64, MaxAge: month})),
		Idle:     month,
		Absolute: month,
	}))

	login := func(remember bool) http.HandlerFunc { // the password was right
		return func(w http.ResponseWriter, r *http.Request) {
			v := visitor{User: zoe, Name: "Zoë"}
			err := sessions.Start(w, r, zoe, v)
			if err == nil && remember {
				err = remembered.Start(w, r, zoe, v)
			}
			if err != nil {
				http.Error(w, "Please try again.", http.StatusServiceUnavailable)
			}
		}
	}
	find := func(w http.ResponseWriter, r *http.Request) (visitor, error) {
		v, err := sessions.Get(r)
		if !errors.Is(err, session.ErrNone) {
			return v, err
		}
		if v, err = remembered.Get(r); err != nil {
			return v, err
		}
		v.Remembered = true
		return v, sessions.Start(w, r, v.User, v)
	}
	me := func(w http.ResponseWriter, r *http.Request) {
		v, err := find(w, r)
		switch {
		case errors.Is(err, session.ErrNone):
			fmt.Println("Nobody is signed in.")
		case err != nil:
			fmt.Println("Please try again.")
		default:
			fmt.Printf("Hello, %s! (remembered: %t)\n", v.Name, v.Remembered)
		}
	}
	logout := func(w http.ResponseWriter, r *http.Request) {
		if err := errors.Join(sessions.End(w, r), remembered.End(w, r)); err != nil {
			http.Error(w, "Please try again.", http.StatusServiceUnavailable)
		}
	}

	var here, elsewhere browser
	here.visit(login(true))
	here.visit(me)
	here.jar.Close()
	here.visit(me)
	here.visit(logout)
	here.visit(me)

	elsewhere.visit(login(false))
	elsewhere.jar.Close()
	elsewhere.visit(me)
	// Output:
	// Hello, Zoë! (remembered: false)
	// Hello, Zoë! (remembered: true)
	// Nobody is signed in.
	// Nobody is signed in.
}

// A session that stays alive while it is used does not need a new cookie for each request: the
// browser keeps the cookie for as long as a session can live, and the store decides whether
// it still does.
func Example_rolling() {
	const month, week = 30 * 24 * time.Hour, 7 * 24 * time.Hour
	sessions := must(session.New[account](new(session.Memory), session.Config{
		Cookie:   cookie.Must(cookie.New("__Host-id", cookie.Attributes{Encoding: cookie.Base64, MaxAge: month})),
		Idle:     week,  // starts again with each use
		Absolute: month, // the cookie's MaxAge
	}))

	var b browser
	b.visit(func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, account{Name: "Zoë"}) })
	b.jar.Close()
	b.visit(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(sessions.Get(r))
		fmt.Println("new cookies:", len(w.Header()["Set-Cookie"]))
	})
	// Output:
	// {Zoë false} <nil>
	// new cookies: 0
}

// A message for the next page is shown once, also if two pages ask at the same time.
// For visitors without a session package cookie has an example of the same name.
func Example_flash() {
	type visitor struct {
		Messages []string `json:",omitempty"`
	}
	sessions := must(session.New[visitor](new(session.Memory), session.Config{Cookie: id}))
	save := func(_ http.ResponseWriter, r *http.Request) { // then on to the next page, with 303
		_ = sessions.Update(r, func(v *visitor) error {
			v.Messages = append(v.Messages, "Your order is saved.")
			return nil
		})
	}
	next := func(_ http.ResponseWriter, r *http.Request) {
		v, err := sessions.Get(r)
		if err == nil && len(v.Messages) > 0 { // most pages have nothing to write
			err = sessions.Update(r, func(now *visitor) error {
				v.Messages, now.Messages = now.Messages, nil
				return nil
			})
		}
		fmt.Println(v.Messages, err) // escape it for a page, for example with html/template
	}

	var b browser
	b.visit(func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, visitor{}) })
	b.visit(save)
	b.visit(next)
	b.visit(next)
	// Output:
	// [Your order is saved.] <nil>
	// [] <nil>
}

// The page "your devices" lists a user's sessions from the store and ends one of them. The
// data of each is JSON. A form can name a session by its ID, a hash of the cookie's token,
// which does not let anyone sign in. The key is that ID with the handle of the request's
// user, so users cannot end sessions of others.
func Example_devices() {
	type visitor struct {
		User   session.Handle
		Device string // by the User-Agent at login, say
	}
	type device struct {
		ID   [32]byte
		Name string
	}
	store := new(session.Memory)
	sessions := must(session.New[visitor](store, session.Config{Cookie: id}))
	login := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { _ = sessions.Start(w, r, zoe, visitor{zoe, name}) }
	}
	devices := func(r *http.Request) (all []device, err error) {
		me, err := sessions.Get(r)
		if err != nil {
			return nil, err
		}
		listed, err := store.List(r.Context(), me.User)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			var v visitor
			rec, err := store.Get(r.Context(), l.Key)
			if errors.Is(err, session.ErrNone) || len(rec.Data) == 0 || time.Now().After(rec.Expires) {
				continue // it has ended, or is about to get another ID
			}
			if err == nil {
				err = json.Unmarshal(rec.Data, &v)
			}
			if err != nil {
				return nil, err
			}
			all = append(all, device{l.Key.ID, v.Device})
		}
		slices.SortFunc(all, func(a, b device) int { return strings.Compare(a.Name, b.Name) })
		return all, nil
	}
	end := func(r *http.Request, id [32]byte) error {
		me, err := sessions.Get(r)
		if err != nil {
			return err
		}
		_, err = store.Delete(r.Context(), session.Key{User: me.User, ID: id})
		if errors.Is(err, session.ErrNone) {
			return nil // it had ended
		}
		return err
	}

	var laptop, phone browser
	laptop.visit(login("laptop"))
	phone.visit(login("phone"))
	laptop.visit(func(_ http.ResponseWriter, r *http.Request) {
		all, err := devices(r)
		for _, d := range all {
			fmt.Println(d.Name)
		}
		fmt.Println(err, end(r, all[1].ID))
	})
	phone.visit(func(_ http.ResponseWriter, r *http.Request) {
		_, err := sessions.Get(r)
		fmt.Println(err)
	})
	// Output:
	// laptop
	// phone
	// <nil> <nil>
	// session: none
}
