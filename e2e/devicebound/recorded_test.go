package devicebound_test

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/devicebound/script"
)

var update = flag.Bool("update", false, "write the requests of this Chromium to script/chromium.txt")

// Chromium sends the requests of the script, which shared/session/devicebound's browser has
// to send too.
func TestRecorded(t *testing.T) {
	home, _, cert, key := trusted(t)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	recorder := script.New()
	server := httptest.NewUnstartedServer(recorder)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	s := &site{url: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), home: home}
	b := s.browser(t, chromedp.Flag("enable-features", features))
	registered := make(chan bool, 10)
	err = chromedp.Listen(b.Tab, func(event any) {
		if e, ok := event.(*network.EventDeviceBoundSessionEventOccurred); ok && e.CreationEventDetails != nil {
			registered <- true
		}
	})
	if err == nil {
		_, err = chromedp.Call(b.Tab, network.EnableDeviceBoundSessions, network.EnableDeviceBoundSessionsParams{Enable: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	recorded, differs := recorder.Run(func(action string) {
		verb, name, _ := strings.Cut(action, " ")
		switch verb {
		case "GET":
			_, err = b.Open(s.url + name)
		case "POST":
			_, err = b.Follow(chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`{
				const form = document.createElement("form")
				form.method = "post"
				form.action = %q
				document.body.append(form)
				form.submit()
			}`, name)))
		case "delete":
			_, err = chromedp.Call(b.Tab, network.DeleteCookies, network.DeleteCookiesParams{Name: name, URL: s.url})
		case "registered":
			select {
			case <-registered:
			case <-time.After(time.Minute):
				err = errors.New("there is no registration")
			}
		}
		if err != nil {
			t.Fatalf("%s: %v", action, err)
		}
	})
	if *update && recorded != "" {
		err = os.WriteFile("script/chromium.txt", []byte(recorded), 0o644)
	} else {
		err = differs
	}
	if err != nil {
		t.Error(err)
	}
}
