// Package editor adds crumb's debugger to the files of editors.
package editor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// A Configuration is an entry of VS Code's launch.json with which its Go extension
// attaches to a Delve that runs, see
// https://github.com/golang/vscode-go/wiki/debugging#connecting-to-headless-delve.
type Configuration struct {
	Name         string `json:"name"`
	Type         string `json:"type"`
	DebugAdapter string `json:"debugAdapter"`
	Request      string `json:"request"`
	Mode         string `json:"mode"`
	Host         string `json:"host"`
	Port         int    `json:"port"`
}

// Attach returns the configuration for Delve's headless server on a port of
// 127.0.0.1.
func Attach(port int) Configuration {
	return Configuration{
		Name: fmt.Sprintf("crumb: attach to port %d", port), Type: "go", DebugAdapter: "dlv-dap",
		Request: "attach", Mode: "remote", Host: "127.0.0.1", Port: port,
	}
}

// same reports whether an entry attaches to where c does. It may have another name,
// and further settings of the user.
func (c Configuration) same(entry []byte) bool {
	var e Configuration
	if json.Unmarshal(entry, &e) != nil {
		return false
	}
	here := e.Host == c.Host || e.Host == "localhost" || e.Host == "" // the extension's default
	return e.Type == c.Type && e.Request == c.Request && e.Mode == c.Mode && e.Port == c.Port && here
}

// JSON returns c as an entry of launch.json that is indented by indent, further by unit.
func (c Configuration) JSON(indent, unit string) string {
	text, _ := json.MarshalIndent(c, indent, unit) // strings and a number
	return string(text)
}

const byteOrderMark = "\ufeff"

// AddConfiguration returns a launch.json, which is JSON with comments, with c behind
// its other configurations. It inserts, and leaves each byte that there is. An empty
// file gets the members that it needs. If the file has the configuration, it is
// returned as it is, and added is false.
func AddConfiguration(file []byte, c Configuration) (with []byte, added bool, err error) {
	text := strings.TrimPrefix(string(file), byteOrderMark)
	newline := "\n"
	if strings.Contains(text, "\r\n") {
		newline = "\r\n"
	}
	if strings.TrimSpace(text) == "" {
		text = strings.ReplaceAll("{\n    \"version\": \"0.2.0\",\n    \"configurations\": []\n}\n", "\n", newline)
	}
	root, err := hujson.Parse([]byte(text))
	if err != nil {
		return nil, false, err
	}
	object, ok := root.Value.(*hujson.Object)
	if !ok {
		return nil, false, errors.New("the file is not a JSON object")
	}
	member := lastNamed(object, "configurations")
	if member == nil {
		outer := placeIn(text, root, valuesOf(object))
		text = outer.insert(text, newline, func(string, string) string { return `"configurations": []` })
		with, added, err = AddConfiguration([]byte(text), c)
	} else {
		array, ok := member.Value.Value.(*hujson.Array)
		if !ok {
			return nil, false, errors.New(`"configurations" is not an array`)
		}
		for _, e := range array.Elements {
			entry := e.Clone()
			entry.Standardize()
			if c.same(entry.Pack()) {
				return file, false, nil
			}
		}
		text = placeIn(text, member.Value, array.Elements).insert(text, newline, c.JSON)
		with, added = []byte(text), true
	}
	if bytes.HasPrefix(file, []byte(byteOrderMark)) && err == nil {
		with = append([]byte(byteOrderMark), with...)
	}
	return with, added, err
}

// lastNamed returns the member that counts where several have one name.
func lastNamed(object *hujson.Object, name string) (last *hujson.ObjectMember) {
	for i, m := range object.Members {
		if l, ok := m.Name.Value.(hujson.Literal); ok && l.String() == name {
			last = &object.Members[i]
		}
	}
	return last
}

func valuesOf(object *hujson.Object) (values []hujson.Value) {
	for _, m := range object.Members {
		value := m.Value
		value.StartOffset = m.Name.StartOffset
		values = append(values, value)
	}
	return values
}

// A place is where an object or array gets another item. Offsets are those of bytes in
// the text.
type place struct {
	end     int  // of the last item, 0 if there is none
	comma   bool // follows the last item
	closing int  // the offset of the bracket
	outer   string
	indent  string // of the items
	unit    string // of what is in them
}

func placeIn(text string, container hujson.Value, items []hujson.Value) place {
	p := place{closing: container.EndOffset - 1}
	p.outer, _ = indentation(text, container.StartOffset)
	p.unit = "    "
	if strings.HasPrefix(p.outer, "\t") {
		p.unit = "\t"
	}
	p.indent = p.outer + p.unit
	if len(items) > 0 {
		last := items[len(items)-1]
		p.end, p.comma = last.EndOffset, last.AfterExtra != nil
		if indent, first := indentation(text, last.StartOffset); first {
			p.indent = indent
			if unit, deeper := strings.CutPrefix(indent, p.outer); deeper && unit != "" {
				p.unit = unit
			}
		}
	}
	return p
}

// indentation returns the white space at the beginning of the line that offset is in,
// and whether nothing else is before offset.
func indentation(text string, offset int) (indent string, first bool) {
	line := text[strings.LastIndexByte(text[:offset], '\n')+1 : offset]
	rest := strings.TrimLeft(line, " \t")
	return line[:len(line)-len(rest)], rest == ""
}

// insert returns text with an item at the place, on separate lines. Comments stay
// before it.
func (p place) insert(text, newline string, item func(indent, unit string) string) string {
	at := len(strings.TrimRight(text[:p.closing], " \t\r\n"))
	added := newline + p.indent + strings.ReplaceAll(item(p.indent, p.unit), "\n", newline)
	if p.comma {
		added += ","
	}
	if !strings.Contains(text[at:p.closing], "\n") {
		added += newline + p.outer
	}
	text = text[:at] + added + text[at:]
	if p.end > 0 && !p.comma {
		text = text[:p.end] + "," + text[p.end:]
	}
	return text
}
