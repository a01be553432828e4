// Package firefox drives a headless Firefox by Marionette, the protocol below
// geckodriver, which needs nothing beyond Firefox itself.
package firefox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A Browser is a running Firefox with one tab and a separate profile.
type Browser struct {
	cmd  *exec.Cmd
	dir  string // everything that Firefox writes
	conn net.Conn
	in   *bufio.Reader
	last int // id of the last command
}

// patience is how long Firefox may take to start and a script to run.
const patience = 2 * time.Minute

// Start starts the Firefox at path, with lines for its user.js.
func Start(path string, prefs ...string) (_ *Browser, err error) {
	dir, err := os.MkdirTemp("", "firefox-")
	if err != nil {
		return nil, err
	}
	b := &Browser{dir: dir}
	defer func() {
		if err != nil {
			err = fmt.Errorf("firefox: %w", errors.Join(err, b.Close()))
		}
	}()
	prefs = append(prefs,
		`user_pref("marionette.port", 0);`,
		`user_pref("app.update.enabled", false);`,
		`user_pref("datareporting.policy.dataSubmissionEnabled", false);`,
		`user_pref("browser.shell.checkDefaultBrowser", false);`)
	if err := os.WriteFile(filepath.Join(dir, "user.js"), []byte(strings.Join(prefs, "\n")), 0o600); err != nil {
		return nil, err
	}
	b.cmd = exec.Command(path, "--headless", "--marionette", "--no-remote", "--profile", dir)
	b.cmd.Env = append(os.Environ(), "HOME="+dir, "MOZ_DISABLE_CONTENT_SANDBOX=1") // it runs as root in a container
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	port, err := b.port()
	if err != nil {
		return nil, err
	}
	if b.conn, err = net.Dial("tcp", "127.0.0.1:"+port); err != nil {
		return nil, err
	}
	b.in = bufio.NewReader(b.conn)
	if _, err := b.read(); err != nil { // its greeting
		return nil, err
	}
	return b, b.call("WebDriver:NewSession", map[string]any{}, nil)
}

// port waits for the file in which Firefox writes Marionette's port.
func (b *Browser) port() (string, error) {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if port, err := os.ReadFile(filepath.Join(b.dir, "MarionetteActivePort")); err == nil && len(port) > 0 {
			return string(port), nil
		}
	}
	return "", errors.New("it does not listen")
}

// call sends a command. Messages are JSON after their length: [0, id, name, parameters],
// and [1, id, error, result] as the response.
func (b *Browser) call(name string, params map[string]any, result any) error {
	b.last++
	text, err := json.Marshal([]any{0, b.last, name, params})
	if err != nil {
		return err
	}
	if err := b.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(b.conn, "%d:%s", len(text), text); err != nil {
		return err
	}
	if text, err = b.read(); err != nil {
		return err
	}
	var failed *struct{ Error, Message string }
	if err := json.Unmarshal(text, &[]any{new(int), new(int), &failed, result}); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("%s: %s: %s", name, failed.Error, failed.Message)
	}
	return nil
}

func (b *Browser) read() ([]byte, error) {
	length, err := b.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(b.in, text)
	return text, err
}

// Open loads a URL as if it was typed into the address bar.
func (b *Browser) Open(url string) error {
	return b.call("WebDriver:Navigate", map[string]any{"url": url}, nil)
}

// Eval stores the value of an expression, or of its promise.
func (b *Browser) Eval(code string, value any) error {
	result := struct{ Value any }{value}
	return b.call("WebDriver:ExecuteAsyncScript", map[string]any{
		"script":        "const done = arguments[0]; Promise.resolve(" + code + ").then(done)",
		"args":          []any{},
		"scriptTimeout": patience.Milliseconds(),
	}, &result)
}

// Press presses keys one after the other, named as WebDriver does.
func (b *Browser) Press(keys ...string) error {
	var actions []map[string]any
	for _, key := range keys {
		actions = append(actions, map[string]any{"type": "keyDown", "value": key}, map[string]any{"type": "keyUp", "value": key})
	}
	return b.call("WebDriver:PerformActions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() error {
	if b.conn != nil {
		_ = b.call("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}}, nil)
		b.conn.Close()
	} else if b.cmd != nil && b.cmd.Process != nil {
		_ = b.cmd.Process.Kill()
	}
	if b.cmd != nil {
		_ = b.cmd.Wait() // its exit code says nothing
	}
	return os.RemoveAll(b.dir)
}
