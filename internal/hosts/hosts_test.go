package hosts_test

import (
	"testing"

	"github.com/crumb-go/crumb/internal/hosts"
)

func TestAllow(t *testing.T) {
	for _, row := range []struct {
		name, host string
		names      []string
		allowed    bool
	}{
		{"localhost", "localhost:3000", nil, true},
		{"localhost-case", "LocalHost", nil, true},
		{"localhost-dot", "localhost.:3000", nil, true},
		{"sub-localhost", "app.localhost:3000", nil, true},
		{"ipv4", "127.0.0.1:3000", nil, true},
		{"ipv4-other", "127.9.9.9", nil, true},
		{"ipv6", "[::1]:3000", nil, true},
		{"ipv6-no-port", "[::1]", nil, true},
		{"ipv6-mapped", "[::ffff:127.0.0.1]:80", nil, true},
		{"none", "", nil, false},
		{"rebound", "attacker.example:3000", nil, false},
		{"lookalike", "localhost.attacker.example", nil, false},
		{"lookalike-ip", "127.0.0.1.attacker.example", nil, false},
		{"suffix", "evillocalhost", nil, false},
		{"lan", "192.168.1.2:3000", nil, false},
		{"unspecified", "0.0.0.0:3000", nil, false},
		{"unspecified-6", "[::]:3000", nil, false},
		{"allowed-unspecified", "0.0.0.0:3000", []string{"0.0.0.0"}, true},
		{"allowed-unspecified-6", "[::]:3000", []string{"0.0.0.0"}, true},
		{"allowed-in-6", "0.0.0.0:3000", []string{"[::]:3000"}, true},
		{"unspecified-of-a-name", "0.0.0.0:3000", []string{"dev.example"}, false},
		{"unspecified-of-an-address", "[::]:3000", []string{"192.168.1.2"}, false},
		{"listed-address", "192.168.1.2:3000", []string{"192.168.1.2"}, true},
		{"listed", "Dev.example:3000", []string{"dev.example"}, true},
		{"listed-with-port", "dev.example", []string{"dev.example:3000"}, true},
		{"listed-other", "api.dev.example", []string{"dev.example"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := hosts.New(row.names).Allow(row.host); got != row.allowed {
				t.Errorf("New(%q).Allow(%q) = %t", row.names, row.host, got)
			}
		})
	}
}
