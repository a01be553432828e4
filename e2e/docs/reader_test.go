package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/e2e/docs"
	"github.com/crumb-go/crumb/e2e/testenv"
)

// newTestReader returns a reader in a folder with a module and a file.
func newTestReader(t *testing.T) *docs.Reader {
	t.Helper()
	for _, tool := range []string{"sh", "git"} {
		testenv.Tool(t, tool)
	}
	dir := t.TempDir()
	testenv.Write(t, dir, "go.mod", "module example.com/reader\n")
	testenv.Write(t, dir, "menu.txt", "rye\nspelt\n")
	testenv.Write(t, dir, "below/menu.txt", "cake\n")
	r := &docs.Reader{Dir: dir, Env: os.Environ()}
	t.Cleanup(r.Close)
	return r
}

// block returns a fenced block, since the tables below cannot contain back
// quotes.
func block(info string, lines ...string) string {
	return "Text of `shop/shop.go`.\n\n```" + info + "\n" + strings.Join(lines, "\n") + "\n```\n"
}

// A server that prints the address that documents give as 3000, and keeps
// running.
const bakery = "$ sh -c 'echo Listening on http://127.0.0.1:4567; sleep 0.2; echo open; cat menu.txt; exec sleep 60'"

func TestTruth(t *testing.T) {
	for _, tc := range []struct{ name, text string }{
		{"exact", block("console", "$ cat menu.txt", "rye", "spelt")},
		{"two-commands", block("console", "$ echo rye", "rye", "", "$ echo spelt", "spelt")},
		{"no-output", block("console", "$ true", "$ true")},
		{"no-newline-at-the-end", block("console", "$ printf rye", "rye")},
		{"carriage-returns", block("console", `$ printf 'rye\r\nspelt\r\n'`, "rye", "spelt")},
		{"continued", block("console", `$ cat \`, `    menu.txt`, "rye", "spelt")},
		{"stderr-too", block("console", "$ echo burnt >&2", "burnt")},
		{"fails", block("console fails", "$ cat nothing", "cat: ...")},
		{"cd", block("console", "$ cd below", "$ cat menu.txt", "cake", "$ cd ..", "$ cat menu.txt", "rye", "spelt")},
		{"any-lines", block("console", "$ cat menu.txt", "...", "spelt")},
		{"any-lines-are-none", block("console", "$ cat menu.txt", "rye", "...", "spelt")},
		{"any-words", block("console", "$ echo rye and spelt", "rye ... spelt")},
		{"another-date", block("console", "$ echo Expires=Wed, 23 Dec 2026 00:44:25 GMT", "Expires=Mon, 05 Jan 2032 10:00:01 GMT")},
		{"another-time", block("console", "$ echo 2026-02-01T00:00:00Z", "2032-12-31T10:00:00.123Z")},
		{"another-id", block("console", "$ echo f37a4903-b714-4a01-978e-69f4086b0489", "00000000-0000-4000-8000-000000000000")},
		{"server", block("console server", bakery, "Listening on http://127.0.0.1:3000", "open") +
			block("console log", "rye", "spelt") +
			block("console", "$ echo http://127.0.0.1:3000/ http://localhost:3000/", "http://127.0.0.1:3000/ http://localhost:3000/",
				"$ test http://127.0.0.1:3000/ = http://127.0.0.1:4567/")},
		{"server-on-another-port", block("console server", bakery+" --port 3100", "Listening on http://127.0.0.1:3100", "open") +
			block("console", "$ echo http://127.0.0.1:3100/ http://localhost:3100/", "http://127.0.0.1:3100/ http://localhost:3100/",
				"$ test http://127.0.0.1:3100/ = http://127.0.0.1:4567/")},
		{"log-skips", block("console server", bakery) + block("console log", "...", "spelt")},
		{"file", block("go file=shop/shop.go", "package shop") + block("console", "$ cat shop/shop.go", "package shop")},
		{"part", block("yaml part=menu.txt", "spelt")},
		{"lines", block("go lines=menu.txt", "", "spelt", "\trye  ")},
		{"diff", block("diff", "--- a/menu.txt", "+++ b/menu.txt", "@@ -1,2 +1,2 @@", " rye", "-spelt", "+wheat") +
			block("console", "$ cat menu.txt", "rye", "wheat")},
		{"not-followed", block("console apart", "$ exit 1") + block("console cloud", "$ exit 1") + block("", "a picture")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := newTestReader(t).Follow(t.Context(), tc.text); err != nil {
				t.Error(err)
			}
		})
	}
}

// With a cloud its commands are followed, and questions answered.
func TestCloud(t *testing.T) {
	r := newTestReader(t)
	r.Cloud = []string{"ACCOUNT=bakery"}
	text := block("console cloud", `$ read answer; echo "Open $ACCOUNT? $answer"`, "Open bakery? y") + block("console", "$ echo $ACCOUNT", "")
	if err := r.Follow(t.Context(), text); err != nil {
		t.Error(err)
	}
	err := r.Follow(t.Context(), block("console cloud", "$ echo rye", "spelt"))
	if err == nil || !strings.HasPrefix(err.Error(), "4: ") {
		t.Errorf("a wrong line about the cloud: %v", err)
	}
}

// Mistakes in documents are found, and the error names the line.
func TestLies(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"other-output", block("console", "$ cat menu.txt", "rye", "wheat"), "4: $ cat menu.txt prints\nrye\nspelt\n\nthe document says\nrye\nwheat\n"},
		{"less-output", block("console", "$ cat menu.txt", "rye"), "4: "},
		{"more-output", block("console", "$ cat menu.txt", "rye", "spelt", "wheat"), "4: "},
		{"silence", block("console", "$ cat menu.txt"), "4: "},
		{"second-command", block("console", "$ true", "$ echo rye", "spelt"), "5: "},
		{"words-missing", block("console", "$ echo rye", "rye ... spelt"), "4: "},
		{"lines-missing", block("console", "$ echo rye", "...", "spelt"), "4: "},
		{"dots-are-no-pattern", block("console", "$ echo rye", "r.e"), "4: "},
		{"the-epoch-is-exact", block("console", "$ echo Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 02 Jan 1970 00:00:00 GMT"), "4: "},
		{"no-date", block("console", "$ echo never", "Wed, 23 Dec 2026 00:44:25 GMT"), "4: "},
		{"fails", block("console", "$ cat nothing", "..."), "4: $ cat nothing: exit status 1"},
		{"does-not-fail", block("console fails", "$ true"), "4: $ true: <nil>"},
		{"server-says-otherwise", block("console server", "$ echo closed", "open"), "3: the server has ended and printed\nclosed\n"},
		{"log-says-otherwise", block("console server", "$ echo open") + block("console log", "closed"), "8: the server has ended"},
		{"log-is-taken-away", block("console server", "$ echo open", "open") + block("console log", "open"), "9: the server has ended"},
		{"log-of-no-server", block("console log", "open"), "3: no server"},
		{"two-servers", block("console server", "$ echo open", "$ echo open"), "3: a server is one command"},
		{"does-not-compile", block("go file=shop/shop.go", "package shop", "var x int = rye"), "at the end: "},
		{"does-not-pass-vet", block("go file=shop/shop.go", "package shop", `import "fmt"`, `func F() { fmt.Printf("%d", "rye") }`), "at the end: "},
		{"does-not-compile-in-time", block("go file=shop/shop.go", "package shop", "rye") + block("console", "$ true"), "9: "},
		{"part-is-elsewhere", block("go part=menu.txt", "wheat"), "3: menu.txt does not have"},
		{"part-of-a-line", block("go part=menu.txt", "ye"), "3: menu.txt does not have"},
		{"part-of-nothing", block("go part=nothing", "rye"), "3: "},
		{"line-is-elsewhere", block("go lines=menu.txt", "rye", "wheat"), "5: menu.txt does not have this line"},
		{"line-of-nothing", block("go lines=nothing", "rye"), "3: "},
		{"diff-does-not-apply", block("diff", "--- a/menu.txt", "+++ b/menu.txt", "@@ -1,1 +1,1 @@", "-wheat", "+rye"), "3: git apply: "},
		{"unknown-language", block("rust", "fn main() {}"), "3: "},
		{"unknown-word", block("console whatever", "$ true"), "3: "},
		{"go-of-no-file", block("go", "package shop"), "3: "},
		{"file-without-name", block("go file", "package shop"), "3: "},
		{"file-that-is-not-named", "Text.\n\n```go file=shop/shop.go\npackage shop\n```\n", "3: the paragraph before does not name shop/shop.go"},
		{"no-command", block("console", "rye"), "3: the block does not begin with a command"},
		{"no-fence", "Text:\n\n    $ true\n", "3: a block has a fence"},
		{"empty", "```console\n```\n", "1: the block does not begin with a command"},
		{"open-block", "```console\n$ true\n", "1: the block is not closed"},
		{"no-blocks", "Text.\n", "there is nothing to follow"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := newTestReader(t).Follow(t.Context(), tc.text)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("Follow(%q) = %v, want %q", tc.text, err, tc.want)
			}
		})
	}
}

// Only a slow start says that it is compiling.
func TestCompiling(t *testing.T) {
	line := `time=2026-11-27T17:00:00Z level=INFO msg="compiling; the first time takes a minute or more" functions=9`
	if err := newTestReader(t).Follow(t.Context(), block("console server", `$ printf '`+line+`\nopen\n'`, "open")); err != nil {
		t.Error(err)
	}
}

// The server is stopped when the reader is closed, and when the next server
// starts.
func TestServerStops(t *testing.T) {
	r := newTestReader(t)
	const text = `$ sh -c 'echo $$ >pid; echo open; exec sleep 60'`
	if err := r.Follow(t.Context(), block("console server", text, "open")); err != nil {
		t.Fatal(err)
	}
	stopped := r.Close
	for range 2 {
		pid, err := os.ReadFile(filepath.Join(r.Dir, "pid"))
		if err != nil {
			t.Fatal(err)
		}
		stopped()
		if err := r.Follow(t.Context(), block("console fails", "$ kill -0 "+strings.TrimSpace(string(pid)), "...")); err != nil {
			t.Error(err)
		}
		if err := r.Follow(t.Context(), block("console server", text, "open")); err != nil {
			t.Fatal(err)
		}
		stopped = func() {
			if err := r.Follow(t.Context(), block("console server", "$ echo open", "open")); err != nil {
				t.Error(err)
			}
		}
	}
}
