package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"github.com/crumb-go/crumb/shared/keyring"
)

// crumbKeys runs "crumb keys ..." and returns what it prints, and its exit code.
func crumbKeys(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), append([]string{"keys"}, args...), strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// ringAged returns a ring with keys of these ages, newest first, and its secrets.
func ringAged(ages ...time.Duration) (text string, secrets []string) {
	var keys []keyring.Key
	for _, age := range ages {
		k := keyring.NewKey("", time.Now().Add(-age))
		keys = append(keys, k)
		_, secret, _ := strings.Cut(keyring.Format([]keyring.Key{k}), "Z.")
		secrets = append(secrets, secret)
	}
	return keyring.Format(keys), secrets
}

func parseRing(t *testing.T, text string) []keyring.Key {
	t.Helper()
	keys, err := keyring.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func ringFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ring")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o640); err != nil { // regardless of the umask
		t.Fatal(err)
	}
	return file
}

func TestKeysNew(t *testing.T) {
	for _, prefix := range []string{"", "dev-"} {
		args := []string{"new"}
		if prefix != "" {
			args = append(args, "--dev")
		}
		stdout, stderr, code := crumbKeys(t, "", args...)
		if keys := parseRing(t, stdout); code != 0 || stderr != "" || len(keys) != 1 || strings.HasPrefix(keys[0].ID, "dev-") != (prefix != "") {
			t.Errorf("%q: exit code %d, stderr %q, %d keys", args, code, stderr, len(keys))
		}
	}
}

func TestKeysListAndCheckHideSecrets(t *testing.T) {
	text, secrets := ringAged(time.Minute, 3*time.Hour, 50*24*time.Hour)
	keys := parseRing(t, text)
	file := ringFile(t, text)
	list, _, code := crumbKeys(t, "", "list", file)
	lines := strings.Split(strings.TrimSpace(list), "\n")
	if code != 0 || len(lines) != 4 {
		t.Fatalf("list = %d, %q", code, list)
	}
	for i, want := range [][]string{{" 1m ", "seals soon"}, {" 3h ", "seals"}, {" 50d ", "opens"}} {
		for _, w := range append(want, keys[i].ID) {
			if !strings.Contains(lines[i+1], w) {
				t.Errorf("line %q lacks %q", lines[i+1], w)
			}
		}
	}
	check, _, code := crumbKeys(t, "", "check", file)
	if want := "ok: 3 keys, " + keys[1].ID + " seals\n"; code != 0 || check != want {
		t.Errorf("check = %d, %q, want %q", code, check, want)
	}
	for _, secret := range secrets {
		if strings.Contains(list+check, secret) {
			t.Error("a secret was printed")
		}
	}
}

func TestKeysCheckRefuses(t *testing.T) {
	t.Setenv("CRUMB_LOCAL", "")
	t.Setenv("AWS_SAM_LOCAL", "")
	for name, tc := range map[string]struct{ text, want string }{
		"empty":     {"\n", "the text of the ring is empty"},
		"short-key": {"a.2026-01-01T00:00:00Z.AAAA", "the secret has 3 bytes"},
		"published": {keyring.Format([]keyring.Key{keyring.NewKey("dev-", time.Now())}), "development key"},
	} {
		if _, stderr, code := crumbKeys(t, tc.text, "check", "-"); code != 1 || !strings.Contains(stderr, tc.want) {
			t.Errorf("%s: check = %d, %q, want %q", name, code, stderr, tc.want)
		}
	}
	for args, want := range map[string]string{
		"list":  "crumb: an argument is missing: crumb keys list RING; RING is a file, - or secret:NAME\n",
		"new x": `crumb: unexpected argument "x": crumb keys new --help` + "\n",
		"nwe":   `crumb: unexpected argument "nwe": crumb keys --help` + "\n",
	} {
		if _, stderr, code := crumbKeys(t, "", strings.Fields(args)...); code != 1 || stderr != want {
			t.Errorf("crumb keys %s = %d, %q, want %q", args, code, stderr, want)
		}
	}
	if _, stderr, code := crumbKeys(t, "", "list", filepath.Join(t.TempDir(), "none")); code != 1 || stderr == "" {
		t.Errorf("list of a missing file = %d, %q", code, stderr)
	}
}

func TestKeysRotate(t *testing.T) {
	text, secrets := ringAged(time.Hour, 500*24*time.Hour, 1000*24*time.Hour)
	for _, tc := range []struct{ name, before, after string }{
		{"ring-file", "", "\n"},
		{"environment-line", "# local\nTABLE=t\nCRUMB_KEYS=", "\nOTHER=CRUMB_KEYS\n"},
		{"exported-and-quoted", "export CRUMB_KEYS='", "'\n"},
		{"windows-line-ends", "A=1\r\nCRUMB_KEYS=", "\r\nB=2\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := ringFile(t, tc.before+text+tc.after)
			mode, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			stdout, stderr, code := crumbKeys(t, "", "rotate", file)
			got, _ := os.ReadFile(file)
			if code != 0 || stdout != "" || !strings.Contains(stderr, "dry run") || string(got) != tc.before+text+tc.after {
				t.Errorf("dry run = %d, %q, %q, changed: %v", code, stdout, stderr, string(got) != tc.before+text+tc.after)
			}

			_, stderr, code = crumbKeys(t, "", "rotate", file, "--write")
			got, _ = os.ReadFile(file)
			inner, found := strings.CutPrefix(string(got), tc.before)
			inner, ended := strings.CutSuffix(inner, tc.after)
			if code != 0 || !found || !ended {
				t.Fatalf("rotate = %d, %q; the rest of the file has changed: %v", code, stderr, !found || !ended)
			}
			// The oldest is dropped 400 days after its successor took over.
			keys := parseRing(t, inner)
			if len(keys) != 3 || keyring.Format(keys[1:]) != keyring.Format(parseRing(t, text)[:2]) {
				t.Errorf("%d keys after the rotation, want the new one and two old ones", len(keys))
			}
			for _, want := range []string{"seals soon, new", "dropped"} {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr = %q, want %q", stderr, want)
				}
			}
			if strings.Contains(stderr, secrets[0]) {
				t.Error("a secret was printed")
			}
			if info, err := os.Stat(file); err != nil || info.Mode() != mode.Mode() {
				t.Errorf("mode = %v, %v; want %v", info.Mode(), err, mode.Mode())
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".crumb-keys-*")); len(left) > 0 {
				t.Errorf("left behind: %q", left)
			}
		})
	}
}

// A ring that functions read by its own path, and a developer rotates by a link, stays
// one ring.
func TestKeysRotateThroughALink(t *testing.T) {
	text, _ := ringAged(time.Hour)
	file, link := ringFile(t, text), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(file, link); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err) // Windows requires a privilege for it
	}
	if _, stderr, code := crumbKeys(t, "", "rotate", link, "--write"); code != 0 {
		t.Fatalf("rotate = %d, %q", code, stderr)
	}
	target, err := os.Readlink(link)
	if err != nil || target != file {
		t.Errorf("the link leads to %q, %v, want %q", target, err, file)
	}
	rotated, err := os.ReadFile(file)
	if err != nil || len(parseRing(t, string(rotated))) != 2 {
		t.Errorf("the file has %d keys, %v, want 2", len(parseRing(t, string(rotated))), err)
	}
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v, want 0640", info.Mode(), err)
	}
}

// Windows PowerShell writes UTF-16, and editors a byte order mark.
func TestKeysWithByteOrderMark(t *testing.T) {
	text, _ := ringAged(time.Hour)
	for name, mark := range map[string]*encoding.Encoder{
		"utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(),
		"utf-8":  unicode.UTF8BOM.NewEncoder(),
	} {
		marked, err := mark.String(text + "\r\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{"-", ringFile(t, marked)} {
			if stdout, stderr, code := crumbKeys(t, marked, "check", place); code != 0 || !strings.HasPrefix(stdout, "ok: 1 keys") {
				t.Errorf("%s: check = %d, %q, %q", name, code, stdout, stderr)
			}
		}
		if event, err := readEvent("-", strings.NewReader(marked)); err != nil || string(event) != text+"\r\n" {
			t.Errorf("%s: the event is %d bytes, %v", name, len(event), err)
		}
	}
}

func TestKeysRotateKeepsAsLongAsTold(t *testing.T) {
	text, _ := ringAged(time.Hour, 500*24*time.Hour, 1000*24*time.Hour)
	for days, want := range map[string]int{"600": 4, "400": 3, "0": 2} {
		stdout, stderr, code := crumbKeys(t, text+"\n", "rotate", "-", "--write", "--keep-days", days)
		if code != 0 || len(parseRing(t, stdout)) != want {
			t.Errorf("--keep-days %s: exit code %d, %q, want %d keys", days, code, stderr, want)
		}
	}
	if _, stderr, code := crumbKeys(t, text, "rotate", "-", "--keep-days", "-1"); code != 1 || !strings.Contains(stderr, "negative") {
		t.Errorf("--keep-days -1: %d, %q", code, stderr)
	}
}

func TestKeysOfASecret(t *testing.T) {
	text, secrets := ringAged(time.Hour)
	puts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SecretId, SecretString, VersionStage string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.SecretId != "shop-keys" {
			t.Errorf("request = %+v, %v", in.SecretId, err)
		}
		switch r.Header.Get("X-Amz-Target") {
		case "secretsmanager.GetSecretValue":
			fmt.Fprintf(w, `{"SecretString":%q}`, text)
		case "secretsmanager.PutSecretValue":
			text = in.SecretString
			puts++
			fmt.Fprint(w, `{}`)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SECRET")

	if stdout, stderr, code := crumbKeys(t, "", "rotate", "secret:shop-keys"); code != 0 || puts != 0 || strings.Contains(stdout+stderr, secrets[0]) {
		t.Errorf("dry run = %d, %q, %d puts", code, stderr, puts)
	}
	if _, stderr, code := crumbKeys(t, "", "rotate", "secret:shop-keys", "--write"); code != 0 || puts != 1 || len(parseRing(t, text)) != 2 {
		t.Errorf("rotate = %d, %q, %d puts", code, stderr, puts)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	if _, stderr, code := crumbKeys(t, "", "list", "secret:shop-keys"); code != 1 || !strings.Contains(stderr, "AWS_ACCESS_KEY_ID") {
		t.Errorf("without credentials: %d, %q", code, stderr)
	}
}
