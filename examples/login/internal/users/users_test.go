package users_test

import (
	"strings"
	"testing"

	"github.com/crumb-go/crumb/examples/login/internal/users"
)

func TestCheck(t *testing.T) {
	ana, err := users.New("ana", "a good password")
	if err != nil {
		t.Fatal(err)
	}
	list, err := users.Parse(ana.String() + "\n")
	if err != nil || len(list) != 1 || list[0] != ana {
		t.Fatalf("Parse returns %d users, %v", len(list), err)
	}
	for _, tc := range []struct {
		name, user, password string
		want                 bool
	}{
		{"right", "ana", "a good password", true},
		{"wrong-password", "ana", "a bad password", false},
		{"unknown", "eve", "a good password", false},
		{"nobody", "", "", false},
		{"too-long", "ana", strings.Repeat("a", users.MaxPassword+1), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := list.Check(tc.user, tc.password)
			if ok != tc.want || ok && got.Handle != ana.Handle {
				t.Errorf("Check = %v, want %v", ok, tc.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tc := range []struct{ name, user, password string }{
		{"no-name", "", "a good password"},
		{"colon", "a:b", "a good password"},
		{"space", "a b", "a good password"},
		{"short", "ana", "1234567"},
		{"long", "ana", strings.Repeat("a", users.MaxPassword+1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if u, err := users.New(tc.user, tc.password); err == nil {
				t.Errorf("New returns %q", u.Name)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text string }{
		{"no-hash", "ana:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA"},
		{"short-hash", "ana:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA:secret"},
		{"no-name", ":AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAA:" + strings.Repeat("A", 43)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list, err := users.Parse(tc.text)
			if err == nil || list != nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("Parse returns %d users, %v", len(list), err)
			}
		})
	}
}
