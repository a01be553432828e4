package inspector

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/crumb-go/crumb/e2e/testenv"
)

var update = flag.Bool("update", false, "take the README's picture again")

// changing is what differs between two pictures of one page.
var changing = regexp.MustCompile(`\d+:\d\d:\d\d(.[AP]M)?|[0-9.]+ [mµ]?s\b|127\.0\.0\.1:\d+`)

// testPicture compares the page with the README's picture of it, by what the page
// says: pixels depend on fonts. testdata/picture.txt has the text that was visible
// when the picture was taken, and the picture's hash. With -update both are new.
func testPicture(v *view) {
	picture := filepath.Join(testenv.Root(v), "docs", "images", "inspector.png")
	const shown, said = "#list > li:first-child", "testdata/picture.txt"

	v.get("/", "") // starts the function
	v.set("/login", "session="+secret+"; Path=/; HttpOnly; SameSite=None")
	v.until(`document.querySelectorAll("#list > li").length === 2`)
	v.do(chromedp.Click(chromedp.CSS(shown + " .head")))
	v.shows(shown+" .line", "ignored", "SameSite is None without Secure")
	if _, err := chromedp.Call(v.tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}}); err != nil {
		v.Fatal(err)
	}
	v.do(chromedp.EmulateViewport(1180, 800))
	if *update {
		shot, err := chromedp.Run(v.tab, chromedp.Screenshot(chromedp.CSS(shown)))
		if err != nil {
			v.Fatal(err)
		}
		if err := os.WriteFile(picture, small(v, shot), 0o666); err != nil {
			v.Fatal(err)
		}
	}
	taken, err := os.ReadFile(picture)
	if err != nil {
		v.Fatal(err)
	}
	got := fmt.Sprintf("sha256 %x\n\n%s\n", sha256.Sum256(taken), changing.ReplaceAllString(v.text(shown), "..."))
	if *update {
		if err := os.WriteFile(said, []byte(got), 0o666); err != nil {
			v.Fatal(err)
		}
	}
	want, err := os.ReadFile(said)
	if err != nil {
		v.Fatal(err)
	}
	if got != string(want) {
		v.Errorf("the page says\n%s\nand docs/images/inspector.png shows\n%s\ngo test ./e2e/inspector -run TestInspector/picture -update takes it again", got, want)
	}
	if len(taken) > 60_000 {
		v.Errorf("the picture has %d bytes, want at most 60,000", len(taken))
	}
}

// small returns a PNG with its 256 most frequent colours, a third of the size.
func small(v *view, shot []byte) []byte {
	full, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		v.Fatal(err)
	}
	area, count := full.Bounds(), map[color.Color]int{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			count[full.At(x, y)]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return cmp.Compare(count[b], count[a]) })
	few := image.NewPaletted(area, palette[:min(256, len(palette))])
	draw.Draw(few, area, full, area.Min, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		v.Fatal(err)
	}
	return out.Bytes()
}
