package engines

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/chromium"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// inChromium opens the stand in Chromium.
func inChromium(t *testing.T, s *stand) {
	profile := filepath.Join(t.TempDir(), "profile")
	if err := os.MkdirAll(filepath.Join(profile, "Default"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Debian's Chromium blocks third-party cookies, unlike others.
	const preferences = `{"profile": {"cookie_controls_mode": 2, "block_third_party_cookies": false}}`
	if err := os.WriteFile(filepath.Join(profile, "Default", "Preferences"), []byte(preferences), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := chromium.Start(context.Background(), testenv.Tool(t, "chromium"), chromium.EveryHost, chromedp.UserDataDir(profile))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	start, done := s.begin()
	if _, err := chromedp.Run(b.Tab, chromedp.Navigate(start)); err != nil {
		t.Fatal(err)
	}
	wait(t, s, done)
}

const firefoxPreferences = `
user_pref("network.dns.forceResolve", "127.0.0.1");
user_pref("dom.security.https_first", false);
user_pref("network.proxy.type", 0);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.aboutwelcome.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("app.normandy.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9/");
user_pref("extensions.update.enabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
`

// inFirefox opens the stand in Firefox, whose profile has only what keeps it from
// the network, and the stand's authority.
func inFirefox(t *testing.T, s *stand) {
	firefox, certutil := testenv.Tool(t, "firefox-esr"), testenv.Tool(t, "certutil")
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	profile := filepath.Join(dir, "profile")
	if err := os.Mkdir(profile, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{ca: string(s.ca), filepath.Join(profile, "user.js"): firefoxPreferences} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "stand", "-t", "C,,", "-i", ca}} {
		if out, err := exec.Command(certutil, append(args, "-d", "sql:"+profile)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v\n%s", err, out)
		}
	}
	start, done := s.begin()
	cmd := exec.Command(firefox, "--headless", "--no-remote", "--profile", profile, start)
	cmd.Env = append(os.Environ(), "HOME="+dir, "MOZ_CRASHREPORTER_DISABLE=1", "TMPDIR="+dir)
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}()
	wait(t, s, done)
}

// wait waits for the last page. How long is only for a browser that hangs.
func wait(t *testing.T, s *stand, done chan struct{}) {
	select {
	case <-done:
	case <-time.After(10 * time.Minute):
		s.mu.Lock()
		t.Errorf("not at the last page after 10 minutes; %d of %d trials were read", len(s.cookie), len(s.trials))
		s.mu.Unlock()
	}
}
