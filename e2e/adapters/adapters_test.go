package adapters_test

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/crumb-go/crumb/shared/frontdoor"
)

var update = flag.Bool("update", false, "write the tables into docs/adapters.md")

const document = "../../docs/adapters.md"

var doors = []frontdoor.Door{frontdoor.REST, frontdoor.HTTP, frontdoor.HTTP1, frontdoor.URL, frontdoor.ALB, frontdoor.ALBMulti}

// A compare says how an exchange differs from the one with net/http's server, and
// what shows it.
type compare func(want, got *exchange) (cell, note string)

// The tables of the document are those that the adapters make.
func TestTables(t *testing.T) {
	log.SetOutput(t.Output()) // httpadapter logs there
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	d := &tables{t: t, text: string(text)}
	d.replace("arriving", d.byDoor(arriving, compareArrival))
	d.replace("leaving", d.byDoor(leaving, compareDeparture))
	d.replace("streamed", d.byWay())
	d.replace("notes", d.list())
	t.Logf("%d cells, %d of them not %q", d.cells, d.different, same)
	if d.text == string(text) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the adapters do; go test . -update writes it", document)
	}
	if err := os.WriteFile(document, []byte(d.text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tables writes the document's tables, whose notes have numbers throughout.
type tables struct {
	t                *testing.T
	text             string
	notes            []string
	numbers          map[string]int // of a table's notes, by what they are about
	cells, different int
}

// byDoor is a table with a column for each door.
func (d *tables) byDoor(rows []row, by compare) string {
	d.numbers = map[string]int{}
	var b bytes.Buffer
	b.WriteString("| | net/http | |")
	for _, door := range doors {
		fmt.Fprintf(&b, " %s |", door)
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 3+len(doors)) + "\n")
	for _, r := range rows {
		want := direct(d.t, r)
		first := []string{r.name, reference(r, want)}
		for _, w := range whole {
			fmt.Fprintf(&b, "| %s | %s | %s |", first[0], first[1], w.name)
			for _, door := range doors {
				fmt.Fprintf(&b, " %s |", d.cell(by, r, want, door, false, w))
			}
			b.WriteByte('\n')
			first = []string{"", ""} // once for all ways
		}
	}
	return b.String()
}

// byWay is the table of what streams behind a Function URL.
func (d *tables) byWay() string {
	var b bytes.Buffer
	b.WriteString("| | |")
	for _, w := range streamed {
		fmt.Fprintf(&b, " %s |", w.name)
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", 2+len(streamed)) + "\n")
	for _, table := range []struct {
		name string
		rows []row
		by   compare
	}{{"arrives", arriving, compareArrival}, {"leaves", leaving, compareDeparture}} {
		d.numbers = map[string]int{}
		for _, r := range table.rows {
			want := direct(d.t, r)
			fmt.Fprintf(&b, "| %s | %s |", table.name, r.name)
			for _, w := range streamed {
				fmt.Fprintf(&b, " %s |", d.cell(table.by, r, want, frontdoor.URL, true, w))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// reference is what the handler sees, or sends, under net/http.
func reference(r row, want *exchange) string {
	if r.lines != nil {
		return list(want.arrived)
	}
	return list(want.cookies)
}

// cell is what a way makes of a row. Where it makes the same of several, behind one
// door, they have one note.
func (d *tables) cell(by compare, r row, want *exchange, door frontdoor.Door, streams bool, w way) string {
	cell, note := by(want, through(d.t, r, door, streams, w))
	d.cells++
	if cell != same {
		d.different++
	}
	if note == "" {
		return cell
	}
	about := fmt.Sprint(w.name, door, cell)
	if d.numbers[about] == 0 {
		note = fmt.Sprintf("%s: %s", r.name, note)
		if !slices.Contains(d.notes, note) {
			d.notes = append(d.notes, note)
		}
		d.numbers[about] = slices.Index(d.notes, note) + 1
	}
	return fmt.Sprintf("%s ([%d](#notes))", cell, d.numbers[about])
}

func (d *tables) list() string {
	var b bytes.Buffer
	for i, note := range d.notes {
		fmt.Fprintf(&b, "%d. %s\n", i+1, note)
	}
	return b.String()
}

// replace puts content between the two comments of a name.
func (d *tables) replace(name, content string) {
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, ok := strings.Cut(d.text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		d.t.Fatalf("%s has no %q and %q", document, begin, end)
	}
	d.text = before + begin + content + end + after
}
