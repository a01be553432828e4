//go:build linux

package bench

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/crumb-go/crumb/e2e/samcli"
)

// samTemplate has only one of the functions.
const samTemplate = "sam.yaml"

// sam measures "sam local start-api" with its default, a new container for each
// request, and with warm containers. If SAM or Docker is missing it says which.
func (b *bench) sam(t *testing.T) (plain, eager figures, missing string) {
	t.Run("sam", func(t *testing.T) {
		why := &reason{TB: t}
		defer func() { missing = why.text }()
		cli := samcli.New(why, b.dir)
		dir := t.TempDir()
		b := *b
		b.t = t
		b.build = func() { cli.Build(t, samTemplate, dir) }
		b.lost = t.Log // SAM's emulator loses a few in a thousand
		b.build()
		api := func(name string, args ...string) figures {
			f := figures{}
			began := time.Now()
			url := cli.StartAPI(t, filepath.Join(dir, "template.yaml"), args...)
			b.get(url + "/f0")
			f.took(first, time.Since(began))
			f.load(few, b.load(url+"/f0", few, 1, 10))
			f.load(many, b.load(url+"/f0", many, 0, 1))
			f.took(saveShared, b.saveShared(url, name+"-shared"))
			f.took(saveOne, b.saveOne(url, name+"-one"))
			return f
		}
		plain = api("plain")
		eager = api("eager", "--warm-containers", "EAGER")
	})
	return plain, eager, missing
}

// A reason is a test that remembers why it was skipped.
type reason struct {
	testing.TB
	text string
}

func (r *reason) Skip(args ...any) {
	r.text = fmt.Sprint(args...)
	r.TB.Skip(args...)
}
