// Package shop has a mistake of each kind. Nothing in it is of Crumb.
package shop

import (
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

func login(w http.ResponseWriter, r *http.Request) {
	id := r.FormValue("id")
	http.SetCookie(w, &http.Cookie{Name: "login", Value: id, Path: "/", HttpOnly: true})
	http.SetCookie(w, &http.Cookie{Name: "widget", Value: id, SameSite: http.SameSiteNoneMode})            // planted: samesite
	http.SetCookie(w, &http.Cookie{Name: "__Host-cart", Value: id, Secure: true, Path: "/shop"})           // planted: prefix
	http.SetCookie(w, &http.Cookie{Name: "prefs", Value: `{"dark":true}`})                                 // planted: value
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", MaxAge: int(24 * time.Hour)})                 // planted: maxage
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", SameSite: http.SameSiteLaxMode}) // planted: httponly
	fmt.Fprintln(w, "Welcome")
	http.SetCookie(w, &http.Cookie{Name: "visited", Value: "1"}) // planted: late
}

func logout(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "login", MaxAge: -1, Path: "/account"}) // planted: deletion
}

func function(lines []string) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{
		StatusCode:        http.StatusOK,
		MultiValueHeaders: map[string][]string{"Set-Cookie": lines}, // planted: lambda
	}
}

var _, _, _ = login, logout, function
